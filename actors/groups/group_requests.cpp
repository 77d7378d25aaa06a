// What a shard does with each request: it finds the group, or says what a request is told that finds none.

#include "actors/groups/group_shard.hpp"
#include "actors/groups/list_filter.hpp"

#include <algorithm>

namespace chisme::groups {

namespace {

using error = error_code;

/// Bits by Kafka's AclOperation codes: read, delete, describe, describe and alter configs, since nothing is forbidden.
constexpr int32_t all_group_operations = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11;

/// LeaveGroup from this version on is about several members, each with an error of its own.
constexpr int16_t members_are_listed = 3;

/// An empty filter lets everything through.
bool passes(const std::vector<std::string>& filter, std::string_view value) {
  return filter.empty() || std::ranges::any_of(filter, [&](const auto& f) { return equal_letters(f, value); });
}

} // namespace

void group_shard::handle(const asker& who, const group_request& request, const topic_catalog& topics, timestamp_ms now,
                         effects& out) {
  context c{who, topics, now, out};
  std::visit([&](const auto& r) { on(c, r); }, request);
}

/// Members of the classic protocol in a group of the other kind.
template <class Request>
bool group_shard::ask_host(context& c, const Request& r) {
  auto* group = find(r.group_id);
  auto* host = group ? std::get_if<hosted_consumer_group>(group) : nullptr;
  if (!host || host->is_unused())
    return false;
  host->handle(c.who, r, c.now, c.topics, c.out);
  downgrade_if_all_classic(r.group_id, c.topics, c.now, c.out);
  reschedule_or_drop(r.group_id, c.now);
  return true;
}

void group_shard::on(context& c, const kafka::join_group_request& r) {
  const auto& limits = around_->settings;
  if (r.group_id.empty())
    return c.answer(join_refused(error::invalid_group_id, r.member_id));
  if (r.session_timeout_ms < limits.min_session_timeout_ms || r.session_timeout_ms > limits.max_session_timeout_ms)
    return c.answer(join_refused(error::invalid_session_timeout, r.member_id));
  if (!find(r.group_id) && !r.member_id.empty())
    return c.answer(join_refused(error::unknown_member_id, r.member_id));
  if (ask_host(c, r))
    return;
  if (find_consumer(r.group_id)) {
    // Nothing is removed for somebody who is then refused.
    if (!r.member_id.empty())
      return c.answer(join_refused(error::unknown_member_id, r.member_id));
    if (r.protocol_type.empty() || r.protocols.empty())
      return c.answer(join_refused(error::inconsistent_group_protocol, r.member_id));
    make_room(r.group_id, c.out);
  }
  find_or_make_classic(r.group_id).join(c.who, r, c.now, c.out);
  reschedule_or_drop(r.group_id, c.now);
}

void group_shard::on(context& c, const kafka::sync_group_request& r) {
  if (r.group_id.empty())
    return c.answer(sync_refused(error::invalid_group_id));
  if (ask_host(c, r))
    return;
  auto* group = find_classic(r.group_id);
  if (!group)
    return c.answer(sync_refused(error::unknown_member_id));
  group->sync(c.who, r, c.now, c.out);
  reschedule_or_drop(r.group_id, c.now);
}

void group_shard::on(context& c, const kafka::heartbeat_request& r) {
  kafka::heartbeat_response response;
  if (r.group_id.empty()) {
    response.error = error::invalid_group_id;
    return c.answer(response);
  }
  if (ask_host(c, r))
    return;
  response.error = error::unknown_member_id;
  if (auto* group = find_classic(r.group_id)) {
    response.error = group->heartbeat(r, c.now);
    reschedule_or_drop(r.group_id, c.now);
  }
  c.answer(response);
}

void group_shard::on(context& c, const kafka::leave_group_request& r) {
  kafka::leave_group_response response;
  if (r.group_id.empty()) {
    response.error = error::invalid_group_id;
    return c.answer(std::move(response));
  }
  if (ask_host(c, r))
    return;
  auto* group = find_classic(r.group_id);
  if (!group) {
    if (c.who.version < members_are_listed)
      response.error = error::unknown_member_id;
    else
      for (const auto& m : r.members)
        response.members.push_back({m.member_id, m.group_instance_id, error::unknown_member_id});
    return c.answer(std::move(response));
  }
  group->leave(c.who, r, c.now, c.out);
  reschedule_or_drop(r.group_id, c.now);
}

error_code group_shard::check_commit(const kafka::offset_commit_request& r, int16_t version, timestamp_ms now) {
  constexpr int16_t group_errors = 9;
  if (auto* group = find_classic(r.group_id))
    return group->check_commit(r, now);
  if (auto* group = find_consumer(r.group_id))
    return group->check_commit(r.member_id, r.generation_id_or_member_epoch, version);
  // Whoever keeps offsets without being a member makes the group by its first commit.
  if (r.generation_id_or_member_epoch < 0)
    return error::none;
  return version >= group_errors ? error::group_id_not_found : error::illegal_generation;
}

void group_shard::on(context& c, const kafka::offset_commit_request& r) {
  if (auto wrong = check_commit(r, c.who.version, c.now); wrong != error::none)
    return c.answer(commit_refused(r, wrong));
  const auto first = c.out.records.size();
  c.answer(offsets_.commit(r, c.who.version, c.topics, c.now, c.out));
  if (c.out.records.size() > first && !find(r.group_id))
    find_or_make_classic(r.group_id);
  reschedule_or_drop(r.group_id, c.now);
}

void group_shard::on(context& c, const kafka::offset_fetch_request::group& r) {
  if (auto* group = find_consumer(r.group_id)) {
    if (auto wrong = group->check_fetch(r.member_id, r.member_epoch); wrong != error::none) {
      kafka::offset_fetch_response::group refused;
      refused.group_id = r.group_id;
      refused.error = wrong;
      return c.answer(std::move(refused));
    }
  }
  c.answer(offsets_.fetch(r, c.who.version, c.topics));
}

void group_shard::on(context& c, const kafka::offset_delete_request& r) {
  kafka::offset_delete_response response;
  auto* group = find(r.group_id);
  response.error = r.group_id.empty() ? error::invalid_group_id
                   : group            ? std::visit([](const auto& g) { return g.check_offset_delete(); }, *group)
                                      : error::group_id_not_found;
  if (response.error != error::none)
    return c.answer(std::move(response));
  for (const auto& t : r.topics) {
    auto& topic = response.topics.emplace_back();
    topic.name = t.name;
    const auto known = c.topics.find(t.name);
    const bool is_read = std::visit([&](const auto& g) { return g.is_subscribed(t.name); }, *group);
    for (const auto& p : t.partitions) {
      const bool exists = known && p.partition_index >= 0 && p.partition_index < known->partitions;
      const auto code = !exists   ? error::unknown_topic_or_partition
                        : is_read ? error::group_subscribed_to_topic
                                  : error::none;
      topic.partitions.push_back({p.partition_index, code});
      if (code == error::none)
        offsets_.remove(r.group_id, t.name, p.partition_index, c.out);
    }
  }
  reschedule_or_drop(r.group_id, c.now);
  c.answer(std::move(response));
}

void group_shard::on(context& c, const describe_group_request& r) {
  constexpr int16_t unknown_is_an_error = 6;
  if (auto* group = find_classic(r.group_id)) {
    auto described = group->describe();
    if (r.include_authorized_operations)
      described.authorized_operations = all_group_operations;
    return c.answer(std::move(described));
  }
  kafka::describe_groups_response::described_group d;
  d.group_id = r.group_id;
  d.group_state = "Dead";
  if (c.who.version >= unknown_is_an_error) {
    d.error = error::group_id_not_found;
    d.error_message = "Group " + r.group_id + (find(r.group_id) ? " is not a classic group." : " not found.");
  }
  c.answer(std::move(d));
}

void group_shard::on(context& c, const delete_group_request& r) {
  auto* group = find(r.group_id);
  const auto wrong =
    group ? std::visit([](const auto& g) { return g.check_delete(); }, *group) : error::group_id_not_found;
  if (wrong == error::none)
    delete_group(r.group_id, c.out);
  if (groups_.empty())
    next_expiry_check_.reset();
  c.answer(kafka::delete_groups_response::deletable_group_result{r.group_id, wrong});
}

void group_shard::on(context& c, const kafka::list_groups_request& r) {
  kafka::list_groups_response response;
  for (const auto& [id, group] : groups_) {
    auto listed = std::visit([](const auto& g) { return g.list(); }, group);
    if (passes(r.states_filter, listed.group_state) && passes(r.types_filter, listed.group_type))
      response.groups.push_back(std::move(listed));
  }
  c.answer(std::move(response));
}

/// Whether the group could take one more were it one of the consumer protocol. An instance takes its own place.
bool group_shard::has_room_for(const kafka::consumer_group_heartbeat_request& r, const classic_group& group) const {
  const bool is_known = r.instance_id && group.has_instance(*r.instance_id);
  return is_known || group.size() < around_->settings.consumer.max_size;
}

void group_shard::on(context& c, const kafka::consumer_group_heartbeat_request& r) {
  const auto refuse = [&](error_code code, std::string why) {
    kafka::consumer_group_heartbeat_response response;
    response.error = code;
    response.error_message = std::move(why);
    c.answer(std::move(response));
  };
  // Nothing is converted for somebody who is then refused.
  if (auto wrong = invalid(r, c.who.version))
    return refuse(wrong->code, std::move(wrong->message));
  if (auto wrong = unsupported(r, around_->settings.consumer))
    return refuse(wrong->code, std::move(wrong->message));
  const bool joins = r.member_epoch == joining_epoch;
  if (const auto* classic = find_classic(r.group_id); classic && joins && !has_room_for(r, *classic))
    return refuse(error::group_max_size_reached, "The classic group has as many members as a consumer group may have.");
  if (find_classic(r.group_id) && (!joins || (!make_room(r.group_id, c.out) && !upgrade(r.group_id, c))))
    return refuse(error::group_id_not_found, "Group " + r.group_id + " is not a consumer group.");
  if (!joins && !find(r.group_id))
    return refuse(error::group_id_not_found, "Group " + r.group_id + " not found.");
  find_or_make_consumer(r.group_id);
  std::get<hosted_consumer_group>(groups_.at(r.group_id)).heartbeat(c.who, r, c.now, c.topics, c.out);
  downgrade_if_all_classic(r.group_id, c.topics, c.now, c.out);
  reschedule_or_drop(r.group_id, c.now);
}

void group_shard::on(context& c, const describe_consumer_group_request& r) {
  if (auto* group = find_consumer(r.group_id)) {
    auto described = group->describe(c.topics);
    if (r.include_authorized_operations)
      described.authorized_operations = all_group_operations;
    return c.answer(std::move(described));
  }
  kafka::consumer_group_describe_response::described_group d;
  d.group_id = r.group_id;
  d.error = error::group_id_not_found;
  d.error_message = "Group " + r.group_id + (find(r.group_id) ? " is not a consumer group." : " not found.");
  c.answer(std::move(d));
}

} // namespace chisme::groups
