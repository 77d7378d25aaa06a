// Where other nodes come in: listens, accepts, hears who it is, and keeps the connections that links::admission lets
// in. Lives on its loop.
#pragma once

#include "actors/links/admission.hpp"
#include "nodes/accepted_peer.hpp"
#include "nodes/listener.hpp"

#include <atomic>
#include <bitset>
#include <map>
#include <set>
#include <unordered_map>

namespace chisme::nodes {

/// Who it belongs to. Called on the loop.
class peer_door_owner {
public:
  virtual ~peer_door_owner() = default;
  virtual const peer::process& self() const = 0;
  /// The process of that node that is up; null where none is.
  virtual const peer::process* up(node_id id) const = 0;
  /// A process has connected its control lane.
  virtual void heard(const peer::process& from) = 0;
  /// No connection from that node is left.
  virtual void unheard(node_id id) = 0;
  virtual void arrived(node_id from, peer_message m) = 0;
};

class peer_door final : public accepted_peer_owner, public std::enable_shared_from_this<peer_door> {
public:
  /// Read from any thread.
  struct counts {
    std::atomic<uint64_t> arrived{0}; ///< messages that were handed on
    std::atomic<uint64_t> skipped{0}; ///< of an unknown kind or version
    std::atomic<uint64_t> refused{0}; ///< hellos
    std::atomic<uint64_t> broken{0};  ///< connections that were closed for what came on them, or did not come
  };

  peer_door(io_loop& loop, const peer_limits& limits, std::weak_ptr<peer_door_owner> owner);

  /// Before start(), from any thread. The error names the listener and, for a port in use, the cure.
  result<void> listen(const std::vector<endpoint>& where);
  std::vector<endpoint> bound() const;
  void start();
  void close();

  /// Closes the connections from this node.
  void shut_out(node_id id);
  /// Closes those that do not fit any more.
  void check_again();

  const counts& counted() const { return counts_; }

private:
  void hello_came(accepted_peer& from, const peer::hello& hello) override;
  void arrived(accepted_peer& from, peer_message m) override;
  void skipped(accepted_peer& from, uint8_t kind, const std::string& words) override;
  void ended(accepted_peer& from, const std::string& reason, accepted_peer_end how) override;

  void accept(const std::shared_ptr<listener>& l);
  void accepted(boost::asio::ip::tcp::socket socket);
  void evict_one();
  void shut(links::connection_id id);
  void forget(links::connection_id id);
  void refuse(accepted_peer& from, const links::refusal& why);
  bool is_new_refusal(const std::string& words);

  io_loop& loop_;
  const peer_limits limits_;
  std::weak_ptr<peer_door_owner> owner_;
  links::admission admission_;
  std::vector<std::shared_ptr<listener>> listeners_;
  std::unordered_map<links::connection_id, std::shared_ptr<accepted_peer>> connections_;
  std::set<links::connection_id> strangers_;          ///< that have not said hello yet; the oldest first
  std::map<node_id, std::bitset<256>> skipped_kinds_; ///< that the log tells of already
  std::set<std::string> refusals_;                    ///< likewise
  links::connection_id last_ = 0;
  uint64_t evicted_ = 0;
  bool open_ = false;
  counts counts_;
};

} // namespace chisme::nodes
