// One io thread: an Asio io_context that connections and their sessions live on.
#pragma once

#include "actors/session/loop.hpp"

#include <boost/asio/io_context.hpp>

#include <optional>
#include <thread>

namespace chisme::nodes {

class io_loop final : public session::loop {
public:
  io_loop();
  ~io_loop() override;

  boost::asio::io_context& context() { return context_; }

  void start();
  /// Ends the thread; what was posted and did not run stays.
  void stop();
  /// After stop(): runs what is left, and what that posts, on the caller's thread.
  void run_leftovers();

  void post(std::function<void()> f) override;
  std::shared_ptr<void> after(std::chrono::milliseconds delay, std::function<void()> f) override;

private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

} // namespace chisme::nodes
