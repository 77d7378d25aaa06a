// The cluster's coordinator: metadata as records of a replicated log, `__cluster`, and the answers to changes.
//
//   change --> decide(state, request) --> records --> append to __cluster --committed--> apply --> supervisor acts
//                        \--> response ------------------------------------------------------------> answer
//
// What waits is decided together, each change upon the state that the ones before it lead to, and appended as one
// batch. If the append fails, none of them happened. A restart replays the log; so does whoever is told that the log was
// opened anew, because what was under way then is in it or not.
#pragma once

#include "actors/coordinator/operations.hpp"
#include "actors/coordinator/port.hpp"
#include "actors/journal/journal_actor.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <deque>

namespace chisme::coordinator {

struct coordinator_config {
  std::shared_ptr<const node_settings> settings; ///< without run-time changes
  partition::port_ptr log;                       ///< leads `__cluster`
  supervisor::supervisor_actor supervisor;
  std::function<uuid()> new_id;
  std::function<timestamp_ms()> wall_clock;
  /// Called once, when the log is replayed and acted on: the node can serve. Or with what went wrong.
  std::function<void(result<void>)> ready;
};

class coordinator final : public coordinator_actor::base {
public:
  coordinator(caf::actor_config& config, coordinator_config c);

  const char* name() const override { return "coordinator"; }

private:
  behavior_type make_behavior() override;

  // -- replay ----------------------------------------------------------------------------------------------------

  void read_on();
  void replay(const partition::read_result& r);
  void read_again();
  void could_not_read(const error& why);

  // -- changes ---------------------------------------------------------------------------------------------------

  void collect(const change& c);
  void decide_waiting();
  void committed(const partition::append_result& r);
  void answer_under_way();
  void fail_under_way(error_code code, const std::string& message);
  bool answered_from_memory(const change& c);
  void take_producer_ids(change_response& response);

  void append(const std::vector<cluster_record>& records);
  void publish();

  struct decided {
    change what;
    change_response response;
  };

  coordinator_config config_;
  cluster_state state_;
  std::shared_ptr<const node_settings> settings_; // with run-time changes
  journal::replay replay_{journal::damage::fails};
  std::shared_ptr<supervisor::topic_ids> deleted_ = std::make_shared<supervisor::topic_ids>(); // met in the replay
  bool ready_ = false;
  bool busy_ = false; // changes are under way, or the log is read again
  bool must_read_ = false; // the log was opened anew
  std::deque<change> waiting_;
  std::vector<decided> under_way_;
  cluster_state next_state_; // what state_ becomes when the changes under way are committed
  int64_t next_producer_id_ = 0;
  int64_t producer_ids_end_ = 0; // ids in [next, end) were taken from the log and not handed out yet
};

/// A port to a coordinator that is an actor of this process.
port_ptr make_port(coordinator_actor to);

} // namespace chisme::coordinator
