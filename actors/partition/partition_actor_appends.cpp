// What is written, synced, and answered when it is committed.
#include "actors/partition/partition_actor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace chisme::partition {

void partition::collect(append_batch& batch) {
  for (auto& r : batch.requests)
    collected_.push_back(std::move(r));
  tell(input::append_arrived{});
}

void partition::perform(const action::schedule_append&) { send(this, drain{}); }

/// A message that comes from the clock finds the actor behind the others of its thread.
void partition::perform(const action::schedule_rest&) { delayed_send(this, std::chrono::seconds{0}, drain{}); }

void partition::perform(const action::append& a) {
  append_stage stage{{replica_.settings, log_->producers(), a.epoch, log_->end_offset(), log_->start_offset(),
                      around_.wall_clock(), in_sync_replicas()}};
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

int32_t partition::in_sync_replicas() const {
  return machine_.voters().is_alone(around_.self) ? 1 : static_cast<int32_t>(machine_.in_sync_count());
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
  acks_.committed(std::min(a.high_watermark, machine_.acknowledged()));
}

void partition::perform(const action::refuse_unheld& a) {
  acks_.refuse(a.up_to, error_code::not_enough_replicas_after_append,
               "written and committed, but fewer replicas have it than min.insync.replicas=" +
                 std::to_string(replica_.settings.min_insync_replicas));
}

void partition::perform(const action::fail_waiting& a) {
  refuse_collected(a.why);
  acks_.fail(a.why.code, a.why.message);
  readers_.fail(a.why.code);
}

} // namespace chisme::partition
