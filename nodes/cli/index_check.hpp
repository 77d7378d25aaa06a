// Holds a segment's two index files against the batches of its log, while those pass by in order.
#pragma once

#include "actors/log/batch_scanner.hpp"
#include "actors/log/index_file.hpp"

#include <string>
#include <vector>

namespace chisme::cli {

class index_check {
public:
  /// Reads the indexes beside "<stem>.log"; a file that is not there has no entries. Fails where one cannot
  /// be read or is larger than 1 GiB.
  static result<index_check> open(log::files& disk, const std::string& stem, offset_t base);

  /// The next batch of the log; in order of positions.
  void pass(const log::located_batch& batch);

  /// What is wrong, one line each with the file's suffix and the entry's number; complete after the last
  /// batch. At most 100 lines, since one wrong file tends to be wrong everywhere.
  std::vector<std::string> finish();

  size_t entries() const { return offsets_.size() + times_.size(); }

private:
  void check_offsets(const log::located_batch& batch);
  void check_times(const log::located_batch& batch);
  void complain(const char* suffix, size_t number, const std::string& what);

  std::vector<log::offset_entry> offsets_;
  std::vector<log::time_entry> times_;
  size_t next_offset_ = 0; ///< first entry that no batch was held against yet
  size_t next_time_ = 0;
  std::vector<std::string> problems_;
};

} // namespace chisme::cli
