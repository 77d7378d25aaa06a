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
#include "actors/log/partition_log.hpp"
#include "actors/partition/ack_queue.hpp"
#include "actors/partition/append_stage.hpp"
#include "actors/partition/fetch_waiters.hpp"
#include "actors/partition/log_queries.hpp"
#include "actors/partition/open_replica.hpp"
#include "actors/partition/replica.hpp"
#include "actors/partition/warm_up.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <deque>
#include <functional>
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
};

struct replica_config {
  topic_partition name;
  supervisor::replica_key key;
  std::string directory;
  topic_settings settings;
  bool existed = false; ///< the topic is older than this start of the node, or was open before: there should be a log
};

class partition final : public partition_actor::base {
public:
  partition(caf::actor_config& config, node_services around, replica_config replica);

  const char* name() const override { return "partition"; }
  void on_exit() override;

private:
  behavior_type make_behavior() override;
  void tell(replica_input in);
  log_view view() const;

  void perform(const action::open_log&);
  void perform(const action::schedule_append&);
  void perform(const action::schedule_rest&);
  void perform(const action::append& a);
  void perform(const action::refuse_appends& a);
  void perform(const action::tell_append_failed& a);
  void perform(const action::sync&);
  void perform(const action::commit& a);
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

  void opened(const disk_worker::open_result& r);
  void note_recovery(const opened_replica& o) const;
  void closed(const std::string& failure);
  void collect(append_batch& batch);
  void refuse_collected(const error& why);
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
  replica machine_;
  std::unique_ptr<log::partition_log> log_; // null while it is opened or closed, and where it cannot be
  std::deque<replica_input> inputs_;        // that the machine has not been told yet
  replica_actions actions_;                 // of the step under way
  bool telling_ = false;

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
