#include "nodes/gateway.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace chisme::nodes {

namespace asio = boost::asio;
using asio::ip::tcp;

gateway::gateway(const node_settings& settings, session::broker& b) : settings_(settings), broker_(b) {
  broker_.memory = std::make_shared<session::request_memory>(
    settings.queued_request_bytes, [notifier = room_released_](auto of) { notifier->notify(of); });
  for (int32_t i = 0; i < std::max(1, settings.network_threads); ++i)
    threads_.push_back(std::make_unique<io_thread>());
}

gateway::~gateway() { stop(); }

result<void> gateway::listen() {
  for (const auto& where : settings_.listeners) {
    auto l = bind_listener(threads_.front()->loop.context(), where, "listeners", "PLAINTEXT://host:port");
    if (!l)
      return tl::make_unexpected(l.error());
    listeners_.push_back(std::move(*l));
  }
  return {};
}

std::vector<endpoint> gateway::bound() const {
  std::vector<endpoint> all;
  for (const auto& l : listeners_)
    all.push_back(l->where);
  return all;
}

void gateway::start() {
  for (const auto& l : listeners_)
    asio::post(l->acceptor.get_executor(), [this, l] { accept(l); });
}

void gateway::start_loops() {
  room_released_->subscribe([this](session::request_memory::share of) { there_is_room(of); });
  for (auto& t : threads_) {
    t->sweeper = std::make_unique<asio::steady_timer>(t->loop.context());
    sweep_later(*t);
    t->loop.start();
  }
}

void gateway::stop_reading() {
  ending_ = true;
  for (const auto& l : listeners_)
    asio::post(l->acceptor.get_executor(), [l] { l->close(); });
  for (auto& t : threads_)
    t->loop.post([thread = t.get()] {
      for (const auto& c : thread->connections)
        c->end_waits();
    });
}

void gateway::stop() {
  ending_ = true;
  room_released_->unsubscribe();
  for (auto& t : threads_)
    t->loop.stop();
  // The threads have ended: what is left is closed from here.
  for (const auto& l : listeners_)
    l->close();
  for (auto& t : threads_) {
    t->sweeper.reset();
    while (!t->connections.empty())
      (*t->connections.begin())->end();
  }
  listeners_.clear();
  // What waited for their sockets and timers held them: it runs now, and is gone.
  run_leftovers();
}

void gateway::run_leftovers() {
  for (auto& t : threads_)
    t->loop.run_leftovers();
}

void gateway::accept(const std::shared_ptr<listener>& l) {
  if (ending_)
    return;
  auto& thread = *threads_[next_++ % threads_.size()];
  l->acceptor.async_accept(thread.loop.context(), [this, l, &thread](boost::system::error_code e, tcp::socket s) {
    if (e == asio::error::operation_aborted || ending_)
      return;
    if (!e) {
      asio::post(thread.loop.context(), [this, &thread, moved = std::make_shared<tcp::socket>(std::move(s))] {
        accepted(std::move(*moved), thread);
      });
      return accept(l);
    }
    // Out of descriptors or memory: give the others time to end instead of spinning.
    spdlog::warn("accept failed listener={} error=\"{}\"", to_string(l->where), e.message());
    l->retry.expires_after(std::chrono::milliseconds{100});
    l->retry.async_wait([this, l](boost::system::error_code aborted) {
      if (!aborted)
        accept(l);
    });
  });
}

void gateway::accepted(tcp::socket socket, io_thread& t) {
  if (ending_)
    return;
  // May change while the node runs.
  const auto most = broker_.image.get()->settings->max_connections;
  if (open_.load() >= static_cast<size_t>(most)) {
    spdlog::warn("connection refused reason=\"max.connections={} are open\"", most);
    return;
  }
  ++open_;
  auto c = std::make_shared<connection>(std::move(socket), t.loop, *this, broker_);
  t.connections.insert(c);
  c->start();
}

void gateway::forget(io_loop& loop, const std::shared_ptr<connection>& c) {
  for (auto& t : threads_) {
    if (&t->loop == &loop && t->connections.erase(c) > 0)
      --open_;
  }
}

void gateway::wait_for_room(io_loop& loop, session::request_memory::share of, std::weak_ptr<connection> c) {
  for (auto& t : threads_)
    if (&t->loop == &loop)
      t->without_room[of].push_back(std::move(c));
  memory().expect_room(of);
}

void gateway::there_is_room(session::request_memory::share of) {
  for (auto& t : threads_)
    t->loop.post([thread = t.get(), of] {
      for (const auto& weak : std::exchange(thread->without_room[of], {}))
        if (const auto c = weak.lock())
          c->there_is_room();
    });
}

std::chrono::milliseconds gateway::sweep_interval() const {
  auto shortest = settings_.drain_timeout_ms;
  if (settings_.connection_idle_ms >= 0)
    shortest = std::min(shortest, settings_.connection_idle_ms);
  return std::chrono::milliseconds{std::clamp<int64_t>(shortest / 4, 50, 5000)};
}

void gateway::sweep_later(io_thread& t) {
  t.sweeper->expires_after(sweep_interval());
  t.sweeper->async_wait([this, &t](boost::system::error_code e) {
    if (e)
      return;
    const auto now = connection::clock::now();
    for (auto i = t.connections.begin(); i != t.connections.end();) {
      const auto c = *i++; // sweeping may close it, which takes it out
      c->sweep(now);
    }
    sweep_later(t);
  });
}

} // namespace chisme::nodes
