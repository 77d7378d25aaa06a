#include "actors/supervisor/supervisor_actor.hpp"

#include "actors/coordinator/operations.hpp"
#include "actors/failing_actor.hpp"
#include "actors/groups/group_coordinator_actor.hpp"
#include "config/group_config.hpp"
#include "config/topic_config.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace chisme::supervisor {

namespace {

/// The metadata log keeps the newest state of each thing: it is compacted and never ages.
topic_settings metadata_log_settings() {
  topic_settings s;
  s.cleanup_delete = false;
  s.cleanup_compact = true;
  s.segment_bytes = 16 << 20;
  s.retention_ms = no_limit;
  s.max_message_bytes = s.segment_bytes; // a change to many topics is one batch
  return s;
}

} // namespace

replica_key metadata_log_key() {
  replica_key key;
  key.topic_id.bytes.back() = 1;
  return key;
}

supervisor::supervisor(caf::actor_config& config, supervisor_config c)
  : supervisor_actor::base(config), config_(std::move(c)) {
  end_at_exceptions(*this);
}

supervisor::behavior_type supervisor::make_behavior() {
  set_down_handler([this](const caf::down_msg& down) { ended(down); });
  auto& metadata = replicas_[metadata_log_key()];
  metadata.name = {std::string{coordinator::metadata_topic}, 0};
  start(metadata_log_key(), metadata);
  delayed_send(this, std::chrono::milliseconds{config_.settings->retention_check_interval_ms}, tick{});
  return {
    [this](const cluster_changed& c) { apply(c); },
    [this](const replica_opened& o) { opened(o); },
    [this](const checkpoint_wanted& c) {
      // One timer for all, and only while somebody wants a checkpoint: an idle node has nothing to do.
      if (want_checkpoint_.empty())
        delayed_send(this, checkpoint_interval, checkpoint_tick{});
      want_checkpoint_.insert(c.key);
    },
    [this](const compaction_wanted& c) { want_compaction(c.key); },
    [this](const shut_down& s) { begin_shut_down(s); },
    [this](drain) {
      publishing_ = false;
      publish();
    },
    [this](tick) {
      keep_house();
      delayed_send(this, std::chrono::milliseconds{config_.settings->retention_check_interval_ms}, tick{});
    },
    [this](checkpoint_tick) { remind_of_checkpoints(); },
    [this](compaction_tick t) { remind_of_compaction(t.number); },
    [this](attempt_due a) { attempt(a.key); },
    [this](groups_attempt_due a) { attempt_groups(a.key); },
  };
}

/// The replicas know their supervisor: neither would ever go.
void supervisor::on_exit() {
  replicas_.clear();
  waiting_.clear();
  closing_.clear();
  tell_coordinator_ = nullptr;
}

// -- making it so ------------------------------------------------------------------------------------------------

void supervisor::apply(const cluster_changed& c) {
  const auto before = std::exchange(cluster_, c.cluster);
  // Version 0 is the catalog of a node that does not know the topics yet.
  if (catalog_->version() == 0 || cluster_->topics() != before->topics()) {
    catalog_ = std::make_shared<groups::cluster_catalog>(*cluster_, catalog_->version() + 1);
    tell_groups();
  }
  const auto backoff = config_.settings->cleaner_backoff_ms;
  config_.settings = c.settings;
  if (config_.settings->cleaner_backoff_ms != backoff && !want_compaction_.empty())
    arm_compaction();
  if (cluster_->group_configs() != before->group_configs())
    hand_out_timings();
  waiting_.push_back(c.applied);
  if (shutting_down_)
    return;
  if (c.deleted)
    unswept_ = c.deleted;
  if (c.log_reopened)
    tell_coordinator_ = c.log_reopened;
  sweep();
  stop_surplus();
  hand_out_settings();
  start_missing();
  replayed_ = true;
  settle();
}

bool supervisor::wanted(const replica_key& key) const {
  return key == metadata_log_key() || cluster_->find(key.topic_id) != nullptr;
}

void supervisor::stop_surplus() {
  for (auto& [key, r] : replicas_) {
    if (wanted(key) || r.stopping)
      continue;
    r.stopping = true;
    stop_groups(r);
    if (r.actor)
      send(r.actor, partition::stop_request{true});
    else if (!held_up_.contains(key))
      release_folder(key, r);
  }
  // Those that waited for their name have no folder.
  std::erase_if(held_up_, [this](const replica_key& key) { return !wanted(key) && replicas_.erase(key) > 0; });
}

