// Which answers to heartbeats stand, how long, and what is heard through them.
#include "tests/support/group_conversation.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace chisme::test {
namespace {

using groups::standing_answer;
using groups::standing_answer_ptr;

struct standing_answers_test : testing::Test {
  group_conversation talk;

  void two_classic_members() {
    talk.enter("m1");
    talk.enter("m2");
    talk.wait(6000);
    talk.sync("m2");
    talk.sync("m1", {{"m1-1", part_of_t({0, 1})}, {"m2-2", part_of_t({2, 3})}});
  }
  void one_consumer() {
    talk.consume("c1");
    talk.consume("c1");
  }
  bool stands(const standing_answer_ptr& answer) { return answer && answer->repeat(talk.now); }
  standing_answer_ptr beat_of(const std::string& name) {
    talk.beat(name);
    return talk.of(name).standing;
  }
  standing_answer_ptr consume_of(const std::string& name) {
    talk.consume(name);
    return talk.of(name).standing;
  }
  size_t members() {
    return talk.ask<kafka::describe_groups_response::described_group>(groups::describe_group_request{"g"}, 6)
      .members.size();
  }
};

TEST_F(standing_answers_test, of_a_stable_member_stands_for_all_its_connections) {
  two_classic_members();
  const auto first = beat_of("m1");
  EXPECT_TRUE(stands(first));
  EXPECT_EQ(beat_of("m1"), first);
  EXPECT_NE(beat_of("m2"), first);
}

TEST_F(standing_answers_test, only_heartbeats_that_went_well_have_one) {
  two_classic_members();
  talk.commit("m1", "t", 0, 7);
  EXPECT_FALSE(talk.of("m1").standing);
  talk.of("m1").generation = 77;
  EXPECT_FALSE(beat_of("m1"));
  EXPECT_FALSE(beat_of("a stranger"));
}

TEST_F(standing_answers_test, ends_when_somebody_comes_or_goes) {
  two_classic_members();
  auto m1 = beat_of("m1");
  talk.enter("m3");
  EXPECT_FALSE(stands(m1));
  EXPECT_FALSE(beat_of("m1")) << "it is to join again";

  group_conversation other;
  std::swap(talk, other);
  two_classic_members();
  m1 = beat_of("m1");
  talk.leave("m2");
  EXPECT_FALSE(stands(m1));
}

TEST_F(standing_answers_test, ends_with_the_coordinator) {
  two_classic_members();
  const auto m1 = beat_of("m1");
  talk.restart();
  EXPECT_FALSE(stands(m1));
}

TEST_F(standing_answers_test, commits_do_not_end_it) {
  two_classic_members();
  const auto m1 = beat_of("m1");
  talk.commit("m1", "t", 0, 7);
  EXPECT_TRUE(stands(m1));
}

TEST_F(standing_answers_test, who_is_heard_lives_and_who_is_not_does_not) {
  two_classic_members();
  const auto m1 = beat_of("m1");
  beat_of("m2");
  talk.wait(6'000);
  ASSERT_TRUE(stands(m1));
  talk.wait(6'000);
  EXPECT_EQ(members(), 1u) << "10 s without a word from m2";
  EXPECT_FALSE(stands(m1)) << "m1 is to join again";
  talk.wait(3'999);
  EXPECT_EQ(members(), 1u);
}

TEST_F(standing_answers_test, looking_at_sessions_disturbs_nobody_while_all_live) {
  two_classic_members();
  const auto m1 = beat_of("m1"), m2 = beat_of("m2");
  for (int i = 0; i < 20; ++i) {
    talk.wait(4'000);
    ASSERT_TRUE(stands(m1));
    ASSERT_TRUE(stands(m2));
  }
  EXPECT_EQ(members(), 2u);
}

/// The session goes on from when the member was last heard, not from when that came out.
TEST_F(standing_answers_test, what_was_heard_counts_when_the_answer_ends) {
  two_classic_members();
  const auto m1 = beat_of("m1");
  talk.wait(9'000);
  beat_of("m2");
  ASSERT_TRUE(stands(m1));
  talk.sync("m2");
  EXPECT_FALSE(stands(m1));
  talk.wait(9'999);
  EXPECT_EQ(members(), 2u);
  talk.wait(1);
  EXPECT_EQ(members(), 0u);
}

TEST_F(standing_answers_test, of_a_consumer_that_has_all_it_is_to_have) {
  talk.consume("c1");
  EXPECT_FALSE(talk.of("c1").standing) << "it joined";
  EXPECT_TRUE(stands(consume_of("c1")));
  talk.consume("c2");
  EXPECT_FALSE(talk.of("c2").standing);
  EXPECT_FALSE(consume_of("c1")) << "it is to give up two partitions";
  EXPECT_FALSE(consume_of("c2")) << "it waits for them";
  talk.consume("c1");
  talk.consume("c2");
  EXPECT_TRUE(stands(consume_of("c1")));
  EXPECT_TRUE(stands(consume_of("c2")));
}

TEST_F(standing_answers_test, of_a_consumer_ends_when_another_comes) {
  one_consumer();
  const auto c1 = consume_of("c1");
  ASSERT_TRUE(stands(c1));
  talk.consume("c2");
  EXPECT_FALSE(stands(c1));
}

TEST_F(standing_answers_test, of_a_consumer_ends_with_the_topics_it_was_made_for) {
  one_consumer();
  const auto c1 = consume_of("c1");
  talk.topics.add("t", 6);
  talk.shard().topics_changed();
  EXPECT_FALSE(stands(c1));
  EXPECT_FALSE(consume_of("c1")) << "it gets two more";
}

TEST_F(standing_answers_test, of_a_consumer_ends_with_the_times_it_tells) {
  one_consumer();
  const auto c1 = consume_of("c1");
  auto timings = std::make_shared<groups::group_timings>();
  (*timings)["g"] = {45'000, 7'000};
  talk.shard().configure(timings);
  EXPECT_FALSE(stands(c1));
}

TEST_F(standing_answers_test, consumers_that_are_heard_live) {
  one_consumer();
  const auto c1 = consume_of("c1");
  talk.wait(30'000);
  ASSERT_TRUE(stands(c1));
  talk.wait(44'999);
  EXPECT_TRUE(stands(c1));
  talk.wait(45'001);
  EXPECT_FALSE(stands(c1)) << "it was silent for a whole session";
}

TEST_F(standing_answers_test, classic_members_of_a_consumer_group_have_none) {
  two_classic_members();
  const auto m1 = beat_of("m1");
  talk.consume("c1");
  EXPECT_FALSE(stands(m1)) << "the group is another one";
  talk.join("m1");
  talk.sync("m1");
  EXPECT_FALSE(beat_of("m1"));
}

/// Whoever takes an answer back has heard all who repeated it, whatever threads they are on.
TEST(standing_answer, what_is_repeated_before_it_is_taken_back_is_heard) {
  for (int round = 0; round < 2'000; ++round) {
    standing_answer answer;
    timestamp_ms last_repeated = 0;
    std::thread connection{[&] {
      for (timestamp_ms now = 1; answer.repeat(now); ++now)
        last_repeated = now;
    }};
    while (!answer.last_heard())
      std::this_thread::yield();
    answer.revoke();
    const auto heard = answer.last_heard();
    connection.join();
    ASSERT_GE(*heard, last_repeated);
  }
}

} // namespace
} // namespace chisme::test
