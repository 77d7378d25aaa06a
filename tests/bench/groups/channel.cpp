#include "tests/bench/groups/channel.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace chisme::bench {

channel::channel(event_loop& loop, uint16_t port) : loop_(loop), fd_(connect_to(port)) {
  ::fcntl(fd_, F_SETFL, O_NONBLOCK);
  loop_.watch(fd_, [this] { ready(); });
}

channel::~channel() {
  loop_.forget(fd_);
  ::close(fd_);
}

void channel::send(const bytes& request, receiver done) {
  waiting_.push_back(std::move(done));
  out_.insert(out_.end(), request.begin(), request.end());
  flush();
}

void channel::flush() {
  if (out_.empty())
    return;
  const auto n = ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
  if (n < 0 && errno != EAGAIN)
    give_up("send");
  if (n > 0)
    out_.erase(out_.begin(), out_.begin() + n);
  if (writing_ != !out_.empty()) {
    writing_ = !out_.empty();
    loop_.want_to_write(fd_, writing_);
  }
}

void channel::ready() {
  static thread_local bytes scratch(256 * 1024);
  const auto n = ::recv(fd_, scratch.data(), scratch.size(), 0);
  if (n == 0 || (n < 0 && errno != EAGAIN))
    give_up("the node closed the connection");
  if (n > 0) {
    in_.insert(in_.end(), scratch.begin(), scratch.begin() + n);
    deliver();
  }
  if (writing_)
    flush();
}

void channel::deliver() {
  size_t at = 0;
  for (uint32_t size = 0; in_.size() - at >= sizeof size; at += sizeof size + size) {
    std::memcpy(&size, in_.data() + at, sizeof size);
    size = ntohl(size);
    if (in_.size() - at < sizeof size + size)
      break;
    const auto frame = buffer::copy_of(bytes_view{in_.data() + at + sizeof size, size});
    const auto done = std::move(waiting_.front());
    waiting_.pop_front();
    done(frame);
  }
  in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(at));
}

} // namespace chisme::bench
