#include "messages/wire/sinks.hpp"

namespace chisme::wire {

payload writing_sink::finish() && {
  assert(cursor_ == block_.data() + block_.size());
  auto block = std::move(block_).freeze();
  payload out;
  size_t done = 0;
  for (const auto& [offset, records] : cuts_) {
    out.append(block.slice(done, offset - done));
    out.append(*records);
    done = offset;
  }
  out.append(block.slice(done));
  return out;
}

} // namespace chisme::wire
