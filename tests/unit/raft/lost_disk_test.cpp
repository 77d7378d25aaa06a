// A replica that has lost its disk, and with it what it had promised: it counts for nothing before the others have
// taken it in anew, which they do by themselves.
#include "tests/support/raft_trio.hpp"

#include <gtest/gtest.h>

namespace chisme::test {
namespace {

namespace input = raft::input;
using raft::configuration;

class lost_disk_test : public ::testing::Test {
protected:
  /// Messages arrive until it is as told; false where none is left before that.
  template <class Is>
  static bool until(raft_trio& group, Is is) {
    while (!is())
      if (!group.settle_one())
        return false;
    return true;
  }
  static bool is_whole(raft_trio& group, node_id id) { return !group.at(id).hard().has_lost_disk; }
  /// All messages arrive; what it waits for by then it asks for.
  static void settle(raft_trio& group, node_id lost) {
    group.settle();
    for (int i = 0; i < 3 && !is_whole(group, lost); ++i) {
      group.timer(lost);
      group.settle();
    }
  }
};

/// It may have promised the leader of a newer epoch not to help this one. Were it counted, two leaders would commit.
TEST_F(lost_disk_test, what_it_holds_commits_nothing) {
  raft_trio group{{1, 2, 3}};
  group.elect(1);
  group.write(1);
  group.settle();
  ASSERT_EQ(group.at(1).high_watermark(), 1);
  group.cut(2);
  group.give(1, input::peer_silent{2});
  group.lose_disk(3);
  group.write(1);
  group.settle();
  EXPECT_EQ(group.log(3).now().end, 2) << "it is sent everything";
  EXPECT_EQ(group.at(1).high_watermark(), 1);
  EXPECT_EQ(group.at(1).in_sync(), std::vector<node_id>{1});
  EXPECT_TRUE(group.at(1).is_established()) << "nothing is tried that two of three cannot decide";
}

TEST_F(lost_disk_test, it_is_taken_in_anew_and_counts_again) {
  raft_trio group{{1, 2, 3}};
  group.elect(1);
  group.write(1, 3);
  group.settle();
  group.lose_disk(3);
  settle(group, 3);
  EXPECT_TRUE(is_whole(group, 3));
  EXPECT_EQ(group.at(1).voters(), (configuration{{1, 2, 3}}));
  EXPECT_EQ(group.log(3).now().end, 3);
  ASSERT_TRUE(group.at(1).is_established());
  group.cut(2);
  group.write(1);
  group.settle();
  EXPECT_EQ(group.at(1).high_watermark(), 4) << "1 and 3 are a majority";
}

/// The old vote of the replica is on its way to a candidate when it starts anew: it must not vote twice.
TEST_F(lost_disk_test, it_does_not_vote_before_that) {
  raft_trio group{{1, 2, 3}};
  group.elect(1);
  group.settle();
  group.cut(1);
  group.lose_disk(3);
  group.forget();
  group.elect(2);
  EXPECT_FALSE(group.at(2).is_established());
  EXPECT_EQ(group.told().find("3 -> to 2: granted"), std::string::npos);
  EXPECT_FALSE(is_whole(group, 3));
}

/// Who leads since it was taken out knows nothing of it.
TEST_F(lost_disk_test, taken_out_it_finds_the_next_leader_by_itself) {
  raft_trio group{{1, 2, 3, 4, 5}, 5};
  group.elect(1);
  group.write(1);
  group.settle();
  group.lose_disk(5);
  const configuration without{{1, 2, 3, 4}};
  ASSERT_TRUE(until(group, [&] { return group.at(1).voters() == without && group.at(1).is_established(); }));
  ASSERT_TRUE(until(group, [&] { return group.at(2).voters() == without && group.at(3).voters() == without; }));
  group.cut(1);
  group.settle();
  group.elect(2);
  ASSERT_TRUE(group.at(2).is_established());
  settle(group, 5);
  EXPECT_TRUE(is_whole(group, 5));
  EXPECT_TRUE(group.at(2).voters().is_voter(5));
}

/// A log tells of former losses, too. What it says up to the leader's epoch was before this one.
TEST_F(lost_disk_test, an_admission_of_before_does_not_count) {
  raft_trio group{{1, 2, 3}};
  group.elect(1);
  group.settle();
  group.lose_disk(3);
  settle(group, 3);
  ASSERT_TRUE(is_whole(group, 3));
  const auto then = group.at(1).epoch();
  group.lose_disk(3);
  ASSERT_TRUE(until(group, [&] { return !group.log(3).now().marks.marks().empty(); }));
  EXPECT_FALSE(is_whole(group, 3)) << "the mark of its first admission is in its log";
  settle(group, 3);
  EXPECT_TRUE(is_whole(group, 3));
  EXPECT_GT(group.at(1).epoch(), then);
}

/// Seed 45 of the simulated cluster: the leader ended when only this replica had the mark that takes it in. It believed
/// that it voted, and nobody else knew of it any more.
TEST_F(lost_disk_test, an_admission_that_is_not_committed_does_not_count) {
  raft_trio group{{1, 2, 3, 4, 5}, 5};
  group.elect(1);
  group.write(1);
  group.settle();
  group.lose_disk(5);
  const configuration without{{1, 2, 3, 4}};
  ASSERT_TRUE(until(group, [&] { return group.at(1).voters() == without && group.at(1).is_established(); }));
  group.settle();
  ASSERT_TRUE(group.timer(5));
  ASSERT_TRUE(group.timer(5));
  ASSERT_TRUE(until(group, [&] { return group.at(1).voters().is_joint(); }));
  for (node_id other : {2, 3, 4})
    group.cut(other);
  group.settle();
  ASSERT_TRUE(group.at(5).voters().is_joint()) << "it has the mark";
  EXPECT_FALSE(is_whole(group, 5));
  for (node_id other : {2, 3, 4})
    group.join(other);
  group.cut(1);
  group.elect(2);
  ASSERT_TRUE(group.at(2).is_established());
  settle(group, 5);
  EXPECT_TRUE(is_whole(group, 5));
  EXPECT_TRUE(group.at(2).voters().is_voter(5));
}

/// What a leader says with a message has to arrive though there is nothing to copy.
TEST(raft_announce, followers_get_a_message_each_and_no_more) {
  raft_trio group{{1, 2, 3}};
  group.elect(1);
  group.write(1);
  group.settle();
  group.give(1, input::announce{});
  EXPECT_EQ(group.on_their_way(), 2u);
  group.settle();
  EXPECT_EQ(group.on_their_way(), 0u);
  group.cut(2);
  group.give(1, input::announce{});
  group.settle();
  group.join(2);
  ASSERT_TRUE(group.timer(1));
  ASSERT_TRUE(group.timer(1));
  EXPECT_EQ(group.on_their_way(), 1u) << "it was lost, and is sent again";
}

/// A follower that needs what has to be read from the disk goes on when that has been read, not with the next retry.
TEST(raft_sendable, what_was_held_up_goes_on_at_once) {
  raft_trio group{{1, 2, 3}};
  group.elect(1);
  group.settle();
  group.write(1);
  group.settle();
  group.cut(2);
  group.write(1);
  const auto lost = group.on_their_way();
  ASSERT_GT(lost, 0u);
  group.settle();
  group.give(1, input::not_sent{2, raft::not_sent_reason::busy});
  group.write(1);
  group.settle();
  group.join(2);
  group.give(1, input::sendable{2});
  EXPECT_EQ(group.on_their_way(), 1u);
}

} // namespace
} // namespace chisme::test
