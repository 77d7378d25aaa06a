// Who leads which partition, here and elsewhere, and who is told.
#include "actors/supervisor/supervision.hpp"
#include "messages/internal_topics.hpp"

#include <limits>
#include <utility>

namespace chisme::supervisor {

// -- here --------------------------------------------------------------------------------------------------------

/// The replica leads and serves. The groups of a partition are coordinated where it is led.
void supervision::lead(const replica_key& key, replica& r, leader_epoch_t epoch, partition::port_ptr port, context c) {
  stop_groups(key, r, c);
  r.image.leader = self_;
  r.image.leader_epoch = epoch;
  r.image.port = std::move(port);
  if (place_.has_peers)
    c.out.push_back(action::claim{key, epoch});
  if (r.name.topic == internal_topics::consumer_offsets)
    start_groups(key, r, c);
}

/// Nobody is served here any more. Another node that leads goes on, whatever becomes of the replica here.
void supervision::cease_to_lead(const replica_key& key, replica& r, context c) {
  stop_groups(key, r, c);
  r.image.port = nullptr;
  r.image.in_sync.clear();
  if (r.image.leader == self_)
    r.image.leader = -1;
}

/// An epoch in which nobody leads is none that clients know of. One that is older than what is known tells only that
/// the replica has not heard of the newer one: who is served by it would be served in vain.
void supervision::on(const replica_role& x, context c) {
  auto* r = find(x.key);
  if (!r || r->at != phase::running)
    return;
  if (x.key == metadata_log_key())
    log_role_is(x, c);
  auto& image = r->image;
  const bool is_old = x.epoch < image.leader_epoch;
  const bool leads_on = !is_old && x.port && image.port && image.leader_epoch == x.epoch;
  if (!leads_on)
    cease_to_lead(x.key, *r, c);
  if (x.port && !is_old && !leads_on) {
    lead(x.key, *r, x.epoch, x.port, c);
  } else if (!is_old && !x.port) {
    // Who leads and does not serve yet is not told of: clients would come too early. That the replica here knows of no
    // leader takes back nothing that was said of its epoch by another: an epoch has one leader.
    const auto leader = x.leader == self_ ? -1 : x.leader;
    if (leader >= 0)
      image.leader_epoch = x.epoch;
    if (leader >= 0 || x.epoch > image.leader_epoch)
      image.leader = leader;
  }
  if (image.port)
    image.in_sync = x.in_sync;
  touch(x.key);
  publish_soon(c);
  if (image.leader >= 0 && image.leader != self_)
    is_led_elsewhere(x.key, c);
}

// -- by hearsay --------------------------------------------------------------------------------------------------

/// What this node leads it knows better; what is said of it is of a process before this one, or an echo.
void supervision::on(const leader_claim& x, context c) {
  if (x.leader == self_)
    return;
  if (x.key == metadata_log_key())
    log_is_claimed(x, c);
  auto* r = find(x.key);
  if (!r)
    return note_leader_elsewhere(x, c);
  auto& image = r->image;
  if (x.epoch < image.leader_epoch || (x.epoch == image.leader_epoch && image.leader >= 0))
    return;
  cease_to_lead(x.key, *r, c);
  image.leader = x.leader;
  image.leader_epoch = x.epoch;
  touch(x.key);
  publish_soon(c);
}

/// The topic may be on its way: gossip and the metadata log do not wait for each other.
void supervision::note_leader_elsewhere(const leader_claim& x, context c) {
  const bool is_known = topic_settings_.contains(x.key.topic_id);
  auto& known = (is_known ? elsewhere_ : early_)[x.key];
  if (x.epoch <= known.epoch)
    return;
  known = {x.leader, x.epoch};
  if (early_.size() > most_early_claims)
    early_.erase(early_.begin());
  touch(x.key);
  publish_soon(c);
}

void supervision::take_early_claims(const uuid& topic) {
  for (auto i = early_.lower_bound({topic, 0}); i != early_.end() && i->first.topic_id == topic;)
    elsewhere_.insert(early_.extract(i++));
}

void supervision::forget_leaders(const uuid& topic, context c) {
  for (auto* known : {&elsewhere_, &early_})
    known->erase(known->lower_bound({topic, 0}),
                 known->upper_bound({topic, std::numeric_limits<partition_index>::max()}));
  if (place_.has_peers)
    c.out.push_back(action::forget_claims{topic});
}

/// The image shows who is alive.
void supervision::on(const brokers_changed&, context c) {
  nodes_differ_ = true;
  publish_soon(c);
}

// -- the metadata log --------------------------------------------------------------------------------------------

/// That it died, or cannot be opened again, is not told: whoever leads finds that out, and another replica follows.
void supervision::log_is_open(const replica_opened& x, context c) {
  const bool is_first = !std::exchange(metadata_log_told_, true);
  if (!x.port) {
    if (is_first)
      c.out.push_back(action::tell_metadata_log_failed{x.code});
    return;
  }
  auto next = log_role_;
  next.log = x.port;
  next.leads = !x.has_others;
  if (!x.has_others) {
    next.leader = self_;
    next.epoch = x.leader_epoch;
  } else if (next.leader == self_) {
    next.leader = -1; // the replica before this one did
  }
  tell_log_role(next, c);
}

void supervision::log_role_is(const replica_role& x, context c) {
  if (x.epoch < log_role_.epoch)
    return;
  auto next = log_role_;
  next.leads = x.port != nullptr;
  next.leader = x.leader == self_ && !x.port ? -1 : x.leader; // it does not serve yet
  if (next.leader >= 0)
    next.epoch = x.epoch;
  tell_log_role(next, c);
}

void supervision::log_is_claimed(const leader_claim& x, context c) {
  if (x.epoch < log_role_.epoch || (x.epoch == log_role_.epoch && log_role_.leader >= 0))
    return;
  tell_log_role({log_role_.log, false, x.epoch, x.leader}, c);
}

void supervision::tell_log_role(const coordinator::log_role& next, context c) {
  if (next == log_role_)
    return;
  if (next.leader != log_role_.leader) {
    nodes_differ_ = true;
    publish_soon(c);
  }
  log_role_ = next;
  if (next.log)
    c.out.push_back(action::tell_log_role{next});
}

} // namespace chisme::supervisor
