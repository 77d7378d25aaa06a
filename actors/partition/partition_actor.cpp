#include "actors/partition/partition_actor.hpp"

#include "actors/failing_actor.hpp"
#include "actors/log/compaction.hpp"
#include "actors/partition/replica_folder.hpp"
#include "messages/internal_topics.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

namespace chisme::partition {

namespace {

class actor_port final : public port {
public:
  explicit actor_port(partition_actor to) : to_(std::move(to)) {}

  void send(append_batch x) override { caf::anon_send(to_, std::move(x)); }
  void send(read_request x) override { caf::anon_send(to_, std::move(x)); }
  void send(list_offset_request x) override { caf::anon_send(to_, std::move(x)); }
  void send(epoch_end_request x) override { caf::anon_send(to_, std::move(x)); }
  void send(delete_records_request x) override { caf::anon_send(to_, std::move(x)); }
  void send(describe_request x) override { caf::anon_send(to_, std::move(x)); }

private:
  partition_actor to_;
};

constexpr auto no_epoch = -1;

} // namespace

port_ptr make_port(partition_actor to) { return std::make_shared<actor_port>(std::move(to)); }

partition::partition(caf::actor_config& config, surroundings around, replica_config replica)
  : partition_actor::base(config), around_(std::move(around)), replica_(std::move(replica)) {
  end_at_exceptions(*this, label());
}

partition::behavior_type partition::make_behavior() {
  open();
  return {
    [this](append_batch& x) { collect(x); },
    [this](const read_request& x) {
      if (x.done.wanted())
        x.done(read(x));
    },
    [this](const list_offset_request& x) {
      if (x.done.wanted())
        x.done(find_offset(x));
    },
    [this](const epoch_end_request& x) { x.done(find_epoch_end(x)); },
    [this](const delete_records_request& x) { x.done(delete_records(x.before)); },
    [this](const describe_request& x) {
      if (!failed_)
        x.done({error_code::none, static_cast<int64_t>(log_->size_bytes()), log_->start_offset(), log_->end_offset()});
    },
    [this](const settings_changed& x) {
      replica_.settings = x.settings;
      if (!failed_)
        log_->update_settings(x.settings);
      want_compaction();
    },
    [this](housekeeping_due x) { keep_house(x.producer_expiration_ms); },
    [this](compaction_due) {
      compaction_asked_ = false;
      compact();
    },
    [this](checkpoint_due) {
      checkpoint_asked_ = false;
      checkpoint_due_ = true;
      flush();
    },
    [this](reopen) {
      if (!log_ && !stopping_)
        open();
    },
    [this](stop_request x) { stop(x.remove); },
    [this](drain) { append_collected(); },
  };
}

/// Whoever still holds a port holds this object. What it refers to must not live on with it: a detached actor's thread
/// ends with the last reference, and the node waits for that.
void partition::on_exit() {
  readers_.fail(error_code::not_leader_or_follower);
  around_.flusher = nullptr;
  around_.cleaner = nullptr;
  around_.supervisor = nullptr;
}

void partition::open() {
  failed_.reset();
  if (auto ok = open_log(); !ok) {
    failed_ = ok.error();
    if (failed_->code != error_code::kafka_storage_error)
      spdlog::error("partition cannot be opened partition={} reason=\"{}\"", label(), failed_->message);
    return report(error_code::kafka_storage_error);
  }
  const auto last = log_->epochs().latest();
  epoch_ = last ? last->epoch + 1 : 0;
  // What was found is nobody else's history in a replication group of one, but it may be in memory only: it counts, and
  // is served, once it has been synced.
  tracker_.emplace(std::vector{around_.self}, log_->synced_offset(), log_->synced_offset());
  flush();
}

/// The log that was opened is synced: clients may come.
void partition::begin_serving() {
  serving_ = true;
  report(error_code::none);
  want_compaction();
}

result<void> partition::open_log() {
  // The metadata log has no record that it could be younger than.
  const bool existed = replica_.existed || replica_.name.topic == internal_topics::metadata;
  auto claimed = claim_folder(*around_.disk, replica_.directory, replica_.name, replica_.key.topic_id, existed);
  if (!claimed)
    return tl::make_unexpected(claimed.error());
  if (!claimed->empty())
    spdlog::warn("recovery partition={} note=\"{}\"", label(), *claimed);
  log::open_options options;
  options.now = around_.wall_clock();
  options.producer_expiration_ms = around_.producer_expiration_ms;
  options.most_producers = around_.most_producers;
  // The brokers' own topics are read by actors, which want bytes.
  if (internal_topics::contain(replica_.name.topic))
    options.largest_in_memory = std::numeric_limits<uint64_t>::max();
  log::recovery_report found;
  auto opened = log::partition_log::open(*around_.disk, replica_.directory, replica_.settings, options, found);
  for (const auto& cut : found.cuts)
    spdlog::warn("recovery cut a torn tail partition={} file={} position={} bytes={} reason=\"{}\"", label(), cut.file,
                 cut.position, cut.bytes, cut.reason);
  for (const auto& note : found.notes)
    spdlog::warn("recovery partition={} note=\"{}\"", label(), note);
  if (!opened)
    return tl::make_unexpected(opened.error());
  if (replica_.existed && found.was_new)
    spdlog::warn("partition begins anew partition={} reason=\"no log file is left in {}: records that it held are gone\" "
                 "cure=\"stop the node and bring the folder back, if there is a copy\"",
                 label(), replica_.directory);
  log_ = std::move(*opened);
  return {};
}

void partition::report(error_code code) {
  supervisor::replica_opened opened;
  opened.key = replica_.key;
  opened.code = code;
  opened.leader_epoch = epoch_;
  if (code == error_code::none)
    opened.port = make_port(partition_actor{this});
  // Without a log nothing was served, so nothing was promised that another attempt could break.
  opened.may_pass = failed_ && !log_ && failed_->code == error_code::kafka_storage_error;
  if (failed_)
    opened.why = failed_->message;
  send(around_.supervisor, std::move(opened));
}

// -- appending ---------------------------------------------------------------------------------------------------

void partition::collect(append_batch& batch) {
  if (failed_ || stopping_) {
    for (auto& r : batch.requests)
      r.done(failed_ ? append_result::failed(error_code::kafka_storage_error, failed_->message) : append_result::lost());
    return;
  }
  if (collected_.empty())
    send(this, drain{});
  for (auto& r : batch.requests)
    collected_.push_back(std::move(r));
}

void partition::append_collected() {
  auto requests = std::exchange(collected_, {});
  if (failed_ || requests.empty())
    return;
  append_stage stage{{replica_.settings, log_->producers(), epoch_, log_->end_offset(), log_->start_offset(),
                      around_.wall_clock()}};
  for (auto& r : requests)
    stage.add(r);
  // The first append of an epoch brings the epoch's mark with it; both become durable together.
  if (auto ok = log_->append(stage.batches(), around_.wall_clock()); !ok) {
    not_written(stage, ok.error());
    return heed_log();
  }
  written(stage);
}

void partition::written(append_stage& stage) {
  refusing_ = false;
  if (!stage.batches().empty())
    uncommitted_.push_back({log_->end_offset(), stage.bytes()});
  for (auto& x : stage.take_owed()) {
    if (waits_for_commit(x.required, tracker_->voters()))
      acks_.wait(x.end_offset, std::move(x.answer), std::move(x.done));
    else
      x.done(std::move(x.answer));
  }
  want_checkpoint();
  want_compaction();
  if (replica_.settings.flush == flush_mode::lazy)
    advance(log_->end_offset());
  else
    flush();
}

void partition::not_written(append_stage& stage, const error& why) {
  if (!refusing_)
    spdlog::error("append failed partition={} reason=\"{}\"", label(), why.message);
  refusing_ = true;
  for (auto& x : stage.take_owed())
    x.done(append_result::failed(error_code::kafka_storage_error, why.message));
}

// -- durability --------------------------------------------------------------------------------------------------

void partition::flush() {
  if (flushing_ || failed_)
    return;
  auto dirty = log_->dirty();
  if (dirty.empty())
    return flushed(dirty, {});
  flushing_ = true;
  flusher::flush_request what{dirty.files};
  request(around_.flusher, caf::infinite, std::move(what))
    .then(
      [this, dirty](const flusher::flush_result& r) {
        flushing_ = false;
        flushed(dirty, r.failure);
      },
      [this, dirty](const caf::error&) {
        flushing_ = false;
        flushed(dirty, "the flusher is gone");
      });
}

void partition::flushed(const log::unsynced& what, const std::string& failure) {
  if (!failure.empty())
    return fail_for_good({error_code::kafka_storage_error, failure});
  log_->mark_synced(what);
  advance(log_->synced_offset());
  if (!serving_)
    begin_serving();
  if (checkpoint_due_)
    take_checkpoint();
  if (failed_)
    return;
  if (stopping_) {
    if (log_->dirty().empty())
      return close_log();
    return flush();
  }
  if (replica_.settings.flush == flush_mode::sync && !log_->dirty().empty())
    flush();
}

void partition::advance(offset_t synced) {
  auto moved = tracker_->synced(around_.self, synced);
  if (moved) {
    uint64_t bytes = 0;
    for (; !uncommitted_.empty() && uncommitted_.front().end_offset <= *moved; uncommitted_.pop_front())
      bytes += uncommitted_.front().bytes;
    readers_.committed(bytes);
  }
  acks_.committed(high_watermark());
}

/// After a failed sync nobody knows what is on disk (the kernel may have dropped the dirty pages), so nothing may be
/// promised any more. The rest of the node goes on.
void partition::fail_for_good(const error& why) {
  if (failed_)
    return;
  failed_ = why;
  spdlog::error("partition stopped serving partition={} reason=\"{}\" cure=\"check the disk, then restart the node\"",
                label(), why.message);
  acks_.fail(error_code::kafka_storage_error, why.message);
  readers_.fail(error_code::kafka_storage_error);
  report(error_code::kafka_storage_error);
  if (stopping_)
    quit(); // a node that stops waits for it
}

/// What a failed operation made of the log. Only a failed sync ends the replica; one that stopped half-way is mended by
/// opening the log anew, which the supervisor sees to.
void partition::heed_log() {
  if (failed_)
    return;
  if (const auto* why = log_->sync_failure())
    return fail_for_good(*why);
  const auto* why = log_->must_reopen();
  if (!why)
    return;
  spdlog::error("partition is opened anew partition={} reason=\"{}\"", label(), why->message);
  failed_ = *why;
  acks_.fail(error_code::kafka_storage_error, why->message);
  quit(caf::make_error(caf::sec::runtime_error, why->message));
}

void partition::want_checkpoint() {
  if (checkpoint_asked_)
    return;
  checkpoint_asked_ = true;
  send(around_.supervisor, supervisor::checkpoint_wanted{replica_.key});
}

void partition::take_checkpoint() {
  checkpoint_due_ = false;
  if (auto ok = log_->checkpoint(); !ok)
    spdlog::warn("checkpoint failed partition={} reason=\"{}\"", label(), ok.error().message);
  else if (!log_->dirty().empty())
    want_checkpoint(); // it wrote the producers' state, which has to be synced before the point may rely on it
  heed_log();
}

// -- reading -----------------------------------------------------------------------------------------------------

error_code partition::check_epoch(leader_epoch_t believed) const {
  if (failed_)
    return error_code::kafka_storage_error;
  if (believed == no_epoch || believed == epoch_)
    return error_code::none;
  return believed < epoch_ ? error_code::fenced_leader_epoch : error_code::unknown_leader_epoch;
}

read_result partition::read(const read_request& r) {
  if (auto code = check_epoch(r.current_leader_epoch); code != error_code::none)
    return read_result::failed(code);
  read_result out;
  out.high_watermark = out.last_stable_offset = high_watermark();
  out.log_start_offset = log_->start_offset();
  out.current_leader_epoch = epoch_;
  if (r.last_fetched_epoch != no_epoch) {
    const auto end = log_->epochs().end_offset_for(r.last_fetched_epoch, log_->end_offset());
    if (end.epoch < r.last_fetched_epoch || end.end_offset < r.offset) {
      out.diverging_epoch = end.epoch;
      out.diverging_end_offset = end.end_offset;
      return out;
    }
  }
  if (r.offset < log_->start_offset() || r.offset > log_->end_offset()) {
    out.code = error_code::offset_out_of_range;
    return out;
  }
  auto next = r.offset;
  if (r.offset < high_watermark()) {
    auto found = log_->read(r.offset, static_cast<uint64_t>(std::max(0, r.max_bytes)), high_watermark(),
                            r.min_one_batch);
    if (!found) {
      spdlog::error("read failed partition={} offset={} reason=\"{}\"", label(), r.offset, found.error().message);
      out.code = found.error().code;
      out.message = found.error().message;
      return out;
    }
    out.records = std::move(found->data);
    next = found->next_offset;
  }
  // Also a reader that got the last records may wait for more of them (min_bytes).
  if (r.waiter && next >= high_watermark())
    readers_.add(r.waiter);
  return out;
}

offset_result partition::find_offset(const list_offset_request& r) {
  if (auto code = check_epoch(r.current_leader_epoch); code != error_code::none)
    return offset_result::failed(code);
  switch (r.timestamp) {
  case list_offset_request::latest:
    return {error_code::none, high_watermark(), -1, epoch_};
  case list_offset_request::earliest:
  case list_offset_request::earliest_local:
    return {error_code::none, log_->start_offset(), -1, log_->epochs().epoch_of(log_->start_offset())};
  case list_offset_request::latest_tiered:
  case list_offset_request::earliest_pending_upload:
    return {error_code::none, -1, -1, -1}; // nothing is tiered here
  default:
    break;
  }
  auto found = r.timestamp == list_offset_request::max_timestamp
                 ? log_->max_timestamp()
                 : log_->offset_for_timestamp(r.timestamp, high_watermark());
  if (!found)
    return offset_result::failed(found.error().code);
  if (!*found)
    return {error_code::none, -1, -1, -1};
  return {error_code::none, (*found)->offset, (*found)->timestamp, (*found)->epoch};
}

epoch_end_result partition::find_epoch_end(const epoch_end_request& r) {
  if (auto code = check_epoch(r.current_leader_epoch); code != error_code::none)
    return epoch_end_result::failed(code);
  // The epoch under way has a mark only once something was appended in it.
  if (r.epoch == epoch_)
    return {error_code::none, epoch_, log_->end_offset()};
  const auto end = log_->epochs().end_offset_for(r.epoch, log_->end_offset());
  return {error_code::none, end.epoch, end.end_offset};
}

delete_records_result partition::delete_records(offset_t before) {
  if (failed_)
    return delete_records_result::failed(error_code::kafka_storage_error);
  if (before == -1)
    before = high_watermark();
  if (before < 0 || before > high_watermark())
    return delete_records_result::failed(error_code::offset_out_of_range);
  if (auto ok = log_->delete_records(before); !ok) {
    spdlog::error("delete records failed partition={} reason=\"{}\"", label(), ok.error().message);
    heed_log();
    return delete_records_result::failed(ok.error().code);
  }
  return {error_code::none, log_->start_offset()};
}

// -- upkeep ------------------------------------------------------------------------------------------------------

void partition::keep_house(int64_t producer_expiration_ms) {
  if (failed_ || stopping_)
    return;
  log_->expire_producers(around_.wall_clock(), producer_expiration_ms);
  auto gone = log_->apply_retention(around_.wall_clock(), high_watermark());
  if (!gone)
    spdlog::warn("retention failed partition={} reason=\"{}\"", label(), gone.error().message);
  else if (*gone > 0)
    spdlog::info("retention partition={} segments_deleted={} log_start_offset={}", label(), *gone,
                 log_->start_offset());
  heed_log();
  if (failed_)
    return;
  if (!log_->dirty().empty())
    flush();
  compaction_failed_ = false;
  want_compaction();
}

/// A log whose closed segments are all compacted costs nothing until it grows.
void partition::want_compaction() {
  if (compaction_asked_ || compacting_ || compaction_failed_ || failed_ || stopping_ || !log_->has_uncompacted())
    return;
  compaction_asked_ = true;
  send(around_.supervisor, supervisor::compaction_wanted{replica_.key});
}

void partition::compact() {
  if (compacting_ || failed_ || stopping_)
    return;
  auto plan = log_->plan_compaction(around_.wall_clock(), high_watermark());
  if (!plan)
    return compacted({nullptr, plan.error().message});
  if (!*plan)
    return want_compaction(); // what is too little or too young today is looked at again
  compacting_ = true;
  request(around_.cleaner, caf::infinite,
          cleaner::clean_request{std::make_shared<log::compaction_plan>(std::move(**plan))})
    .then([this](const cleaner::clean_result& r) { compacted(r); },
          [this](const caf::error&) { compacted({nullptr, "the cleaner is gone"}); });
}

void partition::compacted(const cleaner::clean_result& r) {
  compacting_ = false;
  if (failed_ || stopping_)
    return;
  auto failure = r.failure;
  if (r.outcome) {
    if (auto ok = log_->swap_in(*r.outcome); !ok)
      failure = ok.error().message;
    heed_log();
  }
  compaction_failed_ = !failure.empty();
  if (compaction_failed_)
    spdlog::warn("compaction failed partition={} reason=\"{}\"", label(), failure);
  else
    spdlog::info("compacted partition={} bytes_before={} bytes_after={}", label(), r.outcome->bytes_before,
                 r.outcome->bytes_after);
  want_compaction();
}

void partition::stop(bool remove) {
  if (stopping_)
    return;
  if (remove)
    return let_go();
  append_collected();
  stopping_ = stop_request{remove};
  if (failed_)
    return quit();
  if (!flushing_)
    flush();
}

void partition::close_log() {
  if (auto ok = log_->close(); !ok)
    spdlog::error("close failed partition={} reason=\"{}\"", label(), ok.error().message);
  quit();
}

/// The folder is the supervisor's to have removed.
void partition::let_go() {
  constexpr auto reason = "the topic was deleted";
  for (auto& r : std::exchange(collected_, {}))
    r.done(append_result::failed(error_code::unknown_topic_or_partition, reason));
  acks_.fail(error_code::unknown_topic_or_partition, reason);
  readers_.fail(error_code::unknown_topic_or_partition);
  log_.reset();
  quit();
}

} // namespace chisme::partition
