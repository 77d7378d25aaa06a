// The life of one replica, of its folder after it, and of the coordinator of its groups.
#include "actors/supervisor/supervision.hpp"
#include "messages/internal_topics.hpp"

#include <algorithm>
#include <utility>

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

const topic_settings& supervision::settings_of(const replica_key& key) const {
  static const auto of_metadata_log = metadata_log_settings();
  return key == metadata_log_key() ? of_metadata_log : topic_settings_.at(key.topic_id);
}

const std::vector<node_id>& supervision::voters_of(const replica_key& key) const {
  if (key == metadata_log_key())
    return place_.voters;
  return cluster_->find(key.topic_id)->replicas.at(static_cast<size_t>(key.partition));
}

/// `__cluster` is in no record: it is given to the folders of those who form the cluster.
bool supervision::is_of_another_folder(const replica_key& key) const {
  if (key == metadata_log_key())
    return !place_.is_founder;
  const auto given_to = cluster_->find(key.topic_id)->folder_of(static_cast<size_t>(key.partition), self_);
  return !given_to.is_zero() && !place_.folder.is_zero() && given_to != place_.folder;
}

// -- opening -----------------------------------------------------------------------------------------------------

void supervision::start(const replica_key& key, replica& r, context c) {
  if (const auto* holder = holder_of(r.name, key)) {
    r.at = phase::held_up;
    r.image.state = error_code::kafka_storage_error;
    if (holder->folder_stays)
      attempted(r, c); // nobody knows how long that takes
    return;
  }
  r.at = phase::running;
  r.serves_since.reset();
  ++running_;
  c.out.push_back(action::start_replica{key, r.name, settings_of(key), r.existed || r.was_open, voters_of(key),
                                        r.image.leader_epoch, is_of_another_folder(key)});
}

void supervision::on(const replica_opened& x, context c) {
  if (x.key == metadata_log_key())
    log_is_open(x, c);
  auto* r = find(x.key);
  if (!r)
    return;
  r->was_open = r->was_open || x.code == error_code::none;
  // That it has ended is told before everything that it said.
  if (r->at != phase::running)
    return;
  heed_outcome(x.key, *r, x, c);
  r->image.state = x.code;
  cease_to_lead(x.key, *r, c);
  // Clients never see an epoch go back, also not to none. A replica that fails may know of an older one than others.
  if (!x.has_others)
    r->image.leader_epoch = std::max(r->image.leader_epoch, x.leader_epoch);
  r->image.replica = x.has_others ? x.port : nullptr;
  if (x.port && !x.has_others)
    lead(x.key, *r, x.leader_epoch, x.port, c);
  touch(x.key);
  if (r->awaited_by)
    attempted(*r, c);
  else
    publish_soon(c);
}

/// What passes is said once for each reason: there may be thousands, and each is tried again and again. What does not
/// is given up, which the replica has said.
void supervision::heed_outcome(const replica_key& key, replica& r, const replica_opened& x, context c) {
  const auto name = to_string(r.name);
  if (x.code == error_code::none) {
    if (!std::exchange(r.told, {}).empty())
      c.out.push_back(notice{notice::event::replica_opened_at_last, name});
    r.serves_since = c.now;
    return;
  }
  r.serves_since.reset();
  if (!x.may_pass)
    return;
  const auto pause = try_again(key, r, c);
  if (std::exchange(r.told, x.why) != x.why)
    c.out.push_back(notice{notice::event::replica_cannot_open, name, x.why, pause});
}

// -- ending ------------------------------------------------------------------------------------------------------

void supervision::on(const input::replica_ended& x, context c) {
  auto* r = find(x.key);
  if (!r || (r->at != phase::running && r->at != phase::letting_go && r->at != phase::dismissed))
    return;
  --running_;
  r->image.replica = nullptr;
  cease_to_lead(x.key, *r, c);
  if (r->at == phase::letting_go)
    release(x.key, *r, c);
  else if (r->at == phase::dismissed)
    dismissed_one_ended(x.key, *r, c);
  else
    died(x.key, *r, x.reason, c);
  if (shutting_down_ && running_ == 0)
    c.out.push_back(action::answer_shut_down{});
  else
    is_led_elsewhere(x.key, c);
}

void supervision::died(const replica_key& key, replica& r, const std::string& reason, context c) {
  r.at = phase::pausing;
  if (shutting_down_)
    return attempted(r, c);
  r.image.state = error_code::leader_not_available;
  if (r.serves_since && c.now - *r.serves_since >= longest_pause.count())
    r.pause.reset();
  const auto pause = try_again(key, r, c);
  c.out.push_back(notice{notice::event::replica_died, to_string(r.name), reason, pause});
  touch(key);
  attempted(r, c);
  publish_soon(c);
}

/// Returns how long it takes until then.
std::chrono::milliseconds supervision::try_again(const replica_key& key, replica& r, context c) {
  const auto pause = spread(r.pause.next(), random_());
  if (!std::exchange(r.timer_runs, true))
    c.out.push_back(action::set_timer{pause, timer::attempt{key}});
  return pause;
}