void supervisor::hand_out_settings() {
  for (auto& [key, r] : replicas_) {
    if (r.actor && !r.stopping && key != metadata_log_key())
      send(r.actor, partition::settings_changed{settings_of(key)});
  }
}

void supervisor::start_missing() {
  for (const auto& [name, topic] : cluster_->topics()) {
    for (size_t i = 0; i < topic->replicas.size(); ++i) {
      const auto& nodes = topic->replicas[i];
      if (std::find(nodes.begin(), nodes.end(), config_.self) == nodes.end())
        continue;
      const replica_key key{topic->id, static_cast<partition_index>(i)};
      auto [it, is_new] = replicas_.try_emplace(key);
      if (!is_new)
        continue;
      it->second.name = {name, key.partition};
      it->second.existed = !replayed_;
      start(key, it->second);
    }
  }
}

void supervisor::start(const replica_key& key, replica& r) {
  if (shutting_down_)
    return;
  if (const auto* holder = holder_of(r.name, key)) {
    held_up_.insert(key);
    r.opening = !holder->stuck;
    r.image.state = error_code::kafka_storage_error;
    return;
  }
  r.opening = true;
  const auto worker = (std::hash<uuid>{}(key.topic_id) + static_cast<size_t>(key.partition)) % config_.disk_workers.size();
  partition::surroundings around{config_.self,    config_.wall_clock,      config_.flusher,
                                 config_.cleaner, supervisor_actor{this}, config_.disk_workers[worker],
                                 config_.settings->producer_id_expiration_ms,
                                 static_cast<size_t>(config_.settings->producer_ids_per_partition)};
  const auto directory = directory_of(r.name);
  const bool existed = r.existed || r.was_open;
  r.actor = spawn<partition::partition, caf::monitored>(
    std::move(around), partition::replica_config{r.name, key, directory, settings_of(key), existed});
  keys_[r.actor.id()] = key;
}

topic_settings supervisor::settings_of(const replica_key& key) const {
  if (key == metadata_log_key())
    return metadata_log_settings();
  auto topic = cluster_->find(key.topic_id);
  auto settings = effective_topic_settings(config_.settings->topic_defaults, topic ? topic->configs : topic_overrides{});
  if (settings)
    return *settings;
  spdlog::error("topic configs are ignored topic={} reason=\"{}\"", topic->name, settings.error().message);
  return config_.settings->topic_defaults;
}

// -- what replicas tell ------------------------------------------------------------------------------------------

void supervisor::opened(const replica_opened& o) {
  if (o.key == metadata_log_key() && config_.metadata_log_opened) {
    auto tell = std::exchange(config_.metadata_log_opened, nullptr);
    if (o.code == error_code::none)
      tell(o.port);
    else
      tell(fail(o.code, "the metadata log cannot be opened; the log lines above say why"));
  } else if (o.key == metadata_log_key() && o.port && tell_coordinator_) {
    tell_coordinator_(o.port);
  }
  auto i = replicas_.find(o.key);
  // That it has ended is told before everything that it said.
  if (i == replicas_.end() || !i->second.actor)
    return;
  auto& r = i->second;
  const bool was_opening = std::exchange(r.opening, false);
  if (o.code != error_code::none)
    could_not_open(o.key, r, o);
  else
    is_open(r);
  r.image.state = o.code;
  r.image.port = o.port;
  r.image.leader = o.port ? config_.self : -1;
  // Clients never see an epoch go back, also not to none.
  if (o.leader_epoch >= 0)
    r.image.leader_epoch = o.leader_epoch;
  stop_groups(r);
  if (o.port && r.name.topic == groups::offsets_topic && !r.stopping)
    start_groups(r);
  if (was_opening)
    settle();
  else
    publish_soon();
}

void supervisor::is_open(replica& r) {
  if (!r.told.empty())
    spdlog::info("partition is open at last partition={}", to_string(r.name));
  r.told.clear();
  r.was_open = true;
  r.alive_since = config_.steady_clock();
}

