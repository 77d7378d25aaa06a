// Threads that begin at one moment.
#pragma once

#include <latch>
#include <thread>
#include <vector>

namespace chisme::test {

/// Runs f(0), ..., f(n - 1), each on a thread of its own, and returns when all have ended.
template <class F>
void together(int n, F f) {
  std::latch ready{n};
  std::vector<std::jthread> threads;
  for (int i = 0; i < n; ++i)
    threads.emplace_back([&ready, &f, i] {
      ready.arrive_and_wait();
      f(i);
    });
}

} // namespace chisme::test
