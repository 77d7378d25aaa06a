#include "config/group_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme {
namespace {

/// "session/heartbeat", or why not.
std::string effective(const config_overrides& overrides, const node_settings& node = {}) {
  auto timing = effective_group_timing(node, overrides);
  if (!timing)
    return to_string(timing.error().code) + ": " + timing.error().message;
  return std::to_string(timing->session_timeout_ms) + "/" + std::to_string(timing->heartbeat_interval_ms);
}

TEST(group_config, what_a_group_does_not_set_comes_from_the_node) {
  EXPECT_EQ(effective({}), "45000/5000");
  EXPECT_EQ(effective({{"consumer.session.timeout.ms", "50000"}}), "50000/5000");
  node_settings node;
  node.group_defaults = {55'000, 7'000};
  EXPECT_EQ(effective({}, node), "55000/7000");
  EXPECT_EQ(effective({{"consumer.heartbeat.interval.ms", "6000"}}, node), "55000/6000");
}

TEST(group_config, the_nodes_bounds_belong_to_them) {
  EXPECT_EQ(effective({{"consumer.session.timeout.ms", "45000"}, {"consumer.heartbeat.interval.ms", "15000"}}),
            "45000/15000");
  EXPECT_EQ(effective({{"consumer.session.timeout.ms", "60000"}, {"consumer.heartbeat.interval.ms", "5000"}}),
            "60000/5000");
}

TEST(group_config, beyond_the_nodes_bounds_all_problems_come_in_one_message) {
  EXPECT_EQ(effective({{"consumer.session.timeout.ms", "44999"}, {"consumer.heartbeat.interval.ms", "15001"}}),
            "INVALID_CONFIG: consumer.session.timeout.ms: 44999 is below group.consumer.min.session.timeout.ms, "
            "45000: raise it, or lower group.consumer.min.session.timeout.ms; consumer.heartbeat.interval.ms: "
            "15001 "
            "is above group.consumer.max.heartbeat.interval.ms, 15000: lower it, or raise "
            "group.consumer.max.heartbeat.interval.ms");
  EXPECT_THAT(effective({{"consumer.session.timeout.ms", "60001"}}),
              testing::HasSubstr("60001 is above group.consumer.max.session.timeout.ms, 60000"));
  EXPECT_THAT(effective({{"consumer.heartbeat.interval.ms", "4999"}}),
              testing::HasSubstr("4999 is below group.consumer.min.heartbeat.interval.ms, 5000"));
}

TEST(group_config, members_must_be_able_to_heartbeat_within_their_session) {
  node_settings node;
  node.consumer_min_session_timeout_ms = 1'000;
  EXPECT_EQ(effective({{"consumer.session.timeout.ms", "5001"}}, node), "5001/5000");
  EXPECT_EQ(effective({{"consumer.session.timeout.ms", "5000"}}, node),
            "INVALID_CONFIG: consumer.heartbeat.interval.ms: 5000 is not below consumer.session.timeout.ms, 5000: "
            "lower it, or raise consumer.session.timeout.ms");
}

TEST(group_config, names_and_values_that_are_none) {
  EXPECT_EQ(effective({{"consumer.session.timeout", "50000"}, {"consumer.heartbeat.interval.ms", "soon"}}),
            "INVALID_CONFIG: consumer.heartbeat.interval.ms: \"soon\" is not an integer from 1 to 2147483647; "
            "unknown group option consumer.session.timeout; did you mean consumer.session.timeout.ms?");
  EXPECT_EQ(effective({{"group.consumer.session.timeout.ms", "50000"}}),
            "INVALID_CONFIG: unknown group option group.consumer.session.timeout.ms; that is a node's option, a "
            "group's own is consumer.session.timeout.ms");
}

// The table and the plain struct both state defaults: they must be the same ones.
TEST(group_config, defaults_of_the_tables_are_those_of_the_struct) {
  for (auto& o : group_options()) {
    ASSERT_TRUE(o.fallback) << o.name;
    EXPECT_EQ(effective_group_timing({}, {{std::string{o.name}, std::string{*o.fallback}}}), group_timing{}) << o.name;
    ASSERT_EQ(o.inherits.size(), 1u) << o.name;
    ASSERT_NE(node_options().find(o.inherits[0]), nullptr) << o.name;
    EXPECT_EQ(node_options().find(o.inherits[0])->fallback, o.fallback) << o.name;
  }
}

TEST(migration_policy, which_ways_it_allows) {
  using enum migration_policy;
  for (auto p : {disabled, downgrade, upgrade, bidirectional}) {
    EXPECT_EQ(allows_upgrade(p), p == upgrade || p == bidirectional);
    EXPECT_EQ(allows_downgrade(p), p == downgrade || p == bidirectional);
  }
}

} // namespace
} // namespace chisme
