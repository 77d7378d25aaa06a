// What a replica is told, and what it wants done: the inputs and actions of the machine in replica.hpp. Plain values.
#pragma once

#include "actors/log/copied_batches.hpp"
#include "actors/log/leader_epochs.hpp"
#include "actors/partition/raft_message.hpp"
#include "actors/raft/configuration_history.hpp"
#include "actors/raft/steps.hpp"
#include "config/topic_settings.hpp"
#include "messages/errors.hpp"

#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace chisme::partition {

using raft::position;

/// What the machine needs to know of its log. Taken anew for each step: the log changes by the actions only.
struct log_view {
  offset_t start = 0;     ///< where a copy of it begins
  offset_t log_start = 0; ///< where readers begin: not before that
  offset_t end = 0;
  position synced;                           ///< what lies before, marks among it, is on stable storage
  const log::leader_epochs* marks = nullptr; ///< null: none
  const raft::configuration_history* configurations = nullptr; ///< null: none
  bool is_dirty = false;                                       ///< something is not on stable storage
  bool has_uncompacted = false;                                ///< closed segments wait for compaction
  const error* sync_failure = nullptr;                         ///< a sync has failed: nobody knows what is on the disk
  const error* must_reopen = nullptr; ///< an operation stopped half-way: mended by opening the log anew
};

/// What another replica of the group has sent, as far as it is known here.
struct peer_said {
  node_id from = raft::nobody;
  raft_message what;
  log::copied_batches batches{}; ///< of a raft_append
};

namespace input {

/// The answer to open_log.
struct opened {
  raft::hard_state stored{};
  leader_epoch_t told = -1;     ///< see raft::input::opened
  node_id first = raft::nobody; ///< likewise
};
struct open_failed {
  error why;
};
/// Appends came, and wait for append_due.
struct append_arrived {};
/// Everything that came at the same time is there.
struct append_due {};
/// The answer to append: so many bytes were written, 0 where there was nothing to write.
struct appended {
  uint64_t bytes = 0;
  bool some_wait = false; ///< it was enough for one turn
};
struct append_failed {
  error why;
  bool some_wait = false;
};
/// The answer to sync; the log knows already what has been synced.
struct synced {};
struct sync_failed {
  error why;
};
/// Something was done to the log that the machine did not ask for: records were deleted at a client's wish.
struct log_changed {};
struct settings_changed {
  flush_mode flush = flush_mode::sync;
  int32_t min_in_sync = 1; ///< replicas that have what is acknowledged to acks=all
};
struct housekeeping_due {};
/// The answer to retain.
struct retained {};
struct checkpoint_due {};
/// The answer to take_checkpoint.
struct checkpointed {};
struct compaction_due {};
/// The answer to plan_compaction where there is nothing to do today. Else the compaction runs.
struct compaction_put_off {};
/// The compaction under way has come to an end; its outcome is there.
struct compaction_done {};
/// The answer to swap_in.
struct swapped_in {};
/// Of a plan, of the compaction itself or of its outcome.
struct compaction_failed {
  error why;
};
/// What kept the log from being opened may have passed.
struct reopen_due {};
/// The answer to close_log.
struct closed {};
/// Lives until the actions that follow from it are done.
struct from_peer {
  std::shared_ptr<const peer_said> message;
};
/// The answer to write_mark.
struct mark_written {};
/// End: sync and close the log, or let go of it, because its folder is going to be removed.
struct stop {
  bool remove = false;
};

} // namespace input

using replica_input =
  std::variant<input::opened, input::open_failed, input::append_arrived, input::append_due, input::appended,
               input::append_failed, input::synced, input::sync_failed, input::log_changed, input::settings_changed,
               input::housekeeping_due, input::retained, input::checkpoint_due, input::checkpointed,
               input::compaction_due, input::compaction_put_off, input::compaction_done, input::swapped_in,
               input::compaction_failed, input::reopen_due, input::closed, input::stop, input::from_peer,
               input::mark_written, raft::input::stored, raft::input::append_failed, raft::input::copied,
               raft::input::copy_failed, raft::input::timer, raft::input::leader_silent, raft::input::peer_silent,
               raft::input::peer_heard, raft::input::peer_restarted, raft::input::heartbeat, raft::input::transfer,
               raft::input::reconfigure, raft::input::replicated, raft::input::not_sent, raft::input::sendable>;

