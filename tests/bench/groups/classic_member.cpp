#include "actors/groups/versioned_bytes.hpp"
#include "messages/kafka/11_join_group.hpp"
#include "messages/kafka/12_heartbeat.hpp"
#include "messages/kafka/13_leave_group.hpp"
#include "messages/kafka/14_sync_group.hpp"
#include "messages/kafka/consumer_protocol.hpp"
#include "tests/bench/groups/member.hpp"

#include <algorithm>
#include <numeric>

namespace chisme::bench {

namespace {

using kafka::consumer_protocol_assignment;
using kafka::consumer_protocol_subscription;

class classic_member final : public member {
public:
  using member::member;

  void join() override;
  void leave() override;
  bool settled() const override { return state_ == state::stable; }

private:
  enum class state : uint8_t { away, joining, syncing, stable };

  void heartbeat() override;
  kafka::offset_fetch_request::group identity() const override;
  void joined(const kafka::join_group_response& r);
  void sync(const kafka::join_group_response& r);
  void synced(const kafka::sync_group_response& r);
  void join_anew(error_code why);
  std::vector<kafka::sync_group_request::assignment_data> ranges(const kafka::join_group_response& r) const;

  state state_ = state::away;
  std::string member_id_;
  int32_t generation_ = -1;
  bool beating_ = false; // a heartbeat is not answered yet
};

void classic_member::join() {
  own({});
  state_ = state::joining;
  kafka::join_group_request r;
  r.group_id = group_;
  r.session_timeout_ms = 45'000;
  r.rebalance_timeout_ms = 60'000;
  r.member_id = member_id_;
  r.protocol_type = "consumer";
  consumer_protocol_subscription wants;
  wants.topics = {plan_.topic};
  r.protocols.push_back({"range", groups::write_versioned(wants, 0)});
  coordinator().call<kafka::join_group_response>(r, [this](const auto& answer) { joined(answer); });
}

void classic_member::joined(const kafka::join_group_response& r) {
  if (state_ != state::joining)
    return;
  if (r.error == error_code::member_id_required) {
    member_id_ = r.member_id;
    return join();
  }
  if (r.error != error_code::none)
    return join_anew(r.error);
  member_id_ = r.member_id;
  generation_ = r.generation_id;
  sync(r);
}

void classic_member::sync(const kafka::join_group_response& joined) {
  state_ = state::syncing;
  kafka::sync_group_request r;
  r.group_id = group_;
  r.generation_id = generation_;
  r.member_id = member_id_;
  r.protocol_type = "consumer";
  r.protocol_name = "range";
  if (joined.leader == member_id_)
    r.assignments = ranges(joined);
  coordinator().call<kafka::sync_group_response>(r, [this](const auto& answer) { synced(answer); });
}

std::vector<kafka::sync_group_request::assignment_data>
classic_member::ranges(const kafka::join_group_response& r) const {
  std::vector<std::string> ids;
  for (const auto& m : r.members)
    ids.push_back(m.member_id);
  std::ranges::sort(ids);
  std::vector<kafka::sync_group_request::assignment_data> out;
  const auto count = static_cast<int32_t>(ids.size());
  int32_t next = 0;
  for (int32_t i = 0; i < count; ++i) {
    std::vector<int32_t> range(static_cast<size_t>(plan_.partitions / count + (i < plan_.partitions % count)));
    std::iota(range.begin(), range.end(), next);
    next += static_cast<int32_t>(range.size());
    consumer_protocol_assignment a;
    a.assigned_partitions.push_back({plan_.topic, std::move(range)});
    out.push_back({ids[static_cast<size_t>(i)], groups::write_versioned(a, 0)});
  }
  return out;
}

void classic_member::synced(const kafka::sync_group_response& r) {
  if (state_ != state::syncing)
    return;
  if (r.error != error_code::none)
    return join_anew(r.error);
  state_ = state::stable;
  const auto mine = groups::read_versioned<consumer_protocol_assignment>(r.assignment);
  if (!mine)
    throw std::runtime_error("unreadable assignment: " + mine.error().message);
  std::vector<int32_t> partitions;
  for (const auto& t : mine->assigned_partitions)
    partitions.insert(partitions.end(), t.partitions.begin(), t.partitions.end());
  own(std::move(partitions));
}

void classic_member::join_anew(error_code why) {
  switch (why) {
    case error_code::unknown_member_id:
      member_id_.clear();
      [[fallthrough]];
    case error_code::illegal_generation:
    case error_code::rebalance_in_progress:
      return join();
    default:
      throw std::runtime_error("a classic member is refused: " + to_string(why));
  }
}

void classic_member::heartbeat() {
  if (state_ != state::stable || beating_)
    return;
  beating_ = true;
  kafka::heartbeat_request r;
  r.group_id = group_;
  r.generation_id = generation_;
  r.member_id = member_id_;
  coordinator().call<kafka::heartbeat_response>(r, [this](const kafka::heartbeat_response& answer) {
    beating_ = false;
    if (state_ == state::stable && answer.error != error_code::none)
      join_anew(answer.error);
  });
}

kafka::offset_fetch_request::group classic_member::identity() const {
  kafka::offset_fetch_request::group g;
  g.group_id = group_;
  return g;
}

void classic_member::leave() {
  own({});
  state_ = state::away;
  kafka::leave_group_request r;
  r.group_id = group_;
  r.members.emplace_back().member_id = std::exchange(member_id_, {});
  coordinator().call<kafka::leave_group_response>(r, [](const kafka::leave_group_response& answer) {
    if (answer.error != error_code::none)
      throw std::runtime_error("LeaveGroup: " + to_string(answer.error));
  });
}

} // namespace

std::unique_ptr<member> make_classic_member(event_loop& loop, const group_plan& plan, std::string group,
                                            size_t number) {
  return std::make_unique<classic_member>(loop, plan, std::move(group), number);
}

} // namespace chisme::bench
