#include "actors/partition/partition_actor.hpp"

#include "actors/failing_actor.hpp"
#include "actors/port_to_actor.hpp"
#include "messages/internal_topics.hpp"

#include <spdlog/spdlog.h>

#include <stdexcept>
#include <utility>

namespace chisme::partition {

namespace {

configuration voters_of(const replica_config& c, node_id self) {
  return configuration{c.voters.empty() ? std::vector<node_id>{self} : c.voters};
}

/// A follower has answered, or has not for long.
bool may_change_who_is_in_sync(const replica_input& in) {
  if (std::holds_alternative<raft::input::timer>(in))
    return true;
  const auto* said = std::get_if<input::from_peer>(&in);
  return said && std::holds_alternative<peer::raft_append_answer>(said->message->what);
}

} // namespace

port_ptr make_port(partition_actor to) { return std::make_shared<actor_port<port, partition_actor>>(std::move(to)); }

partition::partition(caf::actor_config& config, node_services around, replica_config replica)
  : partition_actor::base(config), around_(std::move(around)), replica_(std::move(replica)), random_(replica_.seed),
    machine_({replica_.key.topic_id, replica_.key.partition}, around_.self, voters_of(replica_, around_.self),
             replica_.settings.flush, {}, random_, replica_.settings.min_insync_replicas),
    producer_expiration_ms_(around_.producer_expiration_ms) {
  end_at_exceptions(*this, label());
}

partition::behavior_type partition::make_behavior() {
  perform(action::open_log{});
  return {
    [this](append_batch& x) { collect(x); },
    [this](const read_request& x) {
      if (x.done.wanted())
        read(x);
    },
    [this](const list_offset_request& x) {
      if (x.done.wanted())
        find(x);
    },
    [this](const epoch_end_request& x) { find_end(x); },
    [this](const delete_records_request& x) { delete_records(x); },
    [this](const describe_request& x) { describe(x); },
    [this](const settings_changed& x) { change(x.settings); },
    [this](housekeeping_due x) {
      producer_expiration_ms_ = x.producer_expiration_ms;
      tell(input::housekeeping_due{});
    },
    [this](compaction_due) { tell(input::compaction_due{}); },
    [this](checkpoint_due) { tell(input::checkpoint_due{}); },
    [this](reopen) { tell(input::reopen_due{}); },
    [this](hand_over x) { tell(raft::input::transfer{x.to}); },
    [this](stop_request x) { tell(input::stop{x.remove}); },
    [this](drain) { tell(input::append_due{}); },
    [this](peers::arrival& x) { take(x); },
    [this](const heartbeats::group_news& x) { heed(x); },
    [this](wake_due x) { tell_timer(x.number); },
    [this](store_due) { store_quorum_state(); },
    [this](tick) { tell_heartbeats(); },
  };
}

/// Whoever still holds a port holds this object, and with it what it owes. What it refers to must not live on with it:
/// a detached actor's thread ends with the last reference, and the node waits for that.
void partition::on_exit() {
  const error why{error_code::not_leader_or_follower, "the partition ended before it answered"};
  refuse_collected(why);
  acks_.fail(why.code, why.message);
  readers_.fail(why.code);
  leave();
  deferred_.clear();
  told_role_ = {};
  around_.links = nullptr;
  around_.heartbeats = nullptr;
  around_.router = nullptr;
  around_.flusher = nullptr;
  around_.cleaner = nullptr;
  around_.supervisor = nullptr;
  around_.disk_worker = nullptr;
}

void partition::tell(replica_input in) {
  (telling_ ? answers_ : inputs_).push_back(std::move(in));
  go_on();
}

/// What an action leads to is told when the step's other actions are done, and before anything that came meanwhile.
void partition::go_on() {
  if (std::exchange(telling_, true))
    return;
  while (!is_away_) {
    if (next_action_ < actions_.size()) {
      std::visit([this](const auto& x) { perform(x); }, actions_[next_action_++]);
      continue;
    }
    auto& next = answers_.empty() ? inputs_ : answers_;
    input_.reset();
    if (next.empty())
      break;
    input_ = std::move(next.front());
    next.pop_front();
    actions_.clear();
    next_action_ = 0;
    if (is_over(*input_))
      continue;
    machine_.step(*input_, view(), actions_);
    if (may_change_who_is_in_sync(*input_))
      tell_who_is_in_sync();
  }
  telling_ = false;
}

void partition::tell_timer(uint64_t number) {
  if (number != wake_number_)
    return;
  due_wake_ = number;
  tell(raft::input::timer{});
}

/// What waited to be told while the log was away may be a timer that another one has taken the place of since.
bool partition::is_over(const replica_input& in) {
  return std::holds_alternative<raft::input::timer>(in) && std::exchange(due_wake_, 0) != wake_number_;
}

void partition::change(const topic_settings& settings) {
  replica_.settings = settings;
  if (log_)
    log_->update_settings(settings);
  tell(input::settings_changed{settings.flush, settings.min_insync_replicas});
}

log_view partition::view() const {
  log_view v;
  if (!log_)
    return v;
  v.start = log_->copy_start().offset;
  v.log_start = log_->start_offset();
  v.end = log_->end_offset();
  v.synced = log_->synced_position();
  v.marks = &log_->epochs();
  v.configurations = &log_->configurations();
  v.is_dirty = log_->is_dirty();
  v.has_uncompacted = log_->has_uncompacted();
  v.sync_failure = log_->sync_failure();
  v.must_reopen = log_->must_reopen();
  return v;
}

// -- opening -----------------------------------------------------------------------------------------------------

void partition::perform(const action::open_log&) {
  auto order = std::make_shared<open_order>();
  order->name = replica_.name;
  order->topic_id = replica_.key.topic_id;
  order->directory = replica_.directory;
  order->settings = replica_.settings;
  order->existed = replica_.existed;
  order->is_shared = !machine_.voters().is_alone(around_.self);
  order->options.now = around_.wall_clock();
  order->options.producer_expiration_ms = producer_expiration_ms_;
  order->options.most_producers = around_.most_producers;
  // The brokers' own topics are read by actors, which want bytes.
  if (internal_topics::contain(replica_.name.topic))
    order->options.largest_in_memory = std::numeric_limits<uint64_t>::max();
  request(around_.disk_worker, caf::infinite, disk_worker::open_request{std::move(order)})
    .then([this](const disk_worker::open_result& r) { opened(r); },
          [this](const caf::error&) {
            opened({nullptr, "the disk worker is gone"});
          });
}

void partition::opened(const disk_worker::open_result& r) {
  if (!r.outcome)
    throw std::runtime_error{r.exception};
  note_recovery(*r.outcome);
  if (const auto& log = r.outcome->log; !log)
    return not_opened(log.error());
  if (r.outcome->quorum_state->has_unsynced_find())
    return sync_found(r.outcome);
  begin_with(*r.outcome);
}

void partition::not_opened(const error& why) {
  if (why.code != error_code::kafka_storage_error)
    spdlog::error("partition cannot be opened partition={} reason=\"{}\"", label(), why.message);
  tell(input::open_failed{why});
}

/// What it has promised before: nothing is said that relies on it before it is known to be on disk. Where that fails
/// the log is let go of unused, and may be opened anew, which reads and writes all of it again.
void partition::sync_found(std::shared_ptr<opened_replica> r) {
  const auto dirty = r->quorum_state->dirty();
  const auto failed = [this](const std::string& why) { not_opened({error_code::kafka_storage_error, why}); };
  request(around_.flusher, caf::infinite, flusher::flush_request{dirty.files})
    .then(
      [this, r, dirty, failed](const flusher::flush_result& outcome) {
        if (!outcome.failure.empty())
          return failed(outcome.failure);
        (void)r->quorum_state->mark_synced(dirty); // nothing waits to be written that could fail
        begin_with(*r);
      },
      [failed](const caf::error&) { failed("the flusher is gone"); });
}

void partition::begin_with(opened_replica& r) {
  log_ = std::move(*r.log);
  log_->update_settings(replica_.settings); // they may have changed meanwhile
  quorum_state_ = std::move(*r.quorum_state);
  join();
  // The file that was made shares the sync of what the log has found; whatever is stored waits for it.
  sync_quorum_state();
  const auto first = replica_.existed || replica_.voters.empty() ? raft::nobody : replica_.voters.front();
  tell(input::opened{promised(), replica_.told_epoch, first});
}

/// A folder that says nothing is that of a replica that has never spoken, which all of them are when a topic is made:
/// what is said is on disk before. Or it is a new folder on a node whose old one was lost, with all that this replica
/// has said. The assignment tells them apart: it names the folder that each replica was given to. Where the topic was
/// made for this one, also by a process before this, nothing can have been lost; where it was made for another, the
/// replica must not take its own silence for a fact. Who is alone has nobody who could know better; and of two, all
/// that is committed is with the other one, without whom nobody leads and nothing is committed: there is nothing that
/// this one could break, and without it nobody could take it in anew.
raft::hard_state partition::promised() const {
  if (const auto& known = quorum_state_->on_disk())
    return *known;
  raft::hard_state fresh;
  fresh.has_lost_disk = replica_.is_of_another_folder && machine_.voters().size() > 2;
  if (fresh.has_lost_disk)
    spdlog::warn("a replica has lost what it held partition={} reason=\"the data folder is not the one that it was "
                 "given to\" cure=\"none is needed while most of the others are well: they take it in anew\"",
                 label());
  return fresh;
}

void partition::note_recovery(const opened_replica& o) const {
  if (!o.folder_note.empty())
    spdlog::warn("recovery partition={} note=\"{}\"", label(), o.folder_note);
  for (const auto& cut : o.found.cuts)
    spdlog::warn("recovery cut a torn tail partition={} file={} position={} bytes={} reason=\"{}\"", label(), cut.file,
                 cut.position, cut.bytes, cut.reason);
  for (const auto& note : o.found.notes)
    spdlog::warn("recovery partition={} note=\"{}\"", label(), note);
  if (o.log && replica_.existed && o.found.was_new)
    spdlog::warn(
      "partition begins anew partition={} reason=\"no log file is left in {}: records that it held are gone\" "
      "cure=\"stop the node and bring the folder back, if there is a copy\"",
      label(), replica_.directory);
}

/// Who is alone leads when it is open.
void partition::perform(const action::serve& a) {
  if (machine_.voters().is_alone(around_.self))
    return send(around_.supervisor,
                supervisor::replica_opened{replica_.key, error_code::none, a.epoch, make_port(partition_actor{this})});
  tell_of_role(around_.self, a.epoch);
}

void partition::perform(const action::give_up& a) {
  if (log_)
    spdlog::error("partition stopped serving partition={} reason=\"{}\" cure=\"check the disk, then restart the node\"",
                  label(), a.why.message);
  send(around_.supervisor, supervisor::replica_opened{replica_.key, error_code::kafka_storage_error, machine_.epoch(),
                                                      nullptr, a.why.message, a.may_pass});
}

// -- the end -----------------------------------------------------------------------------------------------------

void partition::perform(const action::close_log&) {
  request(around_.disk_worker, caf::infinite, disk_worker::close_log_request{std::move(log_)})
    .then([this](const disk_worker::close_log_result& r) { closed(r.failure); },
          [this](const caf::error&) { closed("the disk worker is gone"); });
}

void partition::closed(const std::string& failure) {
  if (!failure.empty())
    spdlog::error("close failed partition={} reason=\"{}\"", label(), failure);
  tell(input::closed{});
}

/// Closing files waits for no disk: those that have lost their names are the disk worker's (close_removed).
void partition::perform(const action::release_log&) {
  log_.reset();
  quorum_state_.reset();
}

void partition::perform(const action::end& a) {
  if (!a.why)
    return quit();
  spdlog::error("partition is opened anew partition={} reason=\"{}\"", label(), a.why->message);
  quit(caf::make_error(caf::sec::runtime_error, a.why->message));
}

} // namespace chisme::partition
