#include "actors/raft/election.hpp"

namespace chisme::raft {

bool grants_vote(const voter& v, node_id candidate, const peer::raft_vote_request& asked) {
  const bool is_free = v.hard.voted_for == nobody || v.hard.voted_for == candidate;
  return v.may_vote && asked.epoch == v.hard.term && is_free && asked.last >= v.last;
}

bool grants_pre_vote(const voter& v, const peer::raft_vote_request& asked) {
  return v.may_vote && asked.epoch > v.hard.term && !v.is_led && asked.last >= v.last;
}

bool ignores(const voter& v, const peer::raft_vote_request& asked) {
  return asked.epoch > v.hard.term && v.is_led && !asked.transfer;
}

campaign::campaign(phase p, kind k, leader_epoch_t epoch, node_id self, std::optional<configuration> next)
  : phase_(p), kind_(k), epoch_(epoch), next_(std::move(next)) {
  votes_.grant(self);
}

peer::raft_vote_request campaign::request(const peer::raft_group& group, position last) const {
  return {group, epoch_, last, phase_ == phase::pre_vote, kind_ != kind::ordinary};
}

bool campaign::answered(node_id from, const peer::raft_vote_answer& answer) {
  if (!answer.granted || answer.epoch != epoch_ || answer.pre_vote != (phase_ == phase::pre_vote))
    return false;
  votes_.grant(from);
  return true;
}

} // namespace chisme::raft
