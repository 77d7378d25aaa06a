// Every option does something, and a test shows what: an option that is stored and never read would be found here.
// Who adds an option adds the test that shows it working, and names it below.
#include "config/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

namespace chisme {
namespace {

/// Of options that are taken because Kafka's tools and clients set them: their rows store nothing, and say so.
constexpr std::string_view no_effect = "no effect";
constexpr std::string_view says_so = "without effect";

/// "suite.test" of this binary, or "file: test" of tests/nemesis.
using evidence = std::map<std::string_view, std::string_view>;

const evidence of_nodes = {
  {"listeners", "topic_commands.create_describe_list_delete"},
  {"advertised.listeners", "group_reset_race_commands.who_joined_meanwhile_is_named"},
  {"peer.listeners", "node_peers.answers_a_hello_and_dials_its_seeds"},
  {"advertised.peer.listener", "node_peers.answers_a_hello_and_dials_its_seeds"},
  {"seeds", "node_peers.answers_a_hello_and_dials_its_seeds"},
  {"expect", "node_cluster.three_nodes_form_one_in_any_order"},
  {"broker.rack", "node_cluster.three_nodes_form_one_in_any_order"},
  {"auto.leader.rebalance.enable", "supervision_balance.hands_over_nothing_where_that_is_not_wanted"},
  {"leader.imbalance.check.interval.seconds", "supervision_balance.looks_from_time_to_time_where_there_are_peers"},
  {"node.id", "data_folder_test.another_nodes_folder_is_refused"},
  {"shutdown.timeout.ms", "test_stop.py: test_while_the_disk_hangs"},
  {"cluster.id", "data_folder_test.a_given_cluster_id_is_kept_and_compared"},
  {"log.dir", "load.log_dirs_wins_over_log_dir_and_is_one_folder"},
  {"log.dirs", "load.log_dirs_wins_over_log_dir_and_is_one_folder"},
  {"log.level", "test_options.py: test_log_level"},

  {"auto.create.topics.enable", "auto_creation.not_where_the_node_forbids_it"},
  {"delete.topic.enable", "delete_topics.what_cannot_be_deleted"},
  {"num.partitions", "create_topics.minus_one_means_the_nodes_defaults"},
  {"default.replication.factor", "create_topics.minus_one_means_the_nodes_defaults"},
  {"min.insync.replicas", "topic_options_test.a_write_to_all_is_refused_where_too_few_replicas_have_it"},
  {"message.max.bytes", "batch_validator_test.sizes_are_bounded"},
  {"compression.type", "batch_validator_test.a_batch_is_rebuilt_with_the_topics_codec"},
  {"compression.gzip.level", "batch_validator_test.a_batch_is_rebuilt_with_the_topics_level"},
  {"compression.lz4.level", "batch_validator_test.a_batch_is_rebuilt_with_the_topics_level"},
  {"compression.zstd.level", "batch_validator_test.a_batch_is_rebuilt_with_the_topics_level"},

  {"log.flush", "topic_options_test.lazy_ones_are_acknowledged_without_a_sync"},
  {"log.segment.bytes", "partition_log_test.segments_roll_by_size_and_reads_cross_them"},
  {"log.roll.hours", "load.each_unit_of_time_becomes_milliseconds"},
  {"log.roll.ms", "partition_log_test.segments_roll_by_time"},
  {"log.retention.hours", "load.each_unit_of_time_becomes_milliseconds"},
  {"log.retention.minutes", "load.each_unit_of_time_becomes_milliseconds"},
  {"log.retention.ms", "partition_log_test.retention_deletes_by_time_below_the_high_watermark_only"},
  {"log.retention.bytes", "partition_log_test.retention_deletes_by_size"},
  {"log.retention.check.interval.ms", "topic_options_test.old_segments_go_with_the_next_retention_check"},
  {"log.segment.delete.delay.ms", no_effect},
  {"log.index.interval.bytes", "index_interval_test.there_is_an_entry_for_each_interval"},
  {"log.message.timestamp.type", "batch_validator_test.append_time_is_stamped_and_the_crc_follows"},
  {"log.message.timestamp.before.max.ms", "batch_validator_test.timestamps_are_bounded_on_both_sides"},
  {"log.message.timestamp.after.max.ms", "batch_validator_test.timestamps_are_bounded_on_both_sides"},
  {"log.cleanup.policy", "compaction_timing_test.a_topic_that_becomes_a_compacted_one_is_compacted"},
  {"log.cleaner.enable", "compaction_timing_test.no_log_is_ever_compacted_where_the_cleaner_is_off"},
  {"log.cleaner.backoff.ms", "compaction_timing_test.no_log_is_compacted_before_the_backoff_is_over"},
  {"log.cleaner.delete.retention.ms", "compaction_test.a_tombstone_stays_until_its_horizon"},
  {"log.cleaner.min.compaction.lag.ms",
   "compaction_timing_test.what_is_too_young_is_looked_at_again_although_nothing_comes"},
  {"log.cleaner.max.compaction.lag.ms", "compaction_timing_test.a_record_is_compacted_within_the_longest_lag"},
  {"log.cleaner.min.cleanable.ratio", "compaction_timing_test.a_log_is_left_alone_until_enough_of_it_is_new"},
  {"producer.id.expiration.ms",
   "topic_options_test.a_producer_that_is_silent_for_longer_than_the_option_says_is_forgotten"},
  {"max.producer.ids.per.partition",
   "topic_options_test.the_producer_that_wrote_longest_ago_is_forgotten_at_the_bound"},

  {"num.network.threads", "test_options.py: test_threads"},
  {"num.io.threads", "test_options.py: test_threads"},
  {"socket.request.max.bytes", "frame_reader.sizes_beyond_the_limit_are_refused_with_a_hint"},
  {"max.connections", "test_crowd.py: test_limit_of_connections"},
  {"connections.max.idle.ms", "test_backpressure.py: test_silent_client_is_closed_when_idle"},
  {"connection.drain.timeout.ms", "test_backpressure.py: test_fetch_of_files_never_read"},
  {"queued.max.requests", "test_backpressure.py: test_many_that_never_read"},
  {"queued.max.request.bytes", "test_frames.py: test_half_requests_share_their_memory"},
  {"fetch.max.bytes", "fetch_test.the_nodes_own_limit_holds"},
  {"max.incremental.fetch.session.cache.slots", "test_options.py: test_places_for_fetch_sessions"},

  {"offsets.topic.num.partitions", "group_find_coordinator_test.the_first_who_asks_makes_the_topic_of_the_groups"},
  {"offsets.topic.replication.factor",
   "group_find_coordinator_test.the_topic_of_the_groups_has_as_many_replicas_as_wanted"},
  {"offsets.retention.minutes", "committed.offsets_expire_at_a_check_after_the_nodes_retention"},
  {"offsets.retention.check.interval.ms", "committed.offsets_expire_at_a_check_after_the_nodes_retention"},
  {"offset.metadata.max.bytes", "committed.metadata_may_be_as_long_as_the_node_says"},
  {"group.min.session.timeout.ms", "narrow_sessions.have_the_bounds_of_the_node"},
  {"group.max.session.timeout.ms", "narrow_sessions.have_the_bounds_of_the_node"},
  {"group.initial.rebalance.delay.ms", "hasty_groups.need_not_wait"},
  {"group.max.size", "small_groups.a_full_group_takes_no_more"},
  {"group.consumer.session.timeout.ms", "group_timings_test.without_its_own_it_has_the_nodes_again"},
  {"group.consumer.min.session.timeout.ms", "config_operations.a_group_keeps_to_the_bounds_of_its_node"},
  {"group.consumer.max.session.timeout.ms", "config_operations.a_group_keeps_to_the_bounds_of_its_node"},
  {"group.consumer.heartbeat.interval.ms", "group_timings_test.without_its_own_it_has_the_nodes_again"},
  {"group.consumer.min.heartbeat.interval.ms", "group_config.beyond_the_nodes_bounds_all_problems_come_in_one_message"},
  {"group.consumer.max.heartbeat.interval.ms", "group_config.beyond_the_nodes_bounds_all_problems_come_in_one_message"},
  {"group.consumer.max.size", "consumer_group_rules_test.a_full_group_takes_nobody_but_a_returning_instance"},
  {"group.consumer.assignors", "group_settings.those_of_a_node"},
  {"group.consumer.migration.policy", "group_upgrade_policy.decides_which_way_a_group_may_change"},
};

/// Those that are the node's default for topics under another name are shown there.
const evidence of_topics = {
  {"cleanup.policy", "compaction_timing_test.a_topic_that_is_not_compacted_costs_no_timer"},
  {"compression.type", of_nodes.at("compression.type")},
  {"compression.gzip.level", of_nodes.at("compression.gzip.level")},
  {"compression.lz4.level", of_nodes.at("compression.lz4.level")},
  {"compression.zstd.level", of_nodes.at("compression.zstd.level")},
  {"errors.deadletterqueue.group.enable", no_effect},
  {"follower.replication.throttled.replicas", no_effect},
  {"leader.replication.throttled.replicas", no_effect},
  {"local.retention.bytes", no_effect},
  {"local.retention.ms", no_effect},
  {"max.decompressed.message.bytes", "batch_validator_test.a_bomb_is_refused_before_it_costs_memory"},
  {"remote.copy.lag.bytes", no_effect},
  {"remote.copy.lag.ms", no_effect},
  {"remote.log.copy.disable", no_effect},
  {"remote.log.delete.on.disable", no_effect},
  {"remote.storage.enable", no_effect},
  {"delete.retention.ms", of_nodes.at("log.cleaner.delete.retention.ms")},
  {"file.delete.delay.ms", no_effect},
  {"flush.messages", no_effect},
  {"flush.ms", no_effect},
  {"index.interval.bytes", of_nodes.at("log.index.interval.bytes")},
  {"log.flush", of_nodes.at("log.flush")},
  {"max.compaction.lag.ms", of_nodes.at("log.cleaner.max.compaction.lag.ms")},
  {"max.message.bytes", of_nodes.at("message.max.bytes")},
  {"message.timestamp.after.max.ms", of_nodes.at("log.message.timestamp.after.max.ms")},
  {"message.timestamp.before.max.ms", of_nodes.at("log.message.timestamp.before.max.ms")},
  {"message.timestamp.type", of_nodes.at("log.message.timestamp.type")},
  {"min.cleanable.dirty.ratio", of_nodes.at("log.cleaner.min.cleanable.ratio")},
  {"min.compaction.lag.ms", of_nodes.at("log.cleaner.min.compaction.lag.ms")},
  {"min.insync.replicas", of_nodes.at("min.insync.replicas")},
  {"preallocate", no_effect},
  {"retention.bytes", of_nodes.at("log.retention.bytes")},
  {"retention.ms", "topic_options_test.old_segments_go_with_the_next_retention_check"},
  {"segment.bytes", of_nodes.at("log.segment.bytes")},
  {"segment.index.bytes", no_effect},
  {"segment.jitter.ms", no_effect},
  {"segment.ms", of_nodes.at("log.roll.ms")},
  {"unclean.leader.election.enable", no_effect},
};

const evidence of_groups = {
  {"consumer.heartbeat.interval.ms", "group_timings_test.a_group_begins_with_its_own"},
  {"consumer.session.timeout.ms", "group_timings_test.a_group_begins_with_its_own"},
};

std::set<std::string> tests_of_this_binary() {
  std::set<std::string> names;
  const auto& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const auto& suite = *all.GetTestSuite(i);
    for (int j = 0; j < suite.total_test_count(); ++j)
      names.insert(std::string{suite.name()} + "." + suite.GetTestInfo(j)->name());
  }
  return names;
}

bool is_in_nemesis(std::string_view file, std::string_view test) {
  std::ifstream source{CHISME_SOURCE_DIR "/tests/nemesis/" + std::string{file}};
  for (std::string line; std::getline(source, line);)
    if (line.find("def " + std::string{test} + "(") != std::string::npos)
      return true;
  return false;
}

bool exists(std::string_view test) {
  static const auto here = tests_of_this_binary();
  const auto colon = test.find(": ");
  return colon == std::string_view::npos ? here.contains(std::string{test})
                                         : is_in_nemesis(test.substr(0, colon), test.substr(colon + 2));
}

/// Without effect, but nonsense is refused.
const std::set<std::string_view> only_checked{"follower.replication.throttled.replicas",
                                              "leader.replication.throttled.replicas"};

void expect_shown(const option_table& table, const evidence& shown) {
  for (const auto& o : table) {
    const auto by = shown.find(o.name);
    if (by == shown.end()) {
      ADD_FAILURE() << "no test shows that the " << table.owner << "'s option " << o.name << " works";
    } else if (by->second == no_effect) {
      EXPECT_TRUE(o.store == nullptr || only_checked.contains(o.name)) << o.name << " is stored and has no effect";
      EXPECT_NE(o.doc.find(says_so), std::string_view::npos) << o.name;
    } else {
      EXPECT_TRUE(exists(by->second)) << "there is no test " << by->second << ", which shall show " << o.name;
      EXPECT_NE(o.store, nullptr) << o.name;
    }
  }
  for (const auto& [name, test] : shown)
    EXPECT_NE(table.find(name), nullptr) << "there is no " << table.owner << "'s option " << name;
}

TEST(option_effects, a_test_shows_each) {
  expect_shown(node_options(), of_nodes);
  expect_shown(topic_options(), of_topics);
  expect_shown(group_options(), of_groups);
}

/// Some value that is not the default.
std::string another_value(const option& o) {
  static const std::set<std::string_view> host_and_port{"peer.listeners", "advertised.peer.listener", "seeds"};
  if (host_and_port.contains(o.name))
    return "127.0.0.1:7";
  const std::string fallback{o.fallback.value_or("")};
  for (auto choice : o.choices)
    if (choice != fallback && fallback.find(choice) == std::string::npos)
      return std::string{choice};
  if (!o.choices.empty())
    return std::string{o.choices.front()};
  switch (o.type) {
    case option_type::boolean:
      return fallback == "true" ? "false" : "true";
    case option_type::int32:
    case option_type::int64:
      return std::to_string(static_cast<int64_t>(std::max(o.min, 1.0)) + (fallback == "3" ? 1 : 2));
    case option_type::real:
      return "0.125";
    case option_type::list:
      return "PLAINTEXT://127.0.0.1:7";
    case option_type::string:
      return "elsewhere";
  }
  return {};
}

TEST(option_effects, each_is_stored_where_it_has_one) {
  for (const auto& table : {node_options(), topic_options(), group_options()})
    for (const auto& o : table) {
      if (!o.store || only_checked.contains(o.name))
        continue;
      node_settings node;
      topic_settings topic;
      group_timing group;
      const auto value = parse_value(o, another_value(o));
      ASSERT_TRUE(value) << o.name << ": " << value.error().message;
      ASSERT_TRUE(o.store({&node, &topic, &group}, *value)) << o.name;
      EXPECT_FALSE(node == node_settings{} && topic == topic_settings{} && group == group_timing{})
        << o.name << " is not stored";
    }
}

} // namespace
} // namespace chisme
