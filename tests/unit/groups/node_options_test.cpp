// What a node's options say of groups reaches those who decide. Those of consumer groups: group_timings_test.cpp.
#include "config/load.hpp"
#include "tests/support/group_conversation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme::test {
namespace {

groups::group_settings settings_with(const std::vector<std::string>& flags) {
  auto loaded = load(flags, {}, [](auto&) -> result<std::string> { return std::string{}; });
  EXPECT_THAT(loaded.mistakes, ::testing::IsEmpty());
  return groups::group_settings_of(loaded.settings);
}

TEST(group_options, bounds_of_classic_groups_are_those_of_the_node) {
  const auto s = settings_with({"--group.min.session.timeout.ms=1", "--group.max.session.timeout.ms=2",
                                "--group.initial.rebalance.delay.ms=3", "--group.max.size=4"});
  EXPECT_EQ(s.min_session_timeout_ms, 1);
  EXPECT_EQ(s.max_session_timeout_ms, 2);
  EXPECT_EQ(s.initial_rebalance_delay_ms, 3);
  EXPECT_EQ(s.max_size, 4);
}

class committed : public ::testing::Test {
protected:
  error_code commit(group_conversation& talk, const std::string& metadata = {}) {
    kafka::offset_commit_request r;
    r.group_id = "g";
    r.topics.push_back({"t", {}, {{0, 7, -1, metadata}}});
    return talk.ask<kafka::offset_commit_response>(r, 9).topics.at(0).partitions.at(0).error;
  }
};

TEST_F(committed, offsets_expire_at_a_check_after_the_nodes_retention) {
  group_conversation talk{
    settings_with({"--offsets.retention.minutes=1", "--offsets.retention.check.interval.ms=50000"})};
  talk.topics.add("t", 1);
  EXPECT_EQ(commit(talk), error_code::none);
  talk.wait(99'000); // looked at after 50 s, which was too early
  EXPECT_EQ(talk.shard().group_count(), 1u);
  talk.wait(2'000);
  EXPECT_EQ(talk.shard().group_count(), 0u);
}

TEST_F(committed, metadata_may_be_as_long_as_the_node_says) {
  group_conversation talk{settings_with({"--offset.metadata.max.bytes=3"})};
  talk.topics.add("t", 1);
  EXPECT_EQ(commit(talk, "abc"), error_code::none);
  EXPECT_EQ(commit(talk, "abcd"), error_code::offset_metadata_too_large);
}

} // namespace
} // namespace chisme::test
