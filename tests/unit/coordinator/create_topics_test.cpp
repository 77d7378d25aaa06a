#include "tests/support/coordinator_fixture.hpp"

namespace chisme::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using error = error_code;
using kafka::create_topics_request;
using kafka::create_topics_response;

class create_topics : public coordinator_test {
protected:
  static create_topics_request::creatable_topic topic(const std::string& name, int32_t partitions = 1,
                                                      int16_t replicas = 1) {
    create_topics_request::creatable_topic t;
    t.name = name;
    t.num_partitions = partitions;
    t.replication_factor = replicas;
    return t;
  }

  static create_topics_request::creatable_topic assigned(const std::string& name,
                                                         std::vector<std::pair<int32_t, std::vector<int32_t>>> to) {
    auto t = topic(name, -1, -1);
    for (auto& [partition, replicas] : to)
      t.assignments.push_back({partition, std::move(replicas)});
    return t;
  }

  static create_topics_request request(std::vector<create_topics_request::creatable_topic> topics) {
    create_topics_request r;
    r.topics = std::move(topics);
    return r;
  }

  static const create_topics_response& answer(const decision& d) {
    return std::get<create_topics_response>(d.response);
  }

  /// The answer to one topic that is not created, as "CODE: message".
  std::string refusal(const create_topics_request::creatable_topic& t) {
    auto d = run(request({t}));
    EXPECT_THAT(d.records, IsEmpty());
    const auto& x = answer(d).topics.at(0);
    EXPECT_EQ(x.name, t.name);
    EXPECT_EQ(x.topic_id, uuid{});
    return to_string(x.error) + ": " + x.error_message.value_or("(none)");
  }
};

TEST_F(create_topics, gives_a_record_and_an_answer) {
  auto wish = topic("t", 2);
  wish.configs.push_back({"retention.ms", "1000"});
  auto d = run(request({wish}));
  EXPECT_THAT(d.records,
              ElementsAre(topic_record{id(1), topic_state{"t", id(1), {{1}, {1}}, {{"retention.ms", "1000"}}}}));
  const auto& x = answer(d).topics.at(0);
  EXPECT_EQ(x.name, "t");
  EXPECT_EQ(x.topic_id, id(1));
  EXPECT_EQ(x.error, error::none);
  EXPECT_EQ(x.error_message, std::nullopt);
  EXPECT_EQ(x.num_partitions, 2);
  EXPECT_EQ(x.replication_factor, 1);
  ASSERT_TRUE(x.configs);
  auto retention = std::find_if(x.configs->begin(), x.configs->end(), [](auto& c) { return c.name == "retention.ms"; });
  ASSERT_NE(retention, x.configs->end());
  EXPECT_EQ(retention->value, "1000");
  EXPECT_EQ(retention->config_source, 1) << "set on the topic";
  EXPECT_FALSE(retention->is_sensitive);
}

TEST_F(create_topics, the_state_is_untouched_until_the_records_are_replayed) {
  auto d = run(request({topic("t", 2)}));
  EXPECT_EQ(state_.find("t"), nullptr);
  apply(d);
  ASSERT_NE(state_.find("t"), nullptr);
  EXPECT_EQ(*state_.find("t"), *std::get<topic_record>(d.records[0]).state);
  EXPECT_EQ(state_.find(id(1)), state_.find("t"));
}

TEST_F(create_topics, minus_one_means_the_nodes_defaults) {
  settings_.num_partitions = 3;
  settings_.default_replication_factor = 2;
  nodes_ = {1, 2, 3};
  const auto made = *std::get<topic_record>(run(request({topic("t", -1, -1)})).records.at(0)).state;
  EXPECT_THAT(made.replicas, ElementsAre(ElementsAre(1, 2), ElementsAre(2, 3), ElementsAre(3, 1)));
}

TEST_F(create_topics, the_record_names_the_folder_that_each_replica_is_given_to) {
  nodes_ = {1, 2};
  folders_ = {{1, id(11)}};
  const auto made = *std::get<topic_record>(run(request({topic("t", 2, 2)})).records.at(0)).state;
  ASSERT_THAT(made.replicas, ElementsAre(ElementsAre(1, 2), ElementsAre(2, 1)));
  EXPECT_THAT(made.folders, ElementsAre(ElementsAre(id(11), uuid{}), ElementsAre(uuid{}, id(11))));
}

TEST_F(create_topics, validate_only_makes_nothing) {
  auto r = request({topic("t", 2), topic("bad name")});
  r.validate_only = true;
  auto d = run(r);
  EXPECT_THAT(d.records, IsEmpty());
  EXPECT_EQ(answer(d).topics.at(0).error, error::none);
  EXPECT_EQ(answer(d).topics.at(0).topic_id, uuid{});
  EXPECT_EQ(answer(d).topics.at(0).num_partitions, 2);
  EXPECT_EQ(answer(d).topics.at(1).error, error::invalid_topic_exception);
}

