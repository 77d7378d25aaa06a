// Machines of the membership and a network between them, in virtual time, from one seed. Messages are encoded, may be
// lost, delayed, overtaken and repeated, and are decoded again. A crash closes connections, where somebody wants that.
#pragma once

#include "actors/membership/swim.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace chisme::test {

struct network_faults {
  int loss_percent = 0;
  int repeat_percent = 0;
  int64_t least_delay_ms = 1;
  int64_t most_delay_ms = 2;
};

class gossip_world {
public:
  static constexpr int64_t tick_ms = 50;

  struct process {
    process(peer::address where, membership::swim m) : at(std::move(where)), machine(std::move(m)) {}

    peer::address at;
    membership::swim machine;
    int64_t runs_again_at = 0; ///< paused until then
    uint64_t generation = 0;   ///< of this start, to tell its ticks from those of another start at the address
    uint64_t bytes_sent = 0;
    uint64_t messages_sent = 0;
    std::vector<membership::output::member_changed> events;
    std::vector<membership::output::conflict> conflicts;
  };

  gossip_world(uint64_t seed, membership::swim_options options);

  /// Where node `id` usually is.
  static peer::address address_of(node_id id);

  process& start(node_id id, const std::vector<node_id>& seeds) { return start(id, seeds, address_of(id)); }
  process& start(node_id id, const std::vector<node_id>& seeds, const peer::address& at);
  /// Ends the process; `is_noticed`: its connections are closed, as those of a killed process are.
  void crash(const peer::address& at, bool is_noticed);
  void pause(const peer::address& at, int64_t ms);
  /// One way.
  void block(const peer::address& from, const peer::address& to) { blocked_.insert({from, to}); }
  void unblock_all() { blocked_.clear(); }
  void close_links(const peer::address& a, const peer::address& b);
  void feed(const peer::address& at, const membership::swim_input& in);

  void run_for(int64_t ms) { run_until(now_ + ms); }
  void run_until(timestamp_ms end);
  /// Whether `holds` came true within that time; it is asked after each tick's length.
  bool comes_true(int64_t within_ms, const std::function<bool()>& holds);

  timestamp_ms now() const { return now_; }
  process* find(const peer::address& at);
  process& at(node_id id) { return *find(address_of(id)); }
  std::map<peer::address, std::unique_ptr<process>>& processes() { return processes_; }
  /// Below `n`.
  uint64_t roll(uint64_t n) { return random_.bits() % n; }

  network_faults faults;
  /// Called after each step of a machine. What it returns ends the run.
  std::function<std::string(process&)> check;
  /// The first thing that went wrong.
  const std::string& failure() const { return failure_; }
  /// A line for each input and output, where somebody wants to read them.
  std::vector<std::string>* trace = nullptr;

  static bool believes(const process& who, node_id in, peer::member_state state);

private:
  struct happening {
    peer::address where;
    uint64_t generation = 0; ///< 0: whoever is there
    std::function<void(process&)> what;
  };

  void at_time(timestamp_ms when, happening h);
  void tick_again(process& p);
  void step(process& p, const membership::swim_input& in);
  void deliver(const process& from, const membership::output::send& s);
  void say(const process& p, const std::string& what);

  membership::swim_options options_;
  random_source random_;
  timestamp_ms now_ = 1'000'000;
  uint64_t generations_ = 0;
  std::map<peer::address, std::unique_ptr<process>> processes_;
  std::set<std::pair<peer::address, peer::address>> blocked_;
  std::multimap<timestamp_ms, happening> agenda_;
  std::string failure_;
};

/// "ping 7: n2 suspect@1 by 3" : what a message says, in a line, without random numbers.
std::string in_words(const peer::membership_message& m);
std::string in_words(const membership::output::member_changed& e);

} // namespace chisme::test
