// One replica as it runs in a node - the real partition, flusher and cleaner - from one seed: clients that produce and
// read through its port, a disk that fails, lies and loses power, processes that are killed.
//
// The oracle is what the clients were told. Nothing here knows when a record should be durable: an answer without an
// error is a promise (P1), a record that a reader was given is one, too (P2), and what an idempotent producer repeats
// stands in the log once (P4). Of a lazy topic only as long as the process lives.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/partition/port.hpp"
#include "config/topic_settings.hpp"
#include "tests/support/shell_fixture.hpp"
#include "tests/support/sim_files.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace chisme::test {

class partition_sim {
public:
  explicit partition_sim(uint64_t seed);
  ~partition_sim();

  /// Empty when every promise was kept; else what was broken, and when.
  std::string run(int steps);
  /// Answers without an error that clients got: a run that got none has shown nothing.
  uint64_t promises() const { return promises_; }

private:
  /// A producer that has one batch in flight and repeats it until it is answered.
  struct producer {
    int64_t id = -1; ///< -1: not idempotent, does not repeat
    int32_t next_sequence = 0;
    std::vector<std::string> in_flight;
    bool waiting = false;
  };
  struct record {
    offset_t offset;
    std::string value;
  };

  int64_t pick(int64_t low, int64_t high);
  void step();
  void say() const;
  void broken(std::string what);

  // -- the world ---------------------------------------------------------------------------------------------------
  caf::scheduler::test_coordinator& scheduler();
  void start();
  void run_some_jobs();
  void run_all_jobs();
  void end_process();
  void kill();
  void crash();
  void stop_cleanly();
  bool serves() const { return port_ != nullptr; }

  // -- clients -----------------------------------------------------------------------------------------------------
  void produce();
  void send(producer& p);
  void answered(producer& p, const partition::append_result& r);
  void read();
  void was_read(const partition::read_result& r);
  void note_records(const payload& data, std::vector<record>& into);
  void housekeeping();
  void checkpoint();
  void plan_fault();
  void fail_write_back();
  void refuse_opens();
  void cool_down();
  void find_largest_time();
  void delete_records();
  void compact();
  void fill_disk();
  void make_room();

  // -- judgement ---------------------------------------------------------------------------------------------------
  void look_for_waits();
  void promise(offset_t at, const std::string& value, const char* to);
  void come_back(const std::string& where);
  void live_on_full_disk();
  void append_one();
  offset_t start_offset();
  /// Reads all that is committed, and holds it against what was promised.
  void judge();

  std::mt19937_64 random_;
  std::shared_ptr<sim_files> disk_;
  topic_settings settings_;
  testing_config config_;
  std::unique_ptr<caf::actor_system> system_;
  supervisor::supervisor_actor supervisor_;
  flusher::flusher_actor flusher_;
  cleaner::cleaner_actor cleaner_;
  disk_worker::disk_worker_actor disk_worker_;
  partition::partition_actor partition_;
  partition::port_ptr port_;
  bool told_ = false; ///< the replica has said how its start, or its last failure, went
  int life_ = 0;      ///< answers of former lives are no promises of this one, but were made all the same
  timestamp_ms now_ = 1'000'000;

  std::vector<producer> producers_;
  std::map<offset_t, std::string> promised_;
  offset_t committed_ = 0; ///< the highest high watermark that anybody was told
  offset_t deleted_ = 0;   ///< where the log starts at least, as somebody was told
  offset_t asked_to_delete_ = 0;
  bool compaction_wanted_ = false;
  uint64_t promises_ = 0;
  uint64_t next_value_ = 0;
  int step_ = 0;
  const char* doing_ = "";
  std::string broken_;
};

} // namespace chisme::test
