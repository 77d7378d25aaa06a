// Coordinates the groups of one partition of `__consumer_offsets`: the shell around a journal::replicated_state of a
// group_shard.
//
//   group_call --> shard --records--> one batch --> partition --committed--> answers leave
//
// Lives where the partition is led, next to it. Reads the whole partition before it answers anything else than
// COORDINATOR_LOAD_IN_PROGRESS; where that fails it answers NOT_COORDINATOR and tries again, until it succeeds. Where
// records cannot be written, what the shard believes is not what the log holds: the shard is thrown away and read
// again.
#pragma once

#include "actors/groups/group_shard.hpp"
#include "actors/groups/port.hpp"
#include "actors/journal/journal_actor.hpp"
#include "actors/journal/replicated_state.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace chisme::groups {

struct group_coordinator_config {
  std::string name;          ///< of the partition, for log lines
  partition::port_ptr log;   ///< leads it
  leader_epoch_t epoch = -1; ///< in this epoch
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
  using machine = journal::replicated_state<group_shard, answer>;

  behavior_type make_behavior() override;
  void tell(journal::replicated_input<answer> in);

  void perform(const journal::action::read& a);
  void perform(const journal::action::loaded& a);
  void perform(const journal::action::load_failed& a);
  void perform(const journal::action::retry& a);
  void perform(const journal::action::schedule_append&);
  void perform(const journal::action::append& a);
  void perform(const journal::action::publish& a);
  void perform(journal::action::give<answer>& a);
  void perform(const journal::action::discard<answer>& a);

  std::unique_ptr<group_shard> make_shard() const;
  bool is_serving() const { return machine_.available() == journal::availability::serving; }
  error_code refusal() const;
  void serve(const group_call& call);
  void timers_due();
  void forget_missing_topics();
  void decided(effects&& e);
  void arm_timer();

  group_coordinator_config config_;
  machine machine_;
  std::unordered_map<ticket, reply<group_answer>> asked_;
  ticket last_ticket_ = 0;
  std::vector<timestamp_ms> ticks_; // on their way, the next one last
};

port_ptr make_port(group_coordinator_actor to);

} // namespace chisme::groups
