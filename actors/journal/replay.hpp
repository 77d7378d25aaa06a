// Reads a journal back, in steps: who owns it says how far it is, what to read next, and what is wrong.
//
//   next() --> partition --read_result--> take() --> apply, for each record in the order of the log
//
// Invariant: all before offset() has been applied, or is counted in left_out().
#pragma once

#include "actors/journal/entry.hpp"
#include "actors/partition/messages.hpp"

#include <functional>

namespace chisme::journal {

/// What becomes of a replay that meets something that is not what was written.
enum class damage : uint8_t {
  fails,       ///< it fails: without one record everything may be wrong
  is_left_out, ///< it goes on: each record stands for itself. A log that begins later is read from there.
};

class replay {
public:
  /// Takes one record; an error says that it is damaged.
  using apply = std::function<result<void>(entry)>;

  explicit replay(damage policy) : policy_(policy) {}

  /// What stands before `offset` has been applied by who has written it.
  void pass(offset_t offset) { offset_ = offset; }

  /// The next read, without its reply.
  partition::read_request next() const { return read_at(offset_); }
  static partition::read_request read_at(offset_t offset);
  /// True when all that was committed has been applied, false where next() is to be read. Fails with the error of the
  /// read, CORRUPT_MESSAGE where the log has nothing behind offset() although it goes on, or what damage::fails says.
  result<bool> take(const partition::read_result& read, const apply& each);

  offset_t offset() const { return offset_; }
  /// Records that could not be read or applied. A batch that breaks off counts once.
  uint64_t left_out() const { return left_out_; }

private:
  result<void> take_batches(bytes_view bytes, const apply& each);
  result<void> take_records(bytes_view block, const apply& each);
  result<void> damaged(error what);

  damage policy_;
  offset_t offset_ = 0;
  uint64_t left_out_ = 0;
};

} // namespace chisme::journal
