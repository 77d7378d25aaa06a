// One node as far as its links go: a loop, the links on it, and what they told.
#pragma once

#include "nodes/peer_links.hpp"

#include <algorithm>
#include <condition_variable>
#include <latch>

namespace chisme::test {

/// Remembers what it is told, and lets tests wait for it.
class link_recorder final : public links::receiver {
public:
  struct state {
    std::vector<std::string> events; ///< "up 2 20", "down 2"
    std::vector<int64_t> pings;      ///< that are no answers
    std::vector<int64_t> answers;
    std::vector<int64_t> bulk;
    std::vector<payload> kept; ///< of bulk, while keeps is set
    uint64_t bulk_bytes = 0;
    bool keeps = false;
  };

  /// Pings, and bulk ones, are answered by a ping through this port.
  void answer_through(std::weak_ptr<links::port> port) { port_ = std::move(port); }

  void arrived(node_id from, peer_message m) override {
    if (auto* ping = std::get_if<peer::ping>(&m)) {
      change([&](state& s) { (ping->is_answer ? s.answers : s.pings).push_back(ping->number); });
      if (!ping->is_answer)
        answer(from, ping->number);
    } else if (auto* bulk = std::get_if<peer::bulk_ping>(&m)) {
      const auto number = bulk->number;
      change([&](state& s) {
        s.bulk.push_back(number);
        s.bulk_bytes += bulk->records.size();
        if (s.keeps)
          s.kept.push_back(std::move(bulk->records));
      });
      answer(from, number);
    }
  }
  void peer_up(node_id id, uint64_t process_id) override {
    change([&](state& s) { s.events.push_back("up " + std::to_string(id) + " " + std::to_string(process_id)); });
  }
  void peer_down(node_id id, const std::string&) override {
    change([&](state& s) { s.events.push_back("down " + std::to_string(id)); });
  }

  template <class F>
  void wait(F until) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return until(state_); });
  }
  void wait_for_event(const std::string& e) {
    wait([&](const state& s) { return std::ranges::find(s.events, e) != s.events.end(); });
  }
  state now() const {
    std::lock_guard lock{mutex_};
    return state_;
  }
  template <class F>
  void change(F f) {
    {
      std::lock_guard lock{mutex_};
      f(state_);
    }
    changed_.notify_all();
  }

private:
  void answer(node_id to, int64_t number) {
    if (const auto port = port_.lock())
      port->send(to, peer::ping{number, true});
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  state state_;
  std::weak_ptr<links::port> port_;
};

class linked_node {
public:
  struct settings {
    std::string cluster = "c";
    uint16_t port = 0;
    std::optional<peer::address> advertised = {};
    nodes::peer_limits limits = patient();
  };

  linked_node(node_id id, uint64_t process_id) : linked_node(id, process_id, settings{}) {}
  linked_node(node_id id, uint64_t process_id, settings s) {
    nodes::peer_links::config c;
    c.listeners = {{"PEER", "127.0.0.1", s.port}};
    c.self.id = id;
    c.self.process_id = process_id;
    c.self.cluster_id = s.cluster;
    c.advertised = s.advertised;
    c.limits = s.limits;
    links = std::make_shared<nodes::peer_links>(std::move(c), loop, random_source{process_id}, told);
    if (const auto ok = links->listen(); !ok)
      throw std::runtime_error{ok.error().message};
    loop.start();
    links->start();
  }
  ~linked_node() { links->stop(); }

  /// No test depends on how fast the machine is.
  static nodes::peer_limits patient() {
    nodes::peer_limits l;
    l.hello = l.dial = l.stalled = std::chrono::minutes{10};
    return l;
  }

  uint16_t port() const { return links->bound().front().port; }
  peer::address at() const { return {"127.0.0.1", port()}; }

  nodes::io_loop loop;
  std::shared_ptr<link_recorder> told = std::make_shared<link_recorder>();
  std::shared_ptr<nodes::peer_links> links;
};

/// Sends until it is taken: a way that is up may lack the bulk connection for a moment yet.
inline void send_surely(linked_node& from, node_id to, const peer_message& m) {
  while (!from.links->send(to, m))
    std::this_thread::yield();
}

/// Keeps a loop from running until release(), as SIGSTOP does.
class stopped_loop {
public:
  explicit stopped_loop(nodes::io_loop& loop) {
    auto stopped = std::make_shared<std::latch>(1);
    loop.post([stopped, go = go_] {
      stopped->count_down();
      go->wait();
    });
    stopped->wait();
  }
  ~stopped_loop() { release(); }
  stopped_loop(const stopped_loop&) = delete;
  stopped_loop& operator=(const stopped_loop&) = delete;
  void release() {
    if (!std::exchange(released_, true))
      go_->count_down();
  }

private:
  std::shared_ptr<std::latch> go_ = std::make_shared<std::latch>(1);
  bool released_ = false;
};

} // namespace chisme::test
