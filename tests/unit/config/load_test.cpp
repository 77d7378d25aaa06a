#include "config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using environment = std::map<std::string, std::string>;

result<std::string> no_file(const std::string& path) {
  return fail(error_code::invalid_config, path + ": no such file");
}

file_reader file_with(std::string content) {
  return [content](const std::string&) -> result<std::string> { return content; };
}

TEST(load, nothing_said_gives_the_defaults_of_the_struct) {
  auto loaded = load({}, {}, no_file);
  EXPECT_THAT(loaded.mistakes, ElementsAre());
  EXPECT_EQ(loaded.settings, node_settings{});
}

/// What the milliseconds do is shown where they are used.
TEST(load, each_unit_of_time_becomes_milliseconds) {
  const auto with = [](std::vector<std::string> args) {
    auto loaded = load(args, {}, no_file);
    EXPECT_THAT(loaded.mistakes, ElementsAre());
    return loaded.settings;
  };
  EXPECT_EQ(with({"--log.roll.hours", "5"}).topic_defaults.segment_ms, 5 * 3'600'000);
  EXPECT_EQ(with({"--log.roll.hours", "5", "--log.roll.ms", "77"}).topic_defaults.segment_ms, 77);
  EXPECT_EQ(with({"--log.retention.hours", "3"}).topic_defaults.retention_ms, 3 * 3'600'000);
  EXPECT_EQ(with({"--log.retention.hours", "-1"}).topic_defaults.retention_ms, no_limit);
  EXPECT_EQ(with({"--log.retention.hours", "3", "--log.retention.minutes", "7"}).topic_defaults.retention_ms,
            7 * 60'000);
  EXPECT_EQ(with({"--log.retention.minutes", "7", "--log.retention.ms", "9"}).topic_defaults.retention_ms, 9);
  EXPECT_EQ(with({"--offsets.retention.minutes", "4"}).offsets_retention_ms, 4 * 60'000);
}

TEST(load, flags_win_over_environment_over_file_over_default) {
  auto file = file_with("num.partitions=2\nnode.id=2\nlog.level=debug\n");
  auto loaded = load({"--config", "c.properties", "--num.partitions", "4"},
                     {{"CHISME_NUM_PARTITIONS", "3"}, {"CHISME_NODE_ID", "3"}}, file);
  ASSERT_THAT(loaded.mistakes, ElementsAre());
  EXPECT_EQ(loaded.settings.num_partitions, 4);
  EXPECT_EQ(loaded.settings.node_id, 3);
  EXPECT_EQ(loaded.settings.level, log_level::debug);
  EXPECT_EQ(loaded.settings.fetch_session_slots, 1000);
  EXPECT_EQ(loaded.settings.given.at("num.partitions"), (given_value{"4", "--num.partitions"}));
  EXPECT_EQ(loaded.settings.given.at("node.id"), (given_value{"3", "CHISME_NODE_ID"}));
  EXPECT_EQ(loaded.settings.given.at("log.level"), (given_value{"debug", "c.properties:3"}));
}

TEST(load, a_flag_takes_its_value_with_a_blank_or_an_equals_sign_and_the_last_one_counts) {
  auto loaded = load({"--node.id=7", "--node.id", "8", "--log.retention.bytes", "-1"}, {}, no_file);
  ASSERT_THAT(loaded.mistakes, ElementsAre());
  EXPECT_EQ(loaded.settings.node_id, 8);
  EXPECT_EQ(loaded.settings.topic_defaults.retention_bytes, no_limit);
}

TEST(load, all_mistakes_of_all_sources_come_at_once_each_with_its_place) {
  auto file = file_with("# comment\nlog.segment.bites=5\nnode.id=-4\nnode.id=5\n");
  auto loaded = load({"--config=c.properties", "--num.partitions", "0", "stray", "--log.level"},
                     {{"CHISME_MAX_CONNECTIONS", "many"}, {"CHISME_LOG_LEVLE", "info"}}, file);
  EXPECT_THAT(loaded.mistakes,
              testing::UnorderedElementsAre(
                "c.properties:4: node.id was already set at c.properties:3",
                "c.properties:2: unknown option log.segment.bites; did you mean log.segment.bytes?",
                "c.properties:3: node.id: \"-4\" is not an integer from 0 to 2147483647",
                "CHISME_MAX_CONNECTIONS: max.connections: \"many\" is not an integer from 1 to 2147483647",
                "CHISME_LOG_LEVLE: unknown option log.levle; did you mean log.level?",
                "\"stray\" is neither a flag nor the value of one",
                "--log.level: a value is missing, as in --log.level=VALUE",
                "--num.partitions: \"0\" is not an integer from 1 to 100000"));
}

TEST(load, a_bad_value_is_reported_even_where_a_stronger_source_hides_it) {
  auto loaded = load({"--config", "c", "--node.id", "1"}, {}, file_with("node.id=x"));
  EXPECT_THAT(loaded.mistakes, ElementsAre(HasSubstr("c:1: node.id: \"x\" is not an integer")));
}

TEST(load, a_file_that_cannot_be_read_is_a_mistake) {
  EXPECT_THAT(load({}, {{"CHISME_CONFIG", "gone"}}, no_file).mistakes, ElementsAre("gone: no such file"));
}

TEST(load, a_topic_option_on_a_node_names_the_nodes_counterpart) {
  EXPECT_THAT(load({"--retention.ms=5"}, {}, no_file).mistakes,
              ElementsAre(HasSubstr("the node's default for it is log.retention.ms")));
}

TEST(load, variables_of_kubernetes_and_of_the_command_line_are_not_options) {
  environment set{{"CHISME_PORT", "tcp://10.0.0.1:9092"}, {"CHISME_PORT_9092_TCP_ADDR", "10.0.0.1"},
                  {"CHISME_SERVICE_HOST", "10.0.0.1"},    {"CHISME_SERVICE_PORT", "9092"},
                  {"CHISME_BOOTSTRAP_SERVER", "a:1"},     {"PATH", "/bin"}};
  auto loaded = load({}, set, no_file);
  EXPECT_THAT(loaded.mistakes, ElementsAre());
  EXPECT_THAT(loaded.settings.given, testing::IsEmpty());
}

// Kafka: log.retention.ms before .minutes before .hours, whatever the order in which they are given.
TEST(load, the_finer_unit_of_retention_wins) {
  auto retention = [](std::vector<std::string> flags) {
    return load(flags, {}, no_file).settings.topic_defaults.retention_ms;
  };
  EXPECT_EQ(retention({}), 7ll * 24 * 3600 * 1000);
  EXPECT_EQ(retention({"--log.retention.hours=2"}), 2 * 3600 * 1000);
  EXPECT_EQ(retention({"--log.retention.minutes=3", "--log.retention.hours=2"}), 3 * 60 * 1000);
  EXPECT_EQ(retention({"--log.retention.ms=4", "--log.retention.minutes=3", "--log.retention.hours=2"}), 4);
  EXPECT_EQ(retention({"--log.retention.hours=-1"}), no_limit);
}

TEST(load, options_without_a_field_of_their_own_type_are_stored) {
  auto loaded = load({"--log.cleanup.policy=compact,delete", "--log.flush=lazy", "--compression.type=uncompressed",
                      "--log.message.timestamp.type=LogAppendTime", "--log.roll.hours=1", "--log.dir=/data",
                      "--log.cleaner.min.cleanable.ratio=0.25"},
                     {}, no_file);
  ASSERT_THAT(loaded.mistakes, ElementsAre());
  auto& t = loaded.settings.topic_defaults;
  EXPECT_TRUE(t.cleanup_compact && t.cleanup_delete);
  EXPECT_EQ(t.flush, flush_mode::lazy);
  EXPECT_EQ(t.compression, topic_compression::none);
  EXPECT_EQ(t.timestamps, timestamp_type::log_append_time);
  EXPECT_EQ(t.segment_ms, 3'600'000);
  EXPECT_EQ(t.min_cleanable_dirty_ratio, 0.25);
}

TEST(load, log_dirs_wins_over_log_dir_and_is_one_folder) {
  EXPECT_EQ(load({"--log.dir=/a"}, {}, no_file).settings.data_dir, "/a");
  EXPECT_EQ(load({"--log.dirs=/b", "--log.dir=/a"}, {}, no_file).settings.data_dir, "/b");
  EXPECT_THAT(load({"--log.dirs=/a,/b"}, {}, no_file).mistakes, ElementsAre(HasSubstr("is not one folder")));
}

TEST(load, listeners_and_what_is_advertised_must_fit) {
  auto mistakes = [](std::vector<std::string> flags) { return load(flags, {}, no_file).mistakes; };
  EXPECT_THAT(mistakes({"--listeners=PLAINTEXT://:0"}), ElementsAre());
  EXPECT_THAT(mistakes({"--listeners=SSL://a:1"}), ElementsAre(HasSubstr("expected PLAINTEXT")));
  EXPECT_THAT(mistakes({"--listeners=PLAINTEXT://a:1,PLAINTEXT://b:2"}), ElementsAre(HasSubstr("named twice")));
  EXPECT_THAT(mistakes({"--advertised.listeners=PLAINTEXT://0.0.0.0:9092"}), ElementsAre(HasSubstr("cannot connect")));
  EXPECT_THAT(mistakes({"--advertised.listeners=PLAINTEXT://kafka:0"}), ElementsAre(HasSubstr("cannot connect")));
}

TEST(load, addresses_of_peers_must_be_reachable_and_need_a_listener) {
  auto mistakes = [](std::vector<std::string> flags) { return load(flags, {}, no_file).mistakes; };
  const auto good =
    load({"--peer.listeners=:9093,10.0.0.1:9094", "--advertised.peer.listener=a:9093", "--seeds=b:1,c:2"}, {}, no_file);
  EXPECT_THAT(good.mistakes, ElementsAre());
  EXPECT_THAT(good.settings.peer_listeners,
              ElementsAre(endpoint{"PEER", "", 9093}, endpoint{"PEER", "10.0.0.1", 9094}));
  EXPECT_THAT(good.settings.advertised_peer_listener, ElementsAre(endpoint{"PEER", "a", 9093}));
  EXPECT_THAT(good.settings.seeds, ElementsAre(endpoint{"PEER", "b", 1}, endpoint{"PEER", "c", 2}));
  EXPECT_THAT(mistakes({"--peer.listeners=:1"}), ElementsAre(HasSubstr("needs seeds")));
  EXPECT_THAT(mistakes({"--expect=3"}), ElementsAre(HasSubstr("no effect without peer.listeners")));
  EXPECT_THAT(mistakes({"--peer.listeners=:1", "--seeds=b:1", "--expect=3", "--cluster.id=c"}),
              ElementsAre(HasSubstr("--cluster.id: nodes that form a cluster")));
  EXPECT_THAT(mistakes({"--peer.listeners=:1,:1"}), ElementsAre(HasSubstr("not a list")));
  EXPECT_THAT(mistakes({"--peer.listeners=:1", "--advertised.peer.listener=0.0.0.0:1"}),
              ElementsAre(HasSubstr("cannot connect")));
  EXPECT_THAT(mistakes({"--peer.listeners=:1", "--seeds=b:0"}), ElementsAre(HasSubstr("cannot connect")));
  EXPECT_THAT(mistakes({"--seeds=b:1"}), ElementsAre("--seeds: has no effect without peer.listeners, where other nodes "
                                                     "connect"));
}

TEST(load, what_two_options_contradict_is_a_mistake) {
  EXPECT_THAT(load({"--message.max.bytes=9000", "--socket.request.max.bytes=8000"}, {}, no_file).mistakes,
              ElementsAre("--message.max.bytes: is above socket.request.max.bytes, 8000, so that no such "
                          "batch could arrive"));
}

TEST(load, times_of_consumer_groups_must_fit_together) {
  auto mistakes = [](std::vector<std::string> flags) { return load(flags, {}, no_file).mistakes; };
  EXPECT_THAT(mistakes({"--group.consumer.min.session.timeout.ms=1000", "--group.consumer.session.timeout.ms=5001"}),
              ElementsAre());
  EXPECT_THAT(mistakes({"--group.consumer.session.timeout.ms=40000"}),
              ElementsAre("--group.consumer.session.timeout.ms: 40000 is below "
                          "group.consumer.min.session.timeout.ms, 45000: raise it, or lower "
                          "group.consumer.min.session.timeout.ms"));
  EXPECT_THAT(mistakes({"--group.consumer.max.session.timeout.ms=40000"}),
              ElementsAre("--group.consumer.max.session.timeout.ms: 40000 is below "
                          "group.consumer.session.timeout.ms, 45000: raise it, or lower "
                          "group.consumer.session.timeout.ms"));
  EXPECT_THAT(mistakes({"--group.consumer.min.heartbeat.interval.ms=6000"}),
              ElementsAre(HasSubstr("6000 is above group.consumer.heartbeat.interval.ms, 5000: lower it")));
  EXPECT_THAT(mistakes({"--group.consumer.heartbeat.interval.ms=15001"}),
              ElementsAre(HasSubstr("15001 is above group.consumer.max.heartbeat.interval.ms, 15000: lower it")));
  EXPECT_THAT(mistakes({"--group.consumer.min.session.timeout.ms=1", "--group.consumer.session.timeout.ms=5000"}),
              ElementsAre("--group.consumer.session.timeout.ms: 5000 is not above "
                          "group.consumer.heartbeat.interval.ms, 5000: raise it, or lower "
                          "group.consumer.heartbeat.interval.ms"));
}

TEST(load, a_contradiction_names_the_line_and_the_option) {
  auto file = file_with("\ngroup.consumer.session.timeout.ms=70000\n");
  EXPECT_THAT(load({"--config=c"}, {}, file).mistakes,
              ElementsAre(HasSubstr("c:2: group.consumer.session.timeout.ms: 70000 is above "
                                    "group.consumer.max.session.timeout.ms, 60000")));
}

TEST(load, a_groups_option_on_a_node_names_the_nodes_counterpart) {
  EXPECT_THAT(load({"--consumer.session.timeout.ms=5"}, {}, no_file).mistakes,
              ElementsAre(HasSubstr("that is a group's option, the node's default for it is "
                                    "group.consumer.session.timeout.ms")));
}

TEST(load, words_of_consumer_groups_are_among_those_that_there_are) {
  auto loaded = load({"--group.consumer.assignors=range", "--group.consumer.migration.policy=upgrade"}, {}, no_file);
  EXPECT_THAT(loaded.mistakes, ElementsAre());
  EXPECT_THAT(loaded.settings.consumer_assignors, ElementsAre("range"));
  EXPECT_EQ(loaded.settings.consumer_migration, migration_policy::upgrade);
  EXPECT_THAT(load({"--group.consumer.assignors=sticky"}, {}, no_file).mistakes,
              ElementsAre(HasSubstr("\"sticky\" is not a list separated by commas of uniform, range")));
  EXPECT_THAT(load({"--group.consumer.migration.policy=both"}, {}, no_file).mistakes,
              ElementsAre(HasSubstr("is not one of disabled, downgrade, upgrade, bidirectional")));
}

TEST(load, dynamic_values_stand_above_given_ones_and_vanish_without_trace) {
  auto base = load({"--log.retention.ms=1000", "--node.id=4"}, {}, no_file).settings;
  auto changed = with_dynamic(base, {{"log.retention.ms", "2000"}});
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->topic_defaults.retention_ms, 2000);
  EXPECT_EQ(changed->node_id, 4);
  EXPECT_EQ(*with_dynamic(*changed, {}), base);
}

TEST(load, only_options_that_may_change_are_dynamic) {
  auto refused = with_dynamic({}, {{"node.id", "4"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::invalid_config);
  EXPECT_THAT(refused.error().message, HasSubstr("node.id cannot change while the node runs"));
  EXPECT_THAT(with_dynamic({}, {{"log.retention.ms", "x"}}).error().message, HasSubstr("\"x\" is not an integer"));
  EXPECT_THAT(with_dynamic({}, {{"nothing", "x"}}).error().message, HasSubstr("unknown option"));
}

} // namespace
} // namespace chisme
