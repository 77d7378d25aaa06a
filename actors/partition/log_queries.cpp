#include "actors/partition/log_queries.hpp"

#include <algorithm>

namespace chisme::partition {

namespace {

constexpr leader_epoch_t no_opinion = -1;

/// Sets where the reader's log parts from this one (KIP-320). True where it does.
bool diverges(const log::partition_log& log, const read_request& r, read_result& out) {
  if (r.last_fetched_epoch == no_opinion)
    return false;
  const auto end = log.epochs().end_offset_for(r.last_fetched_epoch, log.end_offset());
  if (end.epoch >= r.last_fetched_epoch && end.end_offset >= r.offset)
    return false;
  out.diverging_epoch = end.epoch;
  out.diverging_end_offset = end.end_offset;
  return true;
}

} // namespace

read_result read(log::partition_log& log, const standing& now, const read_request& r) {
  read_result out;
  out.high_watermark = out.last_stable_offset = now.high_watermark;
  out.log_start_offset = log.start_offset();
  out.current_leader_epoch = now.epoch;
  if (diverges(log, r, out)) {
    // Of an epoch that the log does not know nothing can be told.
    if (out.diverging_epoch < 0)
      out.code = error_code::offset_out_of_range;
    return out;
  }
  if (r.offset < log.start_offset() || r.offset > log.end_offset()) {
    out.code = error_code::offset_out_of_range;
    return out;
  }
  out.next_offset = r.offset;
  if (r.offset >= now.high_watermark)
    return out;
  auto found =
    log.read(r.offset, static_cast<uint64_t>(std::max(0, r.max_bytes)), now.high_watermark, r.min_one_batch, r.memory);
  if (!found) {
    out.code = found.error().code;
    out.message = found.error().message;
    return out;
  }
  out.records = std::move(found->data);
  out.next_offset = found->next_offset;
  return out;
}

bool reaches_end(const read_request& r, const read_result& answer) {
  return answer.code == error_code::none && answer.diverging_epoch == no_opinion &&
         std::max(r.offset, answer.next_offset) >= answer.high_watermark;
}

offset_result find_offset(log::partition_log& log, const standing& now, timestamp_ms timestamp) {
  using special = list_offset_request;
  switch (timestamp) {
    case special::latest:
      return {error_code::none, now.high_watermark, -1, now.epoch};
    case special::earliest:
    case special::earliest_local:
      return {error_code::none, log.start_offset(), -1, log.epochs().epoch_of(log.start_offset())};
    case special::latest_tiered:
    case special::earliest_pending_upload:
      return {error_code::none, -1, -1, -1}; // nothing is tiered here
    default:
      break;
  }
  auto found = timestamp == special::max_timestamp ? log.max_timestamp(now.high_watermark)
                                                   : log.offset_for_timestamp(timestamp, now.high_watermark);
  if (!found)
    return offset_result::failed(found.error().code);
  if (!*found)
    return {error_code::none, -1, -1, -1};
  return {error_code::none, (*found)->offset, (*found)->timestamp, (*found)->epoch};
}

epoch_end_result find_epoch_end(const log::partition_log& log, const standing& now, leader_epoch_t epoch) {
  // The epoch under way has a mark only once something was appended in it.
  if (epoch == now.epoch)
    return {error_code::none, epoch, log.end_offset()};
  const auto end = log.epochs().end_offset_for(epoch, log.end_offset());
  return {error_code::none, end.epoch, end.end_offset};
}

} // namespace chisme::partition
