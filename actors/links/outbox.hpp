// What waits to be sent to one node on one lane, within a bound: a node that does not read costs no more than that.
#pragma once

#include "messages/payload.hpp"

#include <deque>

namespace chisme::links {

/// What goes where there is no room. Control messages are about now: a newer one is worth more. Of record batches the
/// sender has to know which ones left.
enum class overflow : uint8_t { drops_oldest, refuses_newest };

class outbox {
public:
  /// `limit`: bytes, those of file ranges included. A larger frame is taken where nothing else waits.
  outbox(uint64_t limit, overflow policy) : limit_(limit), policy_(policy) {}

  /// False: refused.
  bool push(payload frame) {
    const auto size = frame.size();
    while (policy_ == overflow::drops_oldest && !empty() && bytes_ + size > limit_) {
      pop();
      ++dropped_;
    }
    if (!empty() && bytes_ + size > limit_) {
      ++dropped_;
      return false;
    }
    bytes_ += size;
    frames_.push_back(std::move(frame));
    return true;
  }

  payload pop() {
    auto frame = std::move(frames_.front());
    frames_.pop_front();
    bytes_ -= frame.size();
    return frame;
  }

  bool empty() const { return frames_.empty(); }
  uint64_t bytes() const { return bytes_; }
  /// Frames that were dropped or refused so far.
  uint64_t dropped() const { return dropped_; }

private:
  uint64_t limit_;
  overflow policy_;
  std::deque<payload> frames_;
  uint64_t bytes_ = 0;
  uint64_t dropped_ = 0;
};

} // namespace chisme::links
