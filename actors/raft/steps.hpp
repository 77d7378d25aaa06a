// What a replica's consensus is told, and what it wants done: the inputs and outputs of the machine in group.hpp.
//
// Outputs are done in their order, and all of them before the next message of a peer is given to the machine. The
// answers to them are inputs, at once or later, as is said at each.
#pragma once

#include "actors/log/copied_batches.hpp"
#include "actors/raft/hard_state.hpp"
#include "actors/raft/position.hpp"
#include "messages/peer/raft_append.hpp"
#include "messages/peer/raft_append_answer.hpp"
#include "messages/peer/raft_follow.hpp"
#include "messages/peer/raft_reset.hpp"
#include "messages/peer/raft_timeout_now.hpp"
#include "messages/peer/raft_vote.hpp"

#include <span>
#include <variant>
#include <vector>

namespace chisme::raft {

struct options {
  uint32_t election_timeout_ms = 500; ///< at least; at most twice that, by chance
  uint32_t silence_spread_ms = 100;   ///< a leader whose end is known is followed within that, by chance
  uint32_t retry_ms = 200;            ///< what is not answered after one to two of these is taken for lost
  uint32_t max_append_bytes = 1 << 20;
  uint32_t max_probe_bytes = 64 << 10; ///< to a follower of whom it is not known whether it can take them
  uint32_t max_in_flight = 4;          ///< appends to one follower; at most progress::window
};

/// A batch of a message: parsed, and its CRC checked, by who got the message.
using batch_outline = log::copied_batch;

enum class not_sent_reason : uint8_t {
  behind_start, ///< what follows the position is not in the log any more
  busy,         ///< the link's queue is full, or the bytes have to be read from the disk first (sendable): later
  failed,       ///< no link, or the log could not be read
};

namespace input {

/// The log is there. First of all inputs, and once; peer_silent follows for each node that is known to be.
struct opened {
  hard_state stored;
  /// The newest epoch in which others were told, by this process, that the replica leads, where it has stored none.
  leader_epoch_t told = -1;
  /// Of a group that is new: who is to lead it at first, and campaigns at once. Not a promise.
  node_id first = nobody;
};
/// The answer to store, one for each, in their order: it is on disk.
struct stored {};
/// The log has grown, by write_mark (its answer) or by what clients append. Also what is told when several came.
struct appended {};
/// write_mark failed.
struct append_failed {};
/// The answer to copy, and to reset: it is written, and the log view shows it.
struct copied {};
struct copy_failed {};
/// log_view::synced has moved. Who owns the log syncs whatever was written, without being asked.
struct synced {};
/// The last wake is due. May come late; one that was replaced must not come.
struct timer {};

/// The node that leads is gone, as somebody says (gossip, a closed link). To be said again where that goes on to be so
/// and is_led() is true once more: a message that was on its way may have come since.
struct leader_silent {};
/// Nothing is heard of the node any more; and again. On transitions only.
struct peer_silent {
  node_id node = nobody;
};
struct peer_heard {
  node_id node = nobody;
};
/// The node runs in a new process.
struct peer_restarted {
  node_id node = nobody;
};
/// What the node's heartbeat said of this group: it is in `epoch`, leads in it or not, and knows that `commit` is
/// committed. Given where it differs from what was said before, where `leads` is not what leader_id() says, and of one
/// that leads as long as is_led() is false.
struct heartbeat {
  node_id from = nobody;
  leader_epoch_t epoch = -1;
  offset_t commit = 0;
  bool leads = false;
};

/// Hand the leadership over. Ignored by who does not lead.
struct transfer {
  node_id to = nobody;
};
/// These shall vote; a leader that is in no other change begins when the new ones have caught up.
struct reconfigure {
  std::vector<node_id> voters;
};
/// The node has no replica of the group any more, and is no voter: it is not sent anything.
struct forget {
  node_id node = nobody;
};
/// Nothing is wanted any more.
struct stop {};

/// The answer to replicate, at once: what lies between the positions was sent.
struct replicated {
  node_id to = nobody;
  position prev;
  position next;
  uint64_t bytes = 0;
};
/// The answer to replicate or send_reset, at once. After send_reset behind_start does not occur.
struct not_sent {
  node_id to = nobody;
  not_sent_reason reason = not_sent_reason::failed;
};
/// What was to be read from the disk has been: what was not sent to the node may be, before the next retry.
struct sendable {
  node_id to = nobody;
};
/// Followers are to get a message soon, also where there is nothing to copy: it brings what its sender adds to it.
struct announce {};

/// Messages of peers of the same group.
struct vote_request {
  node_id from = nobody;
  peer::raft_vote_request message;
};
struct vote_answer {
  node_id from = nobody;
  peer::raft_vote_answer message;
};
/// Lives as long as the step and its outputs. Of the message itself the machine does not look at the records.
struct append {
  node_id from = nobody;
  const peer::raft_append* message = nullptr;
  std::span<const batch_outline> batches;
};
struct append_answer {
  node_id from = nobody;
  peer::raft_append_answer message;
};
struct reset {
  node_id from = nobody;
  const peer::raft_reset* message = nullptr;
};
struct timeout_now {
  node_id from = nobody;
  peer::raft_timeout_now message;
};
struct follow {
  node_id from = nobody;
  peer::raft_follow message;
};

} // namespace input

using input_variant =
  std::variant<input::opened, input::stored, input::appended, input::append_failed, input::copied, input::copy_failed,
               input::synced, input::timer, input::leader_silent, input::peer_silent, input::peer_heard,
               input::peer_restarted, input::heartbeat, input::transfer, input::reconfigure, input::forget, input::stop,
               input::replicated, input::not_sent, input::sendable, input::announce, input::vote_request,
               input::vote_answer, input::append, input::append_answer, input::reset, input::timeout_now,
               input::follow>;

namespace output {

/// To disk and synced; answered by stored.
struct store {
  hard_state state;
  friend bool operator==(const store&, const store&) = default;
};
struct send {
  node_id to = nobody;
  std::variant<peer::raft_vote_request, peer::raft_vote_answer, peer::raft_append_answer, peer::raft_timeout_now,
               peer::raft_follow>
    message;
  friend bool operator==(const send&, const send&) = default;
};
/// Send a raft_append with the marks and batches behind prev: at most so many bytes of batches, but one batch at least
/// where any follows. prev is held by the log. Answered at once by replicated or not_sent.
struct replicate {
  node_id to = nobody;
  leader_epoch_t epoch = 0;
  position prev;
  offset_t commit = 0;
  uint32_t max_bytes = 0;
  friend bool operator==(const replicate&, const replicate&) = default;
};
/// Send a raft_reset of the log start. Answered at once by replicated (prev and next: the start) or not_sent.
struct send_reset {
  node_id to = nobody;
  leader_epoch_t epoch = 0;
  offset_t commit = 0;
  friend bool operator==(const send_reset&, const send_reset&) = default;
};

/// Write this mark at the log's end, with its configuration, and sync it; answered by appended or append_failed.
struct write_mark {
  peer::raft_mark mark;
  friend bool operator==(const write_mark&, const write_mark&) = default;
};
/// Cut the log, its marks and their configurations to this position. A copy follows.
struct truncate {
  position to;
  friend bool operator==(const truncate&, const truncate&) = default;
};
/// Append what the message at hand has from this mark and this batch on, in the order of their offsets (a mark before
/// the batch at its offset), and sync it; answered by copied or copy_failed.
struct copy {
  size_t first_mark = 0;
  size_t first_batch = 0;
  friend bool operator==(const copy&, const copy&) = default;
};
/// Empty the log, let it start where the reset at hand says, take its marks, configurations and producers, and sync;
/// answered by copied or copy_failed.
struct reset {
  friend bool operator==(const reset&, const reset&) = default;
};

/// The replica's role. follow: of nobody where the leader is not known. candidate: `moves` where a leader moves to a
/// new epoch: what waits to be committed goes on to wait. lead: elected, its mark is not committed yet. established:
/// clients may be served. `epoch` is what is written into batches and told to clients.
struct follow {
  node_id leader = nobody;
  leader_epoch_t epoch = -1;
  friend bool operator==(const follow&, const follow&) = default;
};
struct candidate {
  leader_epoch_t epoch = -1;
  bool moves = false;
  friend bool operator==(const candidate&, const candidate&) = default;
};
/// `mark_is_due`: a group of one has not written the mark of its epoch: it comes with the first append.
struct lead {
  leader_epoch_t epoch = -1;
  bool mark_is_due = false;
  friend bool operator==(const lead&, const lead&) = default;
};
struct established {
  leader_epoch_t epoch = -1;
  friend bool operator==(const established&, const established&) = default;
};
/// The high watermark moved.
struct commit {
  offset_t offset = 0;
  friend bool operator==(const commit&, const commit&) = default;
};
/// timer, please, in a while; takes the place of the one before that.
struct wake {
  uint32_t after_ms = 0;
  friend bool operator==(const wake&, const wake&) = default;
};

} // namespace output

using output_variant = std::variant<output::store, output::send, output::replicate, output::send_reset,
                                    output::write_mark, output::truncate, output::copy, output::reset, output::follow,
                                    output::candidate, output::lead, output::established, output::commit, output::wake>;
using outputs = std::vector<output_variant>;

} // namespace chisme::raft
