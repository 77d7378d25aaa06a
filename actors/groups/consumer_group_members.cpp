// Who a heartbeat comes from, and what that member wants from now on.
#include "actors/groups/consumer_group.hpp"

#include "actors/groups/group_settings.hpp"

namespace chisme::groups {

namespace {

error unknown_member(const std::string& member) {
  return {error_code::unknown_member_id, "Member " + member + " is not a member of the group."};
}

std::vector<std::string> sorted_once(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

template <class T>
void set_if_given(std::optional<T>& field, const std::optional<T>& given) {
  if (given)
    field = given;
}

} // namespace

std::optional<error> consumer_group::identify(turn& t) const {
  const bool joins = t.request.member_epoch == joining_epoch;
  if (!joins && !state_.exists())
    return error{error_code::group_id_not_found, "Group " + state_.id() + " not found."};
  if (t.request.instance_id)
    if (auto wrong = identify_instance(t); wrong || !t.replaces.empty())
      return wrong;
  const auto* member = state_.find(t.member);
  if (member)
    return t.request.member_epoch < joining_epoch ? std::nullopt : check_epoch(t, *member);
  if (!joins)
    return unknown_member(t.member);
  if (state_.members().size() >= settings_.max_size)
    return error{error_code::group_max_size_reached, "The consumer group has reached its maximum capacity of " +
                                                       std::to_string(settings_.max_size) + " members."};
  t.joins = true;
  return std::nullopt;
}

/// Sets who is replaced, where an instance comes back with a new member id.
std::optional<error> consumer_group::identify_instance(turn& t) const {
  const auto& instance = *t.request.instance_id;
  const auto* holder = state_.find_instance(instance);
  if (t.request.member_epoch != joining_epoch) {
    if (!holder)
      return error{error_code::unknown_member_id, "Instance id " + instance + " is unknown."};
    if (*holder != t.member)
      return error{error_code::fenced_instance_id, "Static member " + t.member + " with instance id " + instance +
                                                     " was fenced by member " + *holder + "."};
    return std::nullopt;
  }
  if (!holder)
    return std::nullopt;
  const auto& held = *state_.find(*holder);
  const bool away = held.current.epoch == away_epoch;
  if (*holder == t.member && !away)
    return std::nullopt; // the answer to its join was lost, if its epoch says so
  // A classic member that is to come back does not say so when it goes: whoever comes as the instance is the next one.
  if (!away && !held.is_classic())
    return error{error_code::unreleased_instance_id, "Static member " + t.member + " with instance id " + instance +
                                                       " cannot join because the instance id is owned by member " +
                                                       *holder + "."};
  t.replaces = *holder;
  return std::nullopt;
}

std::optional<error> consumer_group::check_epoch(turn& t, const consumer_member& member) const {
  const auto& current = member.current;
  const auto epoch = t.request.member_epoch;
  if (epoch == current.epoch)
    return std::nullopt;
  // What it may still read from counts as its own: it need not have heard that it is to give that up.
  const auto& owned = t.request.topic_partitions;
  t.repeats = epoch < current.epoch && epoch == current.previous_epoch && owned &&
              includes(together(current.assigned, current.revoking), to_set(*owned));
  if (t.repeats)
    return std::nullopt;
  return error{error_code::fenced_member_epoch, "The consumer group member has the epoch " + std::to_string(epoch) +
                                                  ", the group coordinator knows it with " +
                                                  std::to_string(current.epoch) +
                                                  ". The member must abandon all its partitions and rejoin."};
}

/// The new id gets what the old one had; it starts from epoch 0, the group's epoch stays.
void consumer_group::take_over(const turn& t) {
  const auto old = *state_.find(t.replaces);
  if (t.replaces != t.member) {
    fence(t.replaces, t.out);
    put(t.out, member_metadata_record{state_.id(), t.member, old.metadata});
    put(t.out, target_assignment_record{state_.id(), t.member, target_assignment_member_value{by_topic(old.target)}});
  }
  current_assignment inherited;
  inherited.assigned = old.current.assigned;
  put(t.out, current_record(state_.id(), t.member, inherited));
}

member_metadata_value consumer_group::wanted_by(const turn& t, const consumer_member* member) const {
  const auto& r = t.request;
  auto wanted = member ? member->metadata : member_metadata_value{};
  set_if_given(wanted.instance_id, r.instance_id);
  set_if_given(wanted.rack_id, r.rack_id);
  set_if_given(wanted.server_assignor, r.server_assignor);
  wanted.client_id = t.from.client_id;
  wanted.client_host = t.from.client_host;
  if (r.rebalance_timeout_ms != -1)
    wanted.rebalance_timeout_ms = r.rebalance_timeout_ms;
  if (r.subscribed_topic_names)
    wanted.subscribed_topic_names = sorted_once(*r.subscribed_topic_names);
  if (r.subscribed_topic_regex) {
    wanted.subscribed_topic_regex.reset(); // an empty one takes it back
    if (!r.subscribed_topic_regex->empty())
      wanted.subscribed_topic_regex = r.subscribed_topic_regex;
  }
  wanted.classic = t.classic;
  return wanted;
}

bool consumer_group::says_too_much(const turn& t) const {
  const auto& before = t.replaces.empty() ? t.member : t.replaces;
  const auto* member = state_.find(before);
  const auto counted = member ? consumer_group_state::bytes_of(state_.id(), before, member->metadata) : 0;
  const auto says = consumer_group_state::bytes_of(state_.id(), t.member, wanted_by(t, member));
  return state_.bytes() - counted + says > max_group_bytes;
}

bool consumer_group::update_member(const turn& t) {
  const auto* member = state_.find(t.member);
  auto wanted = wanted_by(t, member);
  if (member && wanted == member->metadata)
    return false;
  const bool other_topics = !member || wanted.subscribed_topic_names != member->metadata.subscribed_topic_names ||
                            wanted.subscribed_topic_regex != member->metadata.subscribed_topic_regex;
  const auto pattern = wanted.subscribed_topic_regex;
  put(t.out, member_metadata_record{state_.id(), t.member, std::move(wanted)});
  if (pattern && !state_.regexes().at(*pattern).resolved)
    resolve(*pattern, t.now, t.catalog, t.out);
  return other_topics;
}

} // namespace chisme::groups
