// A client's socket: the system's calls go to its descriptor; Asio only watches it.
//
// Lives on its loop.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include <poll.h>
#include <string>
#include <sys/ioctl.h>

namespace chisme::nodes {

class client_socket {
public:
  using wait_type = boost::asio::posix::stream_descriptor::wait_type;

  /// Connected; from here on no call on it blocks and nothing is held back to fill packets. Stays with the
  /// io_context of `socket`.
  explicit client_socket(boost::asio::ip::tcp::socket socket);
  ~client_socket() { close(); }
  client_socket(const client_socket&) = delete;
  client_socket& operator=(const client_socket&) = delete;

  int fd() const { return fd_; }
  /// Address and port; "?" where the client had gone already.
  const std::string& peer() const { return peer_; }
  bool has_bytes() const {
    int n = 0;
    return ::ioctl(fd_, FIONREAD, &n) == 0 && n > 0;
  }

  /// A wait for reading ends when so many bytes are there (SO_RCVLOWAT): a megabyte that comes in costs a few wake-ups
  /// instead of one for each piece, and does not take the core from whoever sends it each time.
  void wake_at(size_t bytes);

  /// The client will send nothing more than what is there, and reads no more, perhaps.
  bool peer_has_closed() const {
    pollfd p{fd_, POLLRDHUP, 0};
    return ::poll(&p, 1, 0) > 0 && p.revents != 0;
  }

  /// Calls f(error), later, when the socket can be read or written, has ended, or cannot be watched.
  template <class F>
  void wait(wait_type what, F f) {
    if (const auto e = watch())
      return boost::asio::post(watcher_.get_executor(), [e, failed = std::move(f)]() mutable { failed(e); });
    watcher_.async_wait(what, std::move(f));
  }
  /// A wait under way ends with an error.
  void close();

private:
  boost::system::error_code watch();

  boost::asio::posix::stream_descriptor watcher_;
  std::string peer_;
  int fd_;
  size_t wakes_at_ = 1; // bytes
};

} // namespace chisme::nodes
