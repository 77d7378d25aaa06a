// Space that is kept for a log whose records free space.
//
// The deletion of a topic is a record, too: on a full disk there must be room to write it. So such a log keeps a file
// of some size in its folder, gives up a piece of it each time an append finds no room, and makes it whole again when
// there is plenty. By pieces, because whoever else waits for room takes what is free.
#pragma once

#include "actors/log/files.hpp"

namespace chisme::log {

class space_reserve {
public:
  /// Given up at a time, in bytes.
  static constexpr uint64_t piece = 16 << 10;

  /// `size` in bytes; 0: none is kept.
  space_reserve(files& disk, const std::string& dir, uint64_t size);

  /// Makes the file whole where several times its size is free. What fails is tried again next time.
  void renew();
  /// Frees a piece; false where there is none left, or the disk is not full.
  bool release();

private:
  files& disk_;
  std::string dir_;
  std::string path_;
  uint64_t size_;
  uint64_t left_ = 0;
};

} // namespace chisme::log
