// One round of group commit: what to sync for everybody who waits.
#pragma once

#include "actors/flusher/messages.hpp"

#include <vector>

namespace chisme::flusher {

/// Collects the files of many requests, each once, and syncs them with the cheaper of the two ways: one by one, or
/// the whole file system at once where many are dirty (each fdatasync costs a journal commit of its own). A file that
/// cannot be synced concerns those who asked for it, nobody else.
///
/// The file system as a whole tells of a failed write once and does not say whose it was: perhaps that of a file which
/// nobody asks for in this round. So after its first failure only the files are asked, in this round and in all later
/// ones: each of them tells its own failure, whenever it is asked.
class sync_round {
public:
  /// From so many files on the file system is synced as a whole.
  static constexpr size_t whole_filesystem_from = 16;

  /// `whole`: the file system that holds all the files, opened before anything is written to them; null where only
  /// single files are to be synced.
  explicit sync_round(log::filesystem_ptr whole) : whole_(std::move(whole)) {}

  void add(flush_request request) { requests_.push_back(std::move(request)); }
  bool empty() const { return requests_.empty(); }

  /// Runs the round and forgets it; the outcomes are in the order of the requests.
  std::vector<flush_result> run();

private:
  bool whole_filesystem_synced();

  log::filesystem_ptr whole_;
  std::vector<flush_request> requests_;
};

} // namespace chisme::flusher