/// What does not pass was said by the replica. The rest is said once for each reason: there may be thousands, and each is
/// tried again and again.
void supervisor::could_not_open(const replica_key& key, replica& r, const replica_opened& o) {
  if (!o.may_pass)
    return;
  const auto pause = try_again(key, r);
  if (std::exchange(r.told, o.why) != o.why)
    spdlog::error("partition cannot be opened and is tried again partition={} reason=\"{}\" next_attempt_in_ms={}",
                  to_string(r.name), o.why, pause.count());
}

void supervisor::ended(const caf::down_msg& down) {
  auto k = keys_.find(down.source.id());
  if (k == keys_.end())
    return groups_ended(down);
  const auto key = k->second;
  keys_.erase(k);
  auto i = replicas_.find(key);
  if (i == replicas_.end())
    return;
  auto& r = i->second;
  r.actor = nullptr;
  r.image.port = nullptr;
  r.image.leader = -1;
  r.opening = false;
  stop_groups(r);
  if (r.stopping) {
    release_folder(key, r);
  } else if (!shutting_down_) {
    r.image.state = error_code::leader_not_available;
    if (config_.steady_clock() - r.alive_since >= longest_pause.count())
      r.pause.reset();
    const auto pause = try_again(key, r);
    spdlog::error("partition died and is started again partition={} reason=\"{}\" next_attempt_in_ms={}",
                  to_string(r.name), to_string(down.reason), pause.count());
  }
  settle();
}

/// The groups of a partition are coordinated where it is led.
void supervisor::start_groups(replica& r) {
  groups::group_coordinator_config c;
  c.name = to_string(r.name);
  c.log = r.image.port;
  c.settings = groups::group_settings_of(*config_.settings);
  c.new_id = config_.new_id;
  c.topics = catalog_;
  c.timings = timings_;
  c.clock = config_.steady_clock;
  c.wall_clock = config_.wall_clock;
  r.coordinator = spawn<groups::group_coordinator, caf::monitored>(std::move(c));
  r.image.groups = groups::make_port(r.coordinator);
  r.groups_alive_since = config_.steady_clock();
}

/// A coordinator that was not stopped by stop_groups() has died of a broken invariant: another one reads its partition.
void supervisor::groups_ended(const caf::down_msg& down) {
  const auto i = std::ranges::find_if(
    replicas_, [&](const auto& x) { return x.second.coordinator && x.second.coordinator->id() == down.source.id(); });
  if (i == replicas_.end())
    return;
  auto& r = i->second;
  stop_groups(r);
  if (config_.steady_clock() - r.groups_alive_since >= longest_pause.count())
    r.groups_pause.reset();
  const auto pause = spread(r.groups_pause.next(), config_.random());
  spdlog::error("the coordinator of groups died and is started again partition={} reason=\"{}\" next_attempt_in_ms={}",
                to_string(r.name), to_string(down.reason), pause.count());
  delayed_send(this, pause, groups_attempt_due{i->first});
  publish_soon();
}

/// The partition may have been closed and opened since, and has its coordinator then.
void supervisor::attempt_groups(const replica_key& key) {
  auto i = replicas_.find(key);
  if (i == replicas_.end() || shutting_down_)
    return;
  auto& r = i->second;
  if (r.coordinator || !r.image.port || r.stopping)
    return;
  start_groups(r);
  publish_soon();
}

/// Before the image shows the change, so that a request which knows of it finds the coordinator knowing, too.
void supervisor::tell_groups() {
  for (auto& [key, r] : replicas_)
    if (r.coordinator)
      send(r.coordinator, groups::topics_changed{catalog_});
}

void supervisor::hand_out_timings() {
  auto timings = std::make_shared<groups::group_timings>();
  size_t ignored = 0;
  std::string why;
  for (const auto& [group, configs] : cluster_->group_configs()) {
    if (auto timing = effective_group_timing(*config_.settings, *configs))
      timings->emplace_hint(timings->end(), group, *timing);
    else if (++ignored == 1)
      why = timing.error().message;
  }
  // They were good when they were set: the node has other bounds by now.
  if (ignored > 0)
    spdlog::error("group configs are ignored groups={} reason=\"{}\"", ignored, why);
  timings_ = std::move(timings);
  for (auto& [key, r] : replicas_)
    if (r.coordinator)
      send(r.coordinator, groups::timings_changed{timings_});
}

