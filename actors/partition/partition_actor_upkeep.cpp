// What is done to the log now and then: checkpoints, retention, compaction.
#include "actors/partition/partition_actor.hpp"

#include "actors/log/compaction.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace chisme::partition {

void partition::perform(const action::ask_for_checkpoint&) {
  send(around_.supervisor, supervisor::checkpoint_wanted{replica_.key});
}

void partition::perform(const action::take_checkpoint&) {
  if (auto ok = log_->checkpoint(); !ok)
    spdlog::warn("checkpoint failed partition={} reason=\"{}\"", label(), ok.error().message);
  tell(input::checkpointed{});
}

void partition::close_removed() {
  if (auto files = log_->take_removed(); !files.empty())
    send(around_.disk_worker, disk_worker::close_request{std::move(files)});
}

void partition::perform(const action::retain&) { retain({}); }

void partition::retain(const warm_up& so_far) {
  if (!log_ || !machine_.is_readable())
    return;
  const auto looked = in_memory(
    so_far, [this] { return log_->look_at_retention(around_.wall_clock(), machine_.high_watermark()); }, nullptr,
    [this](const warm_up& w) { retain(w); });
  if (!looked)
    return;
  log_->expire_producers(around_.wall_clock(), producer_expiration_ms_);
  // What could not be looked at is not looked at again: that would wait for the disk.
  const auto gone =
    looked->and_then([this] { return log_->apply_retention(around_.wall_clock(), machine_.high_watermark()); });
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
  if (is_away_)
    return deferred_.push_back([this] { plan({}); });
  if (!log_ || !machine_.is_readable())
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

} // namespace chisme::partition
