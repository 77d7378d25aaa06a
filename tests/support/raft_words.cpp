#include "tests/support/raft_words.hpp"

#include "messages/wire/codec.hpp"

#include <nlohmann/json.hpp>

namespace chisme::test {

namespace {

namespace input = raft::input;
namespace output = raft::output;

template <class... F>
struct overloaded : F... {
  using F::operator()...;
};
template <class... F>
overloaded(F...) -> overloaded<F...>;

std::string n(int64_t x) { return std::to_string(x); }
std::string at(raft::position p) { return "(" + n(p.epoch) + "," + n(p.offset) + ")"; }

std::string list(const std::vector<node_id>& ids) {
  std::string all;
  for (auto id : ids)
    all += (all.empty() ? "" : ",") + n(id);
  return "{" + all + "}";
}

std::string config(const peer::raft_configuration& c) {
  return list(c.voters) + (c.outgoing.empty() ? "" : "+" + list(c.outgoing));
}

std::string mark(const peer::raft_mark& m) {
  return n(m.epoch) + "@" + n(m.start) + (m.config ? config(*m.config) : "");
}

std::string marks(const std::vector<peer::raft_mark>& all) {
  std::string text;
  for (const auto& m : all)
    text += " mark " + mark(m);
  return text;
}

std::string hard(const raft::hard_state& h) {
  return "term " + n(h.term) + " vote " + n(h.voted_for) + (h.has_lost_disk ? " lost until " + n(h.lost_until) : "");
}

std::string body(const peer::raft_vote_request& m) {
  return std::string{m.pre_vote ? "pre-vote" : "vote"} + " for epoch " + n(m.epoch) + "? log ends at " + at(m.last) +
         (m.transfer ? ", transfer" : "");
}
std::string body(const peer::raft_vote_answer& m) {
  return std::string{m.granted ? "granted" : "refused"} + (m.pre_vote ? " pre-vote" : " vote") + " epoch " + n(m.epoch);
}
std::string body(const peer::raft_append_answer& m) {
  switch (m.outcome) {
    case peer::raft_append_outcome::synced:
      return "epoch " + n(m.epoch) + " synced to " + at(m.at);
    case peer::raft_append_outcome::observed:
      return "epoch " + n(m.epoch) + " observed to " + at(m.at);
    case peer::raft_append_outcome::diverged:
      return "epoch " + n(m.epoch) + " does not hold " + at(m.prev) + ", try " + at(m.at);
    case peer::raft_append_outcome::stale:
      break;
  }
  return "that is over, epoch " + n(m.epoch);
}
std::string body(const peer::raft_timeout_now& m) { return "campaign now, epoch " + n(m.epoch); }
std::string body(const peer::raft_follow& m) { return "send me the log, epoch " + n(m.epoch) + " from " + at(m.last); }

std::string why(raft::not_sent_reason r) {
  return r == raft::not_sent_reason::behind_start ? "behind start"
         : r == raft::not_sent_reason::busy       ? "busy"
                                                  : "failed";
}

} // namespace

std::string words(const raft::input_variant& in) {
  return std::visit(
    overloaded{
      [](const input::opened& x) { return "opened " + hard(x.stored); },
      [](const input::stored&) { return std::string{"stored"}; },
      [](const input::appended&) { return std::string{"appended"}; },
      [](const input::append_failed&) { return std::string{"append failed"}; },
      [](const input::copied&) { return std::string{"copied"}; },
      [](const input::copy_failed&) { return std::string{"copy failed"}; },
      [](const input::synced&) { return std::string{"synced"}; },
      [](const input::timer&) { return std::string{"timer"}; },
      [](const input::leader_silent&) { return std::string{"leader silent"}; },
      [](const input::peer_silent& x) { return "silent " + n(x.node); },
      [](const input::peer_heard& x) { return "heard " + n(x.node); },
      [](const input::peer_restarted& x) { return "restarted " + n(x.node); },
      [](const input::heartbeat& x) {
        return "heartbeat of " + n(x.from) + " epoch " + n(x.epoch) + " commit " + n(x.commit) +
               (x.leads ? " leads" : "");
      },
      [](const input::transfer& x) { return "transfer to " + n(x.to); },
      [](const input::reconfigure& x) { return "reconfigure " + list(x.voters); },
      [](const input::forget& x) { return "forget " + n(x.node); },
      [](const input::stop&) { return std::string{"stop"}; },
      [](const input::replicated& x) { return "sent to " + n(x.to) + " " + at(x.prev) + " to " + at(x.next); },
      [](const input::not_sent& x) { return "not sent to " + n(x.to) + ": " + why(x.reason); },
      [](const input::sendable& x) { return "sendable to " + n(x.to); },
      [](const input::announce&) { return std::string{"announce"}; },
      [](const input::vote_request& x) { return n(x.from) + ": " + body(x.message); },
      [](const input::vote_answer& x) { return n(x.from) + ": " + body(x.message); },
      [](const input::append& x) {
        auto text = n(x.from) + ": append epoch " + n(x.message->epoch) + " behind " + at(x.message->prev) +
                    marks(x.message->marks);
        for (const auto& b : x.batches)
          text += " batch " + n(b.first) + "-" + n(b.end) + "/" + n(b.epoch);
        return text + " commit " + n(x.message->commit);
      },
      [](const input::append_answer& x) { return n(x.from) + ": " + body(x.message); },
      [](const input::reset& x) {
        return n(x.from) + ": reset epoch " + n(x.message->epoch) + " to " + at(x.message->start) +
               marks(x.message->marks);
      },
      [](const input::timeout_now& x) { return n(x.from) + ": " + body(x.message); },
      [](const input::follow& x) { return n(x.from) + ": " + body(x.message); },
    },
    in);
}

std::string words(const raft::output_variant& out) {
  return std::visit(
    overloaded{
      [](const output::store& x) { return "store " + hard(x.state); },
      [](const output::send& x) {
        return "to " + n(x.to) + ": " + std::visit([](const auto& m) { return body(m); }, x.message);
      },
      [](const output::replicate& x) {
        return "replicate to " + n(x.to) + " behind " + at(x.prev) + " commit " + n(x.commit);
      },
      [](const output::send_reset& x) { return "reset " + n(x.to); },
      [](const output::write_mark& x) { return "write mark " + mark(x.mark); },
      [](const output::truncate& x) { return "truncate to " + at(x.to); },
      [](const output::copy& x) {
        return "copy from mark " + n(int64_t(x.first_mark)) + ", batch " + n(int64_t(x.first_batch));
      },
      [](const output::reset&) { return std::string{"reset"}; },
      [](const output::follow& x) {
        return "follow " + (x.leader < 0 ? "nobody" : n(x.leader)) + " in epoch " + n(x.epoch);
      },
      [](const output::candidate& x) {
        return std::string{x.moves ? "move" : "candidate"} + " in epoch " + n(x.epoch);
      },
      [](const output::lead& x) { return "lead in epoch " + n(x.epoch) + (x.mark_is_due ? ", mark due" : ""); },
      [](const output::established& x) { return "established in epoch " + n(x.epoch); },
      [](const output::commit& x) { return "commit " + n(x.offset); },
      [](const output::wake& x) { return "wake in " + n(x.after_ms); },
    },
    out);
}

} // namespace chisme::test
