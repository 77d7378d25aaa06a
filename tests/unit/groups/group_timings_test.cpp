// The times that a consumer group sets itself: the shard gives them to the groups that there are and to those
// that come.
#include "actors/groups/group_settings.hpp"
#include "config/load.hpp"
#include "tests/support/group_conversation.hpp"

#include <gmock/gmock.h>

namespace chisme::groups {
namespace {

using heartbeat_request = kafka::consumer_group_heartbeat_request;
using heartbeat_response = kafka::consumer_group_heartbeat_response;

class group_timings_test : public ::testing::Test {
protected:
  static group_settings settings() {
    group_settings s;
    s.consumer.min_session_timeout_ms = 1'000;
    s.consumer.min_heartbeat_interval_ms = 100;
    return s;
  }

  group_timings_test() { talk_.topics.add("t", 4); }

  void configure(group_timings timings) {
    talk_.shard().configure(std::make_shared<const group_timings>(std::move(timings)));
  }

  /// The interval that a member is told; it joins where its epoch is 0.
  int32_t told(const std::string& group, int32_t epoch = 0) {
    heartbeat_request r;
    r.group_id = group;
    r.member_id = std::string{"a"}; // g++ 12 warns of the bare literal
    r.member_epoch = epoch;
    if (epoch == 0) {
      r.rebalance_timeout_ms = 10'000;
      r.subscribed_topic_names = {"t"};
      r.topic_partitions.emplace();
    }
    const auto response = talk_.ask<heartbeat_response>(r, 1);
    EXPECT_EQ(response.error, error_code::none) << response.error_message.value_or("");
    return response.heartbeat_interval_ms;
  }

  /// This long nobody says a word.
  void wait(timestamp_ms ms) {
    talk_.now += ms;
    effects out;
    talk_.shard().tick(talk_.now, talk_.topics, out);
  }

  bool is_member(const std::string& group) {
    auto found =
      talk_.ask<kafka::consumer_group_describe_response::described_group>(describe_consumer_group_request{group}, 1);
    return !found.members.empty();
  }

  test::group_conversation talk_{settings()};
};

TEST_F(group_timings_test, a_group_begins_with_its_own) {
  configure({{"g", {2'000, 300}}});
  EXPECT_EQ(told("g"), 300);
  EXPECT_EQ(told("h"), 5'000);
  wait(2'000);
  EXPECT_FALSE(is_member("g"));
  EXPECT_TRUE(is_member("h"));
}

TEST_F(group_timings_test, a_running_group_goes_by_new_ones_from_the_next_heartbeat_on) {
  EXPECT_EQ(told("g"), 5'000);
  configure({{"g", {2'000, 300}}});
  wait(44'999);
  EXPECT_TRUE(is_member("g")) << "it was promised the session that it began with";
  EXPECT_EQ(told("g", 1), 300);
  wait(1'999);
  EXPECT_TRUE(is_member("g"));
  wait(1);
  EXPECT_FALSE(is_member("g"));
}

TEST_F(group_timings_test, without_its_own_it_has_the_nodes_again) {
  configure({{"g", {2'000, 300}}});
  EXPECT_EQ(told("g"), 300);
  configure({});
  EXPECT_EQ(told("g", 1), 5'000);
  wait(44'999);
  EXPECT_TRUE(is_member("g"));
  wait(1);
  EXPECT_FALSE(is_member("g"));
}

TEST_F(group_timings_test, a_group_that_is_loaded_has_its_own) {
  EXPECT_EQ(told("g"), 5'000);
  group_shard loaded{settings(), [] { return std::string{}; }};
  loaded.configure(std::make_shared<const group_timings>(group_timings{{"g", {2'000, 300}}}));
  for (const auto& record : talk_.log())
    loaded.apply(record);
  effects out;
  loaded.loaded(talk_.now, out);
  EXPECT_EQ(loaded.next_deadline(), talk_.now + 2'000);
}

TEST(group_settings, those_of_a_node) {
  auto loaded =
    load({"--group.consumer.session.timeout.ms=2000", "--group.consumer.min.session.timeout.ms=1000",
          "--group.consumer.max.session.timeout.ms=3000", "--group.consumer.heartbeat.interval.ms=200",
          "--group.consumer.min.heartbeat.interval.ms=100", "--group.consumer.max.heartbeat.interval.ms=300",
          "--group.consumer.max.size=7", "--group.consumer.assignors=range,uniform",
          "--group.consumer.migration.policy=downgrade", "--group.min.session.timeout.ms=10",
          "--group.max.session.timeout.ms=20", "--group.initial.rebalance.delay.ms=30", "--group.max.size=40"},
         {}, [](auto&) -> result<std::string> { return std::string{}; });
  ASSERT_THAT(loaded.mistakes, ::testing::IsEmpty());
  const auto classic = group_settings_of(loaded.settings);
  EXPECT_EQ(classic.min_session_timeout_ms, 10);
  EXPECT_EQ(classic.max_session_timeout_ms, 20);
  EXPECT_EQ(classic.initial_rebalance_delay_ms, 30);
  EXPECT_EQ(classic.max_size, 40);
  const auto s = group_settings_of(loaded.settings).consumer;
  EXPECT_EQ(s.session_timeout_ms, 2'000);
  EXPECT_EQ(s.min_session_timeout_ms, 1'000);
  EXPECT_EQ(s.max_session_timeout_ms, 3'000);
  EXPECT_EQ(s.heartbeat_interval_ms, 200);
  EXPECT_EQ(s.min_heartbeat_interval_ms, 100);
  EXPECT_EQ(s.max_heartbeat_interval_ms, 300);
  EXPECT_EQ(s.max_size, 7u);
  EXPECT_THAT(s.assignors, ::testing::ElementsAre("range", "uniform"));
  EXPECT_EQ(s.migration, migration_policy::downgrade);
}

/// A group that nobody sets up must not differ from what the machine takes for Kafka's defaults.
TEST(group_settings, those_of_a_node_that_is_not_set_up_are_the_machines_defaults) {
  const auto node = group_settings_of(node_settings{}).consumer;
  const consumer_group_settings machine;
  EXPECT_EQ(node.session_timeout(), machine.session_timeout());
  EXPECT_EQ(node.heartbeat_interval(), machine.heartbeat_interval());
  EXPECT_EQ(node.max_size, machine.max_size);
  EXPECT_EQ(node.assignors, machine.assignors);
  EXPECT_EQ(node.migration, machine.migration);
}

} // namespace
} // namespace chisme::groups
