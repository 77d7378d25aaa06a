#include "actors/partition/partition_actor.hpp"

#include "actors/failing_actor.hpp"
#include "actors/log/compaction.hpp"
#include "actors/port_to_actor.hpp"
#include "messages/internal_topics.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <stdexcept>
#include <utility>

namespace chisme::partition {

port_ptr make_port(partition_actor to) { return std::make_shared<actor_port<port, partition_actor>>(std::move(to)); }

partition::partition(caf::actor_config& config, node_services around, replica_config replica)
  : partition_actor::base(config), around_(std::move(around)), replica_(std::move(replica)),
    machine_(around_.self, configuration{{around_.self}}, replica_.settings.flush),
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
    [this](const epoch_end_request& x) {
      const auto refused = machine_.refuses(x.current_leader_epoch);
      x.done(refused == error_code::none ? find_epoch_end(*log_, now(), x.epoch) : epoch_end_result::failed(refused));
    },
    [this](const delete_records_request& x) { delete_records(x); },
    [this](const describe_request& x) { describe(x); },
    [this](const settings_changed& x) {
      replica_.settings = x.settings;
      if (log_)
        log_->update_settings(x.settings);
      tell(input::settings_changed{x.settings.flush});
    },
    [this](housekeeping_due x) {
      producer_expiration_ms_ = x.producer_expiration_ms;
      tell(input::housekeeping_due{});
    },
    [this](compaction_due) { tell(input::compaction_due{}); },
    [this](checkpoint_due) { tell(input::checkpoint_due{}); },
    [this](reopen) { tell(input::reopen_due{}); },
    [this](stop_request x) { tell(input::stop{x.remove}); },
    [this](drain) { tell(input::append_due{}); },
  };
}

/// Whoever still holds a port holds this object, and with it what it owes. What it refers to must not live on with it:
/// a detached actor's thread ends with the last reference, and the node waits for that.
void partition::on_exit() {
  const error why{error_code::not_leader_or_follower, "the partition ended before it answered"};
  refuse_collected(why);
  acks_.fail(why.code, why.message);
  readers_.fail(why.code);
  around_.flusher = nullptr;
  around_.cleaner = nullptr;
  around_.supervisor = nullptr;
  around_.disk_worker = nullptr;
}

/// What an action leads to is told when the step's other actions are done.
void partition::tell(replica_input in) {
  inputs_.push_back(std::move(in));
  if (std::exchange(telling_, true))
    return;
  for (; !inputs_.empty(); inputs_.pop_front()) {
    actions_.clear();
    machine_.step(inputs_.front(), view(), actions_);
    for (const auto& a : actions_)
      std::visit([this](const auto& x) { perform(x); }, a);
  }
  telling_ = false;
}

