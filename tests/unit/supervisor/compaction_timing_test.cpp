// When logs are compacted: log.cleaner.backoff.ms and log.cleaner.enable, apart from the retention check.
#include "tests/support/supervisor_fixture.hpp"

namespace chisme::test {
namespace {

using namespace std::chrono_literals;

class compaction_timing_test : public supervisor_fixture {
protected:
  /// One key, so that one record stays: several closed segments wait for compaction. The recovery point, behind which
  /// nothing is compacted, follows within supervision::checkpoint_interval.
  void overwrite(int times = 40) {
    for (int i = 0; i < times; ++i)
      ASSERT_EQ(append("key", std::string(100, 'v')).code, error_code::none);
  }
  void start_compacted(std::map<std::string, std::string> more = {}) {
    more.insert({{"cleanup.policy", "compact"}, {"segment.bytes", "1000"}, {"min.cleanable.dirty.ratio", "0"}});
    start(more);
  }
  int64_t size() { return describe().size_bytes; }
};

constexpr auto checkpoints = supervisor::supervision::checkpoint_interval * 2;

TEST_F(compaction_timing_test, a_log_is_compacted_within_the_backoff_and_not_with_the_retention_check) {
  settings.cleaner_backoff_ms = 1000;
  start_compacted();
  overwrite();
  const auto before = size();
  pass(checkpoints + 1s);
  EXPECT_LT(size(), before / 4);
}

TEST_F(compaction_timing_test, no_log_is_compacted_before_the_backoff_is_over) {
  settings.cleaner_backoff_ms = 60'000;
  start_compacted();
  overwrite();
  const auto before = size();
  pass(59s);
  EXPECT_EQ(size(), before);
  pass(2s);
  EXPECT_LT(size(), before / 4);
}

TEST_F(compaction_timing_test, no_log_is_ever_compacted_where_the_cleaner_is_off) {
  settings.cleaner_enabled = false;
  settings.cleaner_backoff_ms = 1000;
  start_compacted();
  overwrite();
  const auto before = size();
  pass(std::chrono::milliseconds{settings.retention_check_interval_ms} * 2, 1s);
  EXPECT_EQ(size(), before);
}

TEST_F(compaction_timing_test, a_log_that_does_not_grow_costs_no_timer) {
  settings.cleaner_backoff_ms = 1000;
  start_compacted();
  overwrite();
  pass(checkpoints + 2s);
  EXPECT_EQ(pass(60s), 0u);
  overwrite();
  const auto before = size();
  pass(checkpoints + 2s);
  EXPECT_LT(size(), before / 4) << "it grew: it is looked at again";
}

TEST_F(compaction_timing_test, a_topic_that_is_not_compacted_costs_no_timer) {
  settings.cleaner_backoff_ms = 1000;
  start({{"segment.bytes", "300"}});
  overwrite();
  pass(checkpoints + 2s);
  EXPECT_EQ(pass(60s), 0u);
}

TEST_F(compaction_timing_test, what_is_too_young_is_looked_at_again_although_nothing_comes) {
  settings.cleaner_backoff_ms = 1000;
  start_compacted({{"min.compaction.lag.ms", "30000"}});
  overwrite();
  const auto before = size();
  pass(checkpoints + 2s);
  EXPECT_EQ(size(), before);
  pass(20s);
  EXPECT_LT(size(), before / 4);
}

TEST_F(compaction_timing_test, a_log_is_left_alone_until_enough_of_it_is_new) {
  settings.cleaner_backoff_ms = 1000;
  start_compacted({{"min.cleanable.dirty.ratio", "0.8"}});
  for (int i = 0; i < 40; ++i)
    append("key" + std::to_string(i), "value");
  overwrite();
  pass(checkpoints + 2s);
  const auto compacted = size();
  overwrite();
  const auto before = size();
  ASSERT_GT(before, compacted);
  pass(60s);
  EXPECT_EQ(size(), before) << "half of it is new";
  overwrite(200);
  pass(checkpoints + 2s);
  EXPECT_LT(size(), before);
}

/// What is in the active segment is not compacted, so that is closed in time.
TEST_F(compaction_timing_test, a_record_is_compacted_within_the_longest_lag) {
  settings.cleaner_backoff_ms = 1000;
  start_compacted({{"segment.bytes", "1000000"}, {"max.compaction.lag.ms", "60000"}});
  overwrite();
  const auto before = size();
  pass(std::chrono::milliseconds{settings.retention_check_interval_ms} + checkpoints, 1s);
  EXPECT_LT(size(), before / 4);
}

TEST_F(compaction_timing_test, the_backoff_may_change_while_the_node_runs) {
  settings.cleaner_backoff_ms = 3'600'000;
  start_compacted();
  overwrite();
  const auto before = size();
  pass(checkpoints);
  settings.cleaner_backoff_ms = 1000;
  apply();
  pass(2s);
  EXPECT_LT(size(), before / 4);
}

TEST_F(compaction_timing_test, a_topic_that_becomes_a_compacted_one_is_compacted) {
  settings.cleaner_backoff_ms = 1000;
  settings.topic_defaults.segment_bytes = 1000;
  settings.topic_defaults.min_cleanable_dirty_ratio = 0;
  start();
  overwrite();
  const auto before = size();
  pass(checkpoints);
  settings.topic_defaults.cleanup_compact = true;
  settings.topic_defaults.cleanup_delete = false;
  apply();
  pass(2s);
  EXPECT_LT(size(), before / 4);
}

TEST_F(compaction_timing_test, what_waited_at_a_stop_is_compacted_after_the_start) {
  settings.cleaner_backoff_ms = 60'000;
  start_compacted();
  overwrite();
  const auto before = size();
  stop();
  start_compacted();
  EXPECT_EQ(size(), before);
  pass(61s);
  EXPECT_LT(size(), before / 4);
}

} // namespace
} // namespace chisme::test
