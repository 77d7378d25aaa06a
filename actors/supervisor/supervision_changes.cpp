// What a change of the cluster's metadata or of the node's settings makes of the replicas here.
#include "actors/supervisor/supervision.hpp"
#include "config/group_config.hpp"
#include "config/topic_config.hpp"

#include <algorithm>
#include <utility>

namespace chisme::supervisor {

/// One of both is null where the topic came or went.
struct supervision::topic_change {
  coordinator::topic_ptr before, now;
};

std::vector<supervision::topic_change> supervision::changed_topics(const coordinator::cluster_state& before) const {
  std::vector<topic_change> changes;
  using topics = coordinator::cluster_state::topics_by_id;
  topics::difference(before.topics_in_order_of_id(), cluster_->topics_in_order_of_id(),
                     [&](const uuid&, const coordinator::topic_ptr* b, const coordinator::topic_ptr* n) {
                       // A log that is read again makes other objects of the same topics.
                       if (!b || !n || **b != **n)
                         changes.push_back({b ? *b : nullptr, n ? *n : nullptr});
                     });
  return changes;
}

void supervision::on(const input::cluster_change& x, context c) {
  if (shutting_down_)
    return;
  const auto before = std::exchange(cluster_, x.cluster);
  const auto changes = changed_topics(*before);
  tell_groups(changes, c);
  // Not to be finished before all of it has begun.
  awaited_[x.number] = 1;
  for (const auto& change : changes) {
    unpublished_.insert((change.now ? change.now : change.before)->id);
    if (!change.now)
      stop_all_of(change.before->id, c);
    else if (change.before)
      dismiss_unassigned(*change.now, c);
    else
      take_early_claims(change.now->id);
  }
  change_settings(x.settings, c);
  if (cluster_->group_configs() != before->group_configs())
    hand_out_timings(c);
  for (const auto& change : changes) {
    if (!change.now)
      continue;
    adopt_settings(change.now->id, c);
    start_missing(*change.now, x.number, c);
  }
  replayed_ = true;
  finish_one(x.number, c);
}

void supervision::change_settings(std::shared_ptr<const node_settings> next, context c) {
  const auto before = std::exchange(settings_, std::move(next));
  if (settings_->cleaner_backoff_ms != before->cleaner_backoff_ms && !want_compaction_.empty())
    arm_compaction(c);
  if (settings_->topic_defaults == before->topic_defaults)
    return;
  for (const auto& [id, topic] : cluster_->topics_in_order_of_id())
    if (topic_settings_.contains(id))
      adopt_settings(id, c);
}

/// Those who run get them where they are different.
void supervision::adopt_settings(const uuid& topic, context c) {
  const auto state = cluster_->find(topic);
  auto settings = effective_topic_settings(settings_->topic_defaults, state->configs);
  if (!settings) {
    c.out.push_back(notice{notice::event::topic_configs_ignored, state->name, settings.error().message});
    settings = settings_->topic_defaults;
  }
  const auto [known, is_new] = topic_settings_.try_emplace(topic, *settings);
  if (is_new || known->second == *settings)
    return;
  known->second = *settings;
  for (auto i = replicas_.lower_bound({topic, 0}); i != replicas_.end() && i->first.topic_id == topic; ++i)
    if (i->second.at == phase::running)
      c.out.push_back(action::hand_settings{i->first, *settings});
}

void supervision::start_missing(const coordinator::topic_state& topic, uint64_t change, context c) {
  for (size_t i = 0; i < topic.replicas.size(); ++i) {
    const replica_key key{topic.id, static_cast<partition_index>(i)};
    if (!is_assigned(key) || replicas_.contains(key))
      continue;
    auto& r = add(key, {topic.name, key.partition});
    r.existed = !replayed_;
    r.awaited_by = change;
    ++awaited_[change];
    start(key, r, c);
  }
}

void supervision::stop_all_of(const uuid& topic, context c) {
  topic_settings_.erase(topic);
  forget_leaders(topic, c);
  for (auto i = replicas_.lower_bound({topic, 0}); i != replicas_.end() && i->first.topic_id == topic;) {
    auto& [key, r] = *i++; // it may go
    stop(key, r, c);
  }
}

void supervision::stop(const replica_key& key, replica& r, context c) {
  attempted(r, c);
  stop_groups(key, r, c);
  switch (r.at) {
    case phase::running:
      r.at = phase::letting_go;
      c.out.push_back(action::stop_replica{key, true});
      break;
    case phase::pausing:
      release(key, r, c);
      break;
    case phase::held_up: // it has no folder
      forget(key, r);
      break;
    case phase::dismissed:
      r.at = phase::letting_go;
      break;
    case phase::letting_go:
    case phase::releasing:
    case phase::release_pausing:
      break;
  }
}

bool supervision::is_assigned(const replica_key& key) const {
  const auto topic = cluster_->find(key.topic_id);
  const auto i = static_cast<size_t>(key.partition);
  return topic && i < topic->replicas.size() &&
         std::ranges::find(topic->replicas[i], self_) != topic->replicas[i].end();
}

/// Other nodes hold these partitions by now. The folders stay: nothing here says that the others have everything.
void supervision::dismiss_unassigned(const coordinator::topic_state& topic, context c) {
  for (auto i = replicas_.lower_bound({topic.id, 0}); i != replicas_.end() && i->first.topic_id == topic.id;) {
    auto& [key, r] = *i++; // it may go
    if (is_assigned(key))
      continue;
    if (r.at == phase::held_up || r.at == phase::pausing) {
      attempted(r, c);
      forget(key, r);
    } else if (r.at == phase::running) {
      attempted(r, c);
      cease_to_lead(key, r, c);
      r.at = phase::dismissed;
      c.out.push_back(action::stop_replica{key, false});
    }
  }
}

// -- groups ------------------------------------------------------------------------------------------------------

/// Before the image shows the change, so that a request which knows of it finds the coordinator knowing, too.
void supervision::tell_groups(const std::vector<topic_change>& changes, context c) {
  // Version 0 is the catalog of a node that does not know the topics yet.
  bool differs = catalog_.version() == 0;
  for (const auto& change : changes) {
    if (!change.now)
      catalog_.erase(change.before->id);
    differs = differs || !change.now || !change.before || change.now->replicas.size() != change.before->replicas.size();
  }
  if (!differs)
    return;
  for (const auto& change : changes)
    if (change.now)
      catalog_.put(*change.now);
  catalog_.begin_next_version();
  c.out.push_back(action::hand_topics_to_groups{std::make_shared<const groups::cluster_catalog>(catalog_)});
}

void supervision::hand_out_timings(context c) {
  groups::group_timings timings;
  size_t ignored = 0;
  std::string why;
  for (const auto& [group, configs] : cluster_->group_configs()) {
    if (auto timing = effective_group_timing(*settings_, *configs))
      timings.emplace_hint(timings.end(), group, *timing);
    else if (++ignored == 1)
      why = timing.error().message;
  }
  if (ignored > 0)
    c.out.push_back(notice{notice::event::group_configs_ignored, std::to_string(ignored), why});
  c.out.push_back(action::hand_timings_to_groups{std::make_shared<const groups::group_timings>(std::move(timings))});
}

} // namespace chisme::supervisor
