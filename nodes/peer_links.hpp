// The links to other nodes over TCP.
//
// Each direction has connections of its own, two of them, control and bulk: a node dials another one for what it sends
// and is dialled for what it hears, so there is nothing to settle when both dial at once. links::roster decides whom to
// dial, links::admission (behind nodes/peer_door) whom to accept. All sockets are on one loop.
//
//   send() ─> peer_outbox ─> dialled_peer ══TCP══> accepted_peer ─> peer_door ─> receiver::arrived()
#pragma once

#include "actors/links/port.hpp"
#include "actors/links/roster.hpp"
#include "nodes/dialled_peer.hpp"
#include "nodes/peer_door.hpp"

#include <mutex>

namespace chisme::nodes {

/// Frames since the start, if not said otherwise.
struct peer_counts {
  uint64_t sent = 0;    ///< taken by a queue
  uint64_t unsent = 0;  ///< send() gave false
  uint64_t arrived = 0; ///< and handed on
  uint64_t skipped = 0; ///< of an unknown kind or version
  uint64_t refused = 0; ///< hellos
  uint64_t broken = 0;  ///< accepted connections that were closed for what came on them, or did not come
};

/// Made by std::make_shared. stop() is called while the loop runs, or where start() never was.
class peer_links final : public links::port,
                         public peer_door_owner,
                         public dialled_peer_owner,
                         public std::enable_shared_from_this<peer_links> {
public:
  struct config {
    std::vector<endpoint> listeners;
    peer::process self;                      ///< its address is found out by listen()
    std::optional<peer::address> advertised; ///< nothing: as bound; port 0: the one that is bound
    peer_limits limits;
  };

  peer_links(config c, io_loop& loop, random_source random, std::shared_ptr<links::receiver> told);
  ~peer_links() override;

  /// Binds. The error names the listener and, for a port in use, the cure.
  result<void> listen();
  std::vector<endpoint> bound() const;
  /// Where others are told to dial; after listen().
  const peer::address& address() const { return config_.self.at; }
  void start();
  /// Nothing is told to anybody when it has returned.
  void stop();

  bool send(node_id to, peer_message m) override;
  void set_peer(node_id id, peer::address at) override;
  void forget_peer(node_id id) override;
  void dial_seed(peer::address at) override;
  void set_cluster_id(std::string id) override;

  peer_counts counts() const;
  /// Bytes that wait to be sent to a node.
  uint64_t queued(node_id to, peer::lane via) const;

private:
  // For the connections, on the loop.
  const peer::process& self() const override { return roster_->self(); }
  const peer::process* up(node_id id) const override { return roster_->up(id); }
  void heard(const peer::process& from) override;
  void unheard(node_id id) override;
  void arrived(node_id from, peer_message m) override;
  void answered(links::dial_id id, const peer::hello_answer& answer) override;
  void failed(links::dial_id id, const std::string& words) override;

  /// Asks the roster, and does what it says.
  template <class F>
  void decide(F ask);
  template <class F>
  void on_loop(F f);
  void perform(const links::dial& a);
  void perform(const links::hang_up& a);
  void perform(const links::use& a);
  void perform(const links::came_up& a);
  void perform(const links::went_down& a);
  void perform(const links::complaint& a);
  void wake_later();

  std::shared_ptr<peer_outbox> box(node_id to, peer::lane via) const;
  void forget_box(const dialled_peer& of);
  void end_all();

  config config_;
  io_loop& loop_;
  random_source random_;
  std::shared_ptr<links::receiver> told_;
  std::optional<links::roster> roster_; ///< from listen() on
  std::shared_ptr<peer_door> door_;
  std::unordered_map<links::dial_id, std::shared_ptr<dialled_peer>> dialled_;
  std::unique_ptr<boost::asio::steady_timer> wake_;
  bool started_ = false;
  std::atomic<bool> stopped_{false};

  mutable std::mutex mutex_;
  /// Of who is up; under mutex_.
  std::map<std::pair<node_id, peer::lane>, std::shared_ptr<peer_outbox>> boxes_;
  std::atomic<uint64_t> sent_{0}, unsent_{0};
};

} // namespace chisme::nodes
