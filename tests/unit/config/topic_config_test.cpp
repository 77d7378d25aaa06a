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
  EXPECT_EQ(effective_topic_settings(
                {}, {{"segment.bytes", "4096"}, {"log.flush", "lazy"}, {"cleanup.policy", "compact"}}),
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
  EXPECT_THAT(*validate_topic_config("cleanup.policy", ""), HasSubstr("is not a list"));
  EXPECT_THAT(*validate_topic_config("min.cleanable.dirty.ratio", "1.5"), HasSubstr("a number from 0 to 1"));
  EXPECT_THAT(*validate_topic_config("log.retention.ms", "1"), HasSubstr("a topic's own is retention.ms"));
  EXPECT_THAT(*validate_topic_config("retention.ms", std::string(5000, '1')), HasSubstr("more than 4096"));
}

// The table and the plain structs both state defaults: they must be the same ones.
TEST(topic_config, defaults_of_the_table_are_those_of_the_struct) {
  for (auto& o : topic_options()) {
    ASSERT_TRUE(o.fallback) << o.name;
    EXPECT_EQ(effective_topic_settings({}, {{std::string{o.name}, std::string{*o.fallback}}}),
              topic_settings{})
        << o.name;
  }
}

TEST(topic_config, what_topics_inherit_exists_on_the_node_with_the_same_default) {
  for (auto& o : topic_options())
    for (auto name : o.inherits) {
      auto inherited = node_options().find(name);
      ASSERT_NE(inherited, nullptr) << name;
      EXPECT_TRUE(inherited->fallback == o.fallback || !inherited->fallback || name.ends_with(".hours"))
          << name;
    }
}

} // namespace
} // namespace chisme
