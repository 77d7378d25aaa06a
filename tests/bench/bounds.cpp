#include "tests/bench/bounds.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

namespace chisme::bench {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// What the bound does with a whole frame.
using action = std::function<void(int socket, const bytes& frame)>;

class peer : public std::enable_shared_from_this<peer> {
public:
  peer(tcp::socket socket, const action& act) : socket_(std::move(socket)), act_(act) {}

  void read_size() {
    asio::async_read(socket_, asio::buffer(&size_, sizeof size_), [self = shared_from_this()](auto e, size_t) {
      if (!e)
        self->read_frame();
    });
  }

private:
  void read_frame() {
    frame_.resize(ntohl(size_));
    asio::async_read(socket_, asio::buffer(frame_), [self = shared_from_this()](auto e, size_t) {
      if (e)
        return;
      self->act_(self->socket_.native_handle(), self->frame_);
      self->read_size();
    });
  }

  tcp::socket socket_;
  const action& act_;
  uint32_t size_ = 0;
  bytes frame_;
};

void accept(tcp::acceptor& acceptor, const action& act) {
  acceptor.async_accept([&](auto e, tcp::socket socket) {
    if (!e) {
      socket.set_option(tcp::no_delay{true});
      std::make_shared<peer>(std::move(socket), act)->read_size();
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

bytes with_size(const buffer& answer) {
  bytes out(sizeof(uint32_t) + answer.size());
  const auto size = htonl(static_cast<uint32_t>(answer.size()));
  std::memcpy(out.data(), &size, sizeof size);
  std::memcpy(out.data() + sizeof size, answer.data(), answer.size());
  return out;
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
  auto server = serve([&](int socket, const bytes& frame) {
    if (position >= wrap)
      position = 0;
    if (::pwrite(fd, frame.data(), frame.size(), static_cast<off_t>(position)) < 0)
      ::_exit(1);
    position += frame.size();
    static const auto out = with_size(answer);
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
  auto server = serve([&](int socket, const bytes&) {
    if (position + static_cast<off_t>(length) > s.st_size)
      position = 0;
    static const auto out = with_size(answer);
    send_all(socket, out.data(), sizeof(uint32_t) + head, MSG_MORE);
    for (auto left = length; left > 0;) {
      const auto n = ::sendfile(socket, fd, &position, left);
      if (n <= 0)
        wait_for_room(socket);
      else
        left -= static_cast<size_t>(n);
    }
  });
  ::close(fd);
  return server;
}

} // namespace chisme::bench