log_view partition::view() const {
  log_view v;
  if (!log_)
    return v;
  v.end = log_->end_offset();
  v.synced = log_->synced_offset();
  if (const auto last = log_->epochs().latest())
    v.last_epoch = last->epoch;
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
  auto& log = r.outcome->log;
  if (!log) {
    if (log.error().code != error_code::kafka_storage_error)
      spdlog::error("partition cannot be opened partition={} reason=\"{}\"", label(), log.error().message);
    return tell(input::open_failed{log.error()});
  }
  log_ = std::move(*log);
  log_->update_settings(replica_.settings); // they may have changed meanwhile
  tell(input::opened{});
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

void partition::perform(const action::serve& a) {
  send(around_.supervisor,
       supervisor::replica_opened{replica_.key, error_code::none, a.epoch, make_port(partition_actor{this})});
}

void partition::perform(const action::give_up& a) {
  if (log_)
    spdlog::error("partition stopped serving partition={} reason=\"{}\" cure=\"check the disk, then restart the node\"",
                  label(), a.why.message);
  send(around_.supervisor, supervisor::replica_opened{replica_.key, error_code::kafka_storage_error, machine_.epoch(),
                                                      nullptr, a.why.message, a.may_pass});
}

// -- appending ---------------------------------------------------------------------------------------------------

void partition::collect(append_batch& batch) {
  for (auto& r : batch.requests)
    collected_.push_back(std::move(r));
  tell(input::append_arrived{});
}

void partition::perform(const action::schedule_append&) { send(this, drain{}); }

/// A message that comes from the clock finds the actor behind the others of its thread.
void partition::perform(const action::schedule_rest&) { delayed_send(this, std::chrono::seconds{0}, drain{}); }

void partition::perform(const action::append& a) {
  append_stage stage{
    {replica_.settings, log_->producers(), a.epoch, log_->end_offset(), log_->start_offset(), around_.wall_clock()}};
  for (; !collected_.empty() && !stage.is_full(); collected_.pop_front())
    stage.add(collected_.front());
  const bool some_wait = !collected_.empty();
  if (auto ok = log_->append(stage.batches(), around_.wall_clock()); !ok) {
    close_removed(); // segments that were begun and undone
    for (auto& x : stage.take_owed())
      x.done(append_result::failed(error_code::kafka_storage_error, ok.error().message));
    return tell(input::append_failed{ok.error(), some_wait});
  }
  answer_written(stage);
  tell(input::appended{stage.bytes(), some_wait});
}

/// Who waits for the commit goes on waiting.
void partition::answer_written(append_stage& stage) {
  for (auto& x : stage.take_owed()) {
    if (waits_for_commit(x.required, machine_.voters().size()))
      acks_.wait(x.end_offset, std::move(x.answer), std::move(x.done));
    else
      x.done(std::move(x.answer));
  }
}

void partition::perform(const action::refuse_appends& a) { refuse_collected(a.why); }

void partition::refuse_collected(const error& why) {
  for (auto& r : std::exchange(collected_, {}))
    r.done(append_result::failed(why.code, why.message));
}

void partition::perform(const action::tell_append_failed& a) {
  spdlog::error("append failed partition={} reason=\"{}\"", label(), a.why.message);
}

// -- durability --------------------------------------------------------------------------------------------------

void partition::perform(const action::sync&) {
  auto dirty = log_->dirty();
  request(around_.flusher, caf::infinite, flusher::flush_request{dirty.files})
    .then(
      [this, dirty](const flusher::flush_result& r) {
        if (!r.failure.empty())
          return tell(input::sync_failed{{error_code::kafka_storage_error, r.failure}});
        if (log_)
          log_->mark_synced(dirty);
        tell(input::synced{});
      },
      [this](const caf::error&) {
        tell(input::sync_failed{{error_code::kafka_storage_error, "the flusher is gone"}});
      });
}

void partition::perform(const action::commit& a) {
  if (a.bytes > 0)
    readers_.committed(a.bytes);
  acks_.committed(a.high_watermark);
}

void partition::perform(const action::fail_waiting& a) {
  refuse_collected(a.why);
  acks_.fail(a.why.code, a.why.message);
  readers_.fail(a.why.code);
}

void partition::perform(const action::ask_for_checkpoint&) {
  send(around_.supervisor, supervisor::checkpoint_wanted{replica_.key});
}

void partition::perform(const action::take_checkpoint&) {
  if (auto ok = log_->checkpoint(); !ok)
    spdlog::warn("checkpoint failed partition={} reason=\"{}\"", label(), ok.error().message);
  tell(input::checkpointed{});
}

// -- questions ---------------------------------------------------------------------------------------------------

/// What `query` finds in the log; none where it would have to wait for the disk. `again` is called then, later: the log
/// may be another one by that time, or none.
template <class Query, class Again>
std::optional<std::invoke_result_t<Query>> partition::in_memory(const warm_up& so_far, Query query,
                                                                std::function<bool()> wanted, Again again) {
  if (so_far.is_over())
    return query();
  log::cold_reads cold;
  auto answer = query();
  if (!cold.found())
    return answer;
  auto next = so_far;
  disk_worker::warm_request order{next.widened(*cold.found()), wanted};
  request(around_.disk_worker, caf::infinite, std::move(order))
    .then(
      [next, wanted, again](const disk_worker::warm_result& r) {
        if (!wanted || wanted())
          again(r.is_warm ? next : warm_up::over());
      },
      [again](const caf::error&) { again(warm_up::over()); });
  return std::nullopt;
}

void partition::read(const read_request& r, const warm_up& so_far) {
  if (const auto refused = machine_.refuses(r.current_leader_epoch); refused != error_code::none)
    return r.done(read_result::failed(refused));
  auto answer = in_memory(
    so_far, [&] { return chisme::partition::read(*log_, now(), r); }, r.done.watch(),
    [this, r](const warm_up& w) { read(r, w); });
  if (!answer)
    return;
  if (!answer->message.empty())
    spdlog::error("read failed partition={} offset={} reason=\"{}\"", label(), r.offset, answer->message);
  // Also a reader that got the last records may wait for more of them (min_bytes).
  if (r.waiter && reaches_end(r, *answer))
    readers_.add(r.waiter);
  r.done(std::move(*answer));
}

void partition::find(const list_offset_request& r, const warm_up& so_far) {
  if (const auto refused = machine_.refuses(r.current_leader_epoch); refused != error_code::none)
    return r.done(offset_result::failed(refused));
  auto answer = in_memory(
    so_far, [&] { return find_offset(*log_, now(), r.timestamp); }, r.done.watch(),
    [this, r](const warm_up& w) { find(r, w); });
  if (answer)
    r.done(*answer);
}

void partition::close_removed() {
  if (auto files = log_->take_removed(); !files.empty())
    send(around_.disk_worker, disk_worker::close_request{std::move(files)});
}

void partition::delete_records(const delete_records_request& r) {
  const auto until = machine_.deletable(r.before);
  if (!until)
    return r.done(delete_records_result::failed(until.error().code));
  const auto deleted = log_->delete_records(*until);
  close_removed();
  if (!deleted) {
    spdlog::error("delete records failed partition={} reason=\"{}\"", label(), deleted.error().message);
    r.done(delete_records_result::failed(deleted.error().code));
    return tell(input::log_changed{});
  }
  r.done({error_code::none, log_->start_offset()});
}

/// One that cannot say is not answered: the reply says so by itself.
void partition::describe(const describe_request& r) {
  if (machine_.refuses(-1) == error_code::none)
    r.done({error_code::none, static_cast<int64_t>(log_->size_bytes()), log_->start_offset(), log_->end_offset()});
}

// -- upkeep ------------------------------------------------------------------------------------------------------

void partition::perform(const action::retain&) { retain({}); }

void partition::retain(const warm_up& so_far) {
  if (machine_.refuses(-1) != error_code::none)
    return;
  const auto look = [this] {
    log_->look_at_retention(around_.wall_clock(), machine_.high_watermark());
    return true;
  };
  if (!so_far.is_over() && !in_memory(so_far, look, nullptr, [this](const warm_up& w) { retain(w); }))
    return;
  log_->expire_producers(around_.wall_clock(), producer_expiration_ms_);
  auto gone = log_->apply_retention(around_.wall_clock(), machine_.high_watermark());
  close_removed();
  if (!gone)
    spdlog::warn("retention failed partition={} reason=\"{}\"", label(), gone.error().message);
  else if (*gone > 0)
    spdlog::info("retention partition={} segments_deleted={} log_start_offset={}", label(), *gone,
                 log_->start_offset());
  tell(input::retained{});
}

void partition::perform(const action::ask_for_compaction&) {
  send(around_.supervisor, supervisor::compaction_wanted{replica_.key});
}

void partition::perform(const action::plan_compaction&) { plan({}); }

void partition::plan(const warm_up& so_far) {
  if (machine_.refuses(-1) != error_code::none)
    return;
  auto made = in_memory(
    so_far, [this] { return log_->plan_compaction(around_.wall_clock(), machine_.high_watermark()); }, nullptr,
    [this](const warm_up& w) { plan(w); });
  if (!made)
    return;
  auto& planned = *made;
  if (!planned)
    return compacted({nullptr, planned.error().message});
  if (!*planned)
    return tell(input::compaction_put_off{});
  request(around_.cleaner, caf::infinite,
          cleaner::clean_request{std::make_shared<log::compaction_plan>(std::move(**planned))})
    .then([this](const cleaner::clean_result& r) { compacted(r); },
          [this](const caf::error&) {
            compacted({nullptr, "the cleaner is gone"});
          });
}

void partition::compacted(const cleaner::clean_result& r) {
  compaction_ = r.outcome;
  if (r.outcome)
    return tell(input::compaction_done{});
  spdlog::warn("compaction failed partition={} reason=\"{}\"", label(), r.failure);
  tell(input::compaction_failed{{error_code::kafka_storage_error, r.failure}});
}

void partition::perform(const action::swap_in&) {
  const auto outcome = std::exchange(compaction_, nullptr);
  const auto swapped = log_->swap_in(*outcome);
  // The message that brought it has it as well.
  for (auto& group : outcome->groups)
    group.replaces.clear();
  close_removed();
  if (!swapped) {
    spdlog::warn("compaction failed partition={} reason=\"{}\"", label(), swapped.error().message);
    return tell(input::compaction_failed{swapped.error()});
  }
  spdlog::info("compacted partition={} bytes_before={} bytes_after={}", label(), outcome->bytes_before,
               outcome->bytes_after);
  tell(input::swapped_in{});
}

// -- the end -----------------------------------------------------------------------------------------------------

void partition::perform(const action::close_log&) {
  if (auto ok = log_->close(); !ok)
    spdlog::error("close failed partition={} reason=\"{}\"", label(), ok.error().message);
}

void partition::perform(const action::release_log&) { log_.reset(); }

void partition::perform(const action::end& a) {
  if (!a.why)
    return quit();
  spdlog::error("partition is opened anew partition={} reason=\"{}\"", label(), a.why->message);
  quit(caf::make_error(caf::sec::runtime_error, a.why->message));
}

} // namespace chisme::partition
