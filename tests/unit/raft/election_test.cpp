#include "actors/raft/election.hpp"

#include <gtest/gtest.h>

namespace chisme::raft {
namespace {

peer::raft_vote_request asks(leader_epoch_t epoch, position last, bool transfer = false) {
  return {{}, epoch, last, false, transfer};
}

class election_test : public ::testing::Test {
protected:
  hard_state hard_{5, nobody};
  voter me_{hard_, {4, 10}};
};

/// Raft section 5.2: "each server will vote for at most one candidate in a given term, on a first-come-first-served
/// basis".
TEST_F(election_test, one_vote_an_epoch) {
  EXPECT_TRUE(grants_vote(me_, 2, asks(5, {4, 10})));
  hard_.voted_for = 3;
  EXPECT_FALSE(grants_vote(me_, 2, asks(5, {4, 10})));
  EXPECT_TRUE(grants_vote(me_, 3, asks(5, {4, 10}))) << "it asks again: the answer was lost";
  EXPECT_FALSE(grants_vote(me_, 3, asks(4, {4, 10})));
}

/// Raft section 5.4.1: "If the logs have last entries with different terms, then the log with the later term is more
/// up-to-date. If the logs end with the same term, then whichever log is longer is more up-to-date."
TEST_F(election_test, none_for_whose_log_lacks_anything) {
  EXPECT_FALSE(grants_vote(me_, 2, asks(5, {4, 9})));
  EXPECT_FALSE(grants_vote(me_, 2, asks(5, {3, 99})));
  EXPECT_TRUE(grants_vote(me_, 2, asks(5, {5, 1})));
}

/// Thesis 9.6: a server grants a pre-vote for a log as up-to-date as its own where it has not "received heartbeats from
/// a valid leader".
TEST_F(election_test, a_pre_vote_changes_nothing_and_spares_a_leader) {
  EXPECT_TRUE(grants_pre_vote(me_, asks(6, {4, 10})));
  EXPECT_FALSE(grants_pre_vote(me_, asks(5, {4, 10})));
  EXPECT_FALSE(grants_pre_vote(me_, asks(6, {4, 9})));
  hard_.voted_for = 3;
  EXPECT_TRUE(grants_pre_vote(me_, asks(6, {4, 10})));
  me_.is_led = true;
  EXPECT_FALSE(grants_pre_vote(me_, asks(6, {4, 10})));
}

/// Thesis 4.2.3: "if a server receives a RequestVote request within the minimum election timeout of hearing from a
/// current leader, it does not update its term or grant its vote"; 3.10: but where the leader wants it.
TEST_F(election_test, a_leader_is_not_disturbed) {
  EXPECT_FALSE(ignores(me_, asks(9, {4, 10})));
  me_.is_led = true;
  EXPECT_TRUE(ignores(me_, asks(9, {4, 10})));
  EXPECT_FALSE(ignores(me_, asks(9, {4, 10}, true)));
  EXPECT_FALSE(ignores(me_, asks(5, {4, 10}))) << "of its own epoch: a no does no harm";
}

TEST_F(election_test, who_lost_its_disk_has_no_vote) {
  me_.may_vote = false;
  EXPECT_FALSE(grants_vote(me_, 2, asks(5, {5, 99})));
  EXPECT_FALSE(grants_pre_vote(me_, asks(6, {5, 99})));
}

TEST(campaign, counts_answers_to_its_own_question_only) {
  const configuration three{{1, 2, 3}};
  campaign pre{campaign::phase::pre_vote, campaign::kind::ordinary, 6, 1, std::nullopt};
  EXPECT_FALSE(pre.answered(2, {{}, 6, false, true})) << "a vote";
  EXPECT_FALSE(pre.answered(2, {{}, 5, true, true})) << "an old one";
  EXPECT_FALSE(pre.answered(2, {{}, 6, true, false}));
  EXPECT_FALSE(pre.is_won(three));
  EXPECT_TRUE(pre.answered(2, {{}, 6, true, true}));
  EXPECT_TRUE(pre.is_won(three));
  EXPECT_TRUE(pre.request({}, {1, 2}).pre_vote);
  EXPECT_FALSE(pre.request({}, {1, 2}).transfer);
  const campaign move{campaign::phase::vote, campaign::kind::move, 6, 1, three};
  EXPECT_TRUE(move.request({}, {1, 2}).transfer);
  EXPECT_FALSE(move.request({}, {1, 2}).pre_vote);
}

} // namespace
} // namespace chisme::raft
