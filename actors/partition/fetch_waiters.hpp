// Readers at the end of the log, woken when the high watermark moves (Kafka's fetch purgatory).
#pragma once

#include "actors/partition/messages.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace chisme::partition {

/// The list is as long as there are readers that found nothing. A reader that gave up is dropped at the next
/// commit, or when as many new ones have come as were there before: an idle partition that is polled does not grow.
class fetch_waiters {
public:
  void add(std::shared_ptr<read_waiter> waiter) {
    if (waiting_.size() >= sweep_at_) {
      std::erase_if(waiting_, [](const auto& w) { return w->expired(); });
      sweep_at_ = std::max<size_t>(16, waiting_.size() * 2);
    }
    waiting_.push_back(std::move(waiter));
  }

  void committed(uint64_t bytes) {
    std::erase_if(waiting_, [bytes](const auto& w) { return w->expired() || !w->committed(bytes); });
  }

  /// They wait for what will not come: each is told why, and forgotten.
  void fail(error_code why) {
    for (const auto& w : std::exchange(waiting_, {}))
      w->failed(why);
  }

  size_t size() const { return waiting_.size(); }

private:
  std::vector<std::shared_ptr<read_waiter>> waiting_;
  size_t sweep_at_ = 16;
};

} // namespace chisme::partition
