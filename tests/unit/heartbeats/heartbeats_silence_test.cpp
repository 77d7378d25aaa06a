#include "tests/support/heartbeats_fixture.hpp"

namespace chisme::test {
namespace {

namespace input = heartbeats::input;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using heartbeats_silence_test = node_heartbeats_fixture;

// -- silence ---------------------------------------------------------------------------------------------------------

TEST_F(heartbeats_silence_test, a_silent_leader_is_told_of_once_and_all_of_it_again_when_it_is_heard) {
  has_no_leader(0, 0);
  has_no_leader(1, 0);
  arrives(2, beat(22, 1, {claim(0, 5, 100), claim(1, 4, 50)}));
  follows(0, 2, 5);
  follows(1, 2, 4);
  EXPECT_THAT(pass(400), IsEmpty());
  EXPECT_THAT(pass(100), ElementsAre("group 0: leader silent", "group 1: leader silent"));
  has_no_leader(0, 5);
  has_no_leader(1, 4);
  EXPECT_THAT(pass(2'000), IsEmpty());
  EXPECT_THAT(arrives(2, beat(22, 2)),
              ElementsAre("group 0: 2 leads in 5 commit 100", "group 1: 2 leads in 4 commit 50"));
}

TEST_F(heartbeats_silence_test, heartbeats_keep_belief_alive) {
  has_no_leader(0, 0);
  arrives(2, beat(22, 1, {claim(0, 5)}));
  follows(0, 2, 5);
  for (uint64_t i = 2; i < 20; ++i) {
    EXPECT_THAT(pass(400), IsEmpty());
    EXPECT_THAT(arrives(2, beat(22, i)), IsEmpty());
  }
}

TEST_F(heartbeats_silence_test, doubled_heartbeats_are_no_sign_of_life) {
  has_no_leader(0, 0);
  arrives(2, beat(22, 1, {claim(0, 5)}));
  follows(0, 2, 5);
  pass(400);
  arrives(2, beat(22, 1));
  EXPECT_THAT(pass(100), ElementsAre("group 0: leader silent"));
}

TEST_F(heartbeats_silence_test, the_end_of_a_link_is_told_at_once) {
  has_no_leader(0, 0);
  arrives(2, beat(22, 1, {claim(0, 5)}));
  follows(0, 2, 5);
  EXPECT_THAT(down(2), ElementsAre("group 0: leader silent"));
  has_no_leader(0, 5);
  now_ += 50;
  EXPECT_THAT(arrives(2, beat(22, 2, {claim(0, 5, 7)})), IsEmpty()) << "it was on its way when the link was closed";
  EXPECT_FALSE(machine_->is_heard(2));
  pass(100);
  EXPECT_THAT(arrives(2, beat(22, 3)), ElementsAre("group 0: 2 leads in 5 commit 7")) << "nothing of it is lost";
}

TEST_F(heartbeats_silence_test, a_suspected_node_is_silent_earlier_but_not_at_once) {
  has_no_leader(0, 0);
  arrives(2, beat(22, 1, {claim(0, 5)}));
  follows(0, 2, 5);
  pass(100);
  EXPECT_THAT(told(input::peer_suspected{2}), IsEmpty()) << "it was heard a moment ago";
  EXPECT_THAT(pass(100), IsEmpty());
  EXPECT_THAT(pass(100), ElementsAre("group 0: leader silent"));
}

TEST_F(heartbeats_silence_test,
       a_suspicion_of_who_is_nearly_silent_is_told_at_once_and_passes_with_the_next_heartbeat) {
  has_no_leader(0, 0);
  arrives(2, beat(22, 1, {claim(0, 5)}));
  follows(0, 2, 5);
  pass(300);
  EXPECT_THAT(told(input::peer_suspected{2}), ElementsAre("group 0: leader silent"));
  EXPECT_THAT(arrives(2, beat(22, 2)), ElementsAre("group 0: 2 leads in 5 commit 0"));
  EXPECT_THAT(pass(400), IsEmpty());
}

TEST_F(heartbeats_silence_test, a_leader_is_told_of_silent_peers_on_transitions) {
  leads(0, 5);
  arrives(2, beat(22, 1));
  arrives(3, beat(33, 1));
  pass(400);
  arrives(3, beat(33, 2));
  EXPECT_THAT(pass(200), ElementsAre("group 0: 2 silent"));
  EXPECT_THAT(down(2), IsEmpty());
  pass(100);
  EXPECT_THAT(arrives(2, beat(22, 2)), ElementsAre("group 0: 2 heard"));
  EXPECT_THAT(arrives(2, beat(22, 3)), IsEmpty());
}

TEST_F(heartbeats_silence_test, a_new_leader_gives_peers_the_time_of_a_silence_to_be_heard) {
  leads(0, 5);
  arrives(2, beat(22, 1));
  EXPECT_THAT(pass(400), IsEmpty());
  arrives(2, beat(22, 2));
  EXPECT_THAT(pass(100), ElementsAre("group 0: 3 silent"));
  leads(1, 5);
  EXPECT_THAT(pass(300), IsEmpty());
  arrives(2, beat(22, 3));
  EXPECT_THAT(pass(200), ElementsAre("group 1: 3 silent"));
}

TEST_F(heartbeats_silence_test, who_was_told_of_a_silence_is_told_of_its_end_also_when_it_does_not_lead) {
  leads(0, 5);
  pass(500);
  has_no_leader(0, 6);
  EXPECT_THAT(arrives(2, beat(22, 1)), ElementsAre("group 0: 2 heard"));
  leads(0, 7);
  EXPECT_THAT(pass(300), IsEmpty()) << "3 was told as silent before";
}

TEST_F(heartbeats_silence_test, a_node_that_was_stopped_finds_nobody_silent_for_that) {
  has_no_leader(0, 0);
  arrives(2, beat(22, 1, {claim(0, 5)}));
  follows(0, 2, 5);
  now_ += 10'000;
  EXPECT_THAT(pass(300), IsEmpty()) << "two ticks count of the pause";
  EXPECT_THAT(pass(100), ElementsAre("group 0: leader silent"));
}

// -- processes -------------------------------------------------------------------------------------------------------

TEST_F(heartbeats_silence_test, another_process_does_not_keep_the_belief_in_the_former_one) {
  has_no_leader(0, 0);
  arrives(2, beat(22, 1, {claim(0, 5)}));
  follows(0, 2, 5);
  EXPECT_THAT(arrives(2, beat(23, 1)), ElementsAre("group 0: leader silent"));
  EXPECT_TRUE(machine_->is_heard(2));
  EXPECT_THAT(has_no_leader(0, 5), IsEmpty()) << "nothing of what the former one claimed is known any more";
}

TEST_F(heartbeats_silence_test, what_a_former_process_sent_is_dropped) {
  has_no_leader(0, 0);
  arrives(2, beat(22, 1));
  up(2, 23);
  EXPECT_THAT(arrives(2, beat(22, 2, {claim(0, 5)})), IsEmpty());
  EXPECT_THAT(arrives(2, beat(23, 1)), IsEmpty());
  EXPECT_THAT(up(2, 22), IsEmpty()) << "links may find the first one alive again";
  EXPECT_THAT(arrives(2, beat(22, 3, {claim(0, 5)})), ElementsAre("group 0: 2 leads in 5 commit 0"));
}

TEST_F(heartbeats_silence_test, while_a_link_is_up_nobody_but_the_process_behind_it_is_heard) {
  has_no_leader(0, 0);
  up(2, 23);
  EXPECT_THAT(arrives(2, beat(22, 5, {claim(0, 5)})), IsEmpty()) << "of an earlier one, which was never known here";
  EXPECT_THAT(arrives(2, beat(23, 1, {claim(0, 6)})), ElementsAre("group 0: 2 leads in 6 commit 0"));
  follows(0, 2, 6);
  EXPECT_THAT(down(2), ElementsAre("group 0: leader silent"));
  pass(100);
  arrives(2, beat(24, 1));
  EXPECT_TRUE(machine_->is_heard(2)) << "it may be heard before it is reached";
}

TEST_F(heartbeats_silence_test, who_believes_in_a_process_that_never_said_so_is_told_in_time) {
  arrives(2, beat(22, 1));
  follows(0, 2, 5); // by an append of an earlier process, perhaps
  for (uint64_t i = 2; i < 6; ++i) {
    EXPECT_THAT(pass(100), IsEmpty());
    arrives(2, beat(22, i));
  }
  EXPECT_THAT(pass(100), ElementsAre("group 0: leader silent"));
}

TEST_F(heartbeats_silence_test, a_belief_that_is_ahead_of_the_heartbeats_is_confirmed_by_them) {
  arrives(2, beat(22, 1));
  follows(0, 2, 5);
  pass(300);
  arrives(2, beat(22, 2, {claim(0, 5)}));
  EXPECT_THAT(pass(300), IsEmpty());
}

TEST_F(heartbeats_silence_test, a_claim_of_an_older_epoch_confirms_nothing) {
  arrives(2, beat(22, 1, {claim(0, 5)}));
  follows(0, 2, 7);
  pass(300);
  arrives(2, beat(22, 2));
  EXPECT_THAT(pass(200), ElementsAre("group 0: leader silent"));
}

TEST_F(heartbeats_silence_test, belief_waits_for_as_long_as_the_peer_has_more_to_tell) {
  arrives(2, beat(22, 1));
  follows(0, 2, 5);
  pass(400);
  auto m = beat(22, 2, {claim(1, 1), claim(2, 1)});
  m.more = true;
  arrives(2, m);
  EXPECT_THAT(pass(400), IsEmpty());
  arrives(2, beat(22, 3));
  EXPECT_THAT(pass(200), ElementsAre("group 0: leader silent"));
}

TEST_F(heartbeats_silence_test, a_belief_that_was_taken_back_does_not_last) {
  arrives(2, beat(22, 1, {claim(0, 5)}));
  follows(0, 2, 5);
  EXPECT_THAT(arrives(2, beat(22, 2, {withdrawal(0, 5)})), ElementsAre("group 0: 2 does not lead in 5 commit 0"));
  follows(0, 2, 5); // it has not heard that yet
  pass(400);
  arrives(2, beat(22, 3));
  EXPECT_THAT(pass(100), ElementsAre("group 0: leader silent"));
}

TEST_F(heartbeats_silence_test, who_follows_somebody_that_is_down_is_told_when_that_is_known) {
  follows(0, 2, 5);
  EXPECT_THAT(pass(100), IsEmpty());
  EXPECT_THAT(down(2), ElementsAre("group 0: leader silent"));
  EXPECT_THAT(pass(1'000), IsEmpty());
}

} // namespace
} // namespace chisme::test
