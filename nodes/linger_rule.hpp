// Decides whether heartbeats come so densely that it pays to let each wait for others.
//
// A heartbeat that is alone costs its thread a turn, which is most of what it costs at all. Where several come within
// the time that one may wait, one turn serves them all; where they are rarer, waiting would gain nothing. Time comes in
// from outside.
#pragma once

#include <chrono>
#include <cstdint>

namespace chisme::nodes {

class linger_rule {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `linger`: how long a heartbeat may wait; 0: it never pays.
  explicit linger_rule(std::chrono::milliseconds linger) : linger_(linger) {}

  void heartbeat(time_point now) {
    look(now);
    ++heard_;
  }

  /// As of the last second. Begins where two would be served by one turn, ends where it would be less than one.
  bool pays(time_point now) {
    look(now);
    return pays_;
  }

private:
  static constexpr std::chrono::seconds window{1};

  void look(time_point now) {
    if (now - begin_ < window)
      return;
    const double of_one_turn = heard_ * (std::chrono::duration<double>{linger_} / (now - begin_));
    pays_ = of_one_turn >= (pays_ ? 1 : 2);
    begin_ = now;
    heard_ = 0;
  }

  const std::chrono::milliseconds linger_;
  time_point begin_{};
  double heard_ = 0; // since begin_
  bool pays_ = false;
};

} // namespace chisme::nodes
