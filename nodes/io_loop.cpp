#include "nodes/io_loop.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <pthread.h>

namespace chisme::nodes {

io_loop::io_loop() : work_(boost::asio::make_work_guard(context_)) {}

io_loop::~io_loop() { stop(); }

void io_loop::start() {
  thread_ = std::thread{[this] {
    pthread_setname_np(pthread_self(), "chisme.io");
    context_.run();
  }};
}

void io_loop::stop() {
  context_.stop();
  if (thread_.joinable())
    thread_.join();
}

void io_loop::run_leftovers() {
  context_.restart();
  context_.poll();
}

void io_loop::post(std::function<void()> f) { boost::asio::post(context_, std::move(f)); }

std::shared_ptr<void> io_loop::after(std::chrono::milliseconds delay, std::function<void()> f) {
  auto timer = std::make_shared<boost::asio::steady_timer>(context_, delay);
  timer->async_wait([f = std::move(f)](boost::system::error_code e) {
    if (!e)
      f();
  });
  return timer;
}

} // namespace chisme::nodes
