// DescribeCluster, DescribeConfigs, DescribeTopicPartitions, DescribeLogDirs.

#include "tests/support/session_fixture.hpp"

#include "messages/kafka/32_describe_configs.hpp"
#include "messages/kafka/35_describe_log_dirs.hpp"
#include "messages/kafka/60_describe_cluster.hpp"
#include "messages/kafka/75_describe_topic_partitions.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace chisme::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using error = error_code;

class describe_test : public session_test {};

TEST_F(describe_test, cluster) {
  for (int16_t version = 0; version <= 2; ++version) {
    auto a = ask_and_answer<kafka::describe_cluster_response>(kafka::describe_cluster_request{}, version);
    EXPECT_EQ(a.error, error::none);
    EXPECT_EQ(a.cluster_id, "cluster");
    EXPECT_EQ(a.controller_id, 1);
    ASSERT_THAT(a.brokers, SizeIs(1));
    EXPECT_EQ(a.brokers[0].broker_id, 1);
    EXPECT_EQ(a.brokers[0].host, "localhost");
    EXPECT_EQ(a.brokers[0].port, 9092);
  }
  kafka::describe_cluster_request r;
  r.endpoint_type = 2;
  EXPECT_EQ(ask_and_answer<kafka::describe_cluster_response>(r, 1).error, error::mismatched_endpoint_type);
  r.endpoint_type = 9;
  EXPECT_EQ(ask_and_answer<kafka::describe_cluster_response>(r, 1).error, error::unsupported_endpoint_type);
}

class describe_configs : public session_test {
protected:
  using request = kafka::describe_configs_request;
  using response = kafka::describe_configs_response;

  describe_configs() { add_topic("t", 1, {{"retention.ms", "1000"}}); }

  static request of(int8_t type, const std::string& name, std::optional<std::vector<std::string>> keys = {}) {
    request r;
    r.resources.push_back({type, name, std::move(keys)});
    return r;
  }
};

TEST_F(describe_configs, of_a_topic) {
  for (int16_t version = 1; version <= 4; ++version) {
    auto a = ask_and_answer<response>(of(2, "t"), version);
    ASSERT_THAT(a.results, SizeIs(1));
    EXPECT_EQ(a.results[0].error, error::none);
    EXPECT_GT(a.results[0].configs.size(), 15u);
    auto r = of(2, "t", std::vector<std::string>{"retention.ms", "nothing", "cleanup.policy"});
    r.include_synonyms = r.include_documentation = true;
    a = ask_and_answer<response>(r, version);
    ASSERT_THAT(a.results.at(0).configs, SizeIs(2));
    auto& retention = a.results[0].configs[1];
    EXPECT_EQ(retention.name, "retention.ms");
    EXPECT_EQ(retention.value, "1000");
    EXPECT_EQ(retention.config_source, 1);
    ASSERT_FALSE(retention.synonyms.empty());
    EXPECT_EQ(retention.synonyms[0].name, "retention.ms");
    EXPECT_EQ(retention.documentation.has_value(), version >= 3);
    EXPECT_EQ(a.results[0].configs[0].value, "delete");
    EXPECT_EQ(a.results[0].configs[0].config_source, 5);
  }
}

TEST_F(describe_configs, of_a_node) {
  for (auto name : {"1", ""}) {
    auto a = ask_and_answer<response>(of(4, name, std::vector<std::string>{"node.id"}), 4);
    EXPECT_EQ(a.results.at(0).error, error::none);
    ASSERT_THAT(a.results[0].configs, SizeIs(1));
    EXPECT_EQ(a.results[0].configs[0].value, "1");
    EXPECT_TRUE(a.results[0].configs[0].read_only);
  }
}

/// A group need not exist; what it sets is in the image as soon as the change is answered.
TEST_F(describe_configs, of_a_group) {
  auto said = [this](const std::string& group) {
    std::string out;
    const auto answer = ask_and_answer<response>(of(32, group), 4);
    for (const auto& c : answer.results.at(0).configs)
      out += c.name + "=" + c.value.value_or("-") + " from " + std::to_string(c.config_source) + "\n";
    return out;
  };
  EXPECT_EQ(said("g"), "consumer.heartbeat.interval.ms=5000 from 5\nconsumer.session.timeout.ms=45000 from 5\n");
  auto cluster = std::make_shared<coordinator::cluster_state>();
  cluster->apply(coordinator::group_configs_record{"g", {{"consumer.session.timeout.ms", "50000"}}});
  change_image([&](broker_image& image) { image.cluster = cluster; });
  EXPECT_EQ(said("g"), "consumer.heartbeat.interval.ms=5000 from 5\nconsumer.session.timeout.ms=50000 from 8\n");
  EXPECT_EQ(said("h"), "consumer.heartbeat.interval.ms=5000 from 5\nconsumer.session.timeout.ms=45000 from 5\n");
}

