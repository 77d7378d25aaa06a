// What is made of the answers of a cluster's nodes: the text and the JSON as they are printed.
#include "nodes/cli/cluster_report.hpp"
#include "nodes/cli/json_text.hpp"
#include "tests/unit/cli/cluster_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

namespace chisme {
namespace {

using cli::health_level;
using test::cluster_words;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string text_of(const cluster_words& words) {
  const auto picture = cli::picture_of(words.answers());
  std::ostringstream out;
  cli::print(out, picture, cli::health_of(picture));
  return out.str();
}

nlohmann::json json_of(const cluster_words& words) {
  const auto picture = cli::picture_of(words.answers());
  return cli::to_json(picture, cli::health_of(picture));
}

cli::cluster_health health_of(const cluster_words& words) { return cli::health_of(cli::picture_of(words.answers())); }

const std::vector<int32_t> three{1, 2, 3};

TEST(cluster_health, one_node) {
  const auto words = cluster_words{{1}}.topic("a", {1, 1}, {1}, {1});
  EXPECT_EQ(text_of(words), "cluster chisme-1  controller 1  asked 10.0.0.1:9092 (node 1)\n"
                            "NODE  ADDRESS        RACK  LEADS  REPLICAS  OUT OF SYNC  STATE\n"
                            "   1  10.0.0.1:9092  -         2         2            0  up\n"
                            "healthy: 1 node, 2 partitions, all in sync\n");
  EXPECT_EQ(cli::json_page(json_of(words)), R"({
  "advice": [],
  "asked": "10.0.0.1:9092",
  "controller": 1,
  "health": "healthy",
  "id": "chisme-1",
  "in_trouble": [],
  "nodes": [
    {
      "address": "10.0.0.1:9092",
      "does_not_list": [],
      "id": 1,
      "leads": 2,
      "out_of_sync": 0,
      "problem": "",
      "rack": null,
      "replicas": 2,
      "state": "up"
    }
  ],
  "partitions": {
    "all": 2,
    "below_min_in_sync": 0,
    "in_sync": 2,
    "led": 2
  },
  "sentence": "healthy: 1 node, 2 partitions, all in sync"
})");
}

TEST(cluster_health, a_cluster_without_topics_is_healthy) {
  EXPECT_EQ(health_of(cluster_words{{1, 2}}).sentence, "healthy: 2 nodes, no partitions");
}

TEST(cluster_health, three_nodes) {
  auto words = cluster_words{three}.topic("b", {2}, three, three).topic("a", {1, 2, 3}, three, three);
  EXPECT_EQ(text_of(words.rack(2, "east")), "cluster chisme-1  controller 1  asked 10.0.0.1:9092 (node 1)\n"
                                            "NODE  ADDRESS        RACK  LEADS  REPLICAS  OUT OF SYNC  STATE\n"
                                            "   1  10.0.0.1:9092  -         1         4            0  up\n"
                                            "   2  10.0.0.2:9092  east      2         4            0  up\n"
                                            "   3  10.0.0.3:9092  -         1         4            0  up\n"
                                            "healthy: 3 nodes, 4 partitions, all in sync\n");
  EXPECT_EQ(json_of(words)["nodes"][1]["rack"], "east");
}

TEST(cluster_health, one_gone) {
  const auto words = cluster_words{{1, 3}}.topic("a", {1, 3, 1}, three, {1, 3}).topic("b", {3}, {3}, {3});
  EXPECT_EQ(text_of(words), "cluster chisme-1  controller 1  asked 10.0.0.1:9092 (node 1)\n"
                            "NODE  ADDRESS        RACK  LEADS  REPLICAS  OUT OF SYNC  STATE\n"
                            "   1  10.0.0.1:9092  -         2         3            0  up\n"
                            "   2  -              -         0         3            3  gone\n"
                            "   3  10.0.0.3:9092  -         2         4            0  up\n"
                            "degraded: node 2 is gone; 3 partitions have 2 of 3 replicas in sync\n"
                            "  - start node 2 again, with the same data folder: the replicas catch up by themselves\n");
  const auto told = json_of(words);
  EXPECT_EQ(told["health"], "degraded");
  EXPECT_EQ(told["nodes"][1], nlohmann::json::parse(R"({"address": null, "does_not_list": [], "id": 2, "leads": 0,
    "out_of_sync": 3, "problem": "", "rack": null, "replicas": 3, "state": "gone"})"));
  EXPECT_EQ(told["partitions"], nlohmann::json::parse(R"({"all": 4, "below_min_in_sync": 0, "in_sync": 1, "led": 4})"));
}

TEST(cluster_health, leaderless) {
  const auto words = cluster_words{{1}}.topic("b", {1}, {1}, {1}).topic("a", {-1, -1}, three, {}).controller(-1);
  EXPECT_EQ(text_of(words),
            "cluster chisme-1  controller -  asked 10.0.0.1:9092 (node 1)\n"
            "NODE  ADDRESS        RACK  LEADS  REPLICAS  OUT OF SYNC  STATE\n"
            "   1  10.0.0.1:9092  -         1         3            0  up\n"
            "   2  -              -         0         2            0  gone\n"
            "   3  -              -         0         2            0  gone\n"
            "unavailable: 2 partitions have no leader: a-0, a-1; nodes 2, 3 are gone; there is no controller\n"
            "  - more than half of a partition's replicas must be up before one of them can lead\n"
            "  - start nodes 2, 3 again, with the same data folder: the replicas catch up by themselves\n"
            "  - topics cannot be created or changed before more than half of the nodes are up and have elected a "
            "controller\n"
            "PARTITION  LEADER  REPLICAS  IN SYNC  PROBLEM\n"
            "a-0             -  1,2,3     -        no leader\n"
            "a-1             -  1,2,3     -        no leader\n");
  const auto told = json_of(words);
  EXPECT_EQ(told["health"], "unavailable");
  EXPECT_EQ(told["controller"], nullptr);
  EXPECT_EQ(told["partitions"]["led"], 1);
  EXPECT_EQ(told["in_trouble"].size(), 2u);
  EXPECT_EQ(told["in_trouble"][1], nlohmann::json::parse(R"({"topic": "a", "partition": 1, "leader": null,
    "replicas": [1, 2, 3], "in_sync": [], "min_in_sync": 1, "problem": "no leader"})"));
}

TEST(cluster_health, leaderless_though_a_majority_is_up) {
  const auto health = health_of(cluster_words{{1, 2}}.topic("a", {-1}, three, {}));
  EXPECT_EQ(health.sentence, "unavailable: 1 partition has no leader: a-0; node 3 is gone");
  EXPECT_THAT(health.advice, ElementsAre(HasSubstr("one of them leads within seconds"), HasSubstr("start node 3")));
}

TEST(cluster_health, below_min_in_sync) {
  const auto words = cluster_words{three}
                       .topic("a", {1}, three, {1, 2})
                       .topic("b", {1}, three, {1})
                       .topic("c", {2}, {2}, {2})
                       .min_in_sync("a", 2)
                       .min_in_sync("b", 2)
                       .min_in_sync("c", 2);
  EXPECT_EQ(text_of(words),
            "cluster chisme-1  controller 1  asked 10.0.0.1:9092 (node 1)\n"
            "NODE  ADDRESS        RACK  LEADS  REPLICAS  OUT OF SYNC  STATE\n"
            "   1  10.0.0.1:9092  -         2         2            0  up\n"
            "   2  10.0.0.2:9092  -         1         3            1  up\n"
            "   3  10.0.0.3:9092  -         0         2            2  up\n"
            "unavailable: 2 partitions are below min.insync.replicas: b-0, c-0; 1 partition has 1 of 3 replicas in "
            "sync; 1 partition has 2 of 3 replicas in sync\n"
            "  - below min.insync.replicas acks=all is refused: bring replicas back, or lower it with chisme topic "
            "alter NAME --config min.insync.replicas=N\n"
            "  - min.insync.replicas is more than there are replicas: c\n"
            "  - replicas of nodes 2, 3 are catching up; if OUT OF SYNC does not go down, their logs say why\n"
            "PARTITION  LEADER  REPLICAS  IN SYNC  PROBLEM\n"
            "b-0             1  1,2,3     1        below min.insync.replicas=2\n"
            "c-0             2  2         2        below min.insync.replicas=2\n");
}

TEST(cluster_health, many_partitions_in_trouble_are_cut_short_for_people_alone) {
  const auto words = cluster_words{{1}}.topic("a", std::vector<int32_t>(23, -1), three, {});
  const auto text = text_of(words);
  EXPECT_THAT(text, HasSubstr("23 partitions have no leader: a-0, a-1, a-2, a-3, a-4 and 18 more;"));
  EXPECT_THAT(text, HasSubstr("\na-19            -  1,2,3     -        no leader\nand 3 more\n"));
  EXPECT_THAT(text, Not(HasSubstr("\na-20 ")));
  EXPECT_EQ(json_of(words)["in_trouble"].size(), 23u);
}

TEST(cluster_health, uneven_leaders) {
  auto words = cluster_words{three}.topic("a", {1, 1, 1, 1, 1, 1, 2, 3, 1}, three, three);
  EXPECT_EQ(text_of(words),
            "cluster chisme-1  controller 1  asked 10.0.0.1:9092 (node 1)\n"
            "NODE  ADDRESS        RACK  LEADS  REPLICAS  OUT OF SYNC  STATE\n"
            "   1  10.0.0.1:9092  -         7         9            0  up\n"
            "   2  10.0.0.2:9092  -         1         9            0  up\n"
            "   3  10.0.0.3:9092  -         1         9            0  up\n"
            "healthy: 3 nodes, 9 partitions, all in sync; leadership is uneven: node 1 leads 7 partitions, an even "
            "share is 3\n"
            "  - each leader hands over to its partition's first replica once that has been in sync for a while: wait, "
            "or see with chisme topic describe which replicas come first\n");
  EXPECT_EQ(json_of(words)["health"], "healthy") << "it is nothing to be woken up for";
}

TEST(cluster_health, a_node_that_leads_nothing_is_uneven_too) {
  const auto words = cluster_words{three}.topic("a", {1, 2, 1, 2, 1, 2, 1, 2, 1}, three, three);
  const auto health = health_of(words);
  EXPECT_THAT(health.sentence, HasSubstr("node 3 leads 0 partitions, an even share is 3"));
  EXPECT_THAT(health.advice, ElementsAre(HasSubstr("hands over")));
}

TEST(cluster_health, a_share_does_not_depend_on_who_is_in_sync_at_the_moment) {
  const auto words = cluster_words{three}.topic("a", {1, 2, 3, 1, 2, 3, 1, 2, 3}, three, {1, 2});
  EXPECT_EQ(health_of(words).sentence, "degraded: 9 partitions have 2 of 3 replicas in sync");
}

TEST(cluster_health, what_a_node_led_that_is_gone_is_the_others_share) {
  const auto words = cluster_words{{1, 2}}.topic("a", {1, 2, 1, 2, 1, 2, 1, 2}, three, {1, 2});
  EXPECT_EQ(health_of(words).sentence, "degraded: node 3 is gone; 8 partitions have 2 of 3 replicas in sync");
}

TEST(cluster_health, nobody_who_is_not_reached_is_said_to_catch_up) {
  auto words = cluster_words{{1, 2}}.topic("a", {1}, {1, 2}, {1});
  words.not_reached(2, "no");
  EXPECT_THAT(health_of(words).advice, ElementsAre(HasSubstr("node 2 is listed and cannot be used from here")));
}

TEST(cluster_health, a_little_unevenness_is_none) {
  const auto words = cluster_words{three}.topic("a", {1, 1, 1, 2, 2, 3}, three, three);
  EXPECT_EQ(health_of(words).sentence, "healthy: 3 nodes, 6 partitions, all in sync");
}

TEST(cluster_health, who_alone_can_lead_is_not_uneven) {
  const auto words = cluster_words{{1, 2}}.topic("a", {1, 1, 1, 1, 1, 1}, {1}, {1});
  EXPECT_EQ(health_of(words).sentence, "healthy: 2 nodes, 6 partitions, all in sync");
}

TEST(cluster_health, a_node_that_is_not_reached) {
  auto words = cluster_words{three}.topic("a", {1, 2, 3}, three, three);
  words.not_reached(3, "connecting to 10.0.0.3:9092: Connection refused");
  EXPECT_EQ(
    text_of(words),
    "cluster chisme-1  controller 1  asked 10.0.0.1:9092 (node 1)\n"
    "NODE  ADDRESS        RACK  LEADS  REPLICAS  OUT OF SYNC  STATE\n"
    "   1  10.0.0.1:9092  -         1         3            0  up\n"
    "   2  10.0.0.2:9092  -         1         3            0  up\n"
    "   3  10.0.0.3:9092  -         1         3            0  not reached: connecting to 10.0.0.3:9092: "
    "Connection refused\n"
    "degraded: node 3 is not reached\n"
    "  - node 3 is listed and cannot be used from here: just stopped, stuck, or with wrong advertised.listeners; "
    "or the network in between is at fault\n");
  EXPECT_EQ(json_of(words)["nodes"][2]["state"], "not reached");
  EXPECT_EQ(json_of(words)["nodes"][2]["problem"], "connecting to 10.0.0.3:9092: Connection refused");
}

TEST(cluster_health, a_node_of_another_cluster_is_not_this_one) {
  auto words = cluster_words{{1, 2}}.topic("a", {1}, {1, 2}, {1, 2});
  words.own(2).cluster_id = "other";
  EXPECT_THAT(text_of(words), HasSubstr("not reached: a node of another cluster answers there, other\n"));
}

TEST(cluster_health, what_others_chose_cannot_steer_a_terminal) {
  auto words = cluster_words{{1}}.topic("a\x1b[2J", {-1}, {1}, {});
  EXPECT_THAT(text_of(words.rack(1, "\x1b[2J")), Not(HasSubstr("\x1b")));
}

// Whose word counts.

TEST(cluster_picture, who_is_in_sync_is_known_where_a_partition_is_led) {
  auto words = cluster_words{three}.topic("a", {2}, three, three);
  words.own(2).topics[0].partitions[0].isr_nodes = {2, 3};
  words.own(3).topics[0].partitions[0].isr_nodes = {3};
  const auto picture = cli::picture_of(words.answers());
  EXPECT_THAT(picture.partitions.at(0).in_sync, ElementsAre(2, 3));
  EXPECT_EQ(picture.find(1)->out_of_sync, 1u);
  EXPECT_EQ(health_of(words).sentence, "degraded: 1 partition has 2 of 3 replicas in sync");
}

TEST(cluster_picture, the_newest_epoch_counts_whoever_says_it) {
  auto words = cluster_words{three}.topic("a", {-1}, three, {});
  auto& newer = words.own(3).topics[0].partitions[0];
  newer.leader_id = 3;
  newer.leader_epoch = 6;
  newer.isr_nodes = {1, 3};
  auto& behind = words.own(2).topics[0].partitions[0];
  behind.leader_id = 2;
  behind.leader_epoch = 4;
  const auto p = cli::picture_of(words.answers()).partitions.at(0);
  EXPECT_EQ(p.leader, 3);
  EXPECT_THAT(p.in_sync, ElementsAre(1, 3));
}

TEST(cluster_picture, hearsay_of_the_same_epoch_does_not_count) {
  auto words = cluster_words{{1, 3}}.topic("a", {-1}, three, {});
  words.own(3).topics[0].partitions[0].leader_id = 2;
  EXPECT_EQ(cli::picture_of(words.answers()).partitions.at(0).leader, -1) << "node 1 knows that node 2 is dead";
}

TEST(cluster_picture, a_topic_of_the_same_name_is_another_one) {
  auto words = cluster_words{{1, 2}}.topic("a", {1}, {1, 2}, {1, 2});
  auto& other = words.own(2).topics[0];
  other.topic_id = uuid{{7}};
  other.partitions[0].leader_id = 2;
  other.partitions[0].leader_epoch = 9;
  EXPECT_EQ(cli::picture_of(words.answers()).partitions.at(0).leader, 1);
}

TEST(cluster_picture, nodes_that_do_not_list_each_other_do_not_agree) {
  auto words = cluster_words{three}.topic("a", {1, 2, 3}, three, three);
  std::erase_if(words.own(2).brokers, [](auto& b) { return b.node_id == 3; });
  const auto health = health_of(words);
  EXPECT_EQ(health.sentence, "degraded: node 2 does not list node 3");
  EXPECT_THAT(health.advice, ElementsAre(HasSubstr("network between the nodes")));
  EXPECT_EQ(json_of(words)["nodes"][1]["does_not_list"], nlohmann::json::array({3}));
  words.not_reached(3, "no");
  EXPECT_EQ(health_of(words).sentence, "degraded: node 3 is not reached") << "node 2 may be right";
}

} // namespace
} // namespace chisme
