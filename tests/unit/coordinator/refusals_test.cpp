#include "actors/coordinator/refusals.hpp"

#include <gtest/gtest.h>

namespace chisme::coordinator {
namespace {

constexpr auto storage = error_code::kafka_storage_error;

TEST(refusals, a_created_topic_becomes_an_error_and_nothing_else) {
  kafka::create_topics_response decided;
  auto& made = decided.topics.emplace_back();
  made.name = "a";
  made.topic_id.bytes[3] = 7;
  made.num_partitions = 3;
  made.replication_factor = 1;
  made.configs.emplace();
  const auto told = std::get<kafka::create_topics_response>(take_back(decided, {storage, "disk full"})).topics.at(0);
  EXPECT_EQ(told.name, "a");
  EXPECT_EQ(told.error, storage);
  EXPECT_EQ(told.error_message, "disk full");
  EXPECT_EQ(told.topic_id, uuid{});
  EXPECT_EQ(told.num_partitions, -1);
  EXPECT_EQ(told.replication_factor, -1);
  EXPECT_FALSE(told.configs);
}

TEST(refusals, what_was_refused_keeps_its_own_error) {
  kafka::create_topics_response decided;
  auto& refused = decided.topics.emplace_back();
  refused.name = "b";
  refused.error = error_code::topic_already_exists;
  refused.error_message = "it exists";
  const auto told = std::get<kafka::create_topics_response>(take_back(decided, {storage, "disk full"})).topics.at(0);
  EXPECT_EQ(told.error, error_code::topic_already_exists);
  EXPECT_EQ(told.error_message, "it exists");
}

TEST(refusals, every_kind_of_change_tells_it) {
  kafka::delete_topics_response deletion;
  deletion.responses.emplace_back();
  EXPECT_EQ(std::get<kafka::delete_topics_response>(take_back(deletion, {storage, "m"})).responses[0].error, storage);
  kafka::create_partitions_response growth;
  growth.results.emplace_back();
  EXPECT_EQ(std::get<kafka::create_partitions_response>(take_back(growth, {storage, "m"})).results[0].error, storage);
  kafka::alter_configs_response whole;
  whole.responses.emplace_back();
  EXPECT_EQ(std::get<kafka::alter_configs_response>(take_back(whole, {storage, "m"})).responses[0].error, storage);
  kafka::incremental_alter_configs_response part;
  part.responses.emplace_back();
  EXPECT_EQ(std::get<kafka::incremental_alter_configs_response>(take_back(part, {storage, "m"})).responses[0].error,
            storage);
  kafka::init_producer_id_response producer;
  producer.producer_id = 5;
  const auto told = std::get<kafka::init_producer_id_response>(take_back(producer, {storage, "m"}));
  EXPECT_EQ(told.error, storage);
  EXPECT_EQ(told.producer_id, kafka::init_producer_id_response{}.producer_id);
}

/// The codes of an answer, and what they are for.
template <class Entries, class Name>
std::vector<std::pair<std::string, error_code>> codes(const Entries& entries, Name name) {
  std::vector<std::pair<std::string, error_code>> all;
  for (const auto& e : entries)
    all.emplace_back(name(e), e.error);
  return all;
}

TEST(refusals, what_nobody_decided_is_refused_for_everything_that_it_names) {
  const error why{error_code::not_controller, "m"};
  const std::vector<std::pair<std::string, error_code>> both{{"a", why.code}, {"b", why.code}};
  const auto name = [](const auto& e) { return e.name; };
  const auto optional_name = [](const auto& e) { return *e.name; };
  const auto resource_name = [](const auto& e) { return e.resource_name; };

  kafka::create_topics_request creation;
  kafka::delete_topics_request deletion;
  kafka::create_partitions_request growth;
  kafka::alter_configs_request whole;
  kafka::incremental_alter_configs_request part;
  for (const std::string n : {"a", "b"}) {
    creation.topics.emplace_back().name = n;
    growth.topics.emplace_back().name = n;
    deletion.topics.emplace_back().name = n;
    whole.resources.emplace_back().resource_name = n;
    part.resources.emplace_back().resource_name = n;
  }
  EXPECT_EQ(codes(std::get<kafka::create_topics_response>(refuse(creation, why)).topics, name), both);
  EXPECT_EQ(codes(std::get<kafka::delete_topics_response>(refuse(deletion, why)).responses, optional_name), both);
  EXPECT_EQ(codes(std::get<kafka::create_partitions_response>(refuse(growth, why)).results, name), both);
  EXPECT_EQ(codes(std::get<kafka::alter_configs_response>(refuse(whole, why)).responses, resource_name), both);
  EXPECT_EQ(codes(std::get<kafka::incremental_alter_configs_response>(refuse(part, why)).responses, resource_name),
            both);
  EXPECT_EQ(std::get<kafka::init_producer_id_response>(refuse(kafka::init_producer_id_request{}, why)).error, why.code);
}

TEST(refusals, a_deletion_is_refused_as_it_was_asked_for) {
  kafka::delete_topics_request by_name;
  by_name.topic_names = {"a"};
  const auto of_name = std::get<kafka::delete_topics_response>(refuse(by_name, {storage, "m"})).responses.at(0);
  EXPECT_EQ(of_name.name, "a");
  EXPECT_EQ(of_name.error_message, "m");
  kafka::delete_topics_request by_id;
  by_id.topics.emplace_back().topic_id.bytes[3] = 7;
  const auto of_id = std::get<kafka::delete_topics_response>(refuse(by_id, {storage, "m"})).responses.at(0);
  EXPECT_EQ(of_id.name, std::nullopt);
  EXPECT_EQ(of_id.topic_id.bytes[3], 7);
  EXPECT_EQ(of_id.error, storage);
}

} // namespace
} // namespace chisme::coordinator
