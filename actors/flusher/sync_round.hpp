// One round of group commit: what to sync for everybody who waits.
#pragma once

#include "actors/flusher/messages.hpp"

#include <string>
#include <vector>

namespace chisme::flusher {

/// Collects the files of many requests, each once, and syncs them with the cheaper of the two ways: one by one, or
/// the whole file system at once where many are dirty (each fdatasync costs a journal commit of its own). A file that
/// cannot be synced concerns those who asked for it, nobody else.
class sync_round {
public:
  /// From so many files on the file system is synced as a whole.
  static constexpr size_t whole_filesystem_from = 16;

  void add(flush_request request) { requests_.push_back(std::move(request)); }
  bool empty() const { return requests_.empty(); }

  /// Runs the round on `disk` and forgets it; the outcomes are in the order of the requests. `root` lies on the file
  /// system that holds the files.
  std::vector<flush_result> run(log::files& disk, const std::string& root);

private:
  std::vector<flush_request> requests_;
};

} // namespace chisme::flusher
