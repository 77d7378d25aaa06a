#include "actors/groups/group_shard.hpp"

namespace chisme::groups {

group_shard::group_shard(const group_settings& settings, std::function<std::string()> new_id,
                         std::function<uuid()> new_member)
  : new_member_(std::move(new_member)),
    around_(std::make_shared<const group_context>(group_context{settings, std::move(new_id)})), offsets_(around_) {}

// What outlives a restart.

void group_shard::apply(const group_record& record) {
  std::visit([&](const auto& r) { apply_one(r); }, record);
}

void group_shard::apply_one(const offset_record& r) {
  if (r.value && !find(r.group))
    find_or_make_classic(r.group);
  offsets_.apply(r);
}

void group_shard::apply_one(const classic_group_record& r) {
  // What an empty group of the other kind left is gone: its tombstones stand before this record.
  if (r.value && find_consumer(r.group))
    groups_.erase(r.group);
  if (r.value || find_classic(r.group))
    find_or_make_classic(r.group).apply(r.value);
}

void group_shard::apply_one(const consumer_group_record& r) {
  const auto& id = group_of(r);
  const bool put = std::visit([](const auto& x) { return x.value.has_value(); }, r);
  if (put && find_classic(id))
    groups_.erase(id);
  if (!put && !find_consumer(id))
    return;
  auto& group = find_or_make_consumer(id);
  group.apply(r);
  if (put || group.exists())
    return;
  // Its last record went. Who has offsets only is a group like any other that has nothing else.
  groups_.erase(id);
  if (offsets_.has(id))
    find_or_make_classic(id);
}

result<void> group_shard::load(const journal::entry& entry) {
  auto record = decode(entry);
  if (!record)
    return tl::make_unexpected(record.error());
  if (*record)
    apply(**record);
  return {};
}

void group_shard::loaded(timestamp_ms now, effects& out) {
  std::vector<std::string> ids;
  for (auto& [id, group] : groups_) {
    std::visit([&](auto& g) { g.loaded(now, out); }, group);
    ids.push_back(id);
  }
  for (const auto& id : ids)
    reschedule_or_drop(id, now);
}

void group_shard::write(group_record record, effects& out) {
  apply(record);
  out.records.push_back(std::move(record));
}

std::vector<group_record> group_shard::snapshot() const {
  std::vector<group_record> all;
  for (const auto& [id, group] : groups_) {
    if (const auto* g = std::get_if<classic_group>(&group)) {
      if (g->saved())
        all.push_back(classic_group_record{id, g->saved()});
    } else {
      for (auto& record : std::get<hosted_consumer_group>(group).records())
        all.push_back(std::move(record));
    }
  }
  for (const auto& [id, topics] : offsets_.groups())
    for (const auto& [topic, partitions] : topics)
      for (const auto& [index, o] : partitions)
        all.push_back(offset_record{id, topic, index, o});
  return all;
}

// Groups.

group_shard::any_group* group_shard::find(const std::string& group) {
  auto i = groups_.find(group);
  return i == groups_.end() ? nullptr : &i->second;
}

classic_group* group_shard::find_classic(const std::string& group) {
  auto* g = find(group);
  return g ? std::get_if<classic_group>(g) : nullptr;
}

classic_group& group_shard::find_or_make_classic(const std::string& group) {
  auto i = groups_.try_emplace(group, classic_group{group, around_}).first;
  return std::get<classic_group>(i->second);
}

consumer_group_settings group_shard::settings_of(const std::string& group) const {
  const auto& settings = around_->settings.consumer;
  auto own = timings_->find(group);
  return own == timings_->end() ? settings : settings.with(own->second);
}

void group_shard::configure(std::shared_ptr<const group_timings> timings) {
  timings_ = std::move(timings);
  for (auto& [id, group] : groups_)
    if (auto* hosted = std::get_if<hosted_consumer_group>(&group))
      hosted->machine().configure(settings_of(id));
}

consumer_group* group_shard::find_consumer(const std::string& group) {
  auto* g = find(group);
  auto* hosted = g ? std::get_if<hosted_consumer_group>(g) : nullptr;
  return hosted ? &hosted->machine() : nullptr;
}

consumer_group& group_shard::find_or_make_consumer(const std::string& group) {
  auto i = groups_.find(group);
  if (i == groups_.end())
    i = groups_.emplace(group, hosted_consumer_group{group, settings_of(group), new_member_}).first;
  return std::get<hosted_consumer_group>(i->second).machine();
}

bool group_shard::make_room(const std::string& id, effects& out) {
  auto& group = groups_.at(id);
  // Ids that were given out and not yet used are no members: consumer groups take them, too.
  if (!std::visit([](const auto& g) { return g.is_empty(); }, group))
    return false;
  for (auto& record : tombstones(id, group))
    write(std::move(record), out);
  groups_.erase(id);
  timers_.cancel(id);
  return true;
}

std::optional<timestamp_ms> group_shard::deadline_of(const std::string& group) const {
  return std::visit([](const auto& g) { return g.next_deadline(); }, groups_.at(group));
}

void group_shard::reschedule_or_drop(const std::string& id, timestamp_ms now) {
  auto i = groups_.find(id);
  if (i == groups_.end())
    return;
  const bool has_record = std::visit([](const auto& g) { return g.has_record(); }, i->second);
  const bool is_unused = std::visit([](const auto& g) { return g.is_unused(); }, i->second);
  if (is_unused && !has_record && !offsets_.has(id)) {
    groups_.erase(i);
    timers_.cancel(id);
  } else {
    timers_.set(id, deadline_of(id));
  }
  if (groups_.empty())
    next_expiry_check_.reset();
  else if (!next_expiry_check_)
    next_expiry_check_ = now + around_->settings.offsets_retention_check_interval_ms;
}

std::vector<group_record> group_shard::tombstones(const std::string& id, const any_group& group) {
  if (const auto* hosted = std::get_if<hosted_consumer_group>(&group))
    return hosted->tombstones();
  if (std::get<classic_group>(group).has_record())
    return {classic_group_record{id, std::nullopt}};
  return {};
}

/// Of an empty group: its offsets and its record.
void group_shard::delete_group(const std::string& id, effects& out) {
  offsets_.remove_group(id, out);
  for (auto& record : tombstones(id, groups_.at(id)))
    write(std::move(record), out);
  groups_.erase(id);
  timers_.cancel(id);
}

void group_shard::forget_missing_topics(const topic_catalog& topics, timestamp_ms now, effects& out) {
  offsets_.forget_missing_topics(topics, out);
  std::set<std::string> concerned;
  for (const auto& record : out.records)
    if (const auto* o = std::get_if<offset_record>(&record))
      concerned.insert(o->group);
  for (const auto& id : concerned)
    reschedule_or_drop(id, now);
}

// Time.

std::optional<timestamp_ms> group_shard::next_deadline() const {
  const auto next = timers_.next();
  if (next && next_expiry_check_)
    return std::min(*next, *next_expiry_check_);
  return next ? next : next_expiry_check_;
}

bool group_shard::tick(timestamp_ms now, const topic_catalog& topics, effects& out) {
  if (const auto id = timers_.take_due(now)) {
    tick_group(*id, topics, now, out);
    return true;
  }
  if (!next_expiry_check_ || *next_expiry_check_ > now)
    return false;
  next_expiry_check_ = now + around_->settings.offsets_retention_check_interval_ms;
  expire_offsets(now, out);
  return true;
}

void group_shard::tick_group(const std::string& id, const topic_catalog& topics, timestamp_ms now, effects& out) {
  if (const auto at = deadline_of(id); at && *at <= now) {
    std::visit([&](auto& g) { g.tick(now, topics, out); }, groups_.at(id));
    downgrade_if_all_classic(id, topics, now, out);
  }
  reschedule_or_drop(id, now);
}

void group_shard::expire_offsets(timestamp_ms now, effects& out) {
  std::vector<std::string> ids;
  for (const auto& [id, group] : groups_)
    ids.push_back(id);
  for (const auto& id : ids) {
    auto& group = groups_.at(id);
    const auto rule = std::visit([](const auto& g) { return g.offsets_expire(); }, group);
    auto is_subscribed = [&](const std::string& topic) {
      return std::visit([&](const auto& g) { return g.is_subscribed(topic); }, group);
    };
    offsets_.expire(id, rule, is_subscribed, now, out);
    if (!offsets_.has(id) && std::visit([](const auto& g) { return g.is_unused(); }, group))
      delete_group(id, out);
    reschedule_or_drop(id, now);
  }
  if (groups_.empty())
    next_expiry_check_.reset();
}

} // namespace chisme::groups