namespace action {

struct open_log {
  friend bool operator==(const open_log&, const open_log&) = default;
};
/// Ask for append_due behind everything that is on its way.
struct schedule_append {
  friend bool operator==(const schedule_append&, const schedule_append&) = default;
};
/// As schedule_append, and others have their turn before.
struct schedule_rest {
  friend bool operator==(const schedule_rest&, const schedule_rest&) = default;
};
/// Write the appends that wait, in this epoch, or as many as one turn takes. Who need not wait for the commit is
/// answered.
struct append {
  leader_epoch_t epoch = 0;
  friend bool operator==(const append&, const append&) = default;
};
/// Answer the appends that wait to be written.
struct refuse_appends {
  error why;
  friend bool operator==(const refuse_appends&, const refuse_appends&) = default;
};
/// Appends failed, for the first time since one succeeded.
struct tell_append_failed {
  error why;
  friend bool operator==(const tell_append_failed&, const tell_append_failed&) = default;
};
/// Make durable what is not.
struct sync {
  friend bool operator==(const sync&, const sync&) = default;
};
/// Answer appends below the high watermark; `bytes` more were committed than before, for the readers that wait.
struct commit {
  offset_t high_watermark = 0;
  uint64_t bytes = 0;
  friend bool operator==(const commit&, const commit&) = default;
};
/// Appends that wait and end at or below that are committed, and fewer replicas have them than the topic asks for,
/// which are not there: say so.
struct refuse_unheld {
  offset_t up_to = 0;
  friend bool operator==(const refuse_unheld&, const refuse_unheld&) = default;
};
/// This replica leads, and clients may come.
struct serve {
  leader_epoch_t epoch = 0;
  friend bool operator==(const serve&, const serve&) = default;
};
/// Clients have to go to somebody else; raft::nobody: it is not known to whom. Those who wait here have been told.
struct follow {
  node_id leader = raft::nobody;
  leader_epoch_t epoch = -1;
  friend bool operator==(const follow&, const follow&) = default;
};
/// The leader's log begins there: nobody needs what lies before.
struct move_start {
  offset_t to = 0;
  friend bool operator==(const move_start&, const move_start&) = default;
};
/// Peers are to be told, with the next heartbeat, who leads, in which epoch, and what is committed.
struct tell_peers {
  friend bool operator==(const tell_peers&, const tell_peers&) = default;
};
/// Nobody is served any more; `may_pass`: another attempt to open the log may succeed.
struct give_up {
  error why;
  bool may_pass = false;
  friend bool operator==(const give_up&, const give_up&) = default;
};
/// Everybody who waits, for a write, a commit or a record, is told.
struct fail_waiting {
  error why;
  friend bool operator==(const fail_waiting&, const fail_waiting&) = default;
};
/// checkpoint_due, please, in a while.
struct ask_for_checkpoint {
  friend bool operator==(const ask_for_checkpoint&, const ask_for_checkpoint&) = default;
};
struct take_checkpoint {
  friend bool operator==(const take_checkpoint&, const take_checkpoint&) = default;
};
/// compaction_due, please, in a while.
struct ask_for_compaction {
  friend bool operator==(const ask_for_compaction&, const ask_for_compaction&) = default;
};
struct plan_compaction {
  friend bool operator==(const plan_compaction&, const plan_compaction&) = default;
};
/// The compaction's outcome takes the place of what it was made from.
struct swap_in {
  friend bool operator==(const swap_in&, const swap_in&) = default;
};
/// Delete what is too old or too much; forget producers that are silent.
struct retain {
  friend bool operator==(const retain&, const retain&) = default;
};
/// Everything in it is synced: note that for the next start, and let go of it. The log is gone at once.
struct close_log {
  friend bool operator==(const close_log&, const close_log&) = default;
};
/// Let go of the log without syncing: the files go.
struct release_log {
  friend bool operator==(const release_log&, const release_log&) = default;
};
/// The replica is done; with an error where another one is to be started in its place.
struct end {
  std::optional<error> why{};
  friend bool operator==(const end&, const end&) = default;
};

} // namespace action

using replica_action =
  std::variant<action::open_log, action::schedule_append, action::schedule_rest, action::append, action::refuse_appends,
               action::tell_append_failed, action::sync, action::commit, action::refuse_unheld, action::serve,
               action::give_up, action::fail_waiting, action::ask_for_checkpoint, action::take_checkpoint,
               action::ask_for_compaction, action::plan_compaction, action::swap_in, action::retain, action::close_log,
               action::release_log, action::end, action::follow, action::move_start, action::tell_peers,
               raft::output::store, raft::output::send, raft::output::replicate, raft::output::send_reset,
               raft::output::write_mark, raft::output::truncate, raft::output::copy, raft::output::reset,
               raft::output::wake>;
using replica_actions = std::vector<replica_action>;

} // namespace chisme::partition
