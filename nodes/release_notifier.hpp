// Tells whoever listens, as long as somebody does, that requests have let go of memory. Thread-safe: requests may be
// held by actors, and longer than the connections that they came from.
#pragma once

#include "actors/session/request_memory.hpp"

#include <mutex>

namespace chisme::nodes {

class release_notifier {
public:
  using share = session::request_memory::share;

  /// `f` is called from any thread, and not any more when unsubscribe() has returned.
  void subscribe(std::function<void(share)> f) {
    std::lock_guard lock{mutex_};
    listener_ = std::move(f);
  }
  void unsubscribe() { subscribe(nullptr); }

  void notify(share of) {
    std::lock_guard lock{mutex_};
    if (listener_)
      listener_(of);
  }

private:
  std::mutex mutex_;
  std::function<void(share)> listener_; // under mutex_
};

} // namespace chisme::nodes
