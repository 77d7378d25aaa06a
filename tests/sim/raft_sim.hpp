// A group of replicas from one seed: the consensus machine of each over a log of outlines, a network that loses,
// delays, reorders and doubles, disks that forget what was not synced, nodes that stop, pause, start again and come
// back empty; clients that write, a coordinator that moves leaders and changes who votes. Virtual time.
//
// After each step of a replica the invariants are looked at (actors/raft/invariants.hpp), and what leaves is held
// against the hard state that is on its disk. In the end the faults end: then a new write has to be acknowledged and
// all logs of the voters have to become the same, within bounded virtual time.
#pragma once

#include "actors/raft/group.hpp"
#include "actors/raft/invariants.hpp"
#include "tests/support/raft_log.hpp"

#include <deque>
#include <functional>
#include <queue>
#include <random>

namespace chisme::test {

class raft_sim {
public:
  explicit raft_sim(uint64_t seed);

  /// Empty when all went well; else what is broken, and when.
  std::string run();
  uint64_t acknowledged() const { return acknowledged_.size(); }
  uint64_t steps() const { return steps_; }
  uint64_t trace_hash() const { return hash_; }
  /// How often each of the rarer things has happened, by name.
  const std::map<std::string, uint64_t>& happened() const { return happened_; }

private:
  struct message {
    std::variant<peer::raft_vote_request, peer::raft_vote_answer, peer::raft_append, peer::raft_append_answer,
                 peer::raft_reset, peer::raft_timeout_now, peer::raft_follow>
      body;
  };
  /// The stand-in for what two nodes tell each other in each tick.
  struct beat {
    uint64_t process = 0;
    leader_epoch_t epoch = -1;
    offset_t commit = 0;
    bool leads = false;
  };
  struct peer_state {
    uint64_t process = 0;
    int64_t last_heard = 0;
    bool silent = true;
  };
  struct waiting_write {
    offset_t end;
    uint64_t content;
  };
  struct node {
    node_id id = 0;
    raft_log log;
    raft::hard_state stored; ///< on its disk
    std::unique_ptr<raft::group> machine;
    uint64_t process = 0; ///< counts its lives
    int64_t paused_until = 0;
    uint64_t timer = 0;
    bool is_syncing = false;
    std::map<node_id, peer_state> peers;
    std::vector<waiting_write> writes;
    std::deque<raft::hard_state> stores; ///< on their way to its disk

    bool is_up() const { return machine != nullptr; }
  };
  struct event {
    int64_t at;
    uint64_t order;
    std::function<void()> what;
    bool operator>(const event& o) const { return std::tie(at, order) > std::tie(o.at, o.order); }
  };

  // -- chance and time ---------------------------------------------------------------------------------------------
  int64_t pick(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>{low, high}(random_); }
  bool chance(double p) { return std::uniform_real_distribution<>{0, 1}(random_) < p; }
  void after(int64_t ms, std::function<void()> what);
  /// In this life of the node, and when it does not pause.
  void after(int64_t ms, node& n, std::function<void()> what);
  void run_until(int64_t end);
  void note(const std::string& what) { ++happened_[what]; }
  void say(const std::string& text) const;
  void mix(uint64_t x) { hash_ = (hash_ ^ x) * 1099511628211u; }
  void broken(const std::string& what);

  // -- nodes -------------------------------------------------------------------------------------------------------
  void start(node& n);
  void crash(node& n);
  void lose_disk(node& n);
  void step(node& n, const raft::input_variant& in);
  void look(node& n);
  void perform(node& n, const raft::output_variant& o, const raft::input_variant& in,
               std::deque<raft::input_variant>& next);
  void replicate(node& n, const raft::output::replicate& o, std::deque<raft::input_variant>& next);
  void want_sync(node& n);
  void store(node& n, const raft::hard_state& state);
  raft::invariants::replica shown(const node& n) const;

  // -- network -----------------------------------------------------------------------------------------------------
  void send(const node& from, node_id to, message m);
  void deliver(node& n, node_id from, const message& m);
  void tick(node& n);
  void hear(node& n, node_id from, const beat& b);
  bool is_cut(node_id from, node_id to) const { return cuts_.contains({from, to}); }
  int64_t delay();

  // -- clients, coordinator and faults --------------------------------------------------------------------------------
  node& at(node_id id) { return nodes_[static_cast<size_t>(id - 1)]; }
  node* leader();
  void write(node& n);
  void plan_write();
  void plan_fault();
  void fault();
  void change_voters();
  void change_voters_once(node& l);
  std::string judge();
  bool has_converged();
  std::string difference();

  std::mt19937_64 random_;
  random_source seeds_;
  std::vector<node> nodes_;
  raft::configuration initial_{std::vector<node_id>{}};
  raft::options how_;
  raft::invariants invariants_;
  std::priority_queue<event, std::vector<event>, std::greater<>> events_;
  std::set<std::pair<node_id, node_id>> cuts_;
  std::map<offset_t, uint64_t> acknowledged_;
  std::map<std::string, uint64_t> happened_;
  std::string broken_;
  int64_t now_ = 0;
  uint64_t order_ = 0;
  uint64_t steps_ = 0;
  uint64_t hash_ = 1469598103934665603u;
  uint64_t next_content_ = 1;
  uint64_t next_process_ = 1;
  double loss_ = 0;
  int64_t max_delay_ = 5;
  bool faults_are_on_ = true;
  bool writes_are_on_ = true;
  bool is_told_ = false;
  node_id lost_ = raft::nobody; ///< has lost its disk, and was not taken in anew
};

} // namespace chisme::test
