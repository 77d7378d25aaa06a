// One segment file in words: each batch with its verdict, its records, its indexes.
#pragma once

#include "actors/log/files.hpp"

#include <iosfwd>

namespace chisme::cli {

struct dump_options {
  bool records = false;
  bool verify_index = false;
  bool json = false;
};

/// Prints the segment at `path`. False where it holds damage: a batch whose checksum does not match, bytes behind the
/// last batch, an index entry that points nowhere. An error where it cannot be read.
result<bool> dump_segment(std::ostream& out, log::files& disk, const std::string& path, const dump_options& wanted);

} // namespace chisme::cli