TEST_F(create_topics, names_that_are_not_allowed) {
  EXPECT_EQ(refusal(topic("")), "INVALID_TOPIC_EXCEPTION: the name is empty");
  EXPECT_THAT(refusal(topic(".")), HasSubstr("INVALID_TOPIC_EXCEPTION: the name cannot be"));
  EXPECT_THAT(refusal(topic("..")), HasSubstr("INVALID_TOPIC_EXCEPTION: the name cannot be"));
  for (auto name : {"a b", "a/b", "../x", "caf\xc3\xa9", "a\nb", "a:b"})
    EXPECT_EQ(refusal(topic(name)), "INVALID_TOPIC_EXCEPTION: only the characters a-z A-Z 0-9 . _ - are allowed");
  EXPECT_EQ(refusal(topic(std::string("a\0b", 3))).substr(0, 23), "INVALID_TOPIC_EXCEPTION");
  EXPECT_THAT(refusal(topic(std::string(250, 'a'))), HasSubstr("longer than 249"));
  EXPECT_EQ(run(request({topic(std::string(249, 'a'))})).records.size(), 1u);
  EXPECT_EQ(run(request({topic("Az09._-")})).records.size(), 1u);
  EXPECT_EQ(run(request({topic("...")})).records.size(), 1u);
}

/// Also Kafka's name for it, and with Kafka's code. The other topics of brokers may be made beforehand.
TEST_F(create_topics, the_name_of_a_metadata_log_is_nobodys) {
  for (auto name : {"__cluster", "__cluster_metadata"})
    EXPECT_EQ(refusal(topic(name)), "INVALID_REQUEST: the name is that of a cluster's metadata log");
  for (auto name : {"__consumer_offsets", "__transaction_state", "__share_group_state", "__cluster_metadata_2"})
    EXPECT_EQ(run(request({topic(name)})).records.size(), 1u) << name;
}

TEST_F(create_topics, names_that_are_taken) {
  add("a.b");
  EXPECT_EQ(refusal(topic("a.b")), "TOPIC_ALREADY_EXISTS: Topic 'a.b' already exists.");
  EXPECT_EQ(refusal(topic("a_b")), "INVALID_TOPIC_EXCEPTION: differs from the topic 'a.b' only in '.' and '_'");
}

TEST_F(create_topics, names_of_one_request_collide_as_well) {
  auto d = run(request({topic("x.y"), topic("x_y")}));
  EXPECT_EQ(d.records.size(), 1u);
  EXPECT_EQ(answer(d).topics.at(0).error, error::none);
  EXPECT_EQ(answer(d).topics.at(1).error, error::invalid_topic_exception);
}

TEST_F(create_topics, a_name_that_comes_twice_is_answered_once) {
  auto d = run(request({topic("twice"), topic("once"), topic("twice"), topic("twice")}));
  ASSERT_EQ(answer(d).topics.size(), 2u);
  EXPECT_EQ(answer(d).topics[0].name, "twice");
  EXPECT_EQ(answer(d).topics[0].error, error::invalid_request);
  EXPECT_EQ(answer(d).topics[1].name, "once");
  EXPECT_EQ(answer(d).topics[1].error, error::none);
  EXPECT_EQ(d.records.size(), 1u);
}

