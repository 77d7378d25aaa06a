// What the heartbeats of a node are told, and what they want done: the inputs and outputs of the machine in
// node_heartbeats.hpp. Plain values.
#pragma once

#include "messages/peer/heartbeat.hpp"

#include <cstdint>
#include <variant>
#include <vector>

namespace chisme::heartbeats {

using group_id = peer::raft_group;

inline constexpr node_id nobody = -1;

struct options {
  int64_t tick_ms = 100;
  /// A peer of whom nothing is heard for so long is silent.
  int64_t silence_ms = 500;
  /// The same for one that others suspect.
  int64_t suspected_silence_ms = 250;
  /// Groups that one peer may say to lead. What it says beyond is given to groups that are there, and not kept.
  size_t most_claims = 300'000;
  /// Of one message; at most what fits into it.
  size_t most_entries = peer::heartbeat::max_entries;
};

namespace input {

/// Every tick_ms.
struct tick {};

/// What a local replica believes: when it was opened, and when its role, epoch, leader or configuration has moved; on a
/// leader also when its commit has. The answer of the replica to what it is told here need not come before the next
/// input.
struct group_changed {
  group_id group;
  /// Those who share the group; this node may be among them. On a leader all that shall hear of it: voters, outgoing
  /// ones and observers. Elsewhere the voters as far as they are known; `leader` need not be among them.
  std::vector<node_id> members;
  node_id leader = nobody; ///< the node itself: it leads
  leader_epoch_t epoch = -1;
  offset_t commit = 0; ///< only of a leader
};
/// The replica is not there any more: stopped, removed, died. Peers are told that it does not lead.
struct group_gone {
  group_id group;
};

struct message_arrived {
  node_id from = nobody;
  peer::heartbeat message;
};
/// From here on messages to it are sent.
struct peer_up {
  node_id node = nobody;
  uint64_t process = 0;
};
/// The link to it was closed, or it is not reached: it counts as silent until it is heard.
struct peer_down {
  node_id node = nobody;
};
/// Others suspect it, or think it dead. What this node heard of it itself, a moment ago, counts more.
struct peer_suspected {
  node_id node = nobody;
};

} // namespace input

using any_input = std::variant<input::tick, input::group_changed, input::group_gone, input::message_arrived,
                               input::peer_up, input::peer_down, input::peer_suspected>;

namespace output {

struct send {
  node_id to = nobody;
  peer::heartbeat message;
  friend bool operator==(const send&, const send&) = default;
};

/// To the group's replica here: what a heartbeat said of it. Given where it is news, and again where the replica may
/// have lost it: the peer was silent in between, or the replica was not there, or does not believe in that leader.
struct heard_of {
  group_id group;
  node_id from = nobody;
  leader_epoch_t epoch = -1;
  offset_t commit = 0;
  bool leads = false;
  friend bool operator==(const heard_of&, const heard_of&) = default;
};
/// To the replica: whom it believes to lead is silent, runs in a new process, or does not say that it leads in that
/// epoch.
struct leader_silent {
  group_id group;
  friend bool operator==(const leader_silent&, const leader_silent&) = default;
};

/// To a replica that leads, of another member. It counts as heard at first; then on transitions only. That it is heard
/// again is told to whoever was told that it is silent, whether or not that one leads.
struct peer_silent {
  group_id group;
  node_id node = nobody;
  friend bool operator==(const peer_silent&, const peer_silent&) = default;
};
struct peer_heard {
  group_id group;
  node_id node = nobody;
  friend bool operator==(const peer_heard&, const peer_heard&) = default;
};
/// To a replica that leads: the member runs in a new process.
struct peer_restarted {
  group_id group;
  node_id node = nobody;
  friend bool operator==(const peer_restarted&, const peer_restarted&) = default;
};

} // namespace output

using any_output = std::variant<output::send, output::heard_of, output::leader_silent, output::peer_silent,
                                output::peer_heard, output::peer_restarted>;
using outputs = std::vector<any_output>;

} // namespace chisme::heartbeats
