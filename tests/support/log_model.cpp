#include "tests/support/log_model.hpp"

#include "tests/support/payload_bytes.hpp"

#include <algorithm>

namespace chisme::test {

void log_model::truncate(offset_t to) {
  while (!batches_.empty() && batches_.back().next > to)
    batches_.pop_back();
  if (batches_.empty())
    origin_ = std::min(origin_, to);
  acknowledged = std::min(acknowledged, end());
  start = std::min(start, end());
  durable_start = std::min(durable_start, end());
  asked_start = std::min(asked_start, end());
}

void log_model::reset(offset_t to) {
  batches_.clear();
  origin_ = acknowledged = start = durable_start = asked_start = to;
  durable_epochs.clear();
}

std::string log_model::read_all(log::partition_log& l, std::vector<batch>& out) const {
  for (auto at = l.start_offset(); at < l.end_offset();) {
    auto r = l.read(at, 700, l.end_offset());
    if (!r)
      return "read at " + std::to_string(at) + " failed: " + r.error().message;
    if (r->next_offset <= at)
      return "read at " + std::to_string(at) + " gave nothing";
    const auto bytes = bytes_of(r->data);
    log::batch_reader batches{as_bytes(bytes)};
    while (auto b = batches.next())
      out.push_back({b->header.base_offset, b->header.next_offset(), std::string{as_chars(b->bytes)}});
    if (batches.remaining() != 0)
      return "read at " + std::to_string(at) + " gave a part of a batch";
    at = r->next_offset;
  }
  return {};
}

std::string log_model::compare(log::partition_log& l) const {
  if (l.end_offset() != end())
    return "end " + std::to_string(l.end_offset()) + " instead of " + std::to_string(end());
  if (l.synced_offset() > end())
    return "claims to have synced " + std::to_string(l.synced_offset());
  std::vector<batch> found;
  if (auto wrong = read_all(l, found); !wrong.empty())
    return wrong;
  auto expected = std::ranges::find_if(batches_, [&](const batch& b) { return b.next > l.start_offset(); });
  for (const auto& b : found) {
    if (expected == batches_.end() || expected->base != b.base || expected->bytes != b.bytes)
      return "wrong batch at " + std::to_string(b.base);
    ++expected;
  }
  return expected == batches_.end() ? "" : "the batch at " + std::to_string(expected->base) + " is missing";
}

std::string log_model::adopt(log::partition_log& found, bool nothing_lost) {
  if (found.end_offset() < acknowledged)
    return "ends at " + std::to_string(found.end_offset()) + ", acknowledged was " + std::to_string(acknowledged);
  if (nothing_lost && found.end_offset() < end())
    return "ends at " + std::to_string(found.end_offset()) + ", written was " + std::to_string(end());
  if (found.start_offset() < durable_start || found.start_offset() > std::max({start, durable_start, asked_start}))
    return "starts at " + std::to_string(found.start_offset()) + ", not within " + std::to_string(durable_start) +
           " to " + std::to_string(std::max(start, asked_start));
  asked_start = std::max(asked_start, start);
  std::vector<batch> read;
  if (auto wrong = read_all(found, read); !wrong.empty())
    return wrong;
  std::vector<batch> now;
  for (const auto& b : batches_)
    if (b.next <= found.start_offset())
      now.push_back(b);
  auto expected = now.empty() ? -1 : now.back().next;
  for (auto& b : read) {
    if (expected >= 0 && b.base != expected)
      return "a gap before " + std::to_string(b.base);
    expected = b.next;
    auto mine = std::ranges::find_if(batches_, [&](const batch& m) { return m.base == b.base; });
    const bool must_match = b.next <= acknowledged || (nothing_lost && b.next <= end());
    if (must_match && (mine == batches_.end() || mine->bytes != b.bytes))
      return "another batch than the acknowledged one at " + std::to_string(b.base);
    if (!ever_[b.base].contains(b.bytes))
      return "a batch that nobody wrote at " + std::to_string(b.base);
    now.push_back(std::move(b));
  }
  if (now.empty())
    origin_ = found.end_offset();
  batches_ = std::move(now);
  start = found.start_offset();
  for (const auto& m : durable_epochs)
    if (m.start_offset > found.start_offset() && m.start_offset <= acknowledged &&
        std::ranges::find(found.epochs().marks(), m) == found.epochs().marks().end())
      return "epoch " + std::to_string(m.epoch) + " is forgotten";
  return end() == found.end_offset() ? "" : "the last batch does not end at the end";
}

} // namespace chisme::test
