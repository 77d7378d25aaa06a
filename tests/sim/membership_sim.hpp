// Some nodes that gossip, with everything that goes wrong between them, and what must hold all the time and at the end.
#pragma once

#include "tests/support/gossip_world.hpp"

namespace chisme::test {

class membership_sim {
public:
  explicit membership_sim(uint64_t seed);

  /// What went wrong; empty: nothing. First faults, then a calm in which everybody has to come to know the truth.
  std::string run(int steps);
  /// How much of interest has happened.
  uint64_t happenings() const { return happenings_; }

private:
  using process = gossip_world::process;
  /// (incarnation, process, state): what may only grow.
  using rank = std::tuple<int64_t, uint64_t, peer::member_state>;
  using claim_key = std::pair<uuid, partition_index>;

  void start_node();
  void crash_node();
  void restart_node();
  void pause_node();
  void leave_node();
  void block_one_way();
  void split_in_two();
  void heal();
  void close_links();
  void change_network();
  void claim();
  void change_rack();
  void delete_topic();

  std::string check(process& p);
  std::string check_members(const process& p);
  std::string check_self(const process& p) const;
  std::string check_claims(const process& p);

  std::string calm_down();
  std::string what_differs() const;
  std::string what_differs(const process& p) const;
  std::string check_news_spread();
  std::string check_deaths_are_noticed();

  std::vector<node_id> running() const;
  std::optional<node_id> some_running();

  uint64_t happenings_ = 0;
  int nodes_;
  gossip_world world_;
  std::set<node_id> leaving_;
  std::map<std::pair<uint64_t, node_id>, rank> seen_;               ///< by who saw it (its process) and of whom
  std::map<std::pair<uint64_t, claim_key>, leader_epoch_t> epochs_; ///< by who knows it
  std::map<uint64_t, int64_t> incarnations_;                        ///< by process, as it says itself
  std::map<claim_key, peer::leader_claim> claims_;                  ///< the newest of each partition
  std::vector<uuid> topics_;
  std::set<uuid> deleted_;
  std::map<uint64_t, std::set<uuid>> told_deleted_; ///< by process
};

} // namespace chisme::test
