#include "actors/raft/configuration_history.hpp"
#include "actors/raft/votes.hpp"

#include <gtest/gtest.h>

#include <set>

namespace chisme::raft {
namespace {

auto are(std::set<node_id> there) {
  return [there](node_id id) { return there.contains(id); };
}

/// Raft section 5.2: "a majority of the servers in the full cluster".
TEST(raft_configuration, a_majority_is_more_than_half) {
  EXPECT_TRUE(configuration({1, 2, 3}).has_quorum(are({1, 3})));
  EXPECT_FALSE(configuration({1, 2, 3}).has_quorum(are({1, 7, 8})));
  EXPECT_FALSE(configuration({1, 2, 3, 4}).has_quorum(are({1, 2})));
  EXPECT_TRUE(configuration({1}).has_quorum(are({1})));
  EXPECT_FALSE(configuration(std::vector<node_id>{}).has_quorum(are({1})));
}

/// Raft section 6: "agreement (for elections and entry commitment) requires separate majorities from both the old and
/// new configurations".
TEST(raft_configuration, a_joint_one_takes_both_majorities) {
  const auto joint = configuration({1, 2, 3}).joint_with({3, 4, 5});
  EXPECT_TRUE(joint.is_joint());
  EXPECT_FALSE(joint.has_quorum(are({3, 4, 5})));
  EXPECT_FALSE(joint.has_quorum(are({1, 2, 3})));
  EXPECT_TRUE(joint.has_quorum(are({1, 3, 4})));
  EXPECT_EQ(joint.everybody(), (std::vector<node_id>{1, 2, 3, 4, 5}));
  EXPECT_EQ(joint.joined(), configuration({3, 4, 5}));
  EXPECT_EQ(configuration{joint.message()}, joint);
  EXPECT_TRUE(joint.is_voter(1));
  EXPECT_FALSE(joint.joined().is_voter(1));
}

TEST(raft_configuration, alone_is_who_decides_by_itself) {
  EXPECT_TRUE(configuration({4}).is_alone(4));
  EXPECT_FALSE(configuration({4}).is_alone(3));
  EXPECT_FALSE(configuration({4}, {4, 5}).is_alone(4));
}

/// Raft section 6: "a server always uses the latest configuration in its log", and falls back where that is removed.
TEST(raft_configuration_history, goes_with_the_marks_that_are_cut) {
  configuration_history all;
  EXPECT_EQ(all.latest(), nullptr);
  all.assign(3, configuration({1, 2}));
  all.assign(7, configuration({2, 3}));
  EXPECT_EQ(all.latest()->config, configuration({2, 3}));
  EXPECT_EQ(all.at(6)->epoch, 3);
  EXPECT_EQ(all.at(2), nullptr);
  EXPECT_FALSE(all.truncate(7));
  EXPECT_TRUE(all.truncate(6));
  EXPECT_EQ(all.latest()->config, configuration({1, 2}));
  all.assign(2, configuration({9}));
  EXPECT_EQ(all.entries().size(), 1u) << "the mark of epoch 3 is gone if that of 2 is the last one";
}

TEST(raft_votes, who_votes_twice_has_one_vote_and_others_than_voters_have_none) {
  votes all;
  all.grant(1);
  all.grant(1);
  all.grant(9);
  EXPECT_FALSE(all.elect(configuration({1, 2, 3})));
  all.grant(2);
  EXPECT_TRUE(all.elect(configuration({1, 2, 3})));
  EXPECT_FALSE(all.elect(configuration({1, 2, 3}).joint_with({4})));
}

} // namespace
} // namespace chisme::raft
