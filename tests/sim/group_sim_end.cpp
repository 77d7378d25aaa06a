// What the simulation of groups looks at from outside, and how it ends.

#include "tests/sim/group_sim.hpp"

#include "actors/groups/embedded_protocol.hpp"
#include "tests/sim/replay_check.hpp"

#include <algorithm>

namespace chisme::test {

using namespace groups;

namespace {

constexpr timestamp_ms patience_ms = 600'000;

} // namespace

kafka::describe_groups_response::described_group group_sim::describe(group_shard& shard, const std::string& group) {
  effects out;
  shard.handle({0, "tool", "/", 5}, describe_group_request{group}, topics_, now_, out);
  return std::get<kafka::describe_groups_response::described_group>(out.answers.at(0).response);
}

/// Time alone lets offsets go only where no member of a group needs them. What it was that made the group let go
/// cannot be told from the states after it, so only groups that have members are looked at.
void group_sim::check_tombstones(const effects& out) {
  for (const auto& r : out.records) {
    const auto* o = std::get_if<offset_record>(&r);
    if (!o || o->value)
      continue;
    const auto group = describe(*shard_, o->group);
    for (const auto& m : group.members) {
      const auto topics = subscribed_topics(m.member_metadata);
      if (group.group_state != "Stable" || !topics || std::ranges::count(*topics, o->topic))
        checks_.fail("offset " + o->topic + "-" + std::to_string(o->partition) + " expires while " + m.member_id +
                     " reads it");
    }
  }
}

std::set<std::string> group_sim::members(bool of_stable_ones) {
  std::set<std::string> ids;
  for (const auto* name : {"g", "h"}) {
    const auto group = describe(*shard_, name);
    if (!of_stable_ones || group.group_state == "Stable")
      for (const auto& m : group.members)
        ids.insert(m.member_id);
  }
  return ids;
}

/// Where nobody is to rejoin or to sync, members go by the end of their session only. An instance that did not come to
/// a meeting stays, and is to sync.
void group_sim::check_sessions(const std::set<std::string>& stable_before) {
  const auto left = members(false);
  for (const auto& c : clients_) {
    const auto& id = c.machine.id();
    if (!c.machine.is_stable() || !checks_.is_told_newest(c.machine.about().group, id))
      continue;
    if (stable_before.contains(id) && !left.contains(id) && now_ < c.heard_at + c.machine.about().session_ms)
      checks_.fail(id + " was heard, and is taken for dead");
  }
}

/// What was decided since the last time has changed it, and nothing else can.
void group_sim::check_state() {
  if (std::exchange(is_checked_, true))
    return;
  for (const auto* name : {"g", "h"})
    if (const auto wrong = checks_.offsets().difference(*shard_, name, topics_, now_); !wrong.empty())
      checks_.fail(wrong);
  if (const auto wrong = replay_difference(*shard_, replayed_->snapshot(), {"g", "h"}, topics_, now_); !wrong.empty())
    checks_.fail(wrong);
}

/// A stable group is told of nothing by a coordinator that is made of its records.
void group_sim::check_restart() {
  auto copy = new_shard();
  for (const auto& r : replayed_->snapshot())
    copy->apply(r);
  effects out;
  copy->loaded(now_, out);
  for (const auto* name : {"g", "h"}) {
    const auto live = describe(*shard_, name);
    if (live.group_state != "Stable")
      continue;
    const auto read = describe(*copy, name);
    auto same = [](const auto& a, const auto& b) {
      return a.member_id == b.member_id && a.group_instance_id == b.group_instance_id && a.client_id == b.client_id &&
             a.member_metadata == b.member_metadata && a.member_assignment == b.member_assignment;
    };
    if (out.records.empty() && settings_.max_size > 100 &&
        (read.group_state != "Stable" || read.protocol_data != live.protocol_data ||
         !std::ranges::equal(read.members, live.members, same)))
      checks_.fail("a stable group is another one after a restart");
  }
}

/// Nothing goes wrong any more: all who are on find together and share all that they subscribe to.
void group_sim::settle() {
  doing_ = "settle";
  for (auto& c : clients_)
    c.stalled_until = std::min(c.stalled_until, now_);
  // A static member that leads and cannot be told to skip the assignment does not know that it leads, and so does not
  // look after the topics: KIP-814 is about that. These begin anew.
  for (auto& c : clients_)
    if (c.machine.is_on() && c.machine.about().instance && c.machine.about().join_version < 9) {
      send(c.machine.a_removal(), c.machine.about().name);
      c.machine.start(now_);
      c.inbox.clear();
      c.awaited = 0;
    }
  for (timestamp_ms waited = 0; waited < patience_ms && checks_.wrong().empty(); waited += 5000) {
    pass_time(5000);
    commit_some(pending_.size());
    if (is_settled())
      break;
  }
  if (!is_settled())
    checks_.fail("it does not settle");
  if (checks_.wrong().empty() && checks_.unanswered() != 0 &&
      std::ranges::none_of(clients_, [](const auto& c) { return c.machine.is_waiting() && c.machine.is_on(); }))
    checks_.fail(std::to_string(checks_.unanswered()) + " requests are not answered");
  check_state();
  check_restart();
}

bool group_sim::is_settled() { return is_settled("g") && is_settled("h"); }

bool group_sim::is_settled(const std::string& group) {
  std::set<std::string> on;
  owned_partitions wanted, owned;
  size_t owned_count = 0;
  for (const auto& c : clients_) {
    if (!c.machine.is_on() || c.machine.about().group != group)
      continue;
    if (!c.machine.is_stable())
      return false;
    on.insert(c.machine.id());
    owned.insert(c.machine.owned().begin(), c.machine.owned().end());
    owned_count += c.machine.owned().size();
    for (const auto& name : c.machine.about().topics)
      if (auto topic = topics_.find(name))
        for (int32_t i = 0; i < topic->partitions; ++i)
          wanted.emplace(name, i);
  }
  std::set<std::string> members;
  for (const auto& m : describe(*shard_, group).members)
    members.insert(m.member_id);
  return members == on && owned == wanted && owned_count == wanted.size();
}

/// All go, and all topics: nothing is left of the groups.
void group_sim::end() {
  doing_ = "end";
  for (auto& c : clients_)
    c.machine.vanish();
  for (const auto* name : {"t0", "t1", "t2"})
    if (topics_.find(name))
      drop_topic(name);
  pass_time(patience_ms);
  pass_time(2 * settings_.offsets_retention_check_interval_ms);
  commit_some(pending_.size());
  if (checks_.wrong().empty() && (shard_->group_count() != 0 || !shard_->snapshot().empty() || shard_->next_deadline()))
    checks_.fail("something is left of groups that nobody uses");
  check_state();
}

} // namespace chisme::test
