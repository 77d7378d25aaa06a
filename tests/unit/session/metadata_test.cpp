#include "tests/support/session_fixture.hpp"

#include "messages/kafka/03_metadata.hpp"

#include <gmock/gmock.h>

namespace chisme::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using error = error_code;
using kafka::metadata_request;
using kafka::metadata_response;

class metadata_test : public session_test {
protected:
  metadata_test() {
    add_topic("a", 1);
    add_topic("b", 2);
    add_topic("__consumer_offsets", 1);
  }

  static metadata_request names(std::vector<std::string> wanted) {
    metadata_request r;
    r.topics.emplace();
    for (auto& n : wanted)
      r.topics->push_back({{}, std::move(n)});
    r.allow_auto_topic_creation = false;
    return r;
  }

  static std::vector<std::pair<std::string, error>> topics_of(const metadata_response& r) {
    std::vector<std::pair<std::string, error>> all;
    for (const auto& t : r.topics)
      all.emplace_back(t.name.value_or("(null)"), t.error);
    return all;
  }
};

TEST_F(metadata_test, all_topics) {
  for (int16_t version = 0; version <= 13; ++version) {
    auto r = names({});
    if (version >= 1)
      r.topics = std::nullopt;
    auto a = ask_and_answer<metadata_response>(r, version);
    EXPECT_THAT(topics_of(a), ElementsAre(std::pair("__consumer_offsets", error::none), std::pair("a", error::none),
                                          std::pair("b", error::none)))
      << "version " << version;
    EXPECT_EQ(a.topics[0].is_internal, version >= 1);
    EXPECT_EQ(a.topics[2].topic_id, version >= 10 ? id_of("b") : uuid{});
    ASSERT_THAT(a.topics[2].partitions, SizeIs(2));
    const auto& p = a.topics[2].partitions[1];
    EXPECT_EQ(p.partition_index, 1);
    EXPECT_EQ(p.leader_id, 1);
    EXPECT_EQ(p.leader_epoch, version >= 7 ? 5 : -1);
    EXPECT_THAT(p.replica_nodes, ElementsAre(1));
    EXPECT_THAT(p.isr_nodes, ElementsAre(1));
    EXPECT_THAT(p.offline_replicas, IsEmpty());
    EXPECT_EQ(a.controller_id, version >= 1 ? 1 : -1);
    EXPECT_EQ(a.cluster_id, version >= 2 ? std::optional<std::string>{"cluster"} : std::nullopt);
    ASSERT_THAT(a.brokers, SizeIs(1));
    EXPECT_EQ(a.brokers[0].host, "localhost");
    EXPECT_EQ(a.brokers[0].port, 9092);
  }
}

/// From version 1 on an empty list means none; in version 0 it means all.
TEST_F(metadata_test, no_topics) {
  for (int16_t version = 1; version <= 13; ++version)
    EXPECT_THAT(ask_and_answer<metadata_response>(names({}), version).topics, IsEmpty()) << version;
}

TEST_F(metadata_test, by_name) {
  // Versions before 4 cannot forbid the creation of topics, so the node does.
  change_image([](broker_image& image) {
    auto s = std::make_shared<node_settings>();
    s->auto_create_topics = false;
    image.settings = s;
  });
  for (int16_t version = 0; version <= 13; ++version)
    EXPECT_THAT(topics_of(ask_and_answer<metadata_response>(names({"b", "nobody", "bad name", "b", ""}), version)),
                ElementsAre(std::pair("b", error::none), std::pair("nobody", error::unknown_topic_or_partition),
                            std::pair("bad name", error::invalid_topic_exception),
                            std::pair("", error::invalid_topic_exception)))
      << "each once, version " << version;
}

TEST_F(metadata_test, by_id) {
  // The Java client sends an empty name; of a name that says something else the id is what counts.
  for (const auto& name :
       {std::optional<std::string>{}, std::optional<std::string>{""}, std::optional<std::string>{"b"}}) {
    metadata_request r;
    r.topics.emplace();
    r.topics->push_back({id_of("a"), name});
    r.topics->push_back({id_of("nobody"), name});
    for (int16_t version : {12, 13}) {
      auto a = ask_and_answer<metadata_response>(r, version);
      EXPECT_THAT(topics_of(a), ElementsAre(std::pair("a", error::none), std::pair("(null)", error::unknown_topic_id)));
      EXPECT_EQ(a.topics[1].topic_id, id_of("nobody"));
    }
  }
  EXPECT_THAT(coordinator_->changes, IsEmpty()) << "an id creates nothing";
}

TEST_F(metadata_test, a_partition_without_a_leader) {
  change_image([](broker_image& image) {
    auto t = std::make_shared<topic_image>(*image.find("a"));
    t->partitions[0] = {};
    image.topics.put("a", t);
  });
  auto a = ask_and_answer<metadata_response>(names({"a"}), 12);
  const auto& p = a.topics.at(0).partitions.at(0);
  EXPECT_EQ(p.error, error::leader_not_available);
  EXPECT_EQ(p.leader_id, -1);
  EXPECT_THAT(p.isr_nodes, IsEmpty());
  EXPECT_THAT(p.offline_replicas, ElementsAre(1));
}

TEST_F(metadata_test, authorized_operations_where_they_are_asked_for) {
  auto r = names({"a"});
  EXPECT_EQ(ask_and_answer<metadata_response>(r, 9).topics.at(0).topic_authorized_operations, INT32_MIN);
  r.include_topic_authorized_operations = r.include_cluster_authorized_operations = true;
  auto a = ask_and_answer<metadata_response>(r, 9);
  EXPECT_EQ(a.topics.at(0).topic_authorized_operations, 3576);
  EXPECT_EQ(a.cluster_authorized_operations, 8096);
}

