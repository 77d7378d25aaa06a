// What one of three nodes answers about partitions that others lead. This is node 1; node 3 may be dead.
#include "tests/support/session_fixture.hpp"

#include "messages/kafka/00_produce.hpp"
#include "messages/kafka/01_fetch.hpp"
#include "messages/kafka/02_list_offsets.hpp"
#include "messages/kafka/03_metadata.hpp"
#include "messages/kafka/10_find_coordinator.hpp"
#include "messages/kafka/12_heartbeat.hpp"
#include "messages/kafka/21_delete_records.hpp"
#include "messages/kafka/23_offset_for_leader_epoch.hpp"
#include "messages/kafka/60_describe_cluster.hpp"
#include "messages/kafka/75_describe_topic_partitions.hpp"

#include <gmock/gmock.h>

namespace chisme::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class cluster_image_test : public session_test {
protected:
  cluster_image_test() {
    change_image([](broker_image& image) {
      image.controller = 2;
      image.brokers = {{1, "one", 9091, "a"}, {2, "two", 9092, "b"}, {3, "three", 9093, std::nullopt}};
    });
    put("t", {led_by(2)});
  }

  static partition_image led_by(node_id leader, leader_epoch_t epoch = 7) {
    partition_image p;
    p.leader = leader;
    p.leader_epoch = epoch;
    p.state = error_code::none;
    return p;
  }
  void put(const std::string& name, std::vector<partition_image> partitions,
           std::vector<node_id> replicas = {2, 1, 3}) {
    auto topic = std::make_shared<topic_image>();
    topic->topic = std::make_shared<coordinator::topic_state>(coordinator::topic_state{
      name, id_of(name), std::vector<std::vector<node_id>>(partitions.size(), std::move(replicas)), {}});
    topic->partitions = std::move(partitions);
    change_image([&](broker_image& image) { image.put(topic); });
  }
  void die(node_id id) {
    change_image(
      [id](broker_image& image) { std::erase_if(image.brokers, [id](const auto& b) { return b.id == id; }); });
  }
  kafka::metadata_response::topic metadata_of(const std::string& name) {
    kafka::metadata_request r;
    auto& t = r.topics.emplace().emplace_back();
    t.name = name;
    return ask_and_answer<kafka::metadata_response>(r, 13).topics.at(0);
  }
  kafka::produce_response produce(int16_t version) {
    kafka::produce_request r;
    r.acks = 1;
    auto& t = r.topics.emplace_back();
    t.name = "t";
    t.topic_id = id_of("t");
    t.partitions.emplace_back();
    return ask_and_answer<kafka::produce_response>(r, version);
  }
  kafka::fetch_response fetch(int16_t version) {
    kafka::fetch_request r;
    r.max_wait_ms = 100'000;
    auto& t = r.topics.emplace_back();
    t.topic = "t";
    t.topic_id = id_of("t");
    t.partitions.emplace_back();
    return ask_and_answer<kafka::fetch_response>(r, version);
  }
};

TEST_F(cluster_image_test, metadata_names_all_nodes_and_the_controller) {
  const auto all = ask_and_answer<kafka::metadata_response>(kafka::metadata_request{}, 13);
  ASSERT_THAT(all.brokers, SizeIs(3));
  EXPECT_EQ(all.brokers[1].node_id, 2);
  EXPECT_EQ(all.brokers[1].host, "two");
  EXPECT_EQ(all.brokers[1].rack, "b");
  EXPECT_EQ(all.controller_id, 2);
  const auto cluster = ask_and_answer<kafka::describe_cluster_response>(kafka::describe_cluster_request{}, 1);
  EXPECT_THAT(cluster.brokers, SizeIs(3));
  EXPECT_EQ(cluster.controller_id, 2);
}

TEST_F(cluster_image_test, this_node_stands_in_for_a_controller_that_is_dead) {
  die(2);
  EXPECT_EQ(ask_and_answer<kafka::metadata_response>(kafka::metadata_request{}, 13).controller_id, 1);
  EXPECT_EQ(ask_and_answer<kafka::describe_cluster_response>(kafka::describe_cluster_request{}, 1).controller_id, 1);
}

