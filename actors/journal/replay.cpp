#include "actors/journal/replay.hpp"

#include "actors/log/batch_filter.hpp"

namespace chisme::journal {

namespace {

constexpr int32_t step_bytes = 1 << 20;

std::optional<buffer> copied(const log::nullable_bytes& bytes) {
  if (bytes.is_null)
    return std::nullopt;
  return buffer::copy_of(bytes.bytes);
}

result<void> apply_one(const log::record_view& record, const replay::apply& each) {
  if (record.key.is_null)
    return fail(error_code::corrupt_message, "a record without a key");
  entry e{buffer::copy_of(record.key.bytes), copied(record.value)};
  log::record_header_reader headers{record.headers};
  while (const auto h = headers.next())
    e.headers.push_back({std::string{h->key}, copied(h->value).value_or(buffer{})});
  return each(std::move(e));
}

} // namespace

partition::read_request replay::read_at(offset_t offset) {
  partition::read_request read;
  read.offset = offset;
  read.max_bytes = step_bytes;
  return read;
}

result<bool> replay::take(const partition::read_result& read, const apply& each) {
  // Compaction and retention may have moved the start.
  if (policy_ == damage::is_left_out && read.code == error_code::offset_out_of_range &&
      read.log_start_offset > offset_) {
    offset_ = read.log_start_offset;
    return false;
  }
  if (read.code != error_code::none)
    return fail(read.code, read.message);
  const auto before = offset_;
  for (const auto& part : read.records.parts()) {
    const auto* memory = std::get_if<buffer>(&part);
    if (!memory)
      return fail(error_code::invalid_request, "a journal is read into memory");
    if (auto taken = take_batches(*memory, each); !taken)
      return tl::make_unexpected(taken.error());
  }
  if (offset_ >= read.high_watermark)
    return true;
  if (offset_ == before)
    return fail(error_code::corrupt_message, "nothing lies at offset " + std::to_string(offset_) +
                                               ", the log goes to " + std::to_string(read.high_watermark));
  return false;
}

result<void> replay::take_batches(bytes_view bytes, const apply& each) {
  log::batch_reader batches{bytes};
  while (const auto batch = batches.next()) {
    auto block = log::records_of(*batch);
    if (auto taken = block ? take_records(*block, each) : damaged(block.error()); !taken)
      return taken;
    offset_ = batch->header.next_offset();
  }
  return {};
}

result<void> replay::take_records(bytes_view block, const apply& each) {
  log::record_reader records{block};
  while (const auto record = records.next())
    if (auto applied = apply_one(*record, each); !applied)
      if (auto goes_on = damaged(applied.error()); !goes_on)
        return goes_on;
  return records.failed() ? damaged({error_code::corrupt_message, "a record that does not parse"}) : result<void>{};
}

result<void> replay::damaged(error what) {
  if (policy_ == damage::fails)
    return fail(what.code, "at offset " + std::to_string(offset_) + ": " + what.message);
  ++left_out_;
  return {};
}

} // namespace chisme::journal
