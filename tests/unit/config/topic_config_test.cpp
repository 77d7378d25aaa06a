#include "config/load.hpp"
#include "config/options.hpp"
#include "config/topic_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme {
namespace {

using testing::HasSubstr;

TEST(topic_config, no_overrides_give_the_nodes_defaults) {
  topic_settings defaults;
  defaults.retention_ms = 77;
  EXPECT_EQ(effective_topic_settings(defaults, {}), defaults);
}

TEST(topic_config, overrides_change_their_field_and_no_other) {
  topic_settings expected;
  expected.segment_bytes = 4096;
  expected.flush = flush_mode::lazy;
  expected.cleanup_delete = false;
  expected.cleanup_compact = true;
  EXPECT_EQ(
    effective_topic_settings({}, {{"segment.bytes", "4096"}, {"log.flush", "lazy"}, {"cleanup.policy", "compact"}}),
    expected);
}

TEST(topic_config, all_problems_come_in_one_message) {
  auto bad = effective_topic_settings({}, {{"retention.ms", "-2"}, {"segment.byte", "5"}});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, error_code::invalid_config);
  EXPECT_EQ(bad.error().message, "retention.ms: \"-2\" is not an integer of at least -1; "
                                 "unknown topic option segment.byte; did you mean segment.bytes?");
}

TEST(topic_config, contradicting_lags_are_refused) {
  auto bad = effective_topic_settings({}, {{"min.compaction.lag.ms", "10"}, {"max.compaction.lag.ms", "5"}});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message, "min.compaction.lag.ms is above max.compaction.lag.ms, 5");
}

TEST(topic_config, validate_says_what_is_wrong) {
  EXPECT_EQ(validate_topic_config("retention.ms", "100"), std::nullopt);
  EXPECT_EQ(validate_topic_config("preallocate", "true"), std::nullopt);
  EXPECT_THAT(*validate_topic_config("preallocate", "yes"), HasSubstr("\"yes\" is not true or false"));
  EXPECT_THAT(*validate_topic_config("cleanup.policy", "burn"), HasSubstr("of delete, compact"));
  EXPECT_THAT(*validate_topic_config("cleanup.policy", ","), HasSubstr("is not a list"));
  EXPECT_THAT(*validate_topic_config("min.cleanable.dirty.ratio", "1.5"), HasSubstr("a number from 0 to 1"));
  EXPECT_THAT(*validate_topic_config("log.retention.ms", "1"), HasSubstr("a topic's own is retention.ms"));
  EXPECT_THAT(*validate_topic_config("retention.ms", std::string(5000, '1')), HasSubstr("more than 4096"));
}

// As Kafka's own LogConfig of 4.4 lists them, with its defaults; internal.segment.bytes is for its tests only.
TEST(topic_config, all_that_kafka_lets_a_topic_have_is_there) {
  const std::map<std::string_view, std::string_view> kafkas{
    {"cleanup.policy", "delete"},
    {"compression.gzip.level", "-1"},
    {"compression.lz4.level", "9"},
    {"compression.type", "producer"},
    {"compression.zstd.level", "3"},
    {"delete.retention.ms", "86400000"},
    {"errors.deadletterqueue.group.enable", "false"},
    {"file.delete.delay.ms", "60000"},
    {"flush.messages", "9223372036854775807"},
    {"flush.ms", "9223372036854775807"},
    {"follower.replication.throttled.replicas", ""},
    {"index.interval.bytes", "4096"},
    {"leader.replication.throttled.replicas", ""},
    {"local.retention.bytes", "-2"},
    {"local.retention.ms", "-2"},
    {"max.compaction.lag.ms", "9223372036854775807"},
    {"max.decompressed.message.bytes", "2147483639"},
    {"max.message.bytes", "1048588"},
    {"message.timestamp.after.max.ms", "3600000"},
    {"message.timestamp.before.max.ms", "9223372036854775807"},
    {"message.timestamp.type", "CreateTime"},
    {"min.cleanable.dirty.ratio", "0.5"},
    {"min.compaction.lag.ms", "0"},
    {"min.insync.replicas", "1"},
    {"preallocate", "false"},
    {"remote.copy.lag.bytes", "-1"},
    {"remote.copy.lag.ms", "0"},
    {"remote.log.copy.disable", "false"},
    {"remote.log.delete.on.disable", "false"},
    {"remote.storage.enable", "false"},
    {"retention.bytes", "-1"},
    {"retention.ms", "604800000"},
    {"segment.bytes", "1073741824"},
    {"segment.index.bytes", "10485760"},
    {"segment.jitter.ms", "0"},
    {"segment.ms", "604800000"},
    {"unclean.leader.election.enable", "false"},
  };
  std::map<std::string_view, std::string_view> ours;
  for (auto& o : topic_options())
    ours[o.name] = o.fallback.value_or("(none)");
  ours.erase("log.flush");
  EXPECT_EQ(ours, kafkas);
}