TEST_F(cluster_image_test, metadata_tells_of_a_leader_elsewhere) {
  const auto p = metadata_of("t").partitions.at(0);
  EXPECT_EQ(p.error, error_code::none);
  EXPECT_EQ(p.leader_id, 2);
  EXPECT_EQ(p.leader_epoch, 7);
  EXPECT_THAT(p.replica_nodes, ElementsAre(2, 1, 3));
  EXPECT_THAT(p.isr_nodes, ElementsAre(2, 1, 3));
  EXPECT_THAT(p.offline_replicas, IsEmpty());
}

TEST_F(cluster_image_test, a_node_that_is_dead_is_offline_and_not_in_sync) {
  die(3);
  const auto p = metadata_of("t").partitions.at(0);
  EXPECT_THAT(p.isr_nodes, ElementsAre(2, 1));
  EXPECT_THAT(p.offline_replicas, ElementsAre(3));
}

TEST_F(cluster_image_test, the_leader_here_knows_who_is_in_sync) {
  auto p = led_by(1);
  p.in_sync = {1, 3};
  put("t", {p});
  EXPECT_THAT(metadata_of("t").partitions.at(0).isr_nodes, ElementsAre(1, 3));
}

TEST_F(cluster_image_test, a_leader_that_is_dead_leads_nothing_until_another_is_elected) {
  die(2);
  const auto p = metadata_of("t").partitions.at(0);
  EXPECT_EQ(p.error, error_code::leader_not_available);
  EXPECT_EQ(p.leader_id, -1);
  EXPECT_THAT(p.isr_nodes, IsEmpty());
  EXPECT_THAT(p.offline_replicas, ElementsAre(2));
  kafka::describe_topic_partitions_request r;
  r.topics.emplace_back().name = "t";
  const auto described = ask_and_answer<kafka::describe_topic_partitions_response>(r, 0);
  EXPECT_EQ(described.topics.at(0).partitions.at(0).error, error_code::leader_not_available);
}

TEST_F(cluster_image_test, a_replica_here_that_is_not_open_is_offline) {
  auto p = led_by(2);
  p.state = error_code::kafka_storage_error;
  put("t", {p});
  const auto told = metadata_of("t").partitions.at(0);
  EXPECT_THAT(told.offline_replicas, ElementsAre(1));
  EXPECT_THAT(told.isr_nodes, ElementsAre(2, 3));
  EXPECT_EQ(produce(10).responses.at(0).partition_responses.at(0).error, error_code::not_leader_or_follower)
    << "who leads it has a log";
}

/// Its log has failed since it was elected; it is still the leader that everybody knows.
TEST_F(cluster_image_test, a_leader_here_that_is_not_open_says_so) {
  auto p = led_by(1);
  p.state = error_code::kafka_storage_error;
  put("t", {p});
  EXPECT_EQ(produce(10).responses.at(0).partition_responses.at(0).error, error_code::kafka_storage_error);
}

// KIP-951.

TEST_F(cluster_image_test, produce_in_the_wrong_place_names_the_right_one) {
  for (const int16_t version : {10, 13}) {
    const auto answer = produce(version);
    const auto& p = answer.responses.at(0).partition_responses.at(0);
    EXPECT_EQ(p.error, error_code::not_leader_or_follower);
    EXPECT_EQ(p.current_leader, (kafka::produce_response::leader_id_and_epoch{2, 7}));
    ASSERT_THAT(answer.node_endpoints, SizeIs(1));
    EXPECT_EQ(answer.node_endpoints[0].node_id, 2);
    EXPECT_EQ(answer.node_endpoints[0].host, "two");
    EXPECT_EQ(answer.node_endpoints[0].port, 9092);
    EXPECT_EQ(answer.node_endpoints[0].rack, "b");
  }
  EXPECT_EQ(produce(9).responses.at(0).partition_responses.at(0).error, error_code::not_leader_or_follower);
}

TEST_F(cluster_image_test, fetch_in_the_wrong_place_names_the_right_one) {
  const auto answer = fetch(16);
  const auto& p = answer.responses.at(0).partitions.at(0);
  EXPECT_EQ(p.error, error_code::not_leader_or_follower);
  EXPECT_EQ(p.current_leader, (kafka::fetch_response::leader_id_and_epoch{2, 7}));
  ASSERT_THAT(answer.node_endpoints, SizeIs(1));
  EXPECT_EQ(answer.node_endpoints[0].host, "two");
  const auto older = fetch(15);
  EXPECT_EQ(older.responses.at(0).partitions.at(0).current_leader, kafka::fetch_response::leader_id_and_epoch{});
}

