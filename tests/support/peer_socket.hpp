// A plain socket that plays a node, or pretends to.
#pragma once

#include "messages/peer/peer_message.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <optional>
#include <string>

namespace chisme::test {

namespace asio = boost::asio;

/// Calls block. An error of the network throws, the end of the connection does not.
class raw_peer {
public:
  using tcp = asio::ip::tcp;

  explicit raw_peer(uint16_t port) { socket_.connect({asio::ip::address_v4::loopback(), port}); }
  explicit raw_peer(tcp::acceptor& from) { from.accept(socket_); }

  void send(std::string_view bytes) { asio::write(socket_, asio::buffer(bytes)); }
  void send(const peer_message& m) {
    const auto frame = peer::encode_frame(m, peer::newest_version);
    for (const auto& part : frame.parts())
      send(as_chars(std::get<buffer>(part)));
  }

  /// The next message; nothing where the other side has closed.
  std::optional<peer_message> receive() {
    std::array<unsigned char, 4> size{};
    boost::system::error_code e;
    asio::read(socket_, asio::buffer(size), e);
    if (e)
      return std::nullopt;
    buffer_builder body{size_t{size[0]} << 24 | size_t{size[1]} << 16 | size_t{size[2]} << 8 | size[3]};
    asio::read(socket_, asio::buffer(body.data(), body.size()), e);
    if (e)
      return std::nullopt;
    auto m = peer::decode_frame(std::move(body).freeze(), peer::newest_version);
    return m ? std::optional{std::move(*m)} : std::nullopt;
  }

  /// Says hello; the answer, where there is one.
  std::optional<peer::hello_answer> greet(const peer::hello& h) {
    send(h);
    auto m = receive();
    return m ? std::optional{std::get<peer::hello_answer>(*m)} : std::nullopt;
  }

  /// Waits until the other side closes; false: it sends something.
  bool is_closed_by_other() {
    char c = 0;
    boost::system::error_code e;
    return socket_.read_some(asio::buffer(&c, 1), e) == 0;
  }

private:
  /// Nothing here is asynchronous.
  static asio::io_context& context() {
    static asio::io_context c;
    return c;
  }

  tcp::socket socket_{context()};
};

} // namespace chisme::test
