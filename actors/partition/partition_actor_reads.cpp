// What clients ask of the log, and what they have it forget.
#include "actors/partition/partition_actor.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace chisme::partition {

void partition::warm(log::cold_range cold, warm_up so_far, std::function<bool()> wanted, ask_again again) {
  disk_worker::warm_request order{so_far.widened(cold), cold, wanted};
  const auto answered = [=](const std::string& failure) {
    auto next = so_far;
    if (!failure.empty())
      next.failed(cold, {error_code::kafka_storage_error, failure});
    if (!wanted || wanted())
      again(next);
  };
  request(around_.disk_worker, caf::infinite, std::move(order))
    .then([answered](const disk_worker::warm_result& r) { answered(r.failure); },
          [answered](const caf::error&) { answered("the disk worker is gone"); });
}

void partition::read(const read_request& r, const warm_up& so_far) {
  if (r.of_replica && is_away_)
    return deferred_.push_back([this, r] { read(r); });
  const auto refused =
    r.of_replica && log_ && machine_.is_readable() ? error_code::none : machine_.refuses(r.current_leader_epoch);
  if (refused != error_code::none)
    return r.done(read_result::failed(refused));
  auto answer = in_memory(
    so_far, [&] { return chisme::partition::read(*log_, now(), r); }, r.done.watch(),
    [this, r](const warm_up& w) { read(r, w); });
  if (!answer)
    return;
  if (!answer->message.empty())
    spdlog::error("read failed partition={} offset={} reason=\"{}\"", label(), r.offset, answer->message);
  if (r.of_replica)
    answer->log_end_offset = log_->end_offset();
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

void partition::find_end(const epoch_end_request& r) {
  const auto refused = machine_.refuses(r.current_leader_epoch);
  r.done(refused == error_code::none ? find_epoch_end(*log_, now(), r.epoch) : epoch_end_result::failed(refused));
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
  tell(input::log_changed{});
}

/// One that cannot say is not answered: the reply says so by itself.
void partition::describe(const describe_request& r) {
  if (log_ && machine_.is_readable())
    r.done({error_code::none, static_cast<int64_t>(log_->size_bytes()), log_->start_offset(), log_->end_offset()});
}

} // namespace chisme::partition
