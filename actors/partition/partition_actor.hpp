// A replica of a partition: the shell around its machine (replica.hpp) and its log.
//
//   append_batch --collect--> drain --> append_stage --> one write --> flusher --> commit_tracker --> acks, readers
//
// A handler tells the machine what happened; perform() is the only place that writes, sends and answers, and tells the
// machine how that went. Reads are answered from the log (log_queries.hpp), as long as they find it in memory:
//
//   read --cold--> disk worker --warm--> the same read again
//
// What the worker could not read fails the read with what the disk said; nobody here waits for the same failure again.
// A read that waits for a disk worker holds up nothing else. What waits are requests under way, of which sessions allow
// so many (session.hpp); they hold no memory for their answers, and those of clients that have gone are forgotten.
//
// Its functions stand in partition_actor.cpp (lifecycle), _appends.cpp, _reads.cpp and _upkeep.cpp.
//
// Lifecycle: a disk worker opens the log; then what was found is synced, and the supervisor is told. At a stop what is
// not synced is, and a disk worker closes the log.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/links/port.hpp"
#include "actors/log/partition_log.hpp"
#include "actors/log/quorum_state.hpp"
#include "actors/partition/ack_queue.hpp"
#include "actors/partition/append_stage.hpp"
#include "actors/partition/fetch_waiters.hpp"
#include "actors/partition/log_queries.hpp"
#include "actors/partition/open_replica.hpp"
#include "actors/partition/replica.hpp"
#include "actors/partition/warm_up.hpp"
#include "actors/peers/peer_router.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <type_traits>
#include <utility>

namespace chisme::partition {

/// What every replica of a node shares.
struct node_services {
  node_id self = 0;
  std::function<timestamp_ms()> wall_clock;
  flusher::flusher_actor flusher;
  cleaner::cleaner_actor cleaner;
  supervisor::supervisor_actor supervisor;
  disk_worker::disk_worker_actor disk_worker;
  int64_t producer_expiration_ms = 86'400'000;
  size_t most_producers = log::producer_state::default_most;
  /// The way to the other nodes; null, as the next two: this node is alone.
  std::shared_ptr<links::port> links{};
  heartbeats::port_ptr heartbeats{};
  std::shared_ptr<peers::peer_router> router{};
};

struct replica_config {
  topic_partition name;
  supervisor::replica_key key;
  std::string directory;
  topic_settings settings;
  bool existed = false; ///< the topic is older than this start of the node, or was open before: there should be a log
  std::vector<node_id> voters{};  ///< with whom the group began; empty: this node alone
  uint64_t seed = 0;              ///< of the chance in elections
  leader_epoch_t told_epoch = -1; ///< the newest that clients were told of by this process
  /// The replica was given to another data folder of this node than it has now: where nothing here says what it has
  /// promised, that is lost (raft/hard_state.hpp), and not a promise that it never gave.
  bool is_of_another_folder = false;
};

class partition final : public partition_actor::base {
public:
  partition(caf::actor_config& config, node_services around, replica_config replica);

  const char* name() const override { return "partition"; }
  void on_exit() override;

private:
  behavior_type make_behavior() override;
  void tell(replica_input in);
  void go_on();
  log_view view() const;

  void perform(const action::open_log&);
  void perform(const action::schedule_append&);
  void perform(const action::schedule_rest&);
  void perform(const action::append& a);
  void perform(const action::refuse_appends& a);
  void perform(const action::tell_append_failed& a);
  void perform(const action::sync&);
  void perform(const action::commit& a);
  void perform(const action::refuse_unheld& a);
  void perform(const action::serve& a);
  void perform(const action::give_up& a);
  void perform(const action::fail_waiting& a);
  void perform(const action::ask_for_checkpoint&);
  void perform(const action::take_checkpoint&);
  void perform(const action::ask_for_compaction&);
  void perform(const action::plan_compaction&);
  void perform(const action::swap_in&);
  void perform(const action::retain&);
  void perform(const action::close_log&);
  void perform(const action::release_log&);
  void perform(const action::end& a);

  // -- the group (partition_actor_peers.cpp) -----------------------------------------------------------------------

  void perform(const action::follow& a);
  void perform(const action::move_start& a);
  void perform(const action::tell_peers&);
  void perform(const raft::output::store& x);
  void perform(const raft::output::send& x);
  void perform(const raft::output::replicate& x);
  void perform(const raft::output::send_reset& x);
  void perform(const raft::output::write_mark& x);
  void perform(const raft::output::truncate& x);
  void perform(const raft::output::copy& x);
  void perform(const raft::output::reset& x);
  void perform(const raft::output::wake& x);

