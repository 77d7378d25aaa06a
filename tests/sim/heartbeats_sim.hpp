// Some nodes whose replicas follow and lead groups, with everything that goes wrong between the nodes, and what the
// heartbeats owe the replicas all the time and at the end. Elections are made up; replicas believe what they are told,
// as Raft's do: nothing of an older epoch.
#pragma once

#include "actors/heartbeats/node_heartbeats.hpp"

#include <deque>
#include <map>
#include <random>
#include <set>

namespace chisme::test {

class heartbeats_sim {
public:
  explicit heartbeats_sim(uint64_t seed, bool is_told = false);

  /// What went wrong; empty: nothing. First faults, then a calm in which everybody has to come to know the truth.
  std::string run();
  uint64_t beliefs_lost() const { return beliefs_lost_; }
  uint64_t restarts_told() const { return restarts_told_; }
  /// Of all that was said and done.
  uint64_t trace_hash() const { return hash_; }

private:
  static constexpr int64_t slot_ms = 10;
  static constexpr int64_t slack_ms = 60; ///< replicas' answers take a while
  using group_number = int32_t;

  struct replica {
    uint64_t start = 0; ///< 0: not open
    node_id leader = -1;
    leader_epoch_t epoch = -1;
    offset_t commit = 0;
    std::set<node_id> silent;
    int64_t in_doubt = 0; ///< so long what it believes has not been true, as far as its node can know
    std::pair<node_id, leader_epoch_t> doubted{-1, -1};
  };
  /// What a replica tells the heartbeats, on its way.
  struct report {
    int64_t at = 0;
    uint64_t start = 0;
    bool is_gone = false;
    heartbeats::input::group_changed what;
    friend bool operator<(const report& a, const report& b) { return a.at < b.at; }
  };
  /// What the heartbeats of a node know of a replica.
  struct registered {
    uint64_t start = 0;
    heartbeats::input::group_changed last;
    int64_t leads_since = -1; ///< these members; by the node's own time
  };
  /// What one node can know of another one, found in a simpler way than the machine's.
  struct view {
    uint64_t process = 0;
    uint64_t sequence = 0;
    int64_t heard_at = -1'000'000; ///< by the node's own time
    bool more = false;
    std::map<group_number, leader_epoch_t> claims;
  };
  struct node {
    uint64_t process = 0;
    std::optional<heartbeats::node_heartbeats> machine;
    int64_t own_time = 0; ///< what it was not paused
    int64_t paused_until = 0;
    int64_t next_tick = 0;
    std::map<group_number, replica> replicas;
    std::map<group_number, registered> known;
    std::map<node_id, view> views;
    std::deque<report> reports;
  };
  struct flying {
    node_id from = -1;
    node_id to = -1;
    uint64_t process = 0;
    std::string bytes;
  };

  // -- what happens (heartbeats_sim.cpp) ---------------------------------------------------------------------------

  void begin();
  void slot(bool faults);
  void something_goes_wrong();
  void run_node(node_id id, node& n);
  void deliver();
  void step(node_id id, const heartbeats::any_input& in);
  void perform(node_id id, const heartbeats::any_output& o);
  void transmit(node_id from, const heartbeats::output::send& s);
  void hear(node_id id, replica& r, const heartbeats::output::heard_of& x);
  void arrive(const flying& f);

  // -- what is done to them (heartbeats_sim_faults.cpp) -------------------------------------------------------------

  void start_node(node_id id);
  void open(node_id id, group_number g);
  void close(node_id id, group_number g);
  void elect(node_id id, group_number g);
  void step_down(group_number g);
  void append(group_number g);
  void change_members(group_number g);
  void pulse_link(node_id a, node_id b);
  void report_of(node_id id, group_number g, bool is_gone = false);

  // -- what must hold (heartbeats_sim_checks.cpp) ------------------------------------------------------------------

  void check_told(node_id id, node_id peer, const heartbeats::outputs& out, bool is_restart);
  void check_beliefs(node_id id, node& n);
  void check_silences(node_id id, node& n);
  void check_calm();
  void check_calm(node_id id, node& n, group_number g, node_id leader);
  void see_process(node_id id, node_id peer, uint64_t process, const heartbeats::outputs& out);

  void wrong(const std::string& what);
  void say(const std::string& what);
  bool chance(double p) { return std::uniform_real_distribution<>{}(random_) < p; }
  int64_t some(int64_t end) { return static_cast<int64_t>(random_() % static_cast<uint64_t>(end)); }
  node_id some_node() { return static_cast<node_id>(1 + some(static_cast<int64_t>(nodes_.size()))); }
  bool is_paused(const node& n) const { return now_ < n.paused_until; }

  std::mt19937_64 random_;
  bool is_told_;
  heartbeats::options options_;
  double loss_ = 0;
  int64_t longest_delay_ = 0;
  int64_t now_ = 1'000;
  bool faults_ = true;
  uint64_t starts_ = 0;
  std::map<node_id, node> nodes_;
  std::map<group_number, std::set<node_id>> members_;
  std::map<group_number, leader_epoch_t> epochs_; ///< the newest
  std::map<group_number, offset_t> committed_;
  std::multimap<int64_t, flying> network_;
  std::set<std::pair<node_id, node_id>> blocked_;         ///< one way each
  std::map<std::pair<node_id, node_id>, uint64_t> links_; ///< that are up, by dialler: to which process
  std::string wrong_;
  uint64_t hash_ = 14695981039346656037ull;
  uint64_t beliefs_lost_ = 0;
  uint64_t restarts_told_ = 0;
  size_t entries_sent_ = 0;
};

} // namespace chisme::test