void supervisor::stop_groups(replica& r) {
  r.image.groups = nullptr;
  if (r.coordinator)
    send_exit(std::exchange(r.coordinator, nullptr), caf::exit_reason::user_shutdown);
}

/// Returns how long it takes until then.
std::chrono::milliseconds supervisor::try_again(const replica_key& key, replica& r) {
  const auto pause = spread(r.pause.next(), config_.random());
  if (!std::exchange(r.attempt_is_due, true))
    delayed_send(this, pause, attempt_due{key});
  return pause;
}

void supervisor::attempt(const replica_key& key) {
  auto i = replicas_.find(key);
  if (i == replicas_.end() || shutting_down_)
    return;
  auto& r = i->second;
  r.attempt_is_due = false;
  if (r.stopping && !r.actor)
    release_folder(key, r);
  else if (!r.stopping && r.actor)
    send(r.actor, partition::reopen{});
  else if (!r.stopping && !held_up_.contains(key))
    start(key, r);
}

/// Answers those who wait for replicas to open, once none is opening.
void supervisor::settle() {
  const bool opening = std::any_of(replicas_.begin(), replicas_.end(), [](const auto& x) { return x.second.opening; });
  if (shutting_down_ && keys_.empty()) {
    for (auto& answer : std::exchange(closing_, {}))
      answer({});
    return;
  }
  if (opening || shutting_down_)
    return;
  publish();
  for (auto& answer : std::exchange(waiting_, {}))
    answer({});
}

/// Thousands of replicas may change their state at once, and an image has all of them.
void supervisor::publish_soon() {
  if (!std::exchange(publishing_, true))
    send(this, drain{});
}

void supervisor::publish() {
  auto image = std::make_shared<broker_image>();
  image->settings = config_.settings;
  image->cluster_id = config_.cluster_id;
  image->controller = config_.self;
  image->brokers = config_.brokers;
  image->cluster = cluster_;
  for (const auto& [name, topic] : cluster_->topics()) {
    auto t = std::make_shared<topic_image>();
    t->topic = topic;
    t->partitions.resize(topic->replicas.size());
    for (size_t i = 0; i < t->partitions.size(); ++i) {
      auto r = replicas_.find({topic->id, static_cast<partition_index>(i)});
      if (r != replicas_.end())
        t->partitions[i] = r->second.image;
    }
    image->topics.emplace_hint(image->topics.end(), name, t);
    image->topics_by_id.emplace(topic->id, std::move(t));
  }
  config_.publish(std::move(image));
}

// -- upkeep ------------------------------------------------------------------------------------------------------

void supervisor::keep_house() {
  sweep();
  for (auto& [key, r] : replicas_) {
    if (r.actor && !r.stopping)
      send(r.actor, partition::housekeeping_due{config_.settings->producer_id_expiration_ms});
  }
}

void supervisor::remind_of_checkpoints() {
  for (const auto& key : std::exchange(want_checkpoint_, {})) {
    auto i = replicas_.find(key);
    if (i != replicas_.end() && i->second.actor && !i->second.stopping)
      send(i->second.actor, partition::checkpoint_due{});
  }
}

/// One timer for all, and only while there is something to look at.
void supervisor::want_compaction(const replica_key& key) {
  if (!config_.settings->cleaner_enabled)
    return;
  if (want_compaction_.empty())
    arm_compaction();
  want_compaction_.insert(key);
}

void supervisor::arm_compaction() {
  const std::chrono::milliseconds backoff{std::max<int64_t>(1, config_.settings->cleaner_backoff_ms)};
  delayed_send(this, backoff, compaction_tick{++compaction_number_});
}

void supervisor::remind_of_compaction(uint64_t number) {
  if (number != compaction_number_)
    return;
  for (const auto& key : std::exchange(want_compaction_, {})) {
    auto i = replicas_.find(key);
    if (i != replicas_.end() && i->second.actor && !i->second.stopping)
      send(i->second.actor, partition::compaction_due{});
  }
}

void supervisor::begin_shut_down(const shut_down& s) {
  closing_.push_back(s.closed);
  shutting_down_ = true;
  for (auto& [key, r] : replicas_) {
    stop_groups(r);
    if (r.actor && !r.stopping)
      send(r.actor, partition::stop_request{false});
  }
  settle();
}

} // namespace chisme::supervisor
