#include "actors/log/copied_batches.hpp"

namespace chisme::log {

namespace {

const char* problem_of(const batch_view& b, const std::optional<copied_batch>& before) {
  if (before && b.header.base_offset < before->end)
    return "its offsets go back";
  if (b.header.leader_epoch < (before ? before->epoch : 0))
    return "its epoch goes back";
  return b.crc_matches() ? nullptr : "its CRC does not match";
}

} // namespace

result<copied_batches> copied_batches::parse(buffer bytes, const std::string& from) {
  copied_batches out;
  out.bytes_ = std::move(bytes);
  const auto all = out.bytes_.view();
  const auto refused = [&](size_t position, const char* why) {
    return fail(error_code::corrupt_message,
                from + ": the batch at byte " + std::to_string(position) + " is refused: " + why);
  };
  batch_reader batches{all};
  std::optional<copied_batch> before;
  while (const auto batch = batches.next()) {
    const auto position = static_cast<size_t>(batch->bytes.data() - all.data());
    if (const auto* problem = problem_of(*batch, before))
      return refused(position, problem);
    const auto& h = batch->header;
    before = copied_batch{h.base_offset, h.next_offset(), h.leader_epoch};
    out.outline_.push_back(*before);
    out.positions_.push_back(position);
  }
  if (batches.remaining() != 0)
    return refused(all.size() - batches.remaining(), batches.problem() ? batches.problem() : "it is truncated");
  return out;
}

} // namespace chisme::log
