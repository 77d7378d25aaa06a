// Space that is kept for a log whose records free space.
//
// The deletion of a topic is a record, too: on a full disk there must be room to write it. So such a log keeps a file of
// some size in its folder, gives it up when an append finds no room, and makes it again when there is plenty.
#pragma once

#include "actors/log/files.hpp"

namespace chisme::log {

class space_reserve {
public:
  /// `size` in bytes; 0: none is kept.
  space_reserve(files& disk, const std::string& dir, uint64_t size);

  /// Makes the file where it is missing and several times its size is free. What fails is tried again next time.
  void renew();
  /// Frees the space; false where none was kept.
  bool release();

private:
  files& disk_;
  std::string dir_;
  std::string path_;
  uint64_t size_;
  bool is_there_ = false;
};

} // namespace chisme::log
