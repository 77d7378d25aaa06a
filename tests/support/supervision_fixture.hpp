// The machine of a node's supervisor without actors: the test tells what happened and reads what shall be done.
#pragma once

#include "actors/supervisor/supervision.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

namespace chisme::test {

/// Stands for a replica's port; nobody sends to it.
struct silent_port final : partition::port {
  void send(partition::append_batch) override {}
  void send(partition::read_request) override {}
  void send(partition::list_offset_request) override {}
  void send(partition::epoch_end_request) override {}
  void send(partition::delete_records_request) override {}
  void send(partition::describe_request) override {}
};

class supervision_test : public ::testing::Test {
protected:
  using actions = supervisor::supervision_actions;

  /// Returns what is to be done, and remembers which timers run.
  actions tell(const supervisor::supervision_input& in) {
    actions out;
    machine_.step(now_, in, out);
    return out;
  }
  template <class Timer>
  actions run_out(Timer t) {
    return tell(supervisor::input::timer_due{t});
  }

  // -- the cluster -----------------------------------------------------------------------------------------------

  static uuid id_of(const std::string& topic, uint8_t generation = 0) {
    uuid id;
    std::copy_n(topic.begin(), std::min<size_t>(topic.size(), 14), id.bytes.begin());
    id.bytes[15] = static_cast<uint8_t>(generation + 100);
    return id;
  }
  static supervisor::replica_key key_of(const std::string& topic, partition_index p = 0, uint8_t generation = 0) {
    return {id_of(topic, generation), p};
  }
  void put(const std::string& topic, size_t partitions = 1, std::map<std::string, std::string> configs = {},
           uint8_t generation = 0) {
    const auto id = id_of(topic, generation);
    cluster_.apply(coordinator::topic_record{
      id, coordinator::topic_state{topic, id, std::vector<std::vector<node_id>>(partitions, {1}), std::move(configs)}});
  }
  void remove(const std::string& topic, uint8_t generation = 0) {
    cluster_.apply(coordinator::topic_record{id_of(topic, generation), std::nullopt});
  }
  /// The number of this change is changes_ afterwards.
  actions change() {
    return tell(supervisor::input::cluster_change{std::make_shared<coordinator::cluster_state>(cluster_),
                                                  std::make_shared<node_settings>(settings_), ++changes_});
  }

  // -- replicas --------------------------------------------------------------------------------------------------

  actions opened(const supervisor::replica_key& key, leader_epoch_t epoch = 0) {
    return tell(supervisor::replica_opened{key, error_code::none, epoch, std::make_shared<silent_port>()});
  }
  actions cannot_open(const supervisor::replica_key& key, const std::string& why, bool may_pass = true) {
    return tell(supervisor::replica_opened{key, error_code::kafka_storage_error, -1, nullptr, why, may_pass});
  }
  actions ended(const supervisor::replica_key& key, const std::string& reason = "a broken invariant") {
    return tell(supervisor::input::replica_ended{key, reason});
  }
  /// A topic whose replicas serve.
  void serve(const std::string& topic, partition_index partitions = 1, uint8_t generation = 0) {
    put(topic, static_cast<size_t>(partitions), {}, generation);
    change();
    for (partition_index p = 0; p < partitions; ++p)
      opened(key_of(topic, p, generation));
  }
  partition_image image(const std::string& topic, size_t partition = 0) const {
    return machine_.partitions_of(*machine_.cluster()->find(topic)).at(partition);
  }

  // -- what is to be done ----------------------------------------------------------------------------------------

  template <class Action>
  static std::vector<Action> all(const actions& a) {
    std::vector<Action> some;
    for (const auto& x : a)
      if (const auto* one = std::get_if<Action>(&x))
        some.push_back(*one);
    return some;
  }
  static std::vector<supervisor::replica_key> started(const actions& a) {
    std::vector<supervisor::replica_key> keys;
    for (const auto& x : all<supervisor::action::start_replica>(a))
      keys.push_back(x.key);
    return keys;
  }
  static std::vector<uint64_t> answered(const actions& a) {
    std::vector<uint64_t> numbers;
    for (const auto& x : all<supervisor::action::answer_change>(a))
      numbers.push_back(x.number);
    return numbers;
  }
  static std::vector<uuid> published(const actions& a) {
    std::vector<uuid> topics;
    for (const auto& x : all<supervisor::action::publish>(a))
      topics.insert(topics.end(), x.topics.begin(), x.topics.end());
    return topics;
  }
  static std::vector<supervisor::notice::event> notices(const actions& a) {
    std::vector<supervisor::notice::event> events;
    for (const auto& n : all<supervisor::notice>(a))
      events.push_back(n.what);
    return events;
  }
  /// Of the only attempt that is put off.
  static std::chrono::milliseconds pause(const actions& a) {
    const auto timers = all<supervisor::action::set_timer>(a);
    EXPECT_EQ(timers.size(), 1u);
    return timers.empty() ? std::chrono::milliseconds{-1} : timers.front().after;
  }

  timestamp_ms now_ = 1'000'000;
  node_settings settings_;
  coordinator::cluster_state cluster_;
  uint64_t changes_ = 0;
  supervisor::supervision machine_{1, std::make_shared<node_settings>(), 7};
};

} // namespace chisme::test
