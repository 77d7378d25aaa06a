// The life of a consumer group as conversations: what a member says, and what the group answers.
// "a has [t0]" is a heartbeat with the partitions that a has; [..] on the right is the assignment of the
// answer.
#include "tests/support/consumer_group_fixture.hpp"

namespace chisme::testing {
namespace {

class consumer_group_life_test : public consumer_group_test {};

TEST_F(consumer_group_life_test, two_members_share_after_the_first_gave_up_what_it_is_to_lose) {
  joins("a");
  obeys("a");
  joins("b");
  beats("a");
  beats("b");
  obeys("a");
  beats("b");
  obeys("b");
  EXPECT_EQ(trace(), R"(
a joins                 | epoch 1 [t0 t1 t2 t3]
a has [t0 t1 t2 t3]     | epoch 1
b joins                 | epoch 2 []
a beats                 | epoch 1 [t0 t1]
b beats                 | epoch 2
a has [t0 t1]           | epoch 2
b beats                 | epoch 2 [t2 t3]
b has [t2 t3]           | epoch 2
)");
  EXPECT_EQ(group_->status(), consumer_group_status::stable);
}

TEST_F(consumer_group_life_test, a_third_member_waits_for_what_two_others_give_up) {
  catalog_.put("t", 6);
  joins("a");
  obeys("a");
  joins("b");
  beats("a");
  obeys("a");
  beats("b");
  obeys("b");
  trace();
  joins("c");
  beats("a");
  obeys("a");
  beats("c");
  beats("b");
  beats("b"); // says nothing: not a word about revocation
  obeys("b");
  beats("c");
  EXPECT_EQ(trace(), R"(
c joins                 | epoch 3 []
a beats                 | epoch 2 [t0 t1]
a has [t0 t1]           | epoch 3
c beats                 | epoch 3 [t2]
b beats                 | epoch 2 [t3 t4]
b beats                 | epoch 2
b has [t3 t4]           | epoch 3
c beats                 | epoch 3 [t2 t5]
)");
}

TEST_F(consumer_group_life_test, what_a_member_leaves_goes_to_the_others) {
  joins("a");
  obeys("a");
  joins("b");
  beats("a");
  obeys("a");
  beats("b");
  trace();
  leaves("b");
  beats("a");
  leaves("a");
  EXPECT_EQ(trace(), R"(
b leaves                | epoch -1
a beats                 | epoch 3 [t0 t1 t2 t3]
a leaves                | epoch -1
)");
  EXPECT_EQ(group_->status(), consumer_group_status::empty);
  EXPECT_FALSE(group_->next_deadline());
}

TEST_F(consumer_group_life_test, who_is_silent_for_a_session_is_fenced) {
  joins("a");
  obeys("a");
  now_ = 20'000;
  joins("b");
  beats("a");
  obeys("a");
  beats("b");
  now_ = 40'000;
  beats("a");
  trace();
  EXPECT_EQ(group_->next_deadline(), 65'000);
  fences_at(64'999);
  beats("a");
  fences_at(65'000);
  beats("a");
  obeys("b");
  joins("b");
  EXPECT_EQ(trace(), R"(
--- 64999 ms: Stable
a beats                 | epoch 2
--- 65000 ms: Assigning
a beats                 | epoch 3 [t0 t1 t2 t3]
b has [t2 t3]           | UNKNOWN_MEMBER_ID
b joins                 | epoch 4 []
)");
}

TEST_F(consumer_group_life_test, who_does_not_give_up_in_time_is_fenced_though_it_beats) {
  joins("a");
  obeys("a");
  joins("b");
  beats("a"); // is told to give up two; its rebalance timeout is 10 s
  now_ = 10'999;
  beats("a");
  beats("b");
  trace();
  EXPECT_EQ(group_->next_deadline(), 11'000);
  fences_at(11'000);
  beats("a");
  beats("b");
  EXPECT_EQ(trace(), R"(
--- 11000 ms: Assigning
a beats                 | UNKNOWN_MEMBER_ID
b beats                 | epoch 3 [t0 t1 t2 t3]
)");
}

TEST_F(consumer_group_life_test, an_instance_that_restarts_gets_back_what_it_had) {
  joins_as("i", "a");
  obeys("a");
  joins("b");
  beats("a");
  obeys("a");
  beats("b");
  trace();
  auto away = beat_request("a", away_epoch);
  away.instance_id = "i";
  says("a", "goes for a while", away);
  beats("b");
  joins_as("i", "a2");
  beats("b");
  EXPECT_EQ(trace(), R"(
a goes for a while      | epoch -2
b beats                 | epoch 2
a2 joins as i           | epoch 2 [t0 t1]
b beats                 | epoch 2
)");
  EXPECT_EQ(group_->persisted().find("a"), nullptr);
  EXPECT_EQ(group_->persisted().epoch(), 2);
}

TEST_F(consumer_group_life_test, an_instance_that_does_not_come_back_is_fenced_when_its_session_ends) {
  joins_as("i", "a");
  obeys("a");
  auto away = beat_request("a", away_epoch);
  away.instance_id = "i";
  says("a", "goes for a while", away);
  now_ = 40'000;
  joins("b");
  trace();
  fences_at(46'000);
  beats("b");
  EXPECT_EQ(trace(), R"(
--- 46000 ms: Assigning
b beats                 | epoch 3 [t0 t1 t2 t3]
)");
}

TEST_F(consumer_group_life_test, an_instance_id_is_not_given_away_while_its_member_is_there) {
  joins_as("i", "a");
  joins_as("i", "b");
  auto late = beat_request("b", 1);
  late.instance_id = "i";
  says("b", "beats as i", late);
  late.instance_id = "j";
  says("b", "beats as j", late);
  EXPECT_EQ(trace(), R"(
a joins as i            | epoch 1 [t0 t1 t2 t3]
b joins as i            | UNRELEASED_INSTANCE_ID
b beats as i            | FENCED_INSTANCE_ID
b beats as j            | UNKNOWN_MEMBER_ID
)");
}

TEST_F(consumer_group_life_test, a_request_whose_answer_was_lost_is_answered_again) {
  joins("a");
  joins("a"); // the answer to the first one did not arrive
  obeys("a");
  joins("b");
  beats("a");
  obeys("a");
  auto again = beat_request("a", 1); // the answer with epoch 2 did not arrive
  again.topic_partitions = owned(members_["a"].has);
  says("a", "beats with 1", again);
  again.topic_partitions.reset();
  says("a", "beats with 1, mute", again);
  EXPECT_EQ(trace(), R"(
a joins                 | epoch 1 [t0 t1 t2 t3]
a joins                 | epoch 1 [t0 t1 t2 t3]
a has [t0 t1 t2 t3]     | epoch 1
b joins                 | epoch 2 []
a beats                 | epoch 1 [t0 t1]
a has [t0 t1]           | epoch 2
a beats with 1          | epoch 2 [t0 t1]
a beats with 1, mute    | FENCED_MEMBER_EPOCH
)");
}

TEST_F(consumer_group_life_test, what_a_repeated_request_says_does_not_give_up_anything) {
  joins("a");
  obeys("a");
  joins("b");
  joins("a"); // an old join that comes late: a has everything, whatever it says
  beats("b");
  EXPECT_EQ(trace(), R"(
a joins                 | epoch 1 [t0 t1 t2 t3]
a has [t0 t1 t2 t3]     | epoch 1
b joins                 | epoch 2 []
a joins                 | epoch 1 [t0 t1]
b beats                 | epoch 2
)");
}

TEST_F(consumer_group_life_test, a_topic_that_grows_or_goes_makes_a_new_epoch) {
  joins("a", {"t", "u"});
  catalog_.put("other", 1);
  beats("a");
  catalog_.put("t", 5);
  beats("a");
  catalog_.put("u", 1);
  beats("a");
  catalog_.remove("u");
  beats("a");
  obeys("a");
  EXPECT_EQ(trace(), R"(
a joins                 | epoch 1 [t0 t1 t2 t3]
a beats                 | epoch 1
a beats                 | epoch 2 [t0 t1 t2 t3 t4]
a beats                 | epoch 3 [t0 t1 t2 t3 t4 u0]
a beats                 | epoch 3 [t0 t1 t2 t3 t4]
a has [t0 t1 t2 t3 t4]  | epoch 4
)");
}

TEST_F(consumer_group_life_test, a_restart_finds_that_the_topics_changed_meanwhile) {
  joins("a");
  obeys("a");
  restart();
  beats("a");
  catalog_.put("t", 5);
  restart();
  beats("a");
  EXPECT_EQ(trace(), R"(
a joins                 | epoch 1 [t0 t1 t2 t3]
a has [t0 t1 t2 t3]     | epoch 1
a beats                 | epoch 1
a beats                 | epoch 2 [t0 t1 t2 t3 t4]
)");
}

TEST_F(consumer_group_life_test, a_regular_expression_follows_the_topics) {
  catalog_.put("__consumer_offsets", 1);
  catalog_.put("__of_a_tool", 1);
  auto r = join_request("a", {});
  r.subscribed_topic_names.reset();
  r.subscribed_topic_regex = "t.*|__.*";
  says("a", "joins", r);
  catalog_.put("tt", 1);
  beats("a");
  auto names = beat_request("a", 2);
  names.subscribed_topic_names = {"tt"};
  names.subscribed_topic_regex = "";
  says("a", "wants tt", names);
  EXPECT_EQ(trace(), R"(
a joins                 | epoch 1 [t0 t1 t2 t3 __of_a_tool0]
a beats                 | epoch 2 [t0 t1 t2 t3 __of_a_tool0 tt0]
a wants tt              | epoch 2 [tt0]
)");
  EXPECT_TRUE(group_->persisted().regexes().empty());
}

} // namespace
} // namespace chisme::testing
