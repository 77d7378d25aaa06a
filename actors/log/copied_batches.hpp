// Batches as another replica has them, on their way into this log: looked through before any of them is written.
#pragma once

#include "actors/log/record_batch.hpp"

#include <span>
#include <string>
#include <vector>

namespace chisme::log {

/// One of them, as the consensus sees it.
struct copied_batch {
  offset_t first = 0;
  offset_t end = 0; ///< behind the last offset
  leader_epoch_t epoch = 0;
  friend bool operator==(const copied_batch&, const copied_batch&) = default;
};

/// Whole batches in one piece of memory. That they are whole, that their checksums match, that offsets ascend and
/// epochs do not go back is known once parse() has given them; whether they belong behind a certain log is that log's
/// to say. Offsets may be missing in between: who has sent them has compacted its log.
class copied_batches {
public:
  copied_batches() = default;

  /// corrupt_message, naming `from`, where anything is wrong with any of them. Takes memory for the outline only: at
  /// most one entry for 61 bytes. Fields are checked in constant time each, the checksums read all bytes once.
  static result<copied_batches> parse(buffer bytes, const std::string& from);

  size_t size() const { return outline_.size(); }
  bool empty() const { return outline_.empty(); }
  std::span<const copied_batch> outline() const { return outline_; }
  /// The bytes of the batch with that number and of all behind it.
  bytes_view bytes_from(size_t number) const { return bytes_.view().subspan(positions_[number]); }

private:
  buffer bytes_;
  std::vector<copied_batch> outline_;
  std::vector<size_t> positions_;
};

} // namespace chisme::log
