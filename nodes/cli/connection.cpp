#include "nodes/cli/connection.hpp"

#include "messages/wire/primitives.hpp"

#include <boost/asio.hpp>

namespace chisme::cli {

namespace asio = boost::asio;

namespace {

constexpr int32_t max_frame = 100 << 20;

} // namespace

std::string connection::name() const {
  auto text = to_string(peer_);
  return text.substr(text.find("://") + 3);
}

result<void> connection::wait(const char* doing, const boost::system::error_code& failure) {
  io_.restart();
  io_.run_for(timeout_);
  if (!io_.stopped()) {
    // The handler refers to the caller's variables: it must have run before they go.
    boost::system::error_code ignored;
    resolver_.cancel();
    socket_.close(ignored);
    io_.run();
    return fail(error_code::request_timed_out,
                std::string{doing} + " " + name() + " took longer than " + std::to_string(timeout_.count()) + " ms");
  }
  if (failure) {
    boost::system::error_code ignored;
    socket_.close(ignored);
    return fail(error_code::network_exception, std::string{doing} + " " + name() + ": " + failure.message());
  }
  return {};
}

result<void> connection::connect() {
  boost::system::error_code failure = asio::error::would_block;
  asio::ip::tcp::resolver::results_type addresses;
  resolver_.async_resolve(peer_.host, std::to_string(peer_.port), [&](auto e, auto found) {
    failure = e;
    addresses = found;
  });
  if (auto resolved = wait("finding the address of", failure); !resolved)
    return resolved;
  asio::async_connect(socket_, addresses, [&](auto e, const auto&) { failure = e; });
  return wait("connecting to", failure);
}

result<std::unique_ptr<connection>> connection::open(const endpoint& peer, duration timeout) {
  std::unique_ptr<connection> opened{new connection{peer, timeout}};
  if (auto connected = opened->connect(); !connected)
    return tl::make_unexpected(connected.error());
  return opened;
}

result<void> connection::read(std::span<std::byte> into) {
  boost::system::error_code failure = asio::error::would_block;
  asio::async_read(socket_, asio::buffer(into.data(), into.size()), [&](auto e, size_t) { failure = e; });
  return wait("reading the answer of", failure);
}

result<buffer> connection::exchange(const payload& request) {
  std::vector<asio::const_buffer> pieces;
  for (auto& part : request.parts())
    if (auto bytes = std::get_if<buffer>(&part))
      pieces.emplace_back(bytes->data(), bytes->size());
  boost::system::error_code failure = asio::error::would_block;
  asio::async_write(socket_, pieces, [&](auto e, size_t) { failure = e; });
  if (auto sent = wait("sending to", failure); !sent)
    return tl::make_unexpected(sent.error());
  std::array<std::byte, 4> prefix;
  if (auto got = read(prefix); !got)
    return tl::make_unexpected(got.error());
  auto size = wire::load_big_endian<int32_t>(prefix.data());
  if (size < 4 || size > max_frame) {
    boost::system::error_code ignored;
    socket_.close(ignored);
    return fail(error_code::network_exception,
                name() + " sent a frame of " + std::to_string(size) + " bytes: does it speak Kafka's protocol?");
  }
  buffer_builder frame{static_cast<size_t>(size)};
  if (auto got = read(frame.span()); !got)
    return tl::make_unexpected(got.error());
  return std::move(frame).freeze();
}

} // namespace chisme::cli
