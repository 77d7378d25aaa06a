// A blocking TCP connection that carries Kafka frames, for the command line: one request at a time, every
// step with a deadline.
#pragma once

#include "config/endpoint.hpp"
#include "messages/payload.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>

namespace chisme::cli {

class connection {
public:
  using duration = std::chrono::milliseconds;

  /// Resolves and connects within `timeout`. Errors name the address and the system's reason.
  static result<std::unique_ptr<connection>> open(const endpoint& peer, duration timeout);

  /// Sends a whole request and reads one frame, returned without its size. A frame above 100 MiB is refused
  /// before memory is taken for it. After a failure the connection is closed and stays unusable.
  result<buffer> exchange(const payload& request);
  bool is_open() const { return socket_.is_open(); }
  /// Another one to the same peer.
  result<std::unique_ptr<connection>> again() const { return open(peer_, timeout_); }

private:
  connection(endpoint peer, duration timeout) : peer_(std::move(peer)), timeout_(timeout) {}

  result<void> connect();
  result<void> read(std::span<std::byte> into);
  /// Runs what was started until it ends or the deadline passes; `failure` is its result.
  result<void> wait(const char* doing, const boost::system::error_code& failure);
  std::string name() const;

  endpoint peer_;
  duration timeout_;
  boost::asio::io_context io_{1};
  boost::asio::ip::tcp::socket socket_{io_};
  boost::asio::ip::tcp::resolver resolver_{io_};
};

} // namespace chisme::cli
