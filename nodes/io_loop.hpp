// One io thread: an Asio io_context that connections and their sessions live on.
#pragma once

#include "actors/session/loop.hpp"
#include "nodes/lingering_reads.hpp"

#include <boost/asio/io_context.hpp>

#include <optional>
#include <thread>

namespace chisme::nodes {

class io_loop final : public session::loop {
public:
  /// `linger`: how long a heartbeat may wait for others where many come; 0: not at all.
  explicit io_loop(std::chrono::milliseconds linger);
  ~io_loop() override;

  boost::asio::io_context& context() { return context_; }
  lingering_reads& lingering() { return lingering_; }

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
  lingering_reads lingering_;
  std::thread thread_;
};

} // namespace chisme::nodes