TEST_F(cluster_image_test, each_leader_is_named_once) {
  put("t", {led_by(2), led_by(3, 4), led_by(2, 9)});
  kafka::produce_request r;
  r.acks = 1;
  auto& t = r.topics.emplace_back();
  t.topic_id = id_of("t");
  for (int32_t i = 0; i < 3; ++i)
    t.partitions.emplace_back().index = i;
  const auto answer = ask_and_answer<kafka::produce_response>(r, 13);
  EXPECT_EQ(answer.responses.at(0).partition_responses.at(2).current_leader.leader_epoch, 9);
  EXPECT_THAT(answer.node_endpoints, SizeIs(2));
}

TEST_F(cluster_image_test, nobody_is_named_where_the_leader_is_dead) {
  die(2);
  const auto answer = produce(13);
  EXPECT_EQ(answer.responses.at(0).partition_responses.at(0).current_leader,
            kafka::produce_response::leader_id_and_epoch{});
  EXPECT_THAT(answer.node_endpoints, IsEmpty());
}

/// The image that the append began with is not the one that its answer is made of.
TEST_F(cluster_image_test, a_leader_that_loses_its_place_meanwhile_names_its_successor) {
  const auto ports = add_topic("u", 1, {});
  kafka::produce_request r;
  r.acks = -1;
  auto& t = r.topics.emplace_back();
  t.topic_id = id_of("u");
  t.partitions.emplace_back();
  const auto id = ask(r, 13);
  settle();
  put("u", {led_by(3, 8)});
  ports[0]->appends.at(0).requests.at(0).done(partition::append_result::lost());
  settle();
  const auto answer = this->answer<kafka::produce_response>(13, id);
  EXPECT_EQ(answer.responses.at(0).partition_responses.at(0).current_leader,
            (kafka::produce_response::leader_id_and_epoch{3, 8}));
}

// Others.

TEST_F(cluster_image_test, what_only_a_leader_can_answer_is_refused_elsewhere) {
  kafka::list_offsets_request offsets;
  auto& a = offsets.topics.emplace_back();
  a.name = "t";
  a.partitions.emplace_back();
  EXPECT_EQ(ask_and_answer<kafka::list_offsets_response>(offsets, 7).topics.at(0).partitions.at(0).error,
            error_code::not_leader_or_follower);
  kafka::offset_for_leader_epoch_request epochs;
  auto& b = epochs.topics.emplace_back();
  b.topic = "t";
  b.partitions.emplace_back();
  EXPECT_EQ(ask_and_answer<kafka::offset_for_leader_epoch_response>(epochs, 4).topics.at(0).partitions.at(0).error,
            error_code::not_leader_or_follower);
  kafka::delete_records_request deletion;
  auto& c = deletion.topics.emplace_back();
  c.name = "t";
  c.partitions.emplace_back();
  EXPECT_EQ(ask_and_answer<kafka::delete_records_response>(deletion, 2).topics.at(0).partitions.at(0).error,
            error_code::not_leader_or_follower);
}

TEST_F(cluster_image_test, any_node_tells_where_a_group_is_coordinated_and_only_that_one_does_it) {
  put("__consumer_offsets", {led_by(2)});
  kafka::find_coordinator_request find;
  find.coordinator_keys = {"g"};
  const auto found = ask_and_answer<kafka::find_coordinator_response>(find, 4).coordinators.at(0);
  EXPECT_EQ(found.node_id, 2);
  EXPECT_EQ(found.host, "two");
  kafka::heartbeat_request beat;
  beat.group_id = "g";
  EXPECT_EQ(ask_and_answer<kafka::heartbeat_response>(beat, 4).error, error_code::not_coordinator);
  die(2);
  EXPECT_EQ(ask_and_answer<kafka::find_coordinator_response>(find, 4).coordinators.at(0).error,
            error_code::coordinator_not_available);
}

} // namespace
} // namespace chisme::testing
