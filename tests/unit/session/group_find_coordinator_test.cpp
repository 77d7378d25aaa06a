// FindCoordinator makes `__consumer_offsets` when it is asked for the first time.
#include "actors/groups/port.hpp"
#include "messages/kafka/10_find_coordinator.hpp"
#include "tests/support/session_fixture.hpp"

#include <gmock/gmock.h>

namespace chisme::testing {
namespace {

using kafka::create_topics_request;
using kafka::create_topics_response;
using kafka::find_coordinator_request;
using kafka::find_coordinator_response;
using ::testing::HasSubstr;

constexpr int16_t newest = 6, first_with_many = 4;

class group_find_coordinator_test : public session_test {
protected:
  static find_coordinator_request for_group(const std::string& group) {
    find_coordinator_request r;
    r.key = group;
    r.coordinator_keys = {group};
    return r;
  }
  /// What is told of the one group, wherever the version has it.
  find_coordinator_response::coordinator told(int16_t version, int32_t id) {
    auto r = answer<find_coordinator_response>(version, id);
    if (version < first_with_many)
      return {"", r.node_id, r.host, r.port, r.error, r.error_message};
    EXPECT_EQ(r.coordinators.size(), 1u);
    return r.coordinators.empty() ? find_coordinator_response::coordinator{} : r.coordinators.front();
  }
  create_topics_request::creatable_topic topic_to_make() {
    EXPECT_EQ(coordinator_->changes.size(), 1u);
    return std::get<create_topics_request>(coordinator_->changes.at(0).request).topics.at(0);
  }
  void answer_creation(error_code code, std::optional<std::string> why = {}) {
    create_topics_response r;
    r.topics.emplace_back().error = code;
    r.topics.back().error_message = std::move(why);
    auto change = std::move(coordinator_->changes.front());
    coordinator_->changes.erase(coordinator_->changes.begin());
    change.done({error_code::none, "", r});
    loop_.drain();
  }
};

TEST_F(group_find_coordinator_test, the_first_who_asks_makes_the_topic_of_the_groups) {
  ask(for_group("g"), newest);
  settle();
  EXPECT_FALSE(answered()) << "it waits for the topic";
  const auto topic = topic_to_make();
  EXPECT_EQ(topic.name, "__consumer_offsets");
  EXPECT_EQ(topic.num_partitions, 50);
  EXPECT_EQ(topic.replication_factor, 1);
  std::map<std::string, std::string> configs;
  for (const auto& c : topic.configs)
    configs[c.name] = c.value.value_or("");
  EXPECT_EQ(configs["cleanup.policy"], "compact");
}

TEST_F(group_find_coordinator_test, the_topic_of_the_groups_has_as_many_replicas_as_wanted) {
  const auto replicas = [this](const node_settings& settings, node_id nodes) {
    change_image([&](broker_image& image) {
      image.settings = std::make_shared<node_settings>(settings);
      image.brokers.clear();
      for (node_id id = 1; id <= nodes; ++id)
        image.brokers.push_back({id, "node", 9092, std::nullopt});
    });
    ask(for_group("g"), newest);
    settle();
    const auto factor = topic_to_make().replication_factor;
    coordinator_->changes.clear();
    return factor;
  };
  auto settings = settings_;
  EXPECT_EQ(replicas(settings, 2), 2) << "where nobody has set a number";
  EXPECT_EQ(replicas(settings, 4), 3);
  settings.offsets_topic_replication_factor = 2;
  settings.given["offsets.topic.replication.factor"] = {"2", "somewhere"};
  EXPECT_EQ(replicas(settings, 4), 2);
  EXPECT_EQ(replicas(settings, 1), 2) << "too many is refused, not made less";
}

TEST_F(group_find_coordinator_test, and_is_told_who_leads_the_groups_partition_of_it) {
  for (int16_t version = 0; version <= newest; ++version) {
    const auto id = ask(for_group("g"), version);
    settle();
    add_topic(std::string{groups::offsets_topic}, 50);
    answer_creation(error_code::none);
    const auto place = told(version, id);
    EXPECT_EQ(place.error, error_code::none) << version;
    EXPECT_EQ(place.node_id, 1);
    EXPECT_EQ(place.host, "localhost");
    EXPECT_EQ(place.port, 9092);
    change_image([](broker_image& image) { image.topics.clear(); });
  }
}

TEST_F(group_find_coordinator_test, two_who_ask_at_once_are_both_answered) {
  const auto first = ask(for_group("g"), newest), second = ask(for_group("h"), newest);
  settle();
  ASSERT_EQ(coordinator_->changes.size(), 2u);
  add_topic(std::string{groups::offsets_topic}, 50);
  answer_creation(error_code::none);
  answer_creation(error_code::topic_already_exists);
  EXPECT_EQ(told(newest, first).error, error_code::none);
  EXPECT_EQ(told(newest, second).error, error_code::none);
}

TEST_F(group_find_coordinator_test, a_topic_that_is_there_is_not_made_again) {
  add_topic(std::string{groups::offsets_topic}, 50);
  const auto id = ask(for_group("g"), newest);
  settle();
  EXPECT_TRUE(coordinator_->changes.empty());
  EXPECT_EQ(told(newest, id).error, error_code::none);
}

TEST_F(group_find_coordinator_test, nobody_makes_it_for_the_sake_of_transactions) {
  auto r = for_group("t");
  r.key_type = 1;
  const auto id = ask(r, newest);
  settle();
  EXPECT_TRUE(coordinator_->changes.empty());
  EXPECT_EQ(told(newest, id).error, error_code::cluster_authorization_failed);
}

TEST_F(group_find_coordinator_test, who_asks_for_a_topic_that_cannot_be_made_is_told_why) {
  const auto id = ask(for_group("g"), newest);
  settle();
  answer_creation(error_code::invalid_replication_factor, "too few nodes");
  const auto place = told(newest, id);
  EXPECT_EQ(place.error, error_code::coordinator_not_available);
  EXPECT_EQ(place.node_id, -1);
  EXPECT_THAT(place.error_message.value_or(""), HasSubstr("too few nodes"));
}

TEST_F(group_find_coordinator_test, a_change_that_is_lost_is_to_be_asked_for_again) {
  const auto id = ask(for_group("g"), newest);
  settle();
  coordinator_->changes.clear();
  loop_.drain();
  EXPECT_EQ(told(newest, id).error, error_code::coordinator_not_available);
}

} // namespace
} // namespace chisme::testing
