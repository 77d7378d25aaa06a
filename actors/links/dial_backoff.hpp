// When one that could not be reached is dialled again, and whether that is worth another line in the log.
#pragma once

#include "actors/retry_delay.hpp"

#include <string>
#include <utility>

namespace chisme::links {

enum class failure : uint8_t {
  unreachable, ///< nobody answers, or the connection ended
  refused,     ///< somebody has to do something before it works
};

class dial_backoff {
public:
  static constexpr std::chrono::milliseconds first{100};
  static constexpr std::chrono::milliseconds longest{5000};

  std::chrono::milliseconds next(failure f, uint64_t random) {
    return spread(f == failure::refused ? longest : delay_.next(), random);
  }

  /// Whether these words were not said last.
  bool is_news(const std::string& words) { return std::exchange(said_, words) != words; }

  /// It is there, or is said to be there: what comes next is a first attempt.
  void reset() { delay_.reset(); }
  /// It has answered: what goes wrong next is news.
  void answered() {
    reset();
    said_.clear();
  }

private:
  retry_delay delay_{first, longest};
  std::string said_;
};

} // namespace chisme::links