TEST_F(create_topics, numbers_that_are_not_possible) {
  EXPECT_THAT(refusal(topic("t", 0)), HasSubstr("INVALID_PARTITIONS"));
  EXPECT_THAT(refusal(topic("t", -2)), HasSubstr("INVALID_PARTITIONS"));
  EXPECT_THAT(refusal(topic("t", 10'001)), HasSubstr("INVALID_PARTITIONS: a topic may have at most 10000"));
  EXPECT_THAT(refusal(topic("t", INT32_MAX)), HasSubstr("INVALID_PARTITIONS"));
  EXPECT_THAT(refusal(topic("t", 1, 0)), HasSubstr("INVALID_REPLICATION_FACTOR"));
  EXPECT_THAT(refusal(topic("t", 1, -2)), HasSubstr("INVALID_REPLICATION_FACTOR"));
  EXPECT_EQ(refusal(topic("t", 1, 2)),
            "INVALID_REPLICATION_FACTOR: replication factor 2 needs as many nodes, there are 1");
}

/// P6: a few bytes for each topic must not become any number of partitions.
TEST_F(create_topics, the_partitions_of_one_request_are_bounded) {
  auto d = run(request({topic("a", 9'999), topic("b", 2), topic("c", 1)}));
  EXPECT_EQ(answer(d).topics.at(0).error, error::none);
  EXPECT_EQ(answer(d).topics.at(1).error, error::policy_violation);
  EXPECT_EQ(answer(d).topics.at(2).error, error::none);
  EXPECT_EQ(d.records.size(), 2u);
}

TEST_F(create_topics, configs_are_checked) {
  auto with = [](const std::string& name, std::optional<std::string> value) {
    auto t = topic("t");
    t.configs.push_back({name, std::move(value)});
    return t;
  };
  EXPECT_THAT(refusal(with("retention.ms", "soon")), HasSubstr("INVALID_CONFIG"));
  EXPECT_THAT(refusal(with("retention.mss", "1000")), HasSubstr("retention.ms")) << "with the nearest name";
  EXPECT_EQ(refusal(with("retention.ms", std::nullopt)), "INVALID_CONFIG: retention.ms: a config needs a value");
  EXPECT_THAT(refusal(with("cleanup.policy", "burn")), HasSubstr("INVALID_CONFIG"));
  auto contradiction = with("min.compaction.lag.ms", "2000");
  contradiction.configs.push_back({"max.compaction.lag.ms", "1000"});
  EXPECT_THAT(refusal(contradiction), HasSubstr("INVALID_CONFIG"));
}

TEST_F(create_topics, assignments) {
  nodes_ = {1, 2, 3};
  auto d = run(request({assigned("t", {{1, {3, 1}}, {0, {2, 3}}})}));
  EXPECT_THAT(std::get<topic_record>(d.records.at(0)).state->replicas,
              ElementsAre(ElementsAre(2, 3), ElementsAre(3, 1)));
  EXPECT_EQ(answer(d).topics.at(0).num_partitions, 2);
  EXPECT_EQ(answer(d).topics.at(0).replication_factor, 2);
  EXPECT_THAT(refusal(assigned("t", {{0, {}}})), HasSubstr("INVALID_REPLICA_ASSIGNMENT"));
  EXPECT_THAT(refusal(assigned("t", {{0, {1, 1}}})), HasSubstr("INVALID_REPLICA_ASSIGNMENT: a node is named twice"));
  EXPECT_THAT(refusal(assigned("t", {{0, {4}}})), HasSubstr("INVALID_REPLICA_ASSIGNMENT: there is no node 4"));
  EXPECT_THAT(refusal(assigned("t", {{1, {1}}})), HasSubstr("INVALID_REPLICA_ASSIGNMENT: partitions must be"));
  EXPECT_THAT(refusal(assigned("t", {{-1, {1}}})), HasSubstr("INVALID_REPLICA_ASSIGNMENT"));
  EXPECT_THAT(refusal(assigned("t", {{0, {1}}, {0, {1}}})), HasSubstr("INVALID_REPLICA_ASSIGNMENT"));
  EXPECT_THAT(refusal(assigned("t", {{0, {1}}, {1, {1, 2}}})), HasSubstr("the same number of replicas"));
  auto both = assigned("t", {{0, {1}}});
  both.num_partitions = 1;
  EXPECT_THAT(refusal(both), HasSubstr("INVALID_REQUEST"));
}

/// Topics with one partition do not all land on one node.
TEST_F(create_topics, leaders_are_spread) {
  nodes_ = {1, 2, 3};
  auto d = run(request({topic("a"), topic("b"), topic("c"), topic("d")}));
  std::vector<node_id> leaders;
  for (const auto& r : d.records)
    leaders.push_back(std::get<topic_record>(r).state->replicas[0][0]);
  EXPECT_THAT(leaders, ElementsAre(1, 2, 3, 1));
}

/// Where nobody has set a number, one that outlives a node, as far as there are nodes.
TEST_F(create_topics, the_default_replication_is_three_where_there_are_so_many_nodes) {
  const auto replicas = [this] {
    return std::get<topic_record>(run(request({topic("t", 1, -1)})).records.at(0)).state->replicas.at(0).size();
  };
  EXPECT_EQ(replicas(), 1u);
  nodes_ = {1, 2};
  EXPECT_EQ(replicas(), 2u);
  nodes_ = {1, 2, 3, 4};
  EXPECT_EQ(replicas(), 3u);
  settings_.given["default.replication.factor"] = {"1", "somewhere"};
  EXPECT_EQ(replicas(), 1u);
  settings_.given.clear();
  settings_.default_replication_factor = 4;
  EXPECT_EQ(replicas(), 4u);
  nodes_ = {1, 2, 3};
  EXPECT_THAT(refusal(topic("t", 1, -1)), HasSubstr("INVALID_REPLICATION_FACTOR"));
}

TEST_F(create_topics, replicas_go_where_there_are_few) {
  nodes_ = {1, 2, 3};
  apply(run(request({assigned("old", {{0, {1, 2}}, {1, {1, 2}}, {2, {2, 1}}})})));
  EXPECT_EQ(state_.loads().at(1), (node_load{3, 2}));
  EXPECT_EQ(state_.loads().at(2), (node_load{3, 1}));
  auto d = run(request({topic("t", 1, 1)}));
  EXPECT_THAT(std::get<topic_record>(d.records.at(0)).state->replicas, ElementsAre(ElementsAre(3)));
  state_.apply(topic_record{state_.find("old")->id, std::nullopt});
  EXPECT_TRUE(state_.loads().empty());
}

} // namespace
} // namespace chisme::testing