TEST_F(describe_configs, of_what_is_not_there) {
  auto code_of = [this](int8_t type, const std::string& name) {
    auto a = ask_and_answer<response>(of(type, name), 4);
    EXPECT_THAT(a.results.at(0).configs, IsEmpty());
    EXPECT_TRUE(a.results[0].error_message);
    return a.results[0].error;
  };
  EXPECT_EQ(code_of(2, "nobody"), error::unknown_topic_or_partition);
  EXPECT_EQ(code_of(4, "2"), error::invalid_request);
  EXPECT_EQ(code_of(32, ""), error::invalid_request);
  EXPECT_EQ(code_of(16, "metrics"), error::invalid_request);
}

/// A hundred thousand times the same must not become a hundred thousand times the answer.
TEST_F(describe_configs, a_resource_that_is_named_often_is_told_once) {
  request r;
  for (int i = 0; i < 1000; ++i)
    r.resources.push_back({2, i % 2 ? "t" : "nobody", std::nullopt});
  EXPECT_THAT(ask_and_answer<response>(r, 4).results, SizeIs(2));
}

class describe_topic_partitions : public session_test {
protected:
  using request = kafka::describe_topic_partitions_request;
  using response = kafka::describe_topic_partitions_response;

  describe_topic_partitions() {
    add_topic("a", 3);
    add_topic("b", 2);
    add_topic("c", 1);
  }

  /// "a:0,1 b:0 -> b:1" for an answer with these partitions and this cursor.
  static std::string text(const response& r) {
    std::string out;
    for (const auto& t : r.topics) {
      out += (out.empty() ? "" : " ") + t.name.value_or("?") + ":";
      if (t.error != error::none)
        out += to_string(t.error);
      for (const auto& p : t.partitions)
        out += (out.back() == ':' ? "" : ",") + std::to_string(p.partition_index);
    }
    if (r.next_cursor)
      out += " -> " + r.next_cursor->topic_name + ":" + std::to_string(r.next_cursor->partition_index);
    return out;
  }

  std::string page(std::vector<std::string> topics, int32_t limit, std::optional<request::page_cursor> cursor = {}) {
    request r;
    for (auto& t : topics)
      r.topics.push_back({std::move(t)});
    r.response_partition_limit = limit;
    r.cursor = std::move(cursor);
    return text(ask_and_answer<response>(r, 0));
  }
};

TEST_F(describe_topic_partitions, all_and_some) {
  EXPECT_EQ(page({}, 2000), "a:0,1,2 b:0,1 c:0");
  EXPECT_EQ(page({"c", "a", "a"}, 2000), "a:0,1,2 c:0") << "sorted, each once";
  EXPECT_EQ(page({"b", "nobody"}, 2000), "b:0,1 nobody:UNKNOWN_TOPIC_OR_PARTITION");
}

TEST_F(describe_topic_partitions, page_by_page) {
  EXPECT_EQ(page({}, 2), "a:0,1 -> a:2");
  EXPECT_EQ(page({}, 2, request::page_cursor{"a", 2}), "a:2 b:0 -> b:1");
  EXPECT_EQ(page({}, 2, request::page_cursor{"b", 1}), "b:1 c:0");
  EXPECT_EQ(page({}, 3), "a:0,1,2 -> b:0") << "a page that ends with a topic";
  EXPECT_EQ(page({}, 0), "a:0 -> a:1") << "at least one";
  EXPECT_EQ(page({}, -4), "a:0 -> a:1");
  EXPECT_EQ(page({}, 2000, request::page_cursor{"aa", 5}), "b:0,1 c:0") << "a topic that has gone";
  EXPECT_EQ(page({}, 2000, request::page_cursor{"b", 7}), "b: c:0");
  EXPECT_EQ(page({}, 2000, request::page_cursor{"b", -7}), "b:0,1 c:0");
}

class describe_log_dirs : public session_test {};

TEST_F(describe_log_dirs, sizes_of_what_is_here) {
  auto ports = add_topic("t", 2);
  for (int16_t version = 1; version <= 4; ++version) {
    kafka::describe_log_dirs_request r;
    if (version % 2)
      r.topics = {{"t", {1, 7}}, {"nobody", {0}}};
    ask(r, version);
    settle();
    for (auto& p : ports)
      for (auto asked = std::exchange(p->describes, {}); auto& d : asked)
        d.done({error::none, p == ports[0] ? 10 : 20, 0, 0});
    loop_.drain();
    auto a = answer<kafka::describe_log_dirs_response>(version);
    ASSERT_THAT(a.results, SizeIs(1));
    EXPECT_EQ(a.results[0].log_dir, "/data");
    EXPECT_EQ(a.results[0].total_bytes, version >= 4 ? 1000 : -1);
    EXPECT_EQ(a.results[0].usable_bytes, version >= 4 ? 400 : -1);
    std::vector<std::pair<int32_t, int64_t>> sizes;
    ASSERT_THAT(a.results[0].topics, SizeIs(1));
    for (const auto& p : a.results[0].topics[0].partitions)
      sizes.emplace_back(p.partition_index, p.partition_size);
    if (version % 2)
      EXPECT_THAT(sizes, ElementsAre(std::pair(1, 20)));
    else
      EXPECT_THAT(sizes, ElementsAre(std::pair(0, 10), std::pair(1, 20)));
  }
}

} // namespace
} // namespace chisme::testing
