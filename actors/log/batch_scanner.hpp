// Walks over the batches of a segment file, header by header or with every CRC checked.
#pragma once

#include "actors/log/files.hpp"
#include "actors/log/record_batch.hpp"

#include <string>

namespace chisme::log {

/// A batch as it lies in a file.
struct located_batch {
  batch_header header;
  uint64_t position = 0;

  uint64_t end() const { return position + header.size(); }
};

/// Reads forward from a position through a window of bounded memory, whatever the batches' sizes are: a CRC is
/// computed piece by piece. The window belongs to the thread, so one scanner at a time may be in use per thread.
class batch_scanner {
public:
  enum class check {
    headers, ///< lengths and header fields only; skips over records
    crc,     ///< reads everything
  };

  /// Looks at bytes [begin, end) of `f`, which must outlive the scanner.
  batch_scanner(file& f, uint64_t begin, uint64_t end, check what);

  /// The next batch; nullopt at the end or where something is wrong: then problem() says what. An error is one
  /// of the disk.
  result<std::optional<located_batch>> next();

  /// Where the batch begins that next() would look at.
  uint64_t position() const { return at_; }
  /// Null, or why there is no further batch at position() although bytes are there.
  const char* problem() const { return problem_; }

private:
  /// Bytes at `position`, at least `least` unless the file ends before; empty at the end.
  result<bytes_view> window(uint64_t position, size_t least);
  result<bool> crc_matches(const located_batch& batch);

  file& file_;
  uint64_t at_;
  uint64_t end_;
  check check_;
  uint64_t window_begin_ = 0;
  size_t window_size_ = 0;
  uint64_t last_size_ = 0; ///< of the batch before; those that follow are probably alike
  const char* problem_ = nullptr;
};

} // namespace chisme::log
