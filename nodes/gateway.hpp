// The front door: listens, accepts, spreads connections over io threads, and sweeps out the ones that hang.
#pragma once

#include "config/node_settings.hpp"
#include "nodes/connection.hpp"
#include "nodes/listener.hpp"
#include "nodes/release_notifier.hpp"

#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <memory>
#include <unordered_set>
#include <vector>

namespace chisme::nodes {

class gateway {
public:
  /// `b` gets the memory for its requests from here.
  gateway(const node_settings& settings, session::broker& b);
  ~gateway();

  /// Binds every listener. The error names the listener and, for a port in use, the cure.
  result<void> listen();
  /// Where the listeners are really bound, in the order of the settings (a port 0 has become a number).
  std::vector<endpoint> bound() const;

  /// The loops run from here on.
  void start_loops();
  /// Accepts from here on; after start_loops().
  void start();

  /// Accepts and reads nothing more; what waits for a time is answered; answers still leave.
  void stop_reading();

  /// Stops accepting, closes the connections, ends the threads. Nothing of a connection is left, nor of what its client
  /// had asked for, unless an actor has it.
  void stop();

  /// After stop(): runs what was posted to the loops since, on this thread.
  void run_leftovers();

  const node_settings& settings() const { return settings_; }
  /// For connections of other kinds: the last one, since the first one accepts.
  io_loop& last_loop() { return threads_.back()->loop; }
  size_t connections() const { return open_.load(); }
  /// Nothing more may be read.
  bool is_ending() const { return ending_.load(); }
  session::request_memory& memory() { return *broker_.memory; }
  /// From a connection, on its loop: it is to look again when requests have let go of memory.
  void wait_for_room(io_loop& loop, session::request_memory::share of, std::weak_ptr<connection> c);

  /// From a connection, on its loop, when it has closed.
  void forget(io_loop& loop, const std::shared_ptr<connection>& c);

private:
  struct io_thread {
    io_loop loop;
    std::unordered_set<std::shared_ptr<connection>> connections;
    std::vector<std::weak_ptr<connection>> without_room[session::request_memory::shares];
    std::unique_ptr<boost::asio::steady_timer> sweeper;
  };

  void accept(const std::shared_ptr<listener>& l);
  void accepted(boost::asio::ip::tcp::socket socket, io_thread& t);
  void sweep_later(io_thread& t);
  void there_is_room(session::request_memory::share of);
  std::chrono::milliseconds sweep_interval() const;

  const node_settings& settings_;
  session::broker& broker_;
  std::shared_ptr<release_notifier> room_released_ = std::make_shared<release_notifier>();
  std::vector<std::unique_ptr<io_thread>> threads_;
  /// Shared with what waits for them on a loop: it may come to run after they have been closed.
  std::vector<std::shared_ptr<listener>> listeners_;
  std::atomic<size_t> open_{0};
  std::atomic<bool> ending_{false};
  size_t next_ = 0;
};

} // namespace chisme::nodes
