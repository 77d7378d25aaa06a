// One node from one seed: its real actors and sessions, clients that produce, read, commit, join and administrate, a
// disk that fails, fills and loses power, processes that are killed and started again. What clients were told is held
// against what the node serves after each start (ledger.hpp).
#pragma once

#include "tests/sim/sim_clients.hpp"

#include <memory>
#include <string>
#include <vector>

namespace chisme::test {

class node_sim {
public:
  explicit node_sim(uint64_t seed);

  /// Empty when every promise was kept; else what was broken, and when.
  std::string run(int steps);
  /// Answers without an error that clients got: a run that got none has shown nothing.
  uint64_t promises() const { return told_.promises(); }
  uint64_t trace() const { return trace_.value(); }
  /// How much time has passed in there.
  std::chrono::milliseconds simulated() const { return std::chrono::milliseconds{now_ - first_moment}; }

private:
  static constexpr timestamp_ms first_moment = 1'000'000;

  void step();
  void say() const;
  void broken(std::string what) { told_.note_broken(std::move(what)); }

  // -- the world ---------------------------------------------------------------------------------------------------
  void start();
  void end_process();
  void start_on_a_good_disk();
  void run_some();
  void time_passes();
  void kill();
  void restart();
  void lose_power();
  void stop();
  void fail_disk();
  void fail_write_back();
  void lack_descriptors();
  void cool_down();
  void clients_act();
  void disconnect();

  // -- judgement ---------------------------------------------------------------------------------------------------
  void await_answers();
  void faults_pass();
  void make_topics();
  void judge();
  void judge_content(const topic_partition& in);
  void judge_topics();
  void judge_offsets();
  template <class Response, class Request>
  Response ask_surely(const Request& r, int16_t version);

  std::mt19937_64 random_;
  ledger told_;
  trace_hash trace_;
  sim_world world_{random_, told_, trace_};
  std::shared_ptr<sim_files> disk_;
  timestamp_ms now_ = first_moment;
  uint64_t failed_syncs_ = 0; ///< of all processes before this one
  std::unique_ptr<sim_node> node_;
  std::vector<std::unique_ptr<sim_client>> clients_; ///< their links go before the node
  int step_ = 0;
  const char* doing_ = "";
};

} // namespace chisme::test
