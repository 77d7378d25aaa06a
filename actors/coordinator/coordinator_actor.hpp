// The cluster's coordinator: metadata as records of a replicated log, `__cluster`, and the answers to changes. The
// shell around a journal::replicated_state of the metadata.
//
//   change --decide(state, request)--> records --> append to __cluster --committed--> supervisor acts --> answer
//
// Each change is decided upon the state that the ones before it lead to, and what came together is one batch. The
// supervisor is told of the states that are committed, no others. What is asked while the log is read waits for that.
//
// Where another node leads the log, this one follows it, and hands each change to that node:
//
//   change --peer_forward--> the leader's coordinator, as above, until it is committed and acted on there
//          <--peer_answer---
//
// A client that asks another node next may come before the change: so it may in Kafka, whose controller answers before
// the brokers have heard of it, and clients ask for the metadata until they see it.
#pragma once

#include "actors/coordinator/forwarding.hpp"
#include "actors/coordinator/metadata.hpp"
#include "actors/coordinator/operations.hpp"
#include "actors/coordinator/port.hpp"
#include "actors/journal/journal_actor.hpp"
#include "actors/journal/replicated_state.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace chisme::coordinator {

struct coordinator_config {
  std::shared_ptr<const node_settings> settings; ///< without run-time changes
  log_role role;                                 ///< of the replica of `__cluster` here, as it begins
  std::vector<broker_endpoint> brokers{};        ///< that are alive; empty: this node alone
  forward_port_ptr forwards{};                   ///< to the coordinators of other nodes; null: there are none
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
  void on_exit() override;

private:
  /// Who wants a change: a client of this node, or another node for one of its clients.
  struct wanted_change {
    change what;
    node_id by = -1;
  };
  struct decided_change {
    wanted_change wanted;
    change_response response;
  };
  using machine = journal::replicated_state<metadata, decided_change>;
  /// The state that the records under way lead to.
  struct snapshot {
    std::shared_ptr<const cluster_state> cluster;
    std::shared_ptr<const node_settings> settings;
  };

  behavior_type make_behavior() override;
  void tell(journal::replicated_input<decided_change> in);

  void perform(const journal::action::read& a);
  void perform(const journal::action::loaded&);
  void perform(const journal::action::load_failed& a);
  void perform(const journal::action::retry& a);
  void perform(const journal::action::schedule_append&);
  void perform(const journal::action::append& a);
  void perform(const journal::action::publish& a);
  void perform(journal::action::give<decided_change>& a);
  void perform(journal::action::discard<decided_change>& a);

  void begin();
  void heed_role(const log_role& next);
  void ask(wanted_change w);
  void forward(change c);
  void decide_forwarded(const peer_forward& f);
  void take_answer(const peer_answer& a);
  void decide_one(const wanted_change& w);
  bool answered_from_memory(const change& c);
  decision_context context_for(node_id by) const;
  void take_producer_ids(const change_response& response);
  void refuse_waiting(const error& why);
  static void refuse_one(const change& c, const error& why);
  void note_deleted(supervisor::topic_ids deleted);
  void apply_node_configs();
  void take_snapshot();
  void be_ready(result<void> r);

  coordinator_config config_;
  std::shared_ptr<const node_settings> settings_; // with run-time changes
  machine machine_{{}, [] { return std::make_unique<metadata>(); }};
  std::vector<wanted_change> waiting_; // for the log to be read
  forwarded_changes forwarded_;
  std::shared_ptr<journal::newest_read> newest_read_ = std::make_shared<journal::newest_read>();
  snapshot snapshot_;
  bool was_published_ = false;
  std::shared_ptr<const supervisor::topic_ids> deleted_; // to be told with the first state
  int64_t next_producer_id_ = 0;
  int64_t producer_ids_end_ = 0; // ids in [next, end) are this node's and not handed out yet
};

/// A port to a coordinator that is an actor of this process.
port_ptr make_port(coordinator_actor to);

} // namespace chisme::coordinator
