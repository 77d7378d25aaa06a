#include "nodes/client_socket.hpp"

#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace chisme::nodes {

namespace {

using boost::asio::ip::tcp;

std::string name_of(const tcp::socket& socket) {
  boost::system::error_code e;
  auto endpoint = socket.remote_endpoint(e);
  return e ? std::string{"?"} : endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
}

int taken_from(tcp::socket& socket) {
  boost::system::error_code e;
  socket.non_blocking(true, e);
  socket.set_option(tcp::no_delay{true}, e);
  const int fd = socket.release(e);
  return e ? -1 : fd;
}

} // namespace

client_socket::client_socket(tcp::socket socket)
  : watcher_(socket.get_executor()), peer_(name_of(socket)), fd_(taken_from(socket)) {}

boost::system::error_code client_socket::watch() {
  boost::system::error_code e;
  if (!watcher_.is_open())
    watcher_.assign(fd_, e);
  return e;
}

void client_socket::wake_at(size_t bytes) {
  if (bytes == wakes_at_)
    return;
  const auto n = static_cast<int>(bytes);
  if (::setsockopt(fd_, SOL_SOCKET, SO_RCVLOWAT, &n, sizeof n) == 0)
    wakes_at_ = bytes;
}

void client_socket::close() {
  if (watcher_.is_open())
    watcher_.release();
  if (const int fd = std::exchange(fd_, -1); fd >= 0)
    ::close(fd);
}

} // namespace chisme::nodes