TEST(topic_config, levels_of_compression) {
  const auto set = effective_topic_settings(
    {}, {{"compression.gzip.level", "1"}, {"compression.lz4.level", "17"}, {"compression.zstd.level", "-131072"}});
  ASSERT_TRUE(set) << set.error().message;
  EXPECT_EQ(set->levels, (compression_levels{1, 17, -131072}));
  for (auto value : {"-1", "1", "9"})
    EXPECT_EQ(validate_topic_config("compression.gzip.level", value), std::nullopt) << value;
  for (auto value : {"-2", "0", "10"})
    EXPECT_TRUE(validate_topic_config("compression.gzip.level", value)) << value;
  EXPECT_THAT(*validate_topic_config("compression.gzip.level", "0"), HasSubstr("\"0\" is not an integer from 1 to 9"));
  for (auto value : {"-1", "0", "18"})
    EXPECT_TRUE(validate_topic_config("compression.lz4.level", value)) << value;
  EXPECT_EQ(validate_topic_config("compression.zstd.level", "22"), std::nullopt);
  EXPECT_TRUE(validate_topic_config("compression.zstd.level", "23"));
}

TEST(topic_config, levels_of_compression_come_from_the_node) {
  const auto node = load({"--compression.zstd.level=19", "--compression.gzip.level=9", "--compression.lz4.level=12"},
                         {}, [](auto&) -> result<std::string> { return fail(error_code::invalid_config, "no file"); });
  EXPECT_EQ(node.settings.topic_defaults.levels, (compression_levels{9, 12, 19}));
  const auto own = effective_topic_settings(node.settings.topic_defaults, {{"compression.zstd.level", "1"}});
  EXPECT_EQ(own->levels, (compression_levels{9, 12, 1}));
}

TEST(topic_config, an_empty_cleanup_policy_keeps_everything) {
  const auto kept = effective_topic_settings({}, {{"cleanup.policy", ""}});
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_FALSE(kept->cleanup_delete);
  EXPECT_FALSE(kept->cleanup_compact);
}

TEST(topic_config, throttled_replicas_are_pairs_or_all) {
  for (auto name : {"leader.replication.throttled.replicas", "follower.replication.throttled.replicas"}) {
    for (auto value : {"", "*", "0:1", "0:1,1:2, 10:100"})
      EXPECT_EQ(validate_topic_config(name, value), std::nullopt) << value;
    for (auto value : {"x", "0", "0:", ":1", "0:1,*", "*,*", "0:1:2", "-1:1"})
      EXPECT_TRUE(validate_topic_config(name, value)) << value;
  }
}

// The table and the plain structs both state defaults: they must be the same ones.
TEST(topic_config, defaults_of_the_table_are_those_of_the_struct) {
  for (auto& o : topic_options()) {
    ASSERT_TRUE(o.fallback) << o.name;
    EXPECT_EQ(effective_topic_settings({}, {{std::string{o.name}, std::string{*o.fallback}}}), topic_settings{})
      << o.name;
  }
}

TEST(topic_config, what_topics_inherit_exists_on_the_node_with_the_same_default) {
  for (auto& o : topic_options())
    for (auto name : o.inherits) {
      auto inherited = node_options().find(name);
      ASSERT_NE(inherited, nullptr) << name;
      EXPECT_TRUE(inherited->fallback == o.fallback || !inherited->fallback || name.ends_with(".hours")) << name;
    }
}

} // namespace
} // namespace chisme
