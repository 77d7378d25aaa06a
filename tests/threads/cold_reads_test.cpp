// A whole node with one thread for its actors, on a disk that does not come back: who reads what is not in memory
// waits, and nobody else.
#include "actors/log/batch_builder.hpp"
#include "messages/kafka/00_produce.hpp"
#include "messages/kafka/01_fetch.hpp"
#include "messages/kafka/02_list_offsets.hpp"
#include "messages/kafka/10_find_coordinator.hpp"
#include "messages/kafka/19_create_topics.hpp"
#include "messages/kafka/68_consumer_group_heartbeat.hpp"
#include "nodes/cli/kafka_client.hpp"
#include "nodes/node.hpp"
#include "tests/threads/slow_disk.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>
#include <unistd.h>

namespace chisme::nodes {
namespace {

class cold_reads_threads : public ::testing::Test {
protected:
  cold_reads_threads() : folder_(::testing::TempDir() + "chisme-cold-XXXXXX") {
    if (::mkdtemp(folder_.data()) == nullptr)
      throw std::runtime_error{"no temporary folder"};
    node_settings settings;
    settings.listeners = {{"PLAINTEXT", "127.0.0.1", 0}};
    settings.data_dir = folder_ + "/data";
    settings.actor_threads = 1;
    settings.network_threads = 1;
    settings.offsets_topic_partitions = 1;
    node_.emplace(settings, disk_);
    if (auto ok = node_->start(); !ok)
      throw std::runtime_error{ok.error().message};
  }
  ~cold_reads_threads() override {
    disk_->answer();
    node_.reset();
    std::filesystem::remove_all(folder_);
  }

  /// Whoever is not answered for so long has failed.
  cli::kafka_client client() const {
    return std::move(cli::kafka_client::open(node_->listeners().front(), std::chrono::seconds{30}).value());
  }

  template <class Response, class Request>
  Response ask(const Request& r, int16_t version = Request::max_version) const {
    auto answer = client().call<Response>(r, version);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? *answer : Response{};
  }

  void create(const std::string& name) const {
    kafka::create_topics_request r;
    auto& t = r.topics.emplace_back();
    t.name = name;
    t.num_partitions = 1;
    t.replication_factor = 1;
    EXPECT_EQ(ask<kafka::create_topics_response>(r, 5).topics.at(0).error, error_code::none);
  }

  /// A batch with one record of this size.
  static buffer batch_of(size_t size) {
    log::batch_builder b;
    b.add("k", std::string(size, 'v'), 1000);
    return b.finish().value();
  }

  void produce(const std::string& topic, size_t size) const {
    kafka::produce_request r;
    r.acks = -1;
    r.timeout_ms = 60'000;
    auto& t = r.topics.emplace_back();
    t.name = topic;
    t.partitions.push_back({0, payload{batch_of(size)}});
    const auto answer = ask<kafka::produce_response>(r, 12);
    ASSERT_FALSE(answer.responses.empty());
    EXPECT_EQ(answer.responses.at(0).partition_responses.at(0).error, error_code::none);
  }

  /// The bytes of the records; nullopt where there is no answer.
  static std::optional<uint64_t> fetch(cli::kafka_client from, const std::string& topic) {
    kafka::fetch_request r;
    r.max_wait_ms = 0;
    r.max_bytes = 16 << 20;
    auto& t = r.topics.emplace_back();
    t.topic = topic;
    auto& p = t.partitions.emplace_back();
    p.partition = 0;
    p.fetch_offset = 0;
    p.partition_max_bytes = 16 << 20;
    auto answer = from.call<kafka::fetch_response>(r, 12);
    if (!answer || answer->responses.empty())
      return std::nullopt;
    return answer->responses.at(0).partitions.at(0).records.size();
  }

  static std::optional<offset_t> find_time(cli::kafka_client from, const std::string& topic) {
    kafka::list_offsets_request r;
    auto& t = r.topics.emplace_back();
    t.name = topic;
    auto& p = t.partitions.emplace_back();
    p.partition_index = 0;
    p.timestamp = 1000;
    auto answer = from.call<kafka::list_offsets_response>(r, 7);
    if (!answer || answer->topics.empty())
      return std::nullopt;
    return answer->topics.at(0).partitions.at(0).offset;
  }

  /// Joins with epoch 0. Returns the member's epoch.
  int32_t heartbeat(int32_t epoch) const {
    kafka::consumer_group_heartbeat_request r;
    r.group_id = "g";
    r.member_id = "member";
    r.member_epoch = epoch;
    r.rebalance_timeout_ms = 60'000;
    if (epoch == 0) {
      r.subscribed_topic_names = {"quick"};
      r.topic_partitions.emplace();
    }
    const auto answer = ask<kafka::consumer_group_heartbeat_response>(r, 1);
    EXPECT_EQ(answer.error, error_code::none);
    return answer.member_epoch;
  }

  /// The group's partition is made by the first who asks for it.
  void find_coordinator() const {
    kafka::find_coordinator_request r;
    r.coordinator_keys = {"g"};
    while (ask<kafka::find_coordinator_response>(r).coordinators.at(0).error == error_code::coordinator_not_available)
      std::this_thread::yield();
  }

  static constexpr size_t small = 1000;    ///< read into memory
  static constexpr size_t large = 900'000; ///< sent from the file

  std::string folder_;
  std::shared_ptr<test::slow_disk> disk_ = std::make_shared<test::slow_disk>();
  std::optional<node> node_;
};

TEST_F(cold_reads_threads, hold_up_nobody_else) {
  for (const auto* name : {"quick", "cold-memory", "cold-file"})
    create(name);
  find_coordinator();
  auto epoch = heartbeat(0);
  produce("quick", small);
  produce("cold-memory", small);
  produce("cold-file", large);

  disk_->stop_answering("/cold-");
  std::optional<uint64_t> small_answer, large_answer;
  std::optional<offset_t> found;
  {
    std::jthread first{[&] { small_answer = fetch(client(), "cold-memory"); }};
    std::jthread second{[&] { large_answer = fetch(client(), "cold-file"); }};
    std::jthread third{[&] { found = find_time(client(), "cold-memory"); }};
    disk_->wait_until_stuck(1);
    for (int i = 0; i < 5 && !HasFailure(); ++i) {
      epoch = heartbeat(epoch);
      produce("quick", small);
      EXPECT_EQ(fetch(client(), "quick"), batch_of(small).size() * (static_cast<uint64_t>(i) + 2));
      // To a partition, too, of which a read is stuck.
      produce("cold-memory", small);
    }
    disk_->answer();
  }
  EXPECT_EQ(small_answer, batch_of(small).size() * 6) << "what was appended meanwhile comes with it";
  EXPECT_EQ(large_answer, batch_of(large).size());
  EXPECT_EQ(found, 0);
}

} // namespace
} // namespace chisme::nodes
