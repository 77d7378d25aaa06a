// Appends that wait until they are committed.
//
// Appends are made in offset order and so is the queue: what the high watermark has passed stands at the front.
#pragma once

#include "actors/partition/messages.hpp"

#include <deque>

namespace chisme::partition {

/// Whether an append that asks for `required` is answered when it is committed, or as soon as the leader has it. With
/// acks=1 the leader's copy is enough, but where it is the only one an answer in between would win nothing and tell of
/// a record that cannot be read yet: what a group of one has synced is committed.
constexpr bool waits_for_commit(acks required, size_t voters) {
  return required == acks::all || (required == acks::leader && voters == 1);
}

class ack_queue {
public:
  /// `end_offset` is the first offset behind the append. A repeated append (a producer's retry) may wait for an
  /// earlier offset than the one before it: it leaves with that one.
  void wait(offset_t end_offset, append_result answer, reply<append_result> done) {
    waiting_.push_back({end_offset, std::move(answer), std::move(done)});
  }

  /// Answers everything that ends at or before the high watermark.
  void committed(offset_t high_watermark) {
    while (!waiting_.empty() && waiting_.front().end_offset <= high_watermark) {
      auto front = std::move(waiting_.front());
      waiting_.pop_front();
      front.done(std::move(front.answer));
    }
  }

  /// What committed() would answer is answered with a failure.
  void refuse(offset_t high_watermark, error_code code, const std::string& message) {
    while (!waiting_.empty() && waiting_.front().end_offset <= high_watermark) {
      auto front = std::move(waiting_.front());
      waiting_.pop_front();
      front.done(append_result::failed(code, message));
    }
  }

  /// Answers everything with a failure: it is unknown whether these appends will survive.
  void fail(error_code code, const std::string& message) {
    auto failed = std::move(waiting_);
    waiting_.clear();
    for (auto& x : failed)
      x.done(append_result::failed(code, message));
  }

  size_t size() const { return waiting_.size(); }

private:
  struct entry {
    offset_t end_offset;
    append_result answer;
    reply<append_result> done;
  };

  std::deque<entry> waiting_;
};

} // namespace chisme::partition
