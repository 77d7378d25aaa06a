// A wire between two ports of this machine that can be cut: what goes through it is one direction of a link.
#pragma once

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <future>
#include <memory>
#include <set>
#include <thread>

namespace chisme::test {

class relay {
public:
  using tcp = boost::asio::ip::tcp;

  explicit relay(uint16_t to) : to_(to) {
    accept();
    thread_ = std::jthread{[this] { context_.run(); }};
  }
  ~relay() { context_.stop(); }
  relay(const relay&) = delete;
  relay& operator=(const relay&) = delete;

  uint16_t port() const { return port_; }

  /// What is connected ends, and what connects ends at once.
  void cut() { set(true); }
  void mend() { set(false); }

private:
  using socket_ptr = std::shared_ptr<tcp::socket>;

  void set(bool is_cut) {
    std::promise<void> done;
    boost::asio::post(context_, [&] {
      is_cut_ = is_cut;
      if (is_cut)
        for (const auto& s : std::exchange(open_, {}))
          close(s);
      done.set_value();
    });
    done.get_future().wait();
  }

  static void close(const socket_ptr& s) {
    boost::system::error_code ignored;
    s->close(ignored);
  }

  void accept() {
    acceptor_.async_accept([this](boost::system::error_code e, tcp::socket s) {
      if (!e && !is_cut_)
        connect(std::make_shared<tcp::socket>(std::move(s)));
      accept();
    });
  }

  void connect(const socket_ptr& from) {
    auto to = std::make_shared<tcp::socket>(context_);
    boost::system::error_code e;
    to->connect({boost::asio::ip::address_v4::loopback(), to_}, e);
    if (e)
      return;
    open_.insert({from, to});
    pump(from, to);
    pump(to, from);
  }

  void pump(const socket_ptr& from, const socket_ptr& to) {
    auto bytes = std::make_shared<std::array<char, 65536>>();
    from->async_read_some(boost::asio::buffer(*bytes), [=, this](boost::system::error_code e, size_t n) {
      if (!e)
        boost::asio::write(*to, boost::asio::buffer(*bytes, n), e);
      if (!e)
        return pump(from, to);
      close(from);
      close(to);
      open_.erase(from);
      open_.erase(to);
    });
  }

  boost::asio::io_context context_{1};
  tcp::acceptor acceptor_{context_, {boost::asio::ip::address_v4::loopback(), 0}};
  const uint16_t port_ = acceptor_.local_endpoint().port();
  const uint16_t to_;
  bool is_cut_ = false;
  std::set<socket_ptr> open_;
  std::jthread thread_;
};

} // namespace chisme::test
