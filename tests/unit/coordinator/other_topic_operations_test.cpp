// DeleteTopics, CreatePartitions, InitProducerId.

#include "tests/support/coordinator_fixture.hpp"

namespace chisme::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using error = error_code;

class delete_topics : public coordinator_test {
protected:
  using request = kafka::delete_topics_request;

  static auto& answer(const decision& d) { return std::get<kafka::delete_topics_response>(d.response).responses; }

  static request by_name(std::vector<std::string> names) {
    request r;
    r.topic_names = std::move(names);
    return r;
  }
  static request by_state(std::optional<std::string> name, uuid topic_id) {
    request r;
    r.topics.push_back({std::move(name), topic_id});
    return r;
  }

  error refusal(const request& r) {
    auto d = run(r);
    EXPECT_THAT(d.records, IsEmpty());
    EXPECT_TRUE(answer(d).at(0).error_message);
    return answer(d).at(0).error;
  }
};

TEST_F(delete_topics, by_name_and_by_id) {
  const auto a = add("a"), b = add("b"), c = add("c");
  auto r = by_name({"a"});
  r.topics = {{"b", {}}, {std::nullopt, c.id}};
  auto d = run(r);
  EXPECT_THAT(d.records, ElementsAre(topic_record{a.id, std::nullopt}, topic_record{b.id, std::nullopt},
                                     topic_record{c.id, std::nullopt}));
  ASSERT_EQ(answer(d).size(), 3u);
  EXPECT_EQ(answer(d)[0].name, "a");
  EXPECT_EQ(answer(d)[1].topic_id, b.id);
  EXPECT_EQ(answer(d)[2].name, "c") << "also where only the id was given";
  for (const auto& x : answer(d))
    EXPECT_EQ(x.error, error::none);
  apply(d);
  EXPECT_TRUE(state_.topics().empty());
  EXPECT_EQ(state_.find(a.id), nullptr);
}

TEST_F(delete_topics, what_cannot_be_deleted) {
  const auto a = add("a");
  EXPECT_EQ(refusal(by_name({"nobody"})), error::unknown_topic_or_partition);
  EXPECT_EQ(refusal(by_state(std::nullopt, id(77))), error::unknown_topic_id);
  EXPECT_EQ(refusal(by_state(std::nullopt, {})), error::unknown_topic_id);
  EXPECT_EQ(refusal(by_state("a", a.id)), error::invalid_request);
  EXPECT_EQ(refusal(by_name({"__cluster"})), error::invalid_topic_exception);
  settings_.delete_topics = false;
  EXPECT_EQ(refusal(by_name({"a"})), error::topic_deletion_disabled);
}

TEST_F(delete_topics, a_topic_that_is_named_twice_is_removed_once) {
  const auto a = add("a");
  auto d = run(by_name({"a", "a"}));
  EXPECT_THAT(d.records, ElementsAre(topic_record{a.id, std::nullopt}));
}

/// A name that is used again belongs to a topic with an id of its own.
TEST_F(delete_topics, a_topic_that_is_created_again_is_another_one) {
  const auto old = add("a");
  apply(run(by_name({"a"})));
  kafka::create_topics_request create;
  create.topics.emplace_back();
  create.topics[0].name = "a";
  create.topics[0].num_partitions = create.topics[0].replication_factor = 1;
  apply(run(create));
  EXPECT_EQ(state_.find("a")->id, id(1));
  EXPECT_EQ(state_.find(old.id), nullptr);
}

class create_partitions : public coordinator_test {
protected:
  using request = kafka::create_partitions_request;
  using assignments = std::optional<std::vector<request::assignment>>;

  static request grow(const std::string& name, int32_t count, assignments to = {}) {
    request r;
    r.topics.push_back({name, count, std::move(to)});
    return r;
  }
  static auto& answer(const decision& d) { return std::get<kafka::create_partitions_response>(d.response).results; }

  std::string refusal(const request& r) {
    auto d = run(r);
    EXPECT_THAT(d.records, IsEmpty());
    EXPECT_EQ(answer(d).at(0).name, r.topics[0].name);
    return to_string(answer(d)[0].error) + ": " + answer(d)[0].error_message.value_or("(none)");
  }
};

TEST_F(create_partitions, the_topic_grows_and_keeps_what_it_has) {
  auto topic = add("t", 2, {{"retention.ms", "1"}});
  auto d = run(grow("t", 4));
  topic.replicas = {{1}, {1}, {1}, {1}};
  EXPECT_THAT(d.records, ElementsAre(topic_record{topic.id, topic}));
  EXPECT_EQ(answer(d).at(0).error, error::none);
}

TEST_F(create_partitions, to_given_nodes) {
  nodes_ = {1, 2};
  auto topic = add("t");
  auto d = run(grow("t", 3, std::vector<request::assignment>{{{2}}, {{1}}}));
  topic.replicas = {{1}, {2}, {1}};
  EXPECT_THAT(d.records, ElementsAre(topic_record{topic.id, topic}));
}

