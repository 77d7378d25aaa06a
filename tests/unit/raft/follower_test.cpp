#include "actors/raft/follower.hpp"

#include <gtest/gtest.h>

namespace chisme::raft {
namespace {

using verdict = append_plan::verdict;

/// A log with marks (0 at 0), (2 at 10), (5 at 20), and batches of five records up to 30.
class follower_test : public ::testing::Test {
protected:
  follower_test() {
    marks_.assign(0, 0);
    marks_.assign(2, 10);
    marks_.assign(5, 20);
  }
  log_view view() const { return {start_, end_, {5, end_}, marks_, configurations_}; }
  append_plan plan(position prev, std::vector<peer::raft_mark> marks, std::vector<batch_outline> batches,
                   leader_epoch_t epoch = 7) const {
    peer::raft_append m;
    m.epoch = epoch;
    m.prev = prev;
    m.marks = std::move(marks);
    return plan_append(view(), commit_, m, batches);
  }

  log::leader_epochs marks_;
  configuration_history configurations_;
  offset_t start_ = 0;
  offset_t end_ = 30;
  offset_t commit_ = 0;
};

TEST_F(follower_test, a_log_holds_the_positions_within_its_epochs) {
  for (position p : {position{-1, 0}, {0, 0}, {0, 10}, {2, 10}, {2, 20}, {5, 20}, {5, 30}})
    EXPECT_TRUE(view().holds(p)) << p.epoch << " " << p.offset;
  for (position p : {position{-1, 1}, {0, 11}, {2, 9}, {3, 20}, {5, 19}, {5, 31}, {6, 30}})
    EXPECT_FALSE(view().holds(p)) << p.epoch << " " << p.offset;
  EXPECT_EQ(view().end_of(4), (position{2, 20}));
  EXPECT_EQ(view().end_of(9), (position{5, 30}));
  EXPECT_EQ(view().end_of(-1), before_all);
}

/// Raft figure 2, AppendEntries 4: "append any new entries not already in the log".
TEST_F(follower_test, takes_what_it_does_not_have) {
  const auto p = plan({5, 25}, {{7, 30, {}}}, {{25, 30, 5}, {30, 35, 7}});
  EXPECT_EQ(p.what, verdict::matches);
  EXPECT_EQ(p.cut, std::nullopt);
  EXPECT_TRUE(p.has_more);
  EXPECT_EQ(p.first_mark, 0u);
  EXPECT_EQ(p.first_batch, 1u);
  EXPECT_EQ(p.at, (position{7, 35}));
}

/// Figure 2, AppendEntries 3: "If an existing entry conflicts with a new one (same index but different terms), delete
/// the existing entry and all that follow it". Here a mark conflicts with batches of another epoch.
TEST_F(follower_test, cuts_where_the_logs_part) {
  const auto p = plan({2, 15}, {{6, 20, {}}}, {{15, 20, 2}, {20, 22, 6}});
  EXPECT_EQ(p.cut, (position{2, 20}));
  EXPECT_EQ(p.first_mark, 0u);
  EXPECT_EQ(p.first_batch, 1u);
}

TEST_F(follower_test, cuts_a_mark_at_the_same_offset) {
  end_ = 20;
  const auto p = plan({2, 20}, {{7, 20, {}}}, {});
  EXPECT_EQ(p.cut, (position{2, 20}));
  EXPECT_TRUE(p.has_more);
}

/// A message that comes late or twice says nothing against what came since.
TEST_F(follower_test, an_old_message_cuts_nothing) {
  const auto p = plan({0, 5}, {{2, 10, {}}}, {{5, 10, 0}, {10, 15, 2}}, 5);
  EXPECT_EQ(p.what, verdict::matches);
  EXPECT_FALSE(p.has_more);
  EXPECT_EQ(p.cut, std::nullopt);
  EXPECT_EQ(p.at, (position{2, 15}));
}

/// KIP-101, KIP-595: the newest epoch that is not newer than the leader's, and where it ended.
TEST_F(follower_test, says_where_the_logs_may_part) {
  auto p = plan({6, 40}, {}, {});
  EXPECT_EQ(p.what, verdict::diverged);
  EXPECT_EQ(p.at, (position{5, 30}));
  EXPECT_EQ(plan({4, 18}, {}, {}).at, (position{2, 20}));
  EXPECT_EQ(plan({2, 25}, {}, {}).at, (position{2, 20}));
  EXPECT_EQ(plan({0, 11}, {}, {}).at, (position{0, 10}));
}

TEST_F(follower_test, never_cuts_what_is_committed) {
  commit_ = 22;
  EXPECT_THROW(plan({5, 21}, {{6, 21, {}}}, {}), std::logic_error);
  EXPECT_EQ(plan({5, 25}, {{6, 25, {}}}, {}).cut, (position{5, 25}));
}

/// Raft section 5.4.3: what is committed is in the leader's log. Retention has taken the marks that would say so.
TEST_F(follower_test, holds_what_was_committed_also_where_its_marks_are_gone) {
  start_ = commit_ = 24;
  marks_.truncate_start(24);
  EXPECT_EQ(plan({2, 15}, {{5, 20, {}}}, {{15, 20, 2}, {20, 30, 5}}).what, verdict::matches);
  EXPECT_FALSE(plan({2, 15}, {{5, 20, {}}}, {{15, 20, 2}, {20, 30, 5}}).has_more);
  EXPECT_TRUE(matches(view(), {4, 24})) << "right before the first mark that is known";
  EXPECT_FALSE(matches(view(), {6, 24}));
}

/// Compaction leaves gaps: a copy has them, too, and what lies in them here is no difference.
TEST_F(follower_test, gaps_of_the_leader_are_copied) {
  const auto p = plan({5, 30}, {}, {{40, 45, 5}});
  EXPECT_EQ(p.cut, std::nullopt);
  EXPECT_TRUE(p.has_more);
  commit_ = 30;
  const auto over = plan({5, 22}, {}, {{40, 45, 5}});
  EXPECT_EQ(over.cut, std::nullopt) << "the leader has thinned what is here between 22 and 30";
  EXPECT_EQ(over.first_batch, 0u);
}

TEST_F(follower_test, what_no_leader_can_have_sent_is_dropped) {
  EXPECT_EQ(plan({5, 30}, {}, {{29, 35, 5}}).what, verdict::malformed) << "goes back";
  EXPECT_EQ(plan({5, 30}, {}, {{30, 35, 6}}).what, verdict::malformed) << "of an epoch without a mark";
  EXPECT_EQ(plan({5, 30}, {{8, 30, {}}}, {}).what, verdict::malformed) << "newer than the leader";
  EXPECT_EQ(plan({5, 30}, {{5, 30, {}}}, {}).what, verdict::malformed) << "the same mark again";
  EXPECT_EQ(plan({5, 30}, {}, {{30, 30, 5}}).what, verdict::malformed) << "empty";
  EXPECT_EQ(plan({8, 0}, {}, {}).what, verdict::malformed);
}

/// What is told is on the disk; of a message that is not synced yet, as much as is.
TEST(raft_follower, answers_when_it_is_synced) {
  follower f;
  EXPECT_EQ(f.answer({3, 10}), std::nullopt);
  f.matches({3, 20});
  EXPECT_EQ(f.answer({3, 10}), (position{3, 10}));
  EXPECT_EQ(f.answer({3, 10}), std::nullopt);
  EXPECT_EQ(f.answer({3, 25}), (position{3, 20}));
  EXPECT_EQ(f.answer({3, 25}), std::nullopt) << "said";
  f.matches({3, 15});
  EXPECT_EQ(f.answer({3, 25}), (position{3, 20})) << "an old message is answered with what is known";
}

/// Raft figure 2: "set commitIndex = min(leaderCommit, index of last new entry)".
TEST(raft_follower, commits_what_matches_and_is_synced) {
  follower f;
  f.leader_commits(100);
  EXPECT_EQ(f.committed({3, 50}), 0) << "nothing is known to match";
  f.matches({3, 20});
  EXPECT_EQ(f.committed({3, 50}), 20);
  EXPECT_EQ(f.committed({3, 10}), 10);
  f.copying({3, 60});
  EXPECT_EQ(f.committed({3, 60}), 20);
  f.copied(false);
  EXPECT_EQ(f.committed({3, 60}), 20);
  f.copying({3, 60});
  f.copied(true);
  EXPECT_EQ(f.committed({3, 60}), 60);
}

} // namespace
} // namespace chisme::raft
