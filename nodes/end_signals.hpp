// The signals that end a node: the first one asks for it, the second one does not wait.
#pragma once

#include "nodes/system_calls.hpp"

#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <thread>

namespace chisme::nodes {

/// From its construction to its end SIGTERM and SIGINT of the process come here. Construct it before any other thread
/// starts: threads inherit that the signals are blocked.
class end_signals {
public:
  /// At the first signal `asked` is called. From then on there is `at_most` left; when that is over, or another signal
  /// comes, `end` is called with the reason; it is to end the process. Both on a thread of this class.
  end_signals(std::chrono::milliseconds at_most, std::function<void()> asked,
              std::function<void(const std::string& why)> end);
  /// The node has ended in time.
  ~end_signals();
  end_signals(const end_signals&) = delete;
  end_signals& operator=(const end_signals&) = delete;

  /// Waits for the first signal, and returns it.
  int wait();

private:
  void watch();
  /// The next signal; 0 where the time is over, or there is nothing to watch any more.
  int next(int timeout_ms) const;

  const std::chrono::milliseconds at_most_;
  const std::function<void()> asked_;
  const std::function<void(const std::string&)> end_;
  std::promise<int> first_;
  const descriptor signals_;
  const descriptor done_;
  std::thread thread_;
};

} // namespace chisme::nodes
