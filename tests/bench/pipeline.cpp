#include "tests/bench/pipeline.hpp"

#include "tests/bench/report.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace chisme::bench {

void script::add(const bytes& request) {
  block.insert(block.end(), request.begin(), request.end());
  ends.push_back(block.size());
}

script script::of(const bytes& request, size_t count) {
  script s;
  s.block.reserve(request.size() * count);
  for (size_t i = 0; i < count; ++i)
    s.add(request);
  return s;
}

namespace {

constexpr size_t receive_size = 256 * 1024;

class lane {
public:
  lane(const load& l, const script& s) : load_(l), script_(s), fd_(connect_to(l.port)) {
    ::fcntl(fd_, F_SETFL, O_NONBLOCK);
  }
  ~lane() { ::close(fd_); }
  lane(const lane&) = delete;
  lane& operator=(const lane&) = delete;

  int fd() const { return fd_; }
  bool done() const { return answered_ == load_.requests; }
  bool wants_to_send() const { return begun_ < sendable(); }
  uint64_t sent() const { return sent_; }
  uint64_t received() const { return received_; }

  void send_some();
  void receive_some(std::span<std::byte> scratch);

private:
  size_t sendable() const { return std::min(load_.requests, answered_ + load_.window); }
  void advance();
  void take(std::span<const std::byte> arrived);
  size_t size_of_rest() const;

  const load& load_;
  const script& script_;
  int fd_;
  size_t begun_ = 0; // requests that were sent wholly
  size_t answered_ = 0;
  size_t next_ = 0; // in the script
  size_t at_ = 0;   // how far the script's block was sent
  std::array<std::byte, 64> head_{};
  size_t head_filled_ = 0;
  size_t rest_ = 0; // of the answer under way, behind its head
  uint64_t sent_ = 0;
  uint64_t received_ = 0;
};

void lane::send_some() {
  while (begun_ < sendable()) {
    // Everything that the window allows and that lies in one piece.
    const auto last = std::min(next_ + (sendable() - begun_), script_.ends.size()) - 1;
    const auto n = ::send(fd_, script_.block.data() + at_, script_.ends[last] - at_, MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN)
      return;
    if (n < 0)
      give_up("send");
    at_ += static_cast<size_t>(n);
    sent_ += static_cast<uint64_t>(n);
    advance();
  }
}

void lane::advance() {
  while (next_ < script_.ends.size() && at_ >= script_.ends[next_]) {
    ++next_;
    ++begun_;
  }
  if (next_ == script_.ends.size())
    next_ = at_ = 0;
}

void lane::receive_some(std::span<std::byte> scratch) {
  const auto n = ::recv(fd_, scratch.data(), scratch.size(), 0);
  if (n < 0 && errno == EAGAIN)
    return;
  if (n <= 0)
    give_up("the connection was closed");
  received_ += static_cast<uint64_t>(n);
  take(scratch.first(static_cast<size_t>(n)));
}

void lane::take(std::span<const std::byte> arrived) {
  const auto head_size = sizeof(uint32_t) + load_.error_at + sizeof(uint16_t);
  while (!arrived.empty()) {
    if (rest_ > 0) {
      const auto n = std::min(rest_, arrived.size());
      rest_ -= n;
      arrived = arrived.subspan(n);
      answered_ += rest_ == 0;
      continue;
    }
    const auto n = std::min(head_size - head_filled_, arrived.size());
    std::copy_n(arrived.begin(), n, head_.begin() + static_cast<std::ptrdiff_t>(head_filled_));
    head_filled_ += n;
    arrived = arrived.subspan(n);
    if (head_filled_ == head_size) {
      rest_ = size_of_rest();
      head_filled_ = 0;
    }
  }
}

/// From the head of an answer without error.
size_t lane::size_of_rest() const {
  uint32_t size = 0;
  uint16_t error = 0;
  std::memcpy(&size, head_.data(), sizeof size);
  std::memcpy(&error, head_.data() + sizeof size + load_.error_at, sizeof error);
  const auto head = load_.error_at + sizeof error;
  if (ntohl(size) <= head || error != 0)
    throw std::runtime_error("an answer says error " + std::to_string(static_cast<int16_t>(ntohs(error))));
  return ntohl(size) - head;
}

} // namespace

outcome run(const load& l, pid_t server) {
  std::deque<lane> lanes;
  std::vector<pollfd> waits;
  for (const auto& s : l.scripts)
    waits.push_back({lanes.emplace_back(l, s).fd(), POLLIN, 0});
  bytes scratch(receive_size);
  outcome out;
  const auto cpu_before = server ? cpu_seconds(server) : 0;
  const auto begin = now();
  while (!std::ranges::all_of(lanes, &lane::done)) {
    for (size_t i = 0; i < lanes.size(); ++i)
      waits[i].events = static_cast<short>(POLLIN | (lanes[i].wants_to_send() ? POLLOUT : 0));
    if (::poll(waits.data(), waits.size(), -1) < 0)
      give_up("poll");
    for (size_t i = 0; i < lanes.size(); ++i) {
      if (waits[i].revents & ~POLLOUT)
        lanes[i].receive_some(scratch);
      if (lanes[i].wants_to_send())
        lanes[i].send_some();
    }
  }
  out.seconds = now() - begin;
  out.server_cpu = server ? cpu_seconds(server) - cpu_before : 0;
  for (const auto& x : lanes) {
    out.requests += l.requests;
    out.sent += x.sent();
    out.received += x.received();
  }
  return out;
}

double median_of(const std::vector<outcome>& rounds, double (outcome::*figure)() const) {
  std::vector<double> values;
  for (const auto& r : rounds)
    values.push_back((r.*figure)());
  return median(std::move(values));
}

std::vector<double> latencies(uint16_t port, const bytes& request, size_t count) {
  connection to{port};
  std::vector<double> all;
  all.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const auto begin = now();
    to.exchange(request);
    all.push_back(now() - begin);
  }
  std::ranges::sort(all);
  return all;
}

} // namespace chisme::bench
