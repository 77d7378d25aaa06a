// Who is there, where, and who leads what: membership by gossip. SWIM (Das, Gupta, Motivala 2002) with the lessons of
// Lifeguard (Dadgar, Phillips, Currey 2017). Pure: it is told what happened and says what is to be sent and what
// changed; the shell around it does that.
//
//   joining --an answer of anybody--> joined --leave--> leaving
//      ^                                 |
//      +---- another process has our id -+          and is not dead: the first one keeps it
//
// A node's record is raised by its own process alone: to refute that it is suspect or dead, and to replace an earlier
// process of the node. A process that starts has incarnation 0, is no member, and asks the seeds first what they know
// of its id; a process at its own address, or one that is dead, it overrules by a higher incarnation. One that
// lives elsewhere it leaves alone (swim_news.cpp).
//
// Parts: member_list and leader_claims what is known, dissemination what is still to be told, suspicion and
// local_health when silence means death; swim_probe.cpp who is asked, swim_exchange.cpp what is compared.
#pragma once

#include "actors/membership/dissemination.hpp"
#include "actors/membership/leader_claims.hpp"
#include "actors/membership/local_health.hpp"
#include "actors/membership/member_list.hpp"
#include "actors/membership/probe_order.hpp"
#include "actors/membership/swim_options.hpp"
#include "actors/membership/swim_steps.hpp"

#include <set>

namespace chisme::membership {

class swim {
public:
  /// `self`: with the random number of this start. Its incarnation is the machine's business. Without seeds it has
  /// joined: it is a cluster of one, which others may find.
  swim(peer::member self, swim_options options, random_source random);

  /// Appends what is to be done to `out`. A `now` that goes back counts as standing still.
  void step(timestamp_ms now, const swim_input& in, swim_outputs& out);

  const peer::member& self() const { return self_; }
  bool has_joined() const { return joined_; }
  const std::map<node_id, member_entry>& members() const { return list_.entries(); }
  /// Null where nobody has said it.
  const peer::leader_claim* leader_of(const uuid& topic, partition_index partition) const {
    return claims_.find(topic, partition);
  }
  const leader_claims& claims() const { return claims_; }
  /// Messages and updates that nobody may send, for a line in the log now and then.
  uint64_t refused() const { return refused_; }

private:
  struct context {
    timestamp_ms now;
    swim_outputs& out;
  };
  enum class heard_by : uint8_t { news, exchange };

  struct probe {
    node_id target = -1;
    uint64_t process = 0;
    int64_t incarnation = 0;
    timestamp_ms help_at = 0;
    timestamp_ms end_at = 0;
    bool others_asked = false;
    int helpers = 0;
    int not_heard = 0; ///< helpers that are there and have not heard the target either
  };
  /// A ping for somebody else.
  struct relay {
    peer::speaker asked_by;
    uint64_t sequence = 0;
    timestamp_ms nack_at = 0;
    timestamp_ms end_at = 0;
    bool nacked = false;
  };
  /// A process that has the id of a member which is thought alive elsewhere.
  struct rival {
    uint64_t process = 0;
    peer::address peer;
    bool told = false;
  };

  void on(const input::tick&, context c);
  void on(const input::message_arrived& x, context c);
  void on(const input::link_up& x, context c);
  void on(const input::link_down& x, context c);
  void on(const input::leave&, context c);
  void on(const input::addresses_changed& x, context c);
  void on(const input::partitions_led& x, context c);
  void on(const input::forget_topic& x, context c);

  void heed_pause(context c);
  void forget_gone(context c);
  void say_farewell(context c);
  peer::speaker speaker() const;
  /// News for that process; first what is believed of itself, if it may want to refute it.
  void fill(peer::gossip& news, node_id to, uint64_t process);
  void send(node_id node, const peer::address& to, peer::membership_message message, context c);
  std::vector<const member_entry*> some_others(size_t count, node_id but);

  // -- what is known (swim_news.cpp) -------------------------------------------------------------------------------

  void hear(const peer::gossip& news, heard_by way, context c);
  void hear(const peer::member_update& u, heard_by way, context c);
  void hear(const peer::leader_claim& claim, context c);
  void hear_of_self(const peer::member_update& u, context c);
  void hear_speaker(const peer::speaker& from, context c);
  void hear_namesake(const peer::speaker& from, context c);
  bool may_replace(const peer::member_update& u);
  void stand(int64_t incarnation, context c);
  void tell(const std::optional<member_entry>& before, const member_entry& after, context c);
  void doubt(member_entry& entry, node_id by, context c);
  void suspect(const member_entry& entry, context c);
  void bury_the_silent(context c);
  suspicion_bounds bounds() const;

  // -- who is asked (swim_probe.cpp) -------------------------------------------------------------------------------

  void probe_next(context c);
  void spread_news(context c);
  void begin_probe(node_id target, context c);
  void go_on_with_probes(context c);
  void ask_others(uint64_t sequence, probe& p, context c);
  void failed(const probe& p, context c);
  void ping(const peer::member& who, uint64_t sequence, context c);
  void end_relays(context c);
  void answer(const peer::swim_ping& m, context c);
  void answer(const peer::swim_ping_request& m, context c);
  void answer(const peer::swim_ack& m, context c);
  void answered(const probe& p, const peer::swim_ack& m, context c);

  // -- what is compared (swim_exchange.cpp) ------------------------------------------------------------------------

  void compare_now_and_then(context c);
  void compare(node_id node, const peer::address& to, uint64_t process, context c);
  void look_for_members(context c);
  void reconnect(context c);
  bool is_peer_of_member(const peer::address& a) const;
  void answer(const peer::gossip_exchange& m, context c);
  void answer_comparison(const peer::gossip_exchange& m, context c);
  void give_and_ask(const peer::gossip_exchange& m, context c);
  void give(const peer::gossip_exchange& m, context c);
  void join(const peer::speaker& through, context c);
  /// Adds the entries of the buckets as far as they fit.
  void add_entries(peer::gossip_exchange& to, const std::vector<int16_t>& members, const std::vector<int16_t>& claims);

  peer::member self_;
  swim_options options_;
  random_source random_;
  bool joined_ = false;
  bool leaving_ = false;
  int farewells_ = 0;
  bool has_own_news_ = false;     ///< since the last tick
  std::optional<rival> namesake_; ///< who has this node's own id
  int replaced_ = 0;              ///< how often this process has overruled `namesake_`
  timestamp_ms now_ = 0;
  timestamp_ms last_tick_ = 0; ///< 0: none yet
  timestamp_ms next_probe_ = 0;
  timestamp_ms next_news_ = 0;
  timestamp_ms next_exchange_ = 0;
  timestamp_ms next_join_ = 0;
  timestamp_ms next_reconnect_ = 0;
  timestamp_ms next_farewell_ = 0;

  member_list list_;
  leader_claims claims_;
  dissemination news_;
  local_health health_;
  probe_order order_;
  std::map<uint64_t, probe> probes_; ///< by sequence
  std::map<uint64_t, relay> relays_;
  std::map<node_id, rival> rivals_;
  std::set<node_id> greeted_; ///< since the last tick
  uint64_t sequence_ = 0;
  uint64_t refused_ = 0;
};

} // namespace chisme::membership
