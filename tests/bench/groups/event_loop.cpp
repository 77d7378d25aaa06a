#include "tests/bench/groups/event_loop.hpp"

#include "tests/bench/machine.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <sys/epoll.h>
#include <thread>
#include <unistd.h>

namespace chisme::bench {

namespace {

constexpr double patience = 60; // seconds

void control(int epoll, int operation, int fd, uint32_t events) {
  epoll_event e{};
  e.events = events;
  e.data.fd = fd;
  if (::epoll_ctl(epoll, operation, fd, &e) != 0)
    give_up("epoll_ctl");
}

} // namespace

event_loop::event_loop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0)
    give_up("epoll_create");
}

event_loop::~event_loop() { ::close(epoll_); }

void event_loop::watch(int fd, action ready) {
  control(epoll_, EPOLL_CTL_ADD, fd, EPOLLIN);
  watched_[fd] = std::move(ready);
}

void event_loop::want_to_write(int fd, bool wanted) {
  control(epoll_, EPOLL_CTL_MOD, fd, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void event_loop::forget(int fd) {
  control(epoll_, EPOLL_CTL_DEL, fd, 0);
  watched_.erase(fd);
}

void event_loop::at(double when, action what) { timers_.push({when, ++last_number_, std::move(what)}); }

void event_loop::run_until(const std::function<bool()>& done, const std::string& what) {
  const auto latest = now() + patience;
  while (!done()) {
    turn(latest);
    if (now() >= latest)
      throw std::runtime_error("waited in vain: " + what);
  }
}

void event_loop::run_for(double seconds) {
  for (const auto end = now() + seconds; now() < end;)
    turn(end);
}

void event_loop::turn(double latest) {
  const auto next = timers_.empty() ? latest : std::min(latest, timers_.top().when);
  // Rounded up, or the loop would spin through the last millisecond.
  const auto wait = std::clamp((next - now()) * 1000 + 1, 0.0, 1000.0);
  if (!waits_)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  std::array<epoll_event, 256> events;
  const auto n = ::epoll_wait(epoll_, events.data(), events.size(), waits_ ? static_cast<int>(wait) : 0);
  if (n < 0 && errno != EINTR)
    give_up("epoll_wait");
  for (int i = 0; i < n; ++i)
    watched_.at(events[static_cast<size_t>(i)].data.fd)();
  timers_due();
}

void event_loop::timers_due() {
  for (const auto due = now(); !timers_.empty() && timers_.top().when <= due;) {
    const auto what = timers_.top().what;
    timers_.pop();
    what();
  }
}

} // namespace chisme::bench