// -- auto-creation
// ---------------------------------------------------------------------------------------------------

class auto_creation : public metadata_test {
protected:
  /// Asks in a version that may create; what the coordinator was asked, or null.
  const kafka::create_topics_request* ask_for(const metadata_request& r, int16_t version = 12) {
    ask(r, version);
    settle();
    return coordinator_->changes.empty()
             ? nullptr
             : std::get_if<kafka::create_topics_request>(&coordinator_->changes.back().request);
  }

  void created(const std::string& name, error code) {
    kafka::create_topics_response response;
    response.topics.emplace_back().name = name;
    response.topics[0].error = code;
    coordinator_->changes.back().done({error::none, {}, response});
    loop_.drain();
  }
};

TEST_F(auto_creation, creates_what_is_missing_and_answers_with_it) {
  auto r = names({"a", "new", "bad name", "new", "__cluster"});
  r.allow_auto_topic_creation = true;
  const auto* create = ask_for(r);
  ASSERT_TRUE(create);
  ASSERT_THAT(create->topics, SizeIs(1));
  EXPECT_EQ(create->topics[0].name, "new");
  EXPECT_EQ(create->topics[0].num_partitions, -1) << "as the node's defaults say";
  EXPECT_EQ(create->topics[0].replication_factor, -1);
  EXPECT_FALSE(answered());
  add_topic("new", 3);
  created("new", error::none);
  auto a = answer<metadata_response>(12);
  EXPECT_THAT(topics_of(a), ElementsAre(std::pair("a", error::none), std::pair("new", error::none),
                                        std::pair("bad name", error::invalid_topic_exception),
                                        std::pair("__cluster", error::unknown_topic_or_partition)));
  EXPECT_THAT(a.topics[1].partitions, SizeIs(3));
}

/// The name of Kafka's metadata log is nobody's, and the other topics of brokers need settings that nobody has here.
TEST_F(auto_creation, topics_of_brokers_are_not_made_in_passing) {
  auto r = names({"__cluster", "__cluster_metadata", "__transaction_state", "__share_group_state"});
  r.allow_auto_topic_creation = true;
  EXPECT_FALSE(ask_for(r));
  for (const auto& [name, code] : topics_of(answer<metadata_response>(12)))
    EXPECT_EQ(code, error::unknown_topic_or_partition) << name;
}

/// It would lose the groups' offsets by time with the settings of other topics.
TEST_F(auto_creation, the_topic_of_the_groups_is_made_as_the_groups_need_it) {
  change_image([](broker_image& image) { image.topics.erase("__consumer_offsets"); });
  auto r = names({"__consumer_offsets", "new"});
  r.allow_auto_topic_creation = true;
  const auto* create = ask_for(r);
  ASSERT_TRUE(create);
  ASSERT_THAT(create->topics, SizeIs(2));
  const auto& offsets = create->topics[0];
  EXPECT_EQ(offsets.name, "__consumer_offsets");
  EXPECT_EQ(offsets.num_partitions, 50);
  ASSERT_FALSE(offsets.configs.empty());
  EXPECT_EQ(offsets.configs[0].name, "cleanup.policy");
  EXPECT_EQ(offsets.configs[0].value, "compact");
  EXPECT_THAT(create->topics[1].configs, IsEmpty());
}

TEST_F(auto_creation, tells_why_a_topic_could_not_be_created) {
  auto r = names({"new"});
  r.allow_auto_topic_creation = true;
  ASSERT_TRUE(ask_for(r));
  created("new", error::policy_violation);
  EXPECT_THAT(topics_of(answer<metadata_response>(12)), ElementsAre(std::pair("new", error::policy_violation)));
}

TEST_F(auto_creation, somebody_else_may_be_faster) {
  auto r = names({"new"});
  r.allow_auto_topic_creation = true;
  ASSERT_TRUE(ask_for(r));
  created("new", error::topic_already_exists);
  EXPECT_THAT(topics_of(answer<metadata_response>(12)),
              ElementsAre(std::pair("new", error::unknown_topic_or_partition)));
}

TEST_F(auto_creation, a_lost_coordinator_leaves_the_topic_unknown) {
  auto r = names({"new"});
  r.allow_auto_topic_creation = true;
  ASSERT_TRUE(ask_for(r));
  coordinator_->changes.clear();
  loop_.drain();
  EXPECT_THAT(topics_of(answer<metadata_response>(12)),
              ElementsAre(std::pair("new", error::unknown_topic_or_partition)));
}

TEST_F(auto_creation, versions_before_4_always_allow_it) {
  EXPECT_TRUE(ask_for(names({"new"}), 3)) << "there is no field to forbid it";
  coordinator_->changes.clear();
  EXPECT_FALSE(ask_for(names({"other"}), 4)) << "here it is forbidden";
}

TEST_F(auto_creation, not_where_the_node_forbids_it) {
  change_image([](broker_image& image) {
    auto s = std::make_shared<node_settings>();
    s->auto_create_topics = false;
    image.settings = s;
  });
  auto r = names({"new"});
  r.allow_auto_topic_creation = true;
  EXPECT_FALSE(ask_for(r));
  EXPECT_THAT(topics_of(answer<metadata_response>(12)),
              ElementsAre(std::pair("new", error::unknown_topic_or_partition)));
}

} // namespace
} // namespace chisme::testing
