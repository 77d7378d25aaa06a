// What a follower makes of a leader's messages: what it takes of them, what it cuts for them, and what it answers.
#pragma once

#include "actors/raft/log_view.hpp"
#include "actors/raft/steps.hpp"

#include <optional>

namespace chisme::raft {

/// What is to be done about a raft_append.
struct append_plan {
  enum class verdict : uint8_t { malformed, diverged, matches } what = verdict::malformed;
  position at;                 ///< diverged: the hint; matches: where the message ends
  std::optional<position> cut; ///< the log goes on differently behind that
  bool has_more = false;       ///< there is something to copy:
  size_t first_mark = 0;       ///< from these on
  size_t first_batch = 0;
};

/// Raft figure 2, AppendEntries 2 to 4. Cuts only where the log differs from what the message says: one that comes late
/// or twice cuts nothing. Throws where it would have to cut what is committed.
append_plan plan_append(const log_view& log, offset_t commit, const peer::raft_append& message,
                        std::span<const batch_outline> batches);

/// Whether the log is the leader's up to there. Before its start it is by leader completeness (Raft section 5.4.3):
/// retention takes nothing that is not committed, but it takes the marks.
bool matches(const log_view& log, position p);

/// Where the log may part from one that goes through `prev`: the newest epoch that both may have, and where it ends
/// here (KIP-101, KIP-595). Before `prev`.
position divergence_hint(const log_view& log, offset_t commit, position prev);

/// What is known in the present leader's epoch; begun anew with each.
class follower {
public:
  /// The log is the leader's up to here, on disk or not.
  position matched() const { return matched_; }
  bool is_copying() const { return is_copying_; }
  bool was_sent_anything() const { return was_sent_; }

  void sent() { was_sent_ = true; }
  /// The leader may have forgotten that there is somebody to send to.
  void unsent() { was_sent_ = false; }
  void matches(position p);
  void copying(position to);
  void copied(bool ok);
  void leader_commits(offset_t offset) { leader_commit_ = std::max(leader_commit_, offset); }

  /// What may be taken for committed: what the leader says is, as far as it is known to match and is synced.
  offset_t committed(position synced) const;
  /// An answer is owed: the message's end is to be told when it is synced. What of it is synced before is told, too.
  std::optional<position> answer(position synced);

private:
  position matched_ = before_all;
  position copied_ = before_all;
  position told_ = before_all;
  offset_t leader_commit_ = 0;
  bool was_sent_ = false;
  bool is_copying_ = false;
  bool owes_answer_ = false;
};

} // namespace chisme::raft