/// Those that were there before may have been given to another folder.
TEST_F(create_partitions, only_new_ones_are_given_to_the_folders_of_now) {
  nodes_ = {1, 2};
  folders_ = {{1, id(11)}, {2, id(12)}};
  add("t");
  const auto chosen = *std::get<topic_record>(run(grow("t", 2)).records.at(0)).state;
  ASSERT_EQ(chosen.folders.size(), 2u);
  EXPECT_THAT(chosen.folders[0], IsEmpty());
  EXPECT_EQ(chosen.folder_of(1, chosen.replicas[1][0]), folders_.at(chosen.replicas[1][0]));
  const auto given =
    *std::get<topic_record>(run(grow("t", 2, std::vector<request::assignment>{{{2}}})).records.at(0)).state;
  EXPECT_THAT(given.folders, ElementsAre(IsEmpty(), ElementsAre(id(12))));
}

TEST_F(create_partitions, what_is_not_possible) {
  add("t", 2);
  EXPECT_THAT(refusal(grow("nobody", 3)), HasSubstr("UNKNOWN_TOPIC_OR_PARTITION"));
  for (int32_t count : {2, 1, 0, -5})
    EXPECT_THAT(refusal(grow("t", count)), HasSubstr("INVALID_PARTITIONS: The topic has 2 partitions"));
  EXPECT_THAT(refusal(grow("t", INT32_MAX)), HasSubstr("INVALID_PARTITIONS: a topic may have at most 10000"));
  using list = std::vector<request::assignment>;
  EXPECT_THAT(refusal(grow("t", 4, list{{{1}}})), HasSubstr("INVALID_REPLICA_ASSIGNMENT: 1 assignments for 2"));
  EXPECT_THAT(refusal(grow("t", 3, list{{{}}})), HasSubstr("INVALID_REPLICA_ASSIGNMENT"));
  EXPECT_THAT(refusal(grow("t", 3, list{{{9}}})), HasSubstr("there is no node 9"));
  nodes_ = {1, 2};
  EXPECT_THAT(refusal(grow("t", 3, list{{{1, 2}}})), HasSubstr("the same number of replicas"));
}

TEST_F(create_partitions, a_topic_with_more_replicas_than_there_are_nodes_cannot_grow) {
  nodes_ = {1, 2};
  topic_state wide{"wide", id(99), {{1, 2}}, {}};
  state_.apply(topic_record{wide.id, wide});
  EXPECT_EQ(run(grow("wide", 2)).records.size(), 1u);
  nodes_ = {1};
  EXPECT_THAT(refusal(grow("wide", 2)), HasSubstr("INVALID_REPLICATION_FACTOR"));
}

TEST_F(create_partitions, validate_only_and_repeated_names) {
  add("t");
  add("u");
  auto r = grow("t", 2);
  r.validate_only = true;
  EXPECT_THAT(run(r).records, IsEmpty());
  EXPECT_EQ(answer(run(r)).at(0).error, error::none);
  r = grow("t", 2);
  r.topics.push_back({"u", 2, {}});
  r.topics.push_back({"t", 3, {}});
  auto d = run(r);
  ASSERT_EQ(answer(d).size(), 3u);
  EXPECT_EQ(answer(d)[0].error, error::invalid_request);
  EXPECT_EQ(answer(d)[1].error, error::none);
  EXPECT_EQ(answer(d)[2].error, error::invalid_request);
  EXPECT_EQ(d.records.size(), 1u);
}

TEST_F(create_partitions, the_partitions_of_one_request_are_bounded) {
  add("t");
  add("u");
  auto r = grow("t", 10'000);
  r.topics.push_back({"u", 3, {}});
  auto d = run(r);
  EXPECT_EQ(answer(d).at(0).error, error::none);
  EXPECT_EQ(answer(d).at(1).error, error::policy_violation);
}

class init_producer_id : public coordinator_test {};

TEST_F(init_producer_id, takes_a_block_of_ids_at_a_time) {
  const kafka::init_producer_id_request request;
  auto d = run(request);
  EXPECT_THAT(d.records, ElementsAre(producer_ids_record{1000}));
  auto first = std::get<kafka::init_producer_id_response>(d.response);
  EXPECT_EQ(first.producer_id, 0);
  EXPECT_EQ(first.producer_epoch, 0);
  EXPECT_EQ(first.error, error::none);
  apply(d);
  d = run(change_request{request});
  EXPECT_EQ(std::get<kafka::init_producer_id_response>(d.response).producer_id, 1000);
  EXPECT_THAT(d.records, ElementsAre(producer_ids_record{2000}));
}

} // namespace
} // namespace chisme::testing
