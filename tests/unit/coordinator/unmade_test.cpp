#include "actors/coordinator/unmade.hpp"

#include <gtest/gtest.h>

namespace chisme::coordinator {
namespace {

constexpr auto storage = error_code::kafka_storage_error;

TEST(unmade, a_created_topic_becomes_an_error_and_nothing_else) {
  kafka::create_topics_response decided;
  auto& made = decided.topics.emplace_back();
  made.name = "a";
  made.topic_id.bytes[3] = 7;
  made.num_partitions = 3;
  made.replication_factor = 1;
  made.configs.emplace();
  const auto told = std::get<kafka::create_topics_response>(unmade(decided, storage, "disk full")).topics.at(0);
  EXPECT_EQ(told.name, "a");
  EXPECT_EQ(told.error, storage);
  EXPECT_EQ(told.error_message, "disk full");
  EXPECT_EQ(told.topic_id, uuid{});
  EXPECT_EQ(told.num_partitions, -1);
  EXPECT_EQ(told.replication_factor, -1);
  EXPECT_FALSE(told.configs);
}

TEST(unmade, what_was_refused_keeps_its_own_error) {
  kafka::create_topics_response decided;
  auto& refused = decided.topics.emplace_back();
  refused.name = "b";
  refused.error = error_code::topic_already_exists;
  refused.error_message = "it exists";
  const auto told = std::get<kafka::create_topics_response>(unmade(decided, storage, "disk full")).topics.at(0);
  EXPECT_EQ(told.error, error_code::topic_already_exists);
  EXPECT_EQ(told.error_message, "it exists");
}

TEST(unmade, every_kind_of_change_tells_it) {
  kafka::delete_topics_response deletion;
  deletion.responses.emplace_back();
  EXPECT_EQ(std::get<kafka::delete_topics_response>(unmade(deletion, storage, "m")).responses[0].error, storage);
  kafka::create_partitions_response growth;
  growth.results.emplace_back();
  EXPECT_EQ(std::get<kafka::create_partitions_response>(unmade(growth, storage, "m")).results[0].error, storage);
  kafka::alter_configs_response whole;
  whole.responses.emplace_back();
  EXPECT_EQ(std::get<kafka::alter_configs_response>(unmade(whole, storage, "m")).responses[0].error, storage);
  kafka::incremental_alter_configs_response part;
  part.responses.emplace_back();
  EXPECT_EQ(std::get<kafka::incremental_alter_configs_response>(unmade(part, storage, "m")).responses[0].error, storage);
  kafka::init_producer_id_response producer;
  producer.producer_id = 5;
  const auto told = std::get<kafka::init_producer_id_response>(unmade(producer, storage, "m"));
  EXPECT_EQ(told.error, storage);
  EXPECT_EQ(told.producer_id, kafka::init_producer_id_response{}.producer_id);
}

} // namespace
} // namespace chisme::coordinator
