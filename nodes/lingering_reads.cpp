#include "nodes/lingering_reads.hpp"

#include <spdlog/spdlog.h>

#include <span>
#include <utility>

namespace chisme::nodes {

lingering_reads::lingering_reads(boost::asio::io_context& context, std::chrono::milliseconds linger)
  : linger_(linger), rule_(linger), timer_(context), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

bool lingering_reads::heartbeat(linger_rule::time_point now) {
  rule_.heartbeat(now);
  return rule_.pays(now);
}

bool lingering_reads::add(int fd, reader& r) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &r;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
    return false;
  if (readers_.empty())
    spdlog::debug("heartbeats are read together each_ms={}", linger_.count());
  r.fd_ = fd;
  readers_.push_back(r);
  if (!std::exchange(is_looking_, true))
    look_later();
  return true;
}

void lingering_reads::remove(reader& r) {
  if (!r.lingers())
    return;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, r.fd_, nullptr);
  readers_.erase(readers_.iterator_to(r));
  for (auto& x : std::span{came_}.first(came_count_))
    if (x.data.ptr == &r)
      x.data.ptr = nullptr;
}

void lingering_reads::look_later() {
  timer_.expires_after(linger_);
  timer_.async_wait([this](boost::system::error_code e) {
    if (!e)
      look();
  });
}

void lingering_reads::look() {
  if (rule_.pays(linger_rule::time_point::clock::now()))
    read_what_came();
  else
    dissolve();
  is_looking_ = !readers_.empty();
  if (is_looking_)
    look_later();
}

lingering_reads::reader* lingering_reads::came_at(size_t i) const {
  return i < came_count_ ? static_cast<reader*>(came_[i].data.ptr) : nullptr;
}

/// Of thousands that speak each few seconds none is in a cache when it does. Each read goes to the system and takes
/// longer than memory needs to answer, so most of what the next ones need comes meanwhile.
void lingering_reads::prefetch_after(size_t i) const {
  if (const auto* next_but_one = came_at(i + 2))
    __builtin_prefetch(next_but_one);
  if (const auto* next = came_at(i + 1))
    next->prefetch();
}

void lingering_reads::read_what_came() {
  // No more than all are asked once: those who send without end must not keep the others from their turn.
  auto calls = readers_.size() / came_.size() + 1;
  do {
    const auto n = ::epoll_wait(epoll_.get(), came_.data(), came_.size(), 0);
    came_count_ = n > 0 ? static_cast<size_t>(n) : 0;
    for (size_t i = 0; i < came_count_; ++i) {
      prefetch_after(i);
      if (auto* r = came_at(i))
        r->read();
    }
  } while (std::exchange(came_count_, 0) == came_.size() && --calls > 0);
}

void lingering_reads::dissolve() {
  if (!readers_.empty())
    spdlog::debug("heartbeats are read one by one");
  while (!readers_.empty()) {
    auto& r = readers_.front();
    remove(r);
    r.wait_alone();
  }
}

} // namespace chisme::nodes
