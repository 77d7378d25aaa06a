// A connection to another node: says hello, waits for the answer, and from there on is only written to. What comes
// behind the answer ends it. Lives on its loop.
#pragma once

#include "actors/links/roster.hpp"
#include "actors/session/frame_reader.hpp"
#include "nodes/client_socket.hpp"
#include "nodes/io_loop.hpp"
#include "nodes/peer_limits.hpp"
#include "nodes/peer_outbox.hpp"
#include "nodes/send_queue.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <optional>

namespace chisme::nodes {

/// Who it belongs to. Called on the loop.
class dialled_peer_owner {
public:
  virtual ~dialled_peer_owner() = default;
  virtual void answered(links::dial_id id, const peer::hello_answer& answer) = 0;
  /// Also of one that was in use. Not where close() was called.
  virtual void failed(links::dial_id id, const std::string& words) = 0;
};

class dialled_peer : public std::enable_shared_from_this<dialled_peer> {
public:
  dialled_peer(links::dial what, io_loop& loop, const peer_limits& limits, std::weak_ptr<dialled_peer_owner> owner);

  void start(const peer::hello& hello);
  /// Messages from here on; somebody calls drain() when there are any.
  void use(std::shared_ptr<peer_outbox> box);
  void drain();
  void close();

  const std::shared_ptr<peer_outbox>& outbox() const { return box_; }

private:
  using tcp = boost::asio::ip::tcp;

  void resolve();
  void connect(const tcp::resolver::results_type& to);
  void connected();
  void wait_readable();
  void readable();
  void take_answer();
  bool refill();
  void wait_writable();
  void end(const std::string& words);

  const links::dial what_;
  io_loop& loop_;
  const peer_limits limits_;
  std::weak_ptr<dialled_peer_owner> owner_;
  std::optional<tcp::resolver> resolver_;
  std::optional<tcp::socket> connecting_;
  std::optional<client_socket> socket_;
  session::frame_reader reader_;
  std::shared_ptr<void> deadline_; // of the answer
  std::shared_ptr<peer_outbox> box_;
  send_queue out_;
  uint64_t handed_ = 0; // bytes, to out_
  bool is_answered_ = false;
  bool writing_ = false; // a wait for room is on its way
  bool open_ = true;
};

} // namespace chisme::nodes
