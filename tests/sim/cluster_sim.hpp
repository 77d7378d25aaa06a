// A cluster of whole nodes in one thread from one seed: each has its real actors and sessions, a disk, clocks that run
// apart, and links to the others over a simulated network. Clients find their way as real ones do.
//
// First come faults, within a budget under which all promises must hold. What clients are told is held against what
// they were told before (ledger.hpp), and after each step what the nodes believe against each other. Then the faults
// end, and within bounded virtual time all has to come together: leaders, equal replicas, answers, and all that was
// promised.
//
// Scheduling, network, disks, clients and faults draw from random streams of their own, so that a choice that is added
// to one does not move the others. What may go wrong and what is looked at are tables, in cluster_sim_faults.cpp and
// cluster_sim_checks.cpp; who asks for what is the list that the constructor makes.
#pragma once

#include "tests/sim/leader_watch.hpp"
#include "tests/sim/sim_clients.hpp"
#include "tests/sim/sim_network.hpp"
#include "tests/sim/toy_peer.hpp"

#include <memory>
#include <string>
#include <vector>

namespace chisme::test {

class cluster_sim {
public:
  struct options {
    int nodes = 3;
    bool has_clients = true;
    /// Also what no TCP connection does to frames.
    bool is_harsh = false;
  };

  cluster_sim(uint64_t seed, options o);
  ~cluster_sim();

  /// Empty when all went well; else what is broken, and when.
  std::string run(std::chrono::milliseconds with_faults);

  uint64_t promises() const { return told_.promises(); }
  uint64_t trace() const { return trace_.value(); }
  std::chrono::milliseconds simulated() const { return std::chrono::milliseconds{now_ - first_moment}; }
  /// How often each fault has happened.
  const std::map<std::string, uint64_t>& happened() const { return happened_; }
  const network_counts& network() const { return network_.counts(); }

private:
  static constexpr timestamp_ms first_moment = 1'000'000;

  /// A machine: its disk and its clocks outlive the processes on it.
  struct host {
    node_id id = 0;
    std::shared_ptr<sim_files> disk;
    uuid folder{};          ///< of its data: another one when it was emptied
    bool is_founder = true; ///< with that folder
    std::unique_ptr<sim_node> process{};
    std::shared_ptr<toy_peer> toy{};
    uint64_t starts = 0;
    int64_t drift = 0;              ///< of the steady clock, in parts per million
    timestamp_ms at = 0, local = 0; ///< what the steady clock showed then
    int64_t wall_offset = 0;
    bool is_awaited = false; ///< a start is planned
    uint64_t images_seen = 0;
    uint64_t failed_syncs = 0; ///< before this process
    int failed_starts = 0;     ///< after the faults

    timestamp_ms local_time(timestamp_ms now) const { return local + (now - at) + (now - at) * drift / 1'000'000; }
  };
  using parting = sim_network::parting;

  // -- time --------------------------------------------------------------------------------------------------------
  void run_until(timestamp_ms end);
  bool step();
  void look_after_step(host& h);
  timestamp_ms next_moment(timestamp_ms end);
  void advance_to(timestamp_ms then);
  void plan(int64_t ms, std::function<void()> what) { planned_.emplace(now_ + ms, std::move(what)); }
  bool is_well() const { return told_.broken().empty(); }
  void say(node_id at, const std::string& what) { trace_.note(sim_trace::faults, now_, at, what); }
  void broken(std::string what) { told_.note_broken(std::move(what)); }

  // -- machines and processes ----------------------------------------------------------------------------------------
  void start(host& h);
  void join(const peer::process& self, sim_node_setup& setup);
  void speak_idly(host& h, const peer::process& self);
  void end_process(host& h, parting how);
  void restart_later(host& h);
  void set_drift(host& h, int64_t drift);
  void resume(host& h);
  std::vector<host*> running();
  bool disk_is_unsound(const host& h) const;
  void start_unsound_anew();

  // -- clients -------------------------------------------------------------------------------------------------------
  void clients_act();
  void make_topics();
  /// Time passes until there is an answer; nothing: there was none.
  template <class Response, class Request>
  std::optional<Response> ask(node_id of, const Request& r, int16_t version);
  /// The same again and again, until it is one that will do: which has to come.
  template <class Response, class Request>
  std::optional<Response> ask_until(const char* what, const std::function<node_id()>& of, const Request& r,
                                    int16_t version, const std::function<bool(const Response&)>& will_do);

  // -- faults: chance decides which, the rest is in cluster_sim_faults.cpp --------------------------------------------
  void plan_fault();
  void fault();
  host& any_host();
  int64_t chance(int64_t low, int64_t high);
  void kill();
  void lose_power();
  void lose_all_power();
  void empty();
  std::optional<topic_partition> not_taken_in(const host& h) const;
  uuid new_folder();
  void stop();
  void end_when_stopped(host& h, uint64_t life, timestamp_ms deadline);
  void pause();
  void part_one_way();
  void part_in_two();
  void isolate();
  void swizzle();
  void cut_a_link();
  void change_weather();
  void fail_disk();
  void fail_write_back();
  void lack_descriptors();
  void fill_disk();
  void cool_down();
  void jump_wall_clock();
  void drift();
  void disconnect();
  void end_faults();

  // -- what must hold ------------------------------------------------------------------------------------------------
  void converge();
  std::string missing();
  std::string missing_links() const;
  std::string missing_leaders();
  void check_clients();
  void await_last_answers();
  void judge();
  void judge_content(const topic_partition& in);
  std::string wrong_topic_at(const host& h);
  void judge_topics();
  node_id coordinator_of_committed();
  void judge_offsets();
  /// Reads the disks.
  void compare_replicas();
  node_id leader_of(const topic_partition& p);
  node_id some_node();
  const partition_image* image_of(host& h, const topic_partition& p);

  std::mt19937_64 scheduling_, disks_, clients_random_, faults_;
  options options_;
  sim_trace trace_;
  sim_network network_;
  ledger told_;
  leader_watch leaders_;
  sim_world world_;
  timestamp_ms now_ = first_moment;
  std::vector<host> hosts_;
  struct acting_client {
    std::unique_ptr<sim_client> client;
    timestamp_ms acts_at = 0;
    uint64_t successes = 0; ///< when the faults had ended
  };
  std::vector<acting_client> clients_; ///< their links go before the nodes
  struct {
    node_id on = -1;
    std::unique_ptr<client_link> link{};
  } question_; ///< the simulation's own
  std::multimap<timestamp_ms, std::function<void()>> planned_;
  std::map<std::string, uint64_t> happened_;
  node_id emptied_ = -1; ///< the last one
  uint8_t folders_ = 0;
  bool faults_may_happen_ = false;
  bool clients_rest_ = true;
};

} // namespace chisme::test
