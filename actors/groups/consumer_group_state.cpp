#include "actors/groups/consumer_group_state.hpp"

#include "actors/groups/classic_member.hpp"

namespace chisme::groups {

namespace {

/// A state that this version does not know is looked at anew, whatever it was.
member_state to_state(int8_t number) {
  return number == 0 || number == 1 ? static_cast<member_state>(number) : member_state::unreleased_partitions;
}

current_assignment to_current(const current_member_assignment_value& v) {
  return {v.member_epoch, v.previous_member_epoch, to_state(v.state), to_set(v.assigned), to_set(v.pending_revocation)};
}

/// A member may name a protocol twice.
std::set<std::string> names_of(const classic_member_metadata& classic) {
  std::set<std::string> names;
  for (const auto& p : classic.supported_protocols)
    names.insert(p.name);
  return names;
}

template <class Map>
void count_one(Map& counts, const std::string& key, int by) {
  auto& n = counts[key];
  n += static_cast<size_t>(by);
  if (n == 0)
    counts.erase(key);
}

} // namespace

void consumer_group_state::apply(const consumer_group_record& record) {
  std::visit([this](const auto& r) { put(r); }, record);
}

const consumer_member* consumer_group_state::find(std::string_view member) const {
  const auto i = members_.find(member);
  return i == members_.end() ? nullptr : &i->second;
}

const std::string* consumer_group_state::find_instance(std::string_view instance) const {
  const auto i = instances_.find(instance);
  return i == instances_.end() ? nullptr : &i->second;
}

bool consumer_group_state::is_free_for(const assigned_partition& partition, const consumer_member& member) const {
  const auto i = holders_.find(partition);
  return i == holders_.end() || i->second == &member;
}

std::string_view consumer_group_state::preferred_assignor() const {
  const auto most = std::max_element(assignors_.begin(), assignors_.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == assignors_.end() ? std::string_view{} : std::string_view{most->first};
}

bool consumer_group_state::agree_with_any(const std::vector<classic_member_metadata::protocol>& protocols,
                                          std::string_view but) const {
  const auto* self = find(but);
  const auto own = self && self->is_classic() ? names_of(*self->metadata.classic) : std::set<std::string>{};
  const auto others = classic_members_ - (self && self->is_classic() ? 1 : 0);
  return std::any_of(protocols.begin(), protocols.end(), [&](const auto& p) {
    const auto i = classic_protocols_.find(p.name);
    const auto supporters = i == classic_protocols_.end() ? 0 : i->second - own.count(p.name);
    return supporters == others;
  });
}

void consumer_group_state::put(const member_metadata_record& r) {
  if (!r.value)
    return remove_member(r.name);
  const auto i = members_.try_emplace(r.name).first;
  if (i->second.is_known)
    count(r.name, i->second.metadata, -1);
  i->second.metadata = *r.value;
  i->second.is_known = true;
  count(r.name, i->second.metadata, +1);
}

void consumer_group_state::put(const target_assignment_record& r) {
  if (r.value)
    members_[r.name].target = to_set(r.value->partitions);
  else if (const auto i = members_.find(r.name); i != members_.end())
    i->second.target.clear();
}

void consumer_group_state::put(const current_assignment_record& r) {
  const auto i = r.value ? members_.try_emplace(r.name).first : members_.find(r.name);
  if (i == members_.end())
    return;
  release(i->second);
  i->second.current = r.value ? to_current(*r.value) : current_assignment{};
  hold(i->second);
}

void consumer_group_state::put(const regular_expression_record& r) {
  auto& regex = regexes_[r.name];
  const bool counts = regex.members > 0;
  if (counts && regex.resolved)
    count_topics(regex.resolved->topics, -1);
  regex.resolved = r.value;
  if (counts && regex.resolved)
    count_topics(regex.resolved->topics, +1);
  if (!counts && !regex.resolved)
    regexes_.erase(r.name);
}

void consumer_group_state::remove_member(const std::string& member) {
  const auto i = members_.find(member);
  if (i == members_.end())
    return;
  release(i->second);
  if (i->second.is_known)
    count(member, i->second.metadata, -1);
  members_.erase(i);
}

void consumer_group_state::hold(const consumer_member& member) {
  for (const auto* set : {&member.current.assigned, &member.current.revoking})
    for (const auto& p : *set)
      holders_[p] = &member;
}

/// In a compacted log the next holder's record may come first: only what is still the member's is let go.
void consumer_group_state::release(const consumer_member& member) {
  for (const auto* set : {&member.current.assigned, &member.current.revoking})
    for (const auto& p : *set)
      if (const auto i = holders_.find(p); i != holders_.end() && i->second == &member)
        holders_.erase(i);
}

void consumer_group_state::count(const std::string& id, const member_metadata_value& metadata, int by) {
  bytes_ += static_cast<size_t>(by) * bytes_of(id_, id, metadata);
  count_topics(metadata.subscribed_topic_names, by);
  if (metadata.server_assignor)
    count_one(assignors_, *metadata.server_assignor, by);
  if (metadata.classic) {
    classic_members_ += static_cast<size_t>(by);
    for (const auto& name : names_of(*metadata.classic))
      count_one(classic_protocols_, name, by);
  }
  if (metadata.subscribed_topic_regex) {
    auto& regex = regexes_[*metadata.subscribed_topic_regex];
    const auto before = regex.members;
    regex.members += static_cast<size_t>(by);
    if (regex.resolved && (before == 0 || regex.members == 0))
      count_topics(regex.resolved->topics, by);
    if (regex.members == 0 && !regex.resolved)
      regexes_.erase(*metadata.subscribed_topic_regex);
  }
  if (metadata.instance_id) {
    if (by > 0)
      instances_[*metadata.instance_id] = id;
    else if (const auto i = instances_.find(*metadata.instance_id); i != instances_.end() && i->second == id)
      instances_.erase(i);
  }
}

size_t consumer_group_state::bytes_of(const std::string& group, const std::string& member,
                                      const member_metadata_value& metadata) {
  const auto& m = metadata;
  const auto size = [](const std::optional<std::string>& s) { return s ? s->size() : 0; };
  auto bytes = bytes_called(group.size() + member.size(), size(m.instance_id), m.client_id, m.client_host) +
               size(m.rack_id) + size(m.server_assignor) + size(m.subscribed_topic_regex);
  for (const auto& topic : m.subscribed_topic_names)
    bytes += topic.size() + 2;
  return bytes + (m.classic ? bytes_said(m.classic->supported_protocols) : 0);
}

void consumer_group_state::count_topics(const std::vector<std::string>& topics, int by) {
  for (const auto& t : topics)
    count_one(topics_, t, by);
}

} // namespace chisme::groups
