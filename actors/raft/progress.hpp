// What a leader knows of one follower's log, and what is on its way there.
//
//   probe ----- a position that the follower holds -----> replicate
//     ^  \                                                    |
//     |   reset (what it needs is not in the log any more)    |
//     +------ refused, lost, restarted, silent ---------------+
//
// In probe one message is on its way at a time, to find where the logs part (Raft section 5.3, nextIndex). In replicate
// the follower is sent what comes, optimistically, as far as its credit goes.
#pragma once

#include "actors/raft/hard_state.hpp"
#include "actors/raft/position.hpp"

#include <array>

namespace chisme::raft {

class progress {
public:
  static constexpr size_t window = 4; ///< appends on their way, at most
  enum class state : uint8_t { probe, replicate, reset };

  progress(node_id node, position from, bool silent) : node_(node), silent_(silent), next_(from) {}

  node_id node() const { return node_; }
  state now() const { return state_; }
  bool is_silent() const { return silent_; }
  /// It says that it has lost its disk: it is sent everything, and counts for nothing.
  bool has_lost_disk() const { return has_lost_disk_; }
  void lost_disk(bool is_so) { has_lost_disk_ = is_so; }
  /// Up to where the follower's disk holds the leader's log; before_all where that is not known.
  position match() const { return match_; }
  /// Behind that the next message begins.
  position next() const { return next_; }
  /// Something is to be answered, or sent again: time matters.
  bool is_waiting() const { return !silent_ && (in_flight_ > 0 || is_held_up_); }
  /// Whether a message may be sent now; `in_flight`: at most so many, in replicate.
  bool may_send(size_t in_flight) const;

  /// A message was asked for, and no other one is before that is answered by sent or held_up.
  void ask() { is_asked_ = true; }
  void sent(position from, position to);
  void hold_up();
  /// What held it up may have passed.
  void go_on() { is_held_up_ = false; }
  /// A message is owed to it that has to come although there is nothing to copy; until one is sent.
  void owe_word() { is_owed_word_ = true; }
  bool is_owed_word() const { return is_owed_word_; }
  void reset();
  void probe(position at);

  /// The follower holds everything before `at`, synced. False: known already.
  bool acknowledged(position at);
  /// It does not hold `prev`. Whether that is news: an old message may say so of what was sent since (it came twice, or
  /// late).
  bool is_refusal(position prev) const { return prev >= match_; }

  void silent();
  void heard();
  /// A new process: nothing is on its way, and what it holds is to be found out.
  void restarted();
  /// Called once in a while: what was not answered for a whole such while is lost.
  void tick();

private:
  void forget_flight();

  node_id node_;
  state state_ = state::probe;
  bool silent_;
  bool is_asked_ = false;
  bool is_held_up_ = false;
  bool is_owed_word_ = false;
  bool has_lost_disk_ = false;
  uint8_t ticks_ = 0; ///< since anything was sent or answered
  uint8_t in_flight_ = 0;
  position match_ = before_all;
  position next_;
  std::array<position, window> flight_{}; ///< where the messages on their way end; the oldest first
};

} // namespace chisme::raft
