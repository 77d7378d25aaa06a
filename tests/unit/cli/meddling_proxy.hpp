// Stands between the command line and a node, to do something between two of a command's requests.
#pragma once

#include "messages/kafka/api.hpp"
#include "messages/wire/primitives.hpp"

#include <atomic>
#include <boost/asio.hpp>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace chisme::test {

class meddling_proxy {
public:
  meddling_proxy() : acceptor_(io_, {boost::asio::ip::address_v4::loopback(), 0}) {}
  meddling_proxy(const meddling_proxy&) = delete;
  /// All who connected must have gone.
  ~meddling_proxy() {
    if (!accepting_.joinable())
      return;
    stopping_ = true;
    tcp::socket last{io_};
    last.connect(acceptor_.local_endpoint());
    accepting_.join();
    for (auto& t : connections_)
      t.join();
  }

  uint16_t port() const { return acceptor_.local_endpoint().port(); }

  void forward_to(uint16_t node) {
    node_ = node;
    accepting_ = std::thread{[this] { accept(); }};
  }

  /// Once, before the next request of this kind reaches the node.
  void before(kafka::api_key api, std::function<void()> meddle) {
    std::lock_guard guard{mutex_};
    meddle_[static_cast<int16_t>(api)] = std::move(meddle);
  }

private:
  using tcp = boost::asio::ip::tcp;

  void accept() {
    for (;;) {
      tcp::socket client{io_};
      acceptor_.accept(client);
      if (stopping_)
        return;
      connections_.emplace_back([this, peer = std::move(client)]() mutable { serve(peer); });
    }
  }

  /// The command line asks one thing after the other.
  void serve(tcp::socket& client) {
    boost::system::error_code failure;
    tcp::socket node{io_};
    node.connect({boost::asio::ip::address_v4::loopback(), node_}, failure);
    while (!failure) {
      auto request = read(client, failure);
      if (failure)
        return;
      meddle(request);
      boost::asio::write(node, boost::asio::buffer(request), failure);
      auto answer = read(node, failure);
      boost::asio::write(client, boost::asio::buffer(answer), failure);
    }
  }

  /// A frame with its size.
  static std::string read(tcp::socket& from, boost::system::error_code& failure) {
    std::string frame(4, '\0');
    boost::asio::read(from, boost::asio::buffer(frame), failure);
    if (failure)
      return {};
    const auto size = wire::load_big_endian<int32_t>(reinterpret_cast<const std::byte*>(frame.data()));
    frame.resize(4 + static_cast<size_t>(size));
    boost::asio::read(from, boost::asio::buffer(frame.data() + 4, frame.size() - 4), failure);
    return frame;
  }

  void meddle(const std::string& request) {
    const auto api = wire::load_big_endian<int16_t>(reinterpret_cast<const std::byte*>(request.data() + 4));
    std::function<void()> found;
    {
      std::lock_guard guard{mutex_};
      if (auto i = meddle_.find(api); i != meddle_.end()) {
        found = std::move(i->second);
        meddle_.erase(i);
      }
    }
    if (found)
      found();
  }

  boost::asio::io_context io_;
  tcp::acceptor acceptor_;
  uint16_t node_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::map<int16_t, std::function<void()>> meddle_;
  std::vector<std::thread> connections_;
  std::thread accepting_;
};

} // namespace chisme::test
