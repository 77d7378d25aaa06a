// One thread that waits for many sockets and timers: what a crowd of clients runs in.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

namespace chisme::bench {

class event_loop {
public:
  using action = std::function<void()>;

  event_loop();
  ~event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  /// `ready` is called whenever `fd` may be read, or written while that is wanted. Stays until forget().
  void watch(int fd, action ready);
  void want_to_write(int fd, bool wanted);
  void forget(int fd);

  /// Once, at a time as of now().
  void at(double when, action what);

  /// Throws where `done` does not come true within a minute; `what` says what was waited for.
  void run_until(const std::function<bool()>& done, const std::string& what);
  void run_for(double seconds);
  /// From here on it looks each millisecond instead of waiting. Who sends to somebody that waits wakes it, on the
  /// sender's time; a client on another machine costs a node nothing of that kind.
  void look_each_millisecond() { waits_ = false; }

private:
  struct timer {
    double when;
    uint64_t number; ///< of equal times the older comes first
    action what;

    friend bool operator>(const timer& a, const timer& b) {
      return std::pair{a.when, a.number} > std::pair{b.when, b.number};
    }
  };

  /// Waits for events until `latest` at most, and serves them.
  void turn(double latest);
  void timers_due();

  int epoll_;
  bool waits_ = true;
  std::unordered_map<int, action> watched_;
  std::priority_queue<timer, std::vector<timer>, std::greater<>> timers_;
  uint64_t last_number_ = 0;
};

} // namespace chisme::bench
