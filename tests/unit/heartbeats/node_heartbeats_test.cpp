#include "tests/support/heartbeats_fixture.hpp"

namespace chisme::test {
namespace {

namespace input = heartbeats::input;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using node_heartbeats_test = node_heartbeats_fixture;

// -- what is sent ----------------------------------------------------------------------------------------------------

TEST_F(node_heartbeats_test, one_message_a_tick_to_each_peer_that_shares_a_group) {
  for (int32_t g = 0; g < 50; ++g)
    has_no_leader(g, 0);
  up(2, 22);
  up(3, 33);
  up(4, 44); // shares nothing
  EXPECT_THAT(next_sent(), ElementsAre("to 2: #1 of 11 to 22 ack 0", "to 3: #1 of 11 to 33 ack 0"));
  EXPECT_THAT(next_sent(), ElementsAre("to 2: #2 of 11 to 22 ack 0", "to 3: #2 of 11 to 33 ack 0"));
}

TEST_F(node_heartbeats_test, nothing_is_sent_without_a_link) {
  has_no_leader(0, 0);
  EXPECT_THAT(next_sent(), IsEmpty());
  up(2, 22);
  EXPECT_EQ(next_sent().size(), 1u);
  down(2);
  EXPECT_THAT(next_sent(), IsEmpty());
}

TEST_F(node_heartbeats_test, the_last_group_shared_was_the_last_reason_to_send) {
  has_no_leader(0, 0);
  has_no_leader(1, 0);
  up(2, 22);
  gone(0);
  EXPECT_EQ(next_sent().size(), 1u);
  gone(1);
  EXPECT_THAT(next_sent(), IsEmpty());
}

TEST_F(node_heartbeats_test, a_leader_tells_its_epoch_and_commit_until_that_is_acknowledged) {
  up(2, 22);
  leads(0, 5, 100);
  EXPECT_THAT(next_sent(), ElementsAre("to 2: #1 of 11 to 22 ack 0 [0 leads in 5 commit 100]"));
  EXPECT_THAT(next_sent(), ElementsAre("to 2: #2 of 11 to 22 ack 0 [0 leads in 5 commit 100]"));
  arrives(2, beat(22, 1, {}, 1));
  EXPECT_THAT(next_sent(), ElementsAre("to 2: #3 of 11 to 22 ack 1"));
  leads(0, 5, 101);
  EXPECT_THAT(next_sent(), ElementsAre("to 2: #4 of 11 to 22 ack 1 [0 leads in 5 commit 101]"));
}

TEST_F(node_heartbeats_test, the_same_again_is_no_news) {
  up(2, 22);
  leads(0, 5, 100);
  next_sent();
  arrives(2, beat(22, 1, {}, 1));
  leads(0, 5, 100);
  EXPECT_EQ(machine_->unacknowledged_by(2), 0u);
}

TEST_F(node_heartbeats_test, an_acknowledgement_of_what_was_not_sent_is_none) {
  up(2, 22);
  leads(0, 5, 100);
  next_sent();
  arrives(2, beat(22, 1, {}, 9));
  EXPECT_EQ(machine_->unacknowledged_by(2), 1u);
}

TEST_F(node_heartbeats_test, an_acknowledgement_for_a_process_that_this_one_is_not_is_none) {
  up(2, 22);
  leads(0, 5, 100);
  next_sent();
  auto m = beat(22, 1, {}, 1);
  m.to_process = 10;
  arrives(2, m);
  EXPECT_EQ(machine_->unacknowledged_by(2), 1u);
  EXPECT_FALSE(machine_->is_heard(2));
}

TEST_F(node_heartbeats_test, what_does_not_fit_is_told_of_and_comes_later) {
  up(2, 22);
  for (int32_t g = 0; g < 3; ++g)
    leads(g, 1);
  EXPECT_THAT(next_sent(),
              ElementsAre("to 2: #1 of 11 to 22 ack 0 more [0 leads in 1 commit 0] [1 leads in 1 commit 0]"));
  arrives(2, beat(22, 1, {}, 1));
  EXPECT_THAT(next_sent(), ElementsAre("to 2: #2 of 11 to 22 ack 1 [2 leads in 1 commit 0]"));
}

TEST_F(node_heartbeats_test, who_does_not_lead_any_more_says_so_in_the_epoch_that_it_led_in) {
  up(2, 22);
  leads(0, 5, 100);
  next_sent();
  arrives(2, beat(22, 1, {}, 1));
  follows(0, 3, 6);
  EXPECT_THAT(next_sent(), ElementsAre("to 2: #2 of 11 to 22 ack 1 [0 does not lead in 5 commit 100]"));
}

TEST_F(node_heartbeats_test, a_leader_whose_replica_is_gone_says_so) {
  up(2, 22);
  leads(0, 5, 100);
  gone(0);
  EXPECT_THAT(next_sent(), ElementsAre("to 2: #1 of 11 to 22 ack 0 [0 does not lead in 5 commit 100]"));
  arrives(2, beat(22, 1, {}, 1));
  EXPECT_THAT(next_sent(), IsEmpty());
}

TEST_F(node_heartbeats_test, who_is_no_member_any_more_is_told_that_it_is_not_led) {
  up(2, 22);
  up(3, 33);
  leads(0, 5, 100);
  leads(0, 6, 100, {1, 2});
  EXPECT_THAT(next_sent(), ElementsAre("to 2: #1 of 11 to 22 ack 0 [0 leads in 6 commit 100]",
                                       "to 3: #1 of 11 to 33 ack 0 [0 does not lead in 5 commit 100]"));
}

TEST_F(node_heartbeats_test, another_process_is_told_all_that_is_led_and_nothing_else) {
  up(2, 22);
  leads(0, 5, 100);
  leads(1, 5, 100);
  has_no_leader(1, 6);
  next_sent();
  arrives(2, beat(22, 1, {}, 1));
  EXPECT_THAT(up(2, 23), ElementsAre("group 0: 2 restarted"));
  EXPECT_THAT(next_sent(), ElementsAre("to 2: #2 of 11 to 23 ack 0 [0 leads in 5 commit 100]"));
}

TEST_F(node_heartbeats_test, news_of_who_shares_no_group_are_acknowledged) {
  up(2, 22);
  arrives(2, beat(22, 1, {claim(0, 5)}));
  EXPECT_THAT(next_sent(), ElementsAre("to 2: #1 of 11 to 22 ack 1"));
  arrives(2, beat(22, 2));
  EXPECT_THAT(next_sent(), IsEmpty()) << "two nodes without a group would keep each other busy";
}

// -- what followers are told -----------------------------------------------------------------------------------------

TEST_F(node_heartbeats_test, a_follower_is_told_what_is_news_once) {
  has_no_leader(0, 0);
  EXPECT_THAT(arrives(2, beat(22, 1, {claim(0, 5, 100)})), ElementsAre("group 0: 2 leads in 5 commit 100"));
  follows(0, 2, 5);
  EXPECT_THAT(arrives(2, beat(22, 2, {claim(0, 5, 100)})), IsEmpty());
  EXPECT_THAT(arrives(2, beat(22, 3, {claim(0, 5, 101)})), ElementsAre("group 0: 2 leads in 5 commit 101"));
  EXPECT_THAT(arrives(2, beat(22, 4, {withdrawal(0, 5)})), ElementsAre("group 0: 2 does not lead in 5 commit 0"));
  has_no_leader(0, 5);
  EXPECT_THAT(arrives(2, beat(22, 5, {withdrawal(0, 5)})), IsEmpty());
}

TEST_F(node_heartbeats_test, what_is_overtaken_or_doubled_says_nothing) {
  has_no_leader(0, 0);
  arrives(2, beat(22, 7, {claim(0, 6)}));
  EXPECT_THAT(arrives(2, beat(22, 7, {claim(0, 7)})), IsEmpty());
  EXPECT_THAT(arrives(2, beat(22, 6, {claim(0, 5)})), IsEmpty());
}

TEST_F(node_heartbeats_test, what_nobody_may_say_is_left_out) {
  has_no_leader(0, 0);
  auto bad_epoch = claim(0, -1);
  auto bad_commit = claim(0, 1, -5);
  EXPECT_THAT(arrives(2, beat(22, 1, {bad_epoch, bad_commit})), IsEmpty());
  EXPECT_THAT(arrives(2, beat(0, 1, {claim(0, 5)})), IsEmpty()) << "no process";
  EXPECT_THAT(arrives(1, beat(11, 9, {claim(0, 5)})), IsEmpty()) << "this node itself";
}

TEST_F(node_heartbeats_test, a_replica_that_opens_later_is_told_what_was_heard_before) {
  arrives(2, beat(22, 1, {claim(0, 5, 100)}));
  EXPECT_THAT(has_no_leader(0, 3), ElementsAre("group 0: 2 leads in 5 commit 100"));
  follows(0, 2, 5);
  gone(0);
  EXPECT_THAT(follows(0, 2, 5), ElementsAre("group 0: 2 leads in 5 commit 100")) << "it may not know the commit";
}

TEST_F(node_heartbeats_test, a_replica_without_a_leader_is_reminded_of_one_that_is_there) {
  has_no_leader(0, 5);
  arrives(2, beat(22, 1, {claim(0, 5, 100)}));
  follows(0, 2, 5);
  EXPECT_THAT(has_no_leader(0, 5), ElementsAre("group 0: 2 leads in 5 commit 100"));
  EXPECT_THAT(has_no_leader(0, 6), IsEmpty()) << "that leader's epoch is over";
  EXPECT_THAT(follows(0, 3, 6), IsEmpty());
}

TEST_F(node_heartbeats_test, more_claims_than_a_peer_may_have_are_not_kept) {
  arrives(2, beat(22, 1, {claim(0, 1), claim(1, 1), claim(2, 1), claim(3, 1)}));
  EXPECT_EQ(has_no_leader(2, 0).size(), 1u);
  EXPECT_THAT(has_no_leader(3, 0), IsEmpty());
  EXPECT_THAT(arrives(2, beat(22, 2, {claim(3, 2)})), ElementsAre("group 3: 2 leads in 2 commit 0"));
  arrives(2, beat(22, 3, {withdrawal(0, 1), claim(4, 1)}));
  EXPECT_EQ(has_no_leader(4, 0).size(), 1u) << "there is room again";
}

} // namespace
} // namespace chisme::test
