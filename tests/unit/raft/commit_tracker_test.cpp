#include "actors/raft/commit_tracker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace chisme::raft {
namespace {

using moved = std::optional<offset_t>;

configuration voters(int n) {
  std::vector<node_id> ids;
  for (int i = 1; i <= n; ++i)
    ids.push_back(i);
  return configuration{ids};
}

/// Raft, section 5.3: "A log entry is committed once the leader that created the entry has replicated it on a
/// majority of the servers". Of n voters that is the (n/2 + 1)th that reports it.
TEST(commit_tracker, commits_what_a_majority_holds_for_one_to_seven_voters) {
  for (int n = 1; n <= 7; ++n) {
    commit_tracker tracker{voters(n), {7, 0}, 0};
    const int majority = n / 2 + 1;
    for (int voter = 1; voter < majority; ++voter)
      EXPECT_EQ(tracker.synced(voter, {7, 10}), moved{}) << voter << " of " << n;
    EXPECT_EQ(tracker.synced(majority, {7, 10}), moved{10}) << majority << " of " << n;
    for (int voter = majority + 1; voter <= n; ++voter)
      EXPECT_EQ(tracker.synced(voter, {7, 10}), moved{}) << "already committed, " << voter << " of " << n;
    EXPECT_EQ(tracker.high_watermark(), 10);
  }
}

/// Against the definition, written the other way round: the largest offset that at least a majority has
/// reached.
TEST(commit_tracker, equals_the_definition_for_random_reports) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random{seed};
    const int n = 1 + static_cast<int>(random() % 7);
    const offset_t start = random() % 20;
    commit_tracker tracker{voters(n), {7, start}, start / 2};
    std::vector<offset_t> ends(static_cast<size_t>(n), -1);
    offset_t expected = start / 2;
    for (int i = 0; i < 100; ++i) {
      const auto voter = random() % static_cast<unsigned>(n);
      const offset_t end = random() % 60;
      ends[voter] = std::max(ends[voter], end);
      offset_t reached = -1;
      for (offset_t x = 0; x < 60; ++x) {
        if (std::count_if(ends.begin(), ends.end(), [x](offset_t e) { return e >= x; }) > n / 2)
          reached = x;
      }
      const auto before = expected;
      if (reached >= start)
        expected = std::max(expected, reached);
      ASSERT_EQ(tracker.synced(static_cast<node_id>(voter + 1), {7, end}),
                expected > before ? moved{expected} : moved{})
        << "seed " << seed << " step " << i;
      ASSERT_EQ(tracker.high_watermark(), expected);
    }
  }
}

TEST(commit_tracker, never_moves_back) {
  commit_tracker tracker{voters(3), {7, 0}, 0};
  tracker.synced(1, {7, 10});
  EXPECT_EQ(tracker.synced(2, {7, 8}), moved{8});
  EXPECT_EQ(tracker.synced(2, {7, 5}), moved{});
  EXPECT_EQ(tracker.synced(1, {7, 0}), moved{});
  EXPECT_EQ(tracker.high_watermark(), 8);
  EXPECT_EQ(tracker.synced(3, {7, 9}), moved{9}) << "voter 1 still counts with 10";
}

/// Raft, section 5.4.2: "only log entries from the leader's current term are committed by counting replicas;
/// once an entry from the current term has been committed in this way, then all prior entries are committed
/// indirectly".
TEST(commit_tracker, commits_nothing_before_a_majority_reached_the_start_of_the_epoch) {
  commit_tracker tracker{voters(3), {7, 100}, 40};
  EXPECT_EQ(tracker.synced(1, {7, 120}), moved{});
  EXPECT_EQ(tracker.synced(2, {6, 60}), moved{}) << "a majority holds 60, but of an older epoch";
  EXPECT_EQ(tracker.synced(2, {6, 100}), moved{}) << "it has no mark of this epoch, or its own";
  EXPECT_EQ(tracker.high_watermark(), 40);
  EXPECT_EQ(tracker.synced(2, {7, 100}), moved{100}) << "the mark of the epoch itself is an entry of it";
  EXPECT_EQ(tracker.synced(3, {7, 110}), moved{110});
}

/// Raft section 6: "agreement requires separate majorities from both the old and new configurations".
TEST(commit_tracker, a_joint_configuration_commits_by_both_majorities) {
  commit_tracker tracker{configuration({1, 2, 3}).joint_with({3, 4, 5}), {7, 0}, 0};
  EXPECT_EQ(tracker.synced(3, {7, 10}), moved{});
  EXPECT_EQ(tracker.synced(4, {7, 10}), moved{});
  EXPECT_EQ(tracker.synced(5, {7, 10}), moved{}) << "all of the new voters";
  EXPECT_FALSE(tracker.has_mark());
  EXPECT_EQ(tracker.synced(1, {7, 6}), moved{6}) << "3 votes in both";
  EXPECT_TRUE(tracker.has_mark());
}

TEST(commit_tracker, only_voters_count) {
  commit_tracker tracker{voters(3), {7, 0}, 0};
  tracker.synced(1, {7, 10});
  EXPECT_EQ(tracker.synced(9, {7, 10}), moved{});
  EXPECT_EQ(tracker.high_watermark(), 0);
  commit_tracker nobody{voters(0), {7, 0}, 0};
  EXPECT_EQ(nobody.synced(1, {7, 10}), moved{});
}

TEST(commit_tracker, knows_what_more_than_a_majority_holds) {
  commit_tracker t{configuration{{1, 2, 3}}, {4, 10}, 10};
  EXPECT_EQ(t.held_by(1), 0);
  t.synced(1, {4, 30});
  t.synced(2, {4, 20});
  EXPECT_EQ(t.held_by(2), 20);
  EXPECT_EQ(t.held_by(3), 0) << "one has not reported";
  t.synced(3, {4, 15});
  EXPECT_EQ(t.held_by(3), 15);
  EXPECT_EQ(t.held_by(4), 0);
}

} // namespace
} // namespace chisme::raft
