// Which nodes are dialled, when and where, and which of them are up. The connections themselves are the shell's.
//
// A node is dialled while gossip names it, while it is connected to this node itself, and from when it has answered as
// a seed until that connection ends. Control comes first; bulk follows once the node has said which process it is, and
// ends with it. Each attempt has a number, which names the connection that it becomes, too.
#pragma once

#include "actors/links/dial_backoff.hpp"
#include "actors/links/handshake.hpp"
#include "actors/random_source.hpp"

#include <array>
#include <map>
#include <variant>
#include <vector>

namespace chisme::links {

using dial_id = uint64_t;

/// Connect, say hello, and report answered() or failed().
struct dial {
  dial_id id = 0;
  peer::lane via = peer::lane::control;
  peer::address to;

  friend bool operator==(const dial&, const dial&) = default;
};
/// Give up the attempt, or close what it has become; nothing is reported of it any more.
struct hang_up {
  dial_id id = 0;

  friend bool operator==(const hang_up&, const hang_up&) = default;
};
/// From here on messages to the node leave by this connection.
struct use {
  dial_id id = 0;
  node_id node = -1;
  peer::lane via = peer::lane::control;
  int16_t version = 0;

  friend bool operator==(const use&, const use&) = default;
};
struct came_up {
  node_id node = -1;
  uint64_t process_id = 0;

  friend bool operator==(const came_up&, const came_up&) = default;
};
struct went_down {
  node_id node = -1;
  std::string reason;

  friend bool operator==(const went_down&, const went_down&) = default;
};
/// Worth a line in the log.
struct complaint {
  peer::address at;
  std::string words;

  friend bool operator==(const complaint&, const complaint&) = default;
};
using action = std::variant<dial, hang_up, use, came_up, went_down, complaint>;
using actions = std::vector<action>;

class roster {
public:
  roster(peer::process self, random_source random, size_t most_nodes)
    : self_(std::move(self)), random_(std::move(random)), most_nodes_(most_nodes) {}

  const peer::process& self() const { return self_; }

  // What is asked for; see port.hpp.
  void set_peer(node_id id, peer::address at, actions& out);
  void forget_peer(node_id id, actions& out);
  void dial_seed(peer::address at, actions& out);
  void set_cluster_id(timestamp_ms now, std::string id, actions& out);

  // What became of an attempt. Where it was given up meanwhile nothing comes of it but a hang_up.
  void answered(timestamp_ms now, dial_id id, const peer::hello_answer& answer, actions& out);
  /// Also of a connection that was in use and has ended.
  void failed(timestamp_ms now, dial_id id, const std::string& words, actions& out);

  /// A process has connected its control lane to this node.
  void heard(const peer::process& from, actions& out);
  /// No connection from that node is left.
  void unheard(node_id id, actions& out);

  void tick(timestamp_ms now, actions& out);
  /// When tick() has something to do; nothing: not before another call.
  std::optional<timestamp_ms> next() const;

  /// The process that is up; null where none is.
  const peer::process* up(node_id id) const;

private:
  enum class state : uint8_t { idle, dialling, up };
  struct line {
    state is = state::idle;
    dial_id id = 0;
    std::optional<timestamp_ms> at; ///< when idle: dialled next
    dial_backoff backoff;
  };
  struct node {
    peer::address at;
    bool is_named = false; ///< by gossip
    bool is_heard = false;
    peer::process process; ///< that is up, or was last
    std::array<line, peer::lanes> lines;

    line& control() { return lines[0]; }
    const line& control() const { return lines[0]; }
    line& bulk() { return lines[1]; }
  };
  /// Whose attempt it is.
  struct place {
    line* at = nullptr;
    std::map<node_id, node>::iterator owner; ///< end() for a seed
    std::map<peer::address, line>::iterator seed;
    peer::lane via = peer::lane::control;
  };

  std::optional<place> find(dial_id id);
  void dial_now(line& l, peer::lane via, const peer::address& to, actions& out);
  void retry_later(timestamp_ms now, line& l, failure f);
  void retry(timestamp_ms now, line& l, failure f, const peer::address& at, const std::string& words, actions& out);
  void drop(line& l, actions& out);
  void drop_all(node_id id, node& n, const std::string& reason, actions& out);
  void dial_again(node& n, actions& out);
  void seed_answered(place at, dial_id id, const peer::hello_answer& answer, int16_t version, actions& out);
  void control_up(node_id id, node& n, const peer::process& process, int16_t version, actions& out);
  void bulk_answered(timestamp_ms now, place at, const peer::hello_answer& answer, int16_t version, actions& out);

  peer::process self_;
  random_source random_;
  size_t most_nodes_;
  std::map<node_id, node> nodes_;
  std::map<peer::address, line> seeds_; ///< that have not answered yet
  dial_id last_ = 0;
};

} // namespace chisme::links