  void take(peers::arrival& m);
  void heed(const heartbeats::group_news& news);
  void send_copy(const raft::output::replicate& x, log::copy_read found);
  void warmed_for_copy(node_id to, const warm_up& so_far);
  raft::hard_state promised() const;
  void tell_timer(uint64_t number);
  bool is_over(const replica_input& in);
  void store_quorum_state();
  void store_later(const error& why);
  void sync_quorum_state();
  void quorum_state_synced(const log::quorum_state::unsynced& what, const std::string& failure);
  peer::raft_group group() const { return {replica_.key.topic_id, replica_.key.partition}; }
  void tell_of_role(node_id leader, leader_epoch_t epoch);
  void tell_who_is_in_sync();
  void tell_heartbeats();
  void join();
  void leave();
  /// Has a disk worker do something to the log that may take long. Nothing else is done until it is back; then `then`
  /// is told, or the failure.
  void have_done(const char* complaint, std::function<result<void>(log::partition_log&)> what, replica_input then,
                 replica_input failed);
  void came_back(const char* complaint, const disk_worker::work_result& r, replica_input then, replica_input failed);
  const peer_said& at_hand() const;

  void opened(const disk_worker::open_result& r);
  void sync_found(std::shared_ptr<opened_replica> r);
  void begin_with(opened_replica& r);
  void not_opened(const error& why);
  void note_recovery(const opened_replica& o) const;
  void closed(const std::string& failure);
  void collect(append_batch& batch);
  void refuse_collected(const error& why);
  int32_t in_sync_replicas() const;
  void answer_written(append_stage& stage);
  void compacted(const cleaner::clean_result& r);
  void change(const topic_settings& settings);

  /// Asks a question again, when more of the log is in memory.
  using ask_again = std::function<void(const warm_up& so_far)>;
  template <class Query>
  std::optional<std::invoke_result_t<Query>> in_memory(const warm_up& so_far, Query query, std::function<bool()> wanted,
                                                       ask_again again);
  void warm(log::cold_range cold, warm_up so_far, std::function<bool()> wanted, ask_again again);
  void read(const read_request& r, const warm_up& so_far = {});
  void find(const list_offset_request& r, const warm_up& so_far = {});
  void find_end(const epoch_end_request& r);
  void retain(const warm_up& so_far);
  void plan(const warm_up& so_far);
  void close_removed();
  void delete_records(const delete_records_request& r);
  void describe(const describe_request& r);

  standing now() const { return {machine_.epoch(), machine_.high_watermark()}; }
  std::string label() const { return to_string(replica_.name); }

  node_services around_;
  replica_config replica_;
  random_source random_;
  replica machine_;
  std::shared_ptr<log::partition_log> log_; // null while it is opened or closed, away, and where it cannot be
  std::optional<log::quorum_state> quorum_state_;
  raft::hard_state wanted_state_; // the newest one that is to be stored
  uint32_t stores_owed_ = 0;      // the consensus waits for so many to be done
  bool is_storing_ = false;
  std::optional<replica_input> input_; // of the step under way
  replica_actions actions_;            // of the step under way
  size_t next_action_ = 0;
  std::deque<replica_input> answers_; // of actions: the machine is told of them before anything else
  std::deque<replica_input> inputs_;  // that the machine has not been told yet
  bool telling_ = false;
  bool is_away_ = false;     // the log is at a disk worker
  uint64_t wake_number_ = 0; // of the timer that counts
  uint64_t due_wake_ = 0;    // of the one that waits to be told; 0: none
  /// What a follower needs and is not in memory: read for one message at a time.
  struct cold_copy {
    warm_up so_far{};
    bool is_read = false; // now
  };
  std::map<node_id, cold_copy> cold_copies_;
  bool heartbeats_are_told_soon_ = false;
  bool is_told_of_ = false;              // that it is open
  supervisor::replica_role told_role_{}; // the last one
  peers::arrival_port_ptr arrivals_;     // set while peers can reach this replica, as is news_
  heartbeats::group_port_ptr news_;
  std::vector<std::function<void()>> deferred_; // questions to the log while it is away

  std::deque<append_request> collected_;
  ack_queue acks_;
  fetch_waiters readers_;
  std::shared_ptr<log::compaction_result> compaction_; // that is to be swapped in
  int64_t producer_expiration_ms_;
};

/// What `query` finds in the log; none where it would have to wait for the disk. `again` is called then, later: the log
/// may be another one by that time, or none.
template <class Query>
std::optional<std::invoke_result_t<Query>> partition::in_memory(const warm_up& so_far, Query query,
                                                                std::function<bool()> wanted, ask_again again) {
  if (so_far.is_over())
    return query();
  log::cold_reads cold{so_far.failures()};
  auto answer = query();
  if (!cold.found())
    return answer;
  warm(*cold.found(), so_far, std::move(wanted), std::move(again));
  return std::nullopt;
}

/// A port to a replica that is an actor of this process.
port_ptr make_port(partition_actor to);

} // namespace chisme::partition
