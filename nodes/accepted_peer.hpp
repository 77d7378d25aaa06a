// A connection from another node: it says hello, is answered, and from there on is only read.
//
// Nothing that comes here is trusted. Who does not say hello in time, or says anything else first, is closed. Reading
// stops while this node still works on as much as it may have of that node; see peer_limits.hpp. Lives on its loop.
#pragma once

#include "actors/links/admission.hpp"
#include "actors/session/request_memory.hpp"
#include "messages/peer/peer_message.hpp"
#include "nodes/client_socket.hpp"
#include "nodes/io_loop.hpp"
#include "nodes/peer_limits.hpp"
#include "nodes/release_notifier.hpp"

#include <string>

namespace chisme::nodes {

class accepted_peer;

/// gone: the other side has closed it, or the network has. broken: for what came on it, or did not come. refused: by
/// refuse().
enum class accepted_peer_end : uint8_t { gone, broken, refused };

/// Who it belongs to. Called on the loop.
class accepted_peer_owner {
public:
  virtual ~accepted_peer_owner() = default;
  /// To be answered at once by admit() or refuse().
  virtual void hello_came(accepted_peer& from, const peer::hello& hello) = 0;
  virtual void arrived(accepted_peer& from, peer_message m) = 0;
  /// Of a kind or a version that is not known here.
  virtual void skipped(accepted_peer& from, uint8_t kind, const std::string& words) = 0;
  /// Not where close() was called.
  virtual void ended(accepted_peer& from, const std::string& reason, accepted_peer_end how) = 0;
};

class accepted_peer : public std::enable_shared_from_this<accepted_peer> {
public:
  accepted_peer(boost::asio::ip::tcp::socket socket, links::connection_id id, io_loop& loop, const peer_limits& limits,
                std::weak_ptr<accepted_peer_owner> owner);
  ~accepted_peer();

  void start();
  void admit(const peer::hello& hello, int16_t version, const peer::hello_answer& answer);
  void refuse(const peer::hello_answer& answer);
  void close();

  links::connection_id id() const { return id_; }
  const std::string& address() const { return socket_.peer(); }
  bool is_admitted() const { return version_.has_value(); }
  /// Who it has said to be, once admitted.
  const peer::process& process() const { return process_; }
  peer::lane via() const { return via_; }
  /// Bytes of its frames that this node still works on.
  int64_t held() const { return memory_->held(); }

private:
  void wait_readable();
  void read_burst();
  bool take_frames();
  void take(buffer frame);
  void take_hello(const buffer& frame);
  bool answer_with(const peer::hello_answer& answer);
  void there_is_room();
  void let_go();
  void end(const std::string& reason, accepted_peer_end how = accepted_peer_end::broken);

  client_socket socket_;
  const links::connection_id id_;
  io_loop& loop_;
  const peer_limits limits_;
  std::weak_ptr<accepted_peer_owner> owner_;
  session::frame_reader reader_;
  std::shared_ptr<release_notifier> room_ = std::make_shared<release_notifier>();
  std::shared_ptr<session::request_memory> memory_;
  std::shared_ptr<void> deadline_; // of the hello
  std::optional<int16_t> version_; // agreed upon
  peer::process process_;
  peer::lane via_ = peer::lane::control;
  bool open_ = true;
  bool lacks_memory_ = false;
};

} // namespace chisme::nodes
