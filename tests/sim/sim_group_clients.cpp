// Clients that use groups: one that only commits, and members of a classic group.
#include "messages/kafka/08_offset_commit.hpp"
#include "messages/kafka/10_find_coordinator.hpp"
#include "messages/kafka/11_join_group.hpp"
#include "messages/kafka/12_heartbeat.hpp"
#include "messages/kafka/13_leave_group.hpp"
#include "messages/kafka/14_sync_group.hpp"
#include "tests/sim/sim_clients.hpp"

namespace chisme::test {

const std::string committed_group = "committed";
const topic_partition committed_partition{"a", 0};

namespace {

const std::string member_group = "members";

kafka::offset_commit_request commit_of(const std::string& group, offset_t offset) {
  kafka::offset_commit_request r;
  r.group_id = group;
  auto& topic = r.topics.emplace_back();
  topic.name = committed_partition.topic;
  auto& part = topic.partitions.emplace_back();
  part.partition_index = committed_partition.partition;
  part.committed_offset = offset;
  return r;
}

} // namespace

// -- who only commits ----------------------------------------------------------------------------------------------

void sim_committer::ask() {
  if (!found_ && !world_.is_cluster)
    return find_group();
  const auto to = coordinator_of(committed_group);
  if (to)
    world_.pick(0, 2) ? commit(*to) : fetch(*to);
}

/// The first one makes the topic of the groups. In a cluster coordinator_of() does it.
void sim_committer::find_group() {
  kafka::find_coordinator_request r;
  r.key = committed_group;
  request<kafka::find_coordinator_response>(
    *any_node(), r, 2, [this](const auto* answer) { found_ = answer && answer->error == error_code::none; });
}

void sim_committer::commit(node_id coordinator) {
  const auto offset = next_++;
  world_.told.commit_sent(committed_group, committed_partition, offset);
  request<kafka::offset_commit_response>(coordinator, commit_of(committed_group, offset), 7,
                                         [this, offset](const auto* answer) {
                                           if (!answer)
                                             return;
                                           const auto code = answer->topics.at(0).partitions.at(0).error;
                                           doubt(code);
                                           if (code != error_code::none)
                                             return;
                                           succeeded();
                                           world_.told.commit_answered(committed_group, committed_partition, offset);
                                         });
}

kafka::offset_fetch_request fetch_of_committed() {
  kafka::offset_fetch_request r;
  r.group_id = committed_group;
  r.topics.emplace().push_back({committed_partition.topic, {committed_partition.partition}});
  return r;
}

void sim_committer::fetch(node_id coordinator) {
  request<kafka::offset_fetch_response>(coordinator, fetch_of_committed(), 5, [this](const auto* answer) {
    if (!answer)
      return;
    doubt(answer->error);
    if (answer->error != error_code::none)
      return;
    const auto& p = answer->topics.at(0).partitions.at(0);
    if (p.error == error_code::none)
      world_.told.committed_offset(committed_group, committed_partition, p.committed_offset);
  });
}

// -- members -------------------------------------------------------------------------------------------------------

void sim_member::ask() {
  const auto to = coordinator_of(member_group);
  if (!to)
    return;
  switch (state_) {
    case state::out:
      return join(*to);
    case state::joined:
      return sync(*to);
    case state::stable:
      break;
  }
  const auto what = world_.pick(0, 9);
  if (what == 0)
    leave(*to);
  else if (what < 4)
    commit(*to);
  else
    beat(*to);
}

void sim_member::join(node_id coordinator) {
  kafka::join_group_request r;
  r.group_id = member_group;
  r.session_timeout_ms = 10'000;
  r.rebalance_timeout_ms = 10'000;
  r.member_id = id_;
  r.protocol_type = "consumer";
  r.protocols.push_back({"range", buffer::copy_of(std::string_view{"m"})});
  request<kafka::join_group_response>(coordinator, r, 5,
                                      [this, known = world_.told.newest_generation(member_group)](const auto* answer) {
                                        if (!answer)
                                          return;
                                        if (!answer->member_id.empty())
                                          id_ = answer->member_id; // also with MEMBER_ID_REQUIRED
                                        if (answer->error != error_code::none)
                                          return heed(answer->error);
                                        state_ = state::joined;
                                        generation_ = answer->generation_id;
                                        world_.told.generation_accepted(member_group, generation_, known);
                                        to_assign_.clear();
                                        for (const auto& m : answer->members)
                                          to_assign_.push_back(m.member_id);
                                      });
}

void sim_member::sync(node_id coordinator) {
  kafka::sync_group_request r;
  r.group_id = member_group;
  r.generation_id = generation_;
  r.member_id = id_;
  for (const auto& m : to_assign_)
    r.assignments.push_back({m, buffer::copy_of(std::string_view{"p"})});
  request<kafka::sync_group_response>(coordinator, r, 3, [this](const auto* answer) {
    if (!answer)
      return;
    if (answer->error != error_code::none)
      return heed(answer->error);
    state_ = state::stable;
    world_.told.generation(member_group, generation_);
  });
}

void sim_member::beat(node_id coordinator) {
  kafka::heartbeat_request r;
  r.group_id = member_group;
  r.generation_id = generation_;
  r.member_id = id_;
  request<kafka::heartbeat_response>(
    coordinator, r, 3,
    [this, of = generation_, known = world_.told.newest_generation(member_group)](const auto* answer) {
      if (!answer)
        return;
      if (answer->error == error_code::none)
        world_.told.generation_accepted(member_group, of, known);
      heed(answer->error);
    });
}

void sim_member::commit(node_id coordinator) {
  auto r = commit_of(member_group, world_.pick(0, 1000));
  r.generation_id_or_member_epoch = generation_;
  r.member_id = id_;
  request<kafka::offset_commit_response>(
    coordinator, r, 7,
    [this, of = generation_, known = world_.told.newest_generation(member_group)](const auto* answer) {
      if (!answer)
        return;
      const auto code = answer->topics.at(0).partitions.at(0).error;
      if (code == error_code::none)
        world_.told.generation_accepted(member_group, of, known);
      heed(code);
    });
}

void sim_member::leave(node_id coordinator) {
  kafka::leave_group_request r;
  r.group_id = member_group;
  r.members.push_back({id_, std::nullopt, std::nullopt});
  state_ = state::out;
  request<kafka::leave_group_response>(coordinator, r, 3, [this](const auto*) { id_.clear(); });
}

void sim_member::heed(error_code code) {
  if (code == error_code::not_coordinator || code == error_code::coordinator_not_available)
    doubt(code);
  if (code == error_code::none)
    succeeded();
  if (code == error_code::unknown_member_id)
    id_.clear();
  if (code == error_code::unknown_member_id || code == error_code::illegal_generation ||
      code == error_code::rebalance_in_progress)
    state_ = state::out;
}

} // namespace chisme::test
