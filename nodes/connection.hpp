// A client's TCP connection: bytes in, frames to the session; responses out.
//
// Reading stops while the session has as much in flight as it may have, or while responses pile up that the client
// does not read. A connection that does not drain, that leaves a request unfinished, or that says nothing for long
// is closed by sweep(), which its gateway calls now and then.
#pragma once

#include "actors/session/frame_reader.hpp"
#include "actors/session/session.hpp"
#include "nodes/client_socket.hpp"
#include "nodes/io_loop.hpp"
#include "nodes/send_queue.hpp"

#include <chrono>

namespace chisme::nodes {

class gateway;

class connection final : public session::transport, public std::enable_shared_from_this<connection> {
public:
  using clock = std::chrono::steady_clock;

  connection(boost::asio::ip::tcp::socket socket, io_loop& loop, gateway& owner, session::broker& b);
  ~connection() override;

  void start();
  /// Closes where a limit has passed at `now`.
  void sweep(clock::time_point now);
  /// The node ends: what waits for a time is answered now.
  void end_waits() { session_->end_waits(); }
  /// The node has ended.
  void end();
  /// After gateway::wait_for_room().
  void there_is_room();

  void send(payload response) override;
  void flush() override;
  void close(std::string reason) override;

private:
  void wait_readable();
  void readable(boost::system::error_code e);
  void read_burst();
  /// What a burst left: nothing; bytes that were not read; frames that were not handed over, perhaps.
  enum class rest { nothing, bytes, frames };
  rest read_and_take();
  rest take_rest(rest otherwise);
  void resume_reading();
  bool take_frames();
  void wait_writable();
  bool may_go_on() const;
  bool may_receive();
  std::span<std::byte> room_to_receive();
  void go_on();
  void wait_for_room();
  void account_partial();
  void release_reserved();
  void release_memory();
  void look_for_departure();
  void close_where_overdue(clock::time_point now);
  bool is_slow(clock::time_point now) const;
  void ended(std::string_view reason, bool is_usual);

  client_socket socket_;
  io_loop& loop_;
  gateway& owner_;
  session::frame_reader reader_;
  send_queue out_;
  std::shared_ptr<session::session> session_;
  clock::time_point last_read_ = clock::now();     // or could have been
  clock::time_point last_received_ = clock::now(); // when bytes came, or there was room for them after a wait
  clock::time_point last_drained_ = clock::now();
  uint64_t sent_at_sweep_ = 0;
  size_t partial_bytes_ = 0; // counted for a frame that is not complete yet
  int64_t reserved_ = 0;     // bytes of memory, for the large request that is being read
  clock::time_point reserved_at_;
  bool seems_gone_ = false; // at the last sweep
  bool open_ = true;
  bool in_burst_ = false;
  bool reading_ = false;      // a wait for bytes, or a resume, is on its way
  bool writing_ = false;      // a wait for room is on its way
  bool lacks_memory_ = false; // a call of there_is_room() is on its way
};

} // namespace chisme::nodes
