// Coordinates the groups of one partition of `__consumer_offsets`: the shell around a group_shard.
//
//   group_call --> shard --records--> unwritten --one batch--> partition --committed--> answers leave
//                        \--answers-> owed, until what was decided before them is committed
//
// Lives where the partition is led, next to it. Reads the whole partition before it answers anything else than
// COORDINATOR_LOAD_IN_PROGRESS; where that fails it answers NOT_COORDINATOR and tries again, until it succeeds. Where
// records cannot be written, what the shard believes is not what the log holds: the shard is thrown away and read again.
#pragma once

#include "actors/groups/group_shard.hpp"
#include "actors/groups/port.hpp"
#include "actors/journal/journal_actor.hpp"
#include "actors/retry_delay.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <deque>

namespace chisme::groups {

struct group_coordinator_config {
  std::string name;         ///< of the partition, for log lines
  partition::port_ptr log;  ///< leads it
  group_settings settings;
  /// Makes what is unique in the ids of members.
  std::function<uuid()> new_id;
  /// The topics that there are now; changes come as topics_changed. Version 0: not known yet.
  std::shared_ptr<const topic_catalog> topics;
  /// Changes come as timings_changed.
  std::shared_ptr<const group_timings> timings = std::make_shared<const group_timings>();
  /// For deadlines: never goes back; milliseconds, near the wall clock's.
  std::function<timestamp_ms()> clock;
  /// For the timestamps of records, which the partition compares with the same clock.
  std::function<timestamp_ms()> wall_clock;
};

class group_coordinator final : public group_coordinator_actor::base {
public:
  group_coordinator(caf::actor_config& config, group_coordinator_config c);

  const char* name() const override { return "group_coordinator"; }
  void on_exit() override;

private:
  behavior_type make_behavior() override;

  // -- loading ---------------------------------------------------------------------------------------------------

  void load();
  void start_anew();
  void read_on();
  void replay(const partition::read_result& r);
  void loaded();
  void forget_missing_topics();
  void load_failed(const error& why);

  // -- serving ---------------------------------------------------------------------------------------------------

  void serve(const group_call& call);
  void timers_due();
  void take(effects&& e);
  void write();
  void written(const partition::append_result& r);
  void give_answers();
  void arm_timer();

  struct owed {
    uint64_t needs = 0; // how many decisions must be committed first
    answer what;
  };

  group_coordinator_config config_;
  std::optional<group_shard> shard_;
  /// What everybody is answered instead; none: the partition is read.
  std::optional<error_code> not_ready_ = error_code::coordinator_load_in_progress;
  std::optional<journal::replay> replay_; // the last one
  retry_delay delay_;       // before the next attempt to load
  retry_delay write_delay_; // the same after a write that failed: reading may go well where writing does not
  std::unordered_map<ticket, reply<group_answer>> asked_;
  ticket last_ticket_ = 0;
  /// The records of each decision, which stand in the log together or not at all; the first writing_ are on their way.
  std::deque<std::vector<group_record>> unwritten_;
  size_t writing_ = 0;
  uint64_t decided_ = 0; // decisions with records so far
  uint64_t committed_ = 0;
  std::deque<owed> owed_;
  std::vector<timestamp_ms> ticks_; // on their way, the next one last
};

port_ptr make_port(group_coordinator_actor to);

} // namespace chisme::groups
