// What is known of one peer, and of the groups that it shares with this node.
#pragma once

#include "actors/heartbeats/steps.hpp"
#include "actors/heartbeats/unacknowledged.hpp"

#include <deque>
#include <map>
#include <optional>

namespace chisme::heartbeats {

/// What ties one group to one peer. There is none where all of it has its default.
struct tie {
  /// The peer's process has said that it leads, and has not taken it back.
  struct claim {
    leader_epoch_t epoch = -1;
    offset_t commit = 0;
    friend bool operator==(const claim&, const claim&) = default;
  };
  enum class role : uint8_t {
    none,
    leads_here,  ///< the replica here leads; the peer is to be told of it
    follows_peer ///< the replica here believes that the peer leads
  };

  std::optional<claim> theirs{};
  role here = role::none;
  leader_epoch_t followed_epoch = -1;
  bool told_silent = false; ///< the replica believes that the peer is silent
  bool is_awaited = false;  ///< stands in `awaited`

  bool is_nothing() const { return !theirs && here == role::none && !told_silent && !is_awaited; }
  /// The peer's process says what the replica believes, or will when it has heard of the newer epoch.
  bool is_confirmed() const { return theirs && theirs->epoch >= followed_epoch; }
};

struct peer_state {
  /// Of processes that were replaced so many are known: what they sent may still be on its way. While a link is up they
  /// are not needed.
  static constexpr size_t most_former = 8;

  /// Groups that come to depend on a peer which is silent, or has not confirmed it, wait so long for it.
  struct awaited_group {
    int64_t deadline = 0;
    group_id group;
  };

  uint64_t process = 0; ///< 0: not known yet
  std::deque<uint64_t> former;
  bool is_up = false;
  bool is_heard = false;
  bool is_suspected = false;
  bool has_more = false;    ///< its last message did not hold all its news
  bool owes_answer = false; ///< it waits for an acknowledgement
  int64_t heard_at = 0;
  int64_t deaf_until = 0; ///< what arrives earlier may have been on its way when the link was closed: no sign of life
  uint64_t received = 0;  ///< the last sequence of its process
  uint64_t sent = 0;      ///< the last sequence to this peer
  size_t shared = 0;      ///< groups of this node that the peer is a member or the leader of
  size_t claims = 0;      ///< ties with `theirs`
  std::map<group_id, tie, group_order> ties;
  unacknowledged news;
  std::deque<awaited_group> awaited; ///< deadlines ascend

  /// Null where there is none.
  tie* find(const group_id& group) {
    const auto i = ties.find(group);
    return i == ties.end() ? nullptr : &i->second;
  }
  void tidy(const group_id& group) {
    if (const auto i = ties.find(group); i != ties.end() && i->second.is_nothing())
      ties.erase(i);
  }
};

} // namespace chisme::heartbeats
