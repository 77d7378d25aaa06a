// What comes of a node's start: the actors say it, or somebody gives up waiting for them.
#pragma once

#include "actors/coordinator/port.hpp"
#include "messages/errors.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace chisme::nodes {

/// Thread-safe.
class start_outcome {
public:
  /// Another start begins.
  void begin() {
    std::lock_guard lock{mutex_};
    outcome_.reset();
  }

  /// The first one counts.
  void set(result<coordinator::port_ptr> r) {
    std::lock_guard lock{mutex_};
    if (!outcome_ && !is_given_up_)
      outcome_ = std::move(r);
    changed_.notify_all();
  }

  /// For good: every start fails from here on. Nothing of the actors is kept: they end now.
  void give_up() {
    std::lock_guard lock{mutex_};
    is_given_up_ = true;
    outcome_.reset();
    changed_.notify_all();
  }
  bool is_given_up() const {
    std::lock_guard lock{mutex_};
    return is_given_up_;
  }

  /// False: nothing is known yet.
  bool wait_for(std::chrono::milliseconds at_most) const {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, at_most, [this] { return is_given_up_ || outcome_; });
  }

  /// Once, after wait_for() has said true.
  result<coordinator::port_ptr> take() {
    std::lock_guard lock{mutex_};
    if (is_given_up_)
      return fail(error_code::broker_not_available, "it was told to end before it served");
    return std::move(*outcome_);
  }

private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::optional<result<coordinator::port_ptr>> outcome_;
  bool is_given_up_ = false;
};

} // namespace chisme::nodes
