// A node without sockets: its actors, from the same root as in a process, on CAF's deterministic scheduler, its data
// folder on a simulated disk.
//
//   actor_node n{disk};              // replays what the disk holds; serves where ready()
//   n.create({"a", "b"});            // runs until it is answered
//   n.run();                         // until nothing is left to do; timers stay
#pragma once

#include "actors/broker_image.hpp"
#include "actors/coordinator/port.hpp"
#include "actors/interfaces.hpp"
#include "actors/partition/port.hpp"
#include "tests/support/shell_fixture.hpp"
#include "tests/support/sim_files.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace chisme::test {

class actor_node {
public:
  static constexpr const char* data_dir = "/data";

  explicit actor_node(std::shared_ptr<sim_files> disk, uint64_t seed = 1);
  ~actor_node();

  bool ready() const { return coordinator_ != nullptr; }
  const std::string& failure() const { return failure_; } ///< why it cannot serve

  /// Handles one message; false where there is none.
  bool step() { return scheduler().try_run_once(); }
  void run() { scheduler().run(); }
  /// Lets this much time pass and does what comes up meanwhile.
  void pass(std::chrono::milliseconds time);

  /// Each returns the code of each name; nullopt where it was not answered.
  std::vector<std::optional<error_code>> create(const std::vector<std::string>& topics, int32_t partitions = 1);
  std::vector<std::optional<error_code>> remove(const std::vector<std::string>& topics);
  /// Asks only.
  void ask_to_remove(const std::vector<std::string>& topics);

  /// What the image says of it.
  partition_image partition(const std::string& topic, partition_index index = 0) const;
  /// Appends one record with this value.
  std::optional<partition::append_result> append(const std::string& topic, const std::string& value);
  std::optional<offset_t> end_offset(const std::string& topic);

  /// Of the data folder.
  std::vector<std::string> folders();

private:
  caf::scheduler::test_coordinator& scheduler() {
    return static_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }
  void begin();
  template <class Response, class Request>
  std::shared_ptr<std::optional<Response>> ask(Request request);

  std::shared_ptr<sim_files> disk_;
  std::mt19937_64 random_;
  testing_config config_;
  caf::actor_system system_{config_};
  timestamp_ms now_ = 1'000'000;
  root::root_actor root_;
  coordinator::port_ptr coordinator_;
  std::shared_ptr<const broker_image> image_ = std::make_shared<broker_image>();
  std::string failure_;
};

} // namespace chisme::test
