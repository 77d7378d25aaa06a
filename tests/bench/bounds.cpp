#include "tests/bench/bounds.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <poll.h>
#include <span>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

namespace chisme::bench {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// What the bound does with the frames that have come together, one behind the other, each with its size.
using action = std::function<void(int socket, std::span<const std::byte> frames, size_t count)>;

/// Reads as much as there is while frames are small, and not beyond the end of a large one: then nothing but the begin
/// of a small frame is ever moved.
class peer : public std::enable_shared_from_this<peer> {
public:
  peer(tcp::socket socket, const action& act) : socket_(std::move(socket)), act_(act) {}

  void read() {
    const auto wanted = filled_ + std::max(missing(), burst - std::min(burst, filled_));
    if (in_.size() < wanted)
      in_.resize(wanted);
    const auto most = missing() > burst ? missing() : wanted - filled_;
    socket_.async_read_some(asio::buffer(in_.data() + filled_, most), [self = shared_from_this()](auto e, size_t n) {
      if (e)
        return;
      self->filled_ += n;
      self->take();
      self->read();
    });
  }

private:
  static constexpr size_t burst = 64 * 1024;

  size_t size_at(size_t position) const {
    uint32_t size = 0;
    std::memcpy(&size, in_.data() + position, sizeof size);
    return sizeof size + ntohl(size);
  }

  /// Of the frame that has begun.
  size_t missing() const { return filled_ < sizeof(uint32_t) ? 0 : size_at(0) - filled_; }

  void take() {
    size_t end = 0;
    size_t count = 0;
    for (; filled_ - end >= sizeof(uint32_t) && filled_ - end >= size_at(end); ++count)
      end += size_at(end);
    if (count == 0)
      return;
    act_(socket_.native_handle(), std::span{in_}.first(end), count);
    std::memmove(in_.data(), in_.data() + end, filled_ - end);
    filled_ -= end;
  }

  tcp::socket socket_;
  const action& act_;
  bytes in_;
  size_t filled_ = 0;
};

void accept(tcp::acceptor& acceptor, const action& act) {
  acceptor.async_accept([&](auto e, tcp::socket socket) {
    if (!e) {
      socket.set_option(tcp::no_delay{true});
      std::make_shared<peer>(std::move(socket), act)->read();
    }
    accept(acceptor, act);
  });
}

/// Listens here, so that the port is known before the child runs; serves there.
bound_server serve(const action& act) {
  asio::io_context context{1};
  tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), 0}};
  bound_server out;
  out.port = acceptor.local_endpoint().port();
  context.notify_fork(asio::execution_context::fork_prepare);
  out.process = child::run([&] {
    context.notify_fork(asio::execution_context::fork_child);
    accept(acceptor, act);
    context.run();
  });
  context.notify_fork(asio::execution_context::fork_parent);
  return out;
}

/// After a call that sent nothing: waits until the socket takes more. The loop has nothing else to do meanwhile.
void wait_for_room(int socket) {
  pollfd wait{socket, POLLOUT, 0};
  if (errno != EAGAIN || ::poll(&wait, 1, -1) < 0)
    ::_exit(1);
}

void send_all(int socket, const std::byte* data, size_t size, int flags = 0) {
  while (size > 0) {
    const auto n = ::send(socket, data, size, MSG_NOSIGNAL | flags);
    if (n < 0) {
      wait_for_room(socket);
      continue;
    }
    data += n;
    size -= static_cast<size_t>(n);
  }
}

/// `count` times the answer, each with its size.
void append(bytes& out, const buffer& answer, size_t count) {
  const auto size = htonl(static_cast<uint32_t>(answer.size()));
  const auto* head = reinterpret_cast<const std::byte*>(&size);
  for (size_t i = 0; i < count; ++i) {
    out.insert(out.end(), head, head + sizeof size);
    out.insert(out.end(), answer.data(), answer.data() + answer.size());
  }
}

int open_or_give_up(const std::string& file, int flags) {
  const auto fd = ::open(file.c_str(), flags | O_CLOEXEC, 0644);
  if (fd < 0)
    give_up("open " + file);
  return fd;
}

} // namespace

bound_server receive_and_pwrite(const std::string& file, const buffer& answer, uint64_t wrap) {
  const auto fd = open_or_give_up(file, O_RDWR | O_CREAT | O_TRUNC);
  uint64_t position = 0;
  bytes out;
  auto server = serve([&](int socket, std::span<const std::byte> frames, size_t count) {
    if (position >= wrap)
      position = 0;
    if (::pwrite(fd, frames.data(), frames.size(), static_cast<off_t>(position)) < 0)
      ::_exit(1);
    position += frames.size();
    out.clear();
    append(out, answer, count);
    send_all(socket, out.data(), out.size());
  });
  ::close(fd);
  return server;
}

bound_server receive_and_sendfile(const std::string& file, const buffer& answer, size_t head) {
  const auto fd = open_or_give_up(file, O_RDONLY);
  struct stat s {};
  ::fstat(fd, &s);
  off_t position = 0;
  const auto length = answer.size() - head;
  bytes out;
  append(out, answer, 1);
  auto server = serve([&](int socket, std::span<const std::byte>, size_t count) {
    for (; count > 0; --count) {
      if (position + static_cast<off_t>(length) > s.st_size)
        position = 0;
      send_all(socket, out.data(), sizeof(uint32_t) + head, MSG_MORE);
      for (auto left = length; left > 0;) {
        const auto n = ::sendfile(socket, fd, &position, left);
        if (n <= 0)
          wait_for_room(socket);
        else
          left -= static_cast<size_t>(n);
      }
    }
  });
  ::close(fd);
  return server;
}

} // namespace chisme::bench