void supervision::on_timer(const timer::attempt& t, context c) {
  auto* r = find(t.key);
  if (!r)
    return;
  r->timer_runs = false;
  switch (r->at) {
    case phase::running:
      c.out.push_back(action::reopen_replica{t.key});
      break;
    case phase::pausing:
      start(t.key, *r, c);
      break;
    case phase::release_pausing:
      release(t.key, *r, c);
      break;
    case phase::held_up:
    case phase::letting_go:
    case phase::dismissed:
    case phase::releasing:
      break;
  }
}

/// It may be wanted again by now.
void supervision::dismissed_one_ended(const replica_key& key, replica& r, context c) {
  r.image.state = error_code::leader_not_available;
  if (is_assigned(key) && !shutting_down_)
    start(key, r, c);
  else
    forget(key, r);
  touch(key);
  publish_soon(c);
}

// -- folders -----------------------------------------------------------------------------------------------------

void supervision::release(const replica_key& key, replica& r, context c) {
  r.at = phase::releasing;
  if (!shutting_down_) // else the next start finds it
    c.out.push_back(action::release_folder{key, r.name, r.was_open});
}

void supervision::on(const input::folder_released& x, context c) {
  auto* r = find(x.key);
  if (!r || r->at != phase::releasing || shutting_down_)
    return;
  const auto name = r->name;
  if (x.failure.empty()) {
    if (r->folder_stays)
      c.out.push_back(notice{notice::event::folder_gone_at_last, to_string(name)});
    forget(x.key, *r);
  } else {
    r->at = phase::release_pausing;
    const auto pause = try_again(x.key, *r, c);
    if (!std::exchange(r->folder_stays, true))
      c.out.push_back(notice{notice::event::folder_stays, to_string(name), x.failure, pause});
  }
  for (const auto& key : others_of_name(name, x.key)) {
    auto& other = *find(key);
    if (other.at != phase::held_up)
      continue;
    start(key, other, c);
    touch(key);
  }
  publish_soon(c);
}

/// As if a replica had just let go of each.
void supervision::on(const input::leftovers_found& x, context c) {
  if (shutting_down_)
    return;
  for (const auto& folder : x.folders)
    if (!find(folder.key))
      release(folder.key, add(folder.key, folder.name), c);
}

// -- groups ------------------------------------------------------------------------------------------------------

/// The groups of a partition are coordinated where it is led.
void supervision::start_groups(const replica_key& key, replica& r, context c) {
  r.groups_run = true;
  r.groups_since = c.now;
  c.out.push_back(action::start_groups{key, r.name, r.image.port, r.image.leader_epoch});
}

void supervision::stop_groups(const replica_key& key, replica& r, context c) {
  if (std::exchange(r.groups_run, false))
    c.out.push_back(action::stop_groups{key});
}

/// Another one reads its partition.
void supervision::on(const input::groups_ended& x, context c) {
  auto* r = find(x.key);
  if (!r || !std::exchange(r->groups_run, false) || shutting_down_)
    return;
  if (c.now - r->groups_since >= longest_pause.count())
    r->groups_pause.reset();
  const auto pause = spread(r->groups_pause.next(), random_());
  c.out.push_back(notice{notice::event::groups_died, to_string(r->name), x.reason, pause});
  c.out.push_back(action::set_timer{pause, timer::groups_attempt{x.key}});
  touch(x.key);
  publish_soon(c);
}

/// Where the replica was opened anew meanwhile, it has its coordinator.
void supervision::on_timer(const timer::groups_attempt& t, context c) {
  auto* r = find(t.key);
  if (!r || r->at != phase::running || !r->image.port || r->groups_run)
    return;
  start_groups(t.key, *r, c);
  touch(t.key);
  publish_soon(c);
}

// -- who is here -------------------------------------------------------------------------------------------------

supervision::replica* supervision::find(const replica_key& key) {
  const auto i = replicas_.find(key);
  return i == replicas_.end() ? nullptr : &i->second;
}

supervision::replica& supervision::add(const replica_key& key, topic_partition name) {
  names_.emplace(name, key);
  auto& r = replicas_[key];
  r.name = std::move(name);
  if (const auto known = elsewhere_.extract(key)) {
    r.image.leader = known.mapped().leader;
    r.image.leader_epoch = known.mapped().epoch;
  }
  return r;
}

void supervision::forget(const replica_key& key, const replica& r) {
  if (r.image.leader_epoch >= 0 && topic_settings_.contains(key.topic_id))
    elsewhere_[key] = {r.image.leader, r.image.leader_epoch};
  names_.erase({r.name, key});
  replicas_.erase(replica_key{key}); // it may be the map's own
}

std::vector<replica_key> supervision::others_of_name(const topic_partition& name, const replica_key& but) const {
  std::vector<replica_key> keys;
  for (auto i = names_.lower_bound({name, replica_key{}}); i != names_.end() && i->first == name; ++i)
    if (i->second != but)
      keys.push_back(i->second);
  return keys;
}

/// Another replica whose folder has this name: it runs, or its folder has yet to go.
const supervision::replica* supervision::holder_of(const topic_partition& name, const replica_key& but) const {
  for (const auto& key : others_of_name(name, but))
    if (const auto& other = replicas_.at(key); other.at != phase::held_up && other.at != phase::pausing)
      return &other;
  return nullptr;
}

/// What is published of its topic is not what it is now.
void supervision::touch(const replica_key& key) {
  if (topic_settings_.contains(key.topic_id))
    unpublished_.insert(key.topic_id);
}

} // namespace chisme::supervisor
