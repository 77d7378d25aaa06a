// One round of group commit: what to sync for everybody who waits.
#pragma once

#include "actors/flusher/messages.hpp"

#include <set>

namespace chisme::flusher {

/// Collects the files of many requests, each once, and syncs them with the cheaper of the two ways: one by one, or
/// the whole file system at once where many are dirty (each fdatasync costs a journal commit of its own).
class sync_round {
public:
  /// From so many files on the file system is synced as a whole.
  static constexpr size_t whole_filesystem_from = 16;

  void add(const flush_request& request);
  bool empty() const { return files_.empty() && directories_.empty(); }
  size_t size() const { return files_.size(); }

  /// Runs the round on `disk` and forgets it. `root` lies on the file system that holds the files.
  flush_result run(log::files& disk, const std::string& root);

private:
  std::set<log::file_ptr> files_;
  std::set<std::string> directories_;
};

} // namespace chisme::flusher
