#include "actors/supervisor/supervision.hpp"

#include "messages/internal_topics.hpp"

#include <algorithm>
#include <utility>

namespace chisme::supervisor {

replica_key metadata_log_key() {
  replica_key key;
  key.topic_id.bytes.back() = 1;
  return key;
}

supervision::supervision(node_id self, std::shared_ptr<const node_settings> settings, uint64_t seed,
                         cluster_place place)
  : self_(self), place_(std::move(place)), settings_(std::move(settings)), random_(seed) {
  if (place_.voters.empty())
    place_.voters = {self};
  if (place_.voters == std::vector{self})
    log_role_.leader = self;
}

void supervision::step(timestamp_ms now, const supervision_input& in, supervision_actions& out) {
  std::visit([&](const auto& x) { on(x, {now, out}); }, in);
}

std::vector<partition_image> supervision::partitions_of(const coordinator::topic_state& topic) const {
  std::vector<partition_image> partitions(topic.replicas.size());
  for (auto i = elsewhere_.lower_bound({topic.id, 0}); i != elsewhere_.end() && i->first.topic_id == topic.id; ++i)
    if (const auto place = static_cast<size_t>(i->first.partition); place < partitions.size()) {
      partitions[place].leader = i->second.leader;
      partitions[place].leader_epoch = i->second.epoch;
    }
  for (auto i = replicas_.lower_bound({topic.id, 0}); i != replicas_.end() && i->first.topic_id == topic.id; ++i)
    if (const auto place = static_cast<size_t>(i->first.partition); place < partitions.size())
      partitions[place] = i->second.image;
  return partitions;
}

void supervision::on(const input::begin&, context c) {
  auto& metadata = add(metadata_log_key(), {std::string{internal_topics::metadata}, 0});
  start(metadata_log_key(), metadata, c);
  c.out.push_back(
    action::set_timer{std::chrono::milliseconds{settings_->retention_check_interval_ms}, timer::housekeeping{}});
  if (place_.has_peers)
    arm_balance(c);
}

void supervision::on(const input::timer_due& x, context c) {
  if (!shutting_down_)
    std::visit([&](const auto& t) { on_timer(t, c); }, x.what);
}

// -- publication -------------------------------------------------------------------------------------------------

void supervision::on(const input::publication_due&, context c) {
  publication_is_scheduled_ = false;
  if (!unpublished_.empty() || nodes_differ_)
    publish(c);
}

void supervision::publish(context c) {
  const auto topics = std::exchange(unpublished_, {});
  nodes_differ_ = false;
  c.out.push_back(action::publish{{topics.begin(), topics.end()}});
}

void supervision::publish_soon(context c) {
  if ((!unpublished_.empty() || nodes_differ_) && !std::exchange(publication_is_scheduled_, true))
    c.out.push_back(action::schedule_publication{});
}

/// The replica was tried once, or will not be.
void supervision::attempted(replica& r, context c) {
  if (const auto change = std::exchange(r.awaited_by, std::nullopt))
    finish_one(*change, c);
}

void supervision::finish_one(uint64_t change, context c) {
  const auto i = awaited_.find(change);
  if (--i->second > 0)
    return;
  awaited_.erase(i);
  publish(c);
  c.out.push_back(action::answer_change{change});
}

// -- upkeep ------------------------------------------------------------------------------------------------------

void supervision::remind(const std::set<replica_key>& who, action::duty of, context c) {
  for (const auto& key : who)
    if (const auto* r = find(key); r && r->at == phase::running)
      c.out.push_back(action::remind_replica{key, of});
}

void supervision::on_timer(const timer::housekeeping&, context c) {
  c.out.push_back(action::look_for_leftovers{});
  for (const auto& [key, r] : replicas_)
    if (r.at == phase::running)
      c.out.push_back(action::remind_replica{key, action::duty::housekeeping});
  c.out.push_back(
    action::set_timer{std::chrono::milliseconds{settings_->retention_check_interval_ms}, timer::housekeeping{}});
}

/// One timer for all, and only while somebody wants a checkpoint: an idle node has nothing to do.
void supervision::on(const checkpoint_wanted& x, context c) {
  if (want_checkpoint_.empty())
    c.out.push_back(action::set_timer{checkpoint_interval, timer::checkpoint{}});
  want_checkpoint_.insert(x.key);
}

void supervision::on_timer(const timer::checkpoint&, context c) {
  remind(std::exchange(want_checkpoint_, {}), action::duty::checkpoint, c);
}

/// Likewise.
void supervision::on(const compaction_wanted& x, context c) {
  if (!settings_->cleaner_enabled)
    return;
  if (want_compaction_.empty())
    arm_compaction(c);
  want_compaction_.insert(x.key);
}

void supervision::arm_compaction(context c) {
  const std::chrono::milliseconds backoff{std::max<int64_t>(1, settings_->cleaner_backoff_ms)};
  c.out.push_back(action::set_timer{backoff, timer::compaction{++compaction_number_}});
}

void supervision::on_timer(const timer::compaction& t, context c) {
  if (t.number == compaction_number_)
    remind(std::exchange(want_compaction_, {}), action::duty::compaction, c);
}

// -- the end -----------------------------------------------------------------------------------------------------

void supervision::on(const input::shut_down&, context c) {
  if (!std::exchange(leaving_, true))
    begin_to_leave(c);
  else if (shutting_down_ && running_ == 0)
    c.out.push_back(action::answer_shut_down{});
}

void supervision::end_all(context c) {
  shutting_down_ = true;
  handing_over_.clear();
  for (auto& [key, r] : replicas_) {
    stop_groups(key, r, c);
    if (r.at == phase::running)
      c.out.push_back(action::stop_replica{key, false});
  }
  if (running_ == 0)
    c.out.push_back(action::answer_shut_down{});
}

} // namespace chisme::supervisor
