#include "actors/raft/progress.hpp"

#include <gtest/gtest.h>

namespace chisme::raft {
namespace {

constexpr size_t window = 4;

/// Raft section 5.3: "the leader decrements nextIndex and retries"; one message at a time until the logs agree.
TEST(raft_progress, probes_one_message_at_a_time) {
  progress p{2, {3, 10}, false};
  EXPECT_TRUE(p.may_send(window));
  p.ask();
  EXPECT_FALSE(p.may_send(window)) << "it is being sent";
  p.sent({3, 10}, {3, 20});
  EXPECT_FALSE(p.may_send(window));
  EXPECT_EQ(p.next(), (position{3, 10}));
  p.probe({2, 5});
  EXPECT_TRUE(p.may_send(window));
  EXPECT_EQ(p.next(), (position{2, 5}));
}

TEST(raft_progress, replicates_with_credit_once_the_logs_agree) {
  progress p{2, {3, 10}, false};
  p.sent({3, 10}, {3, 20});
  EXPECT_TRUE(p.acknowledged({3, 12})) << "what is synced of it so far";
  EXPECT_EQ(p.now(), progress::state::replicate);
  EXPECT_EQ(p.next(), (position{3, 20})) << "the rest of the probe is on its way";
  p.sent({3, 20}, {3, 30});
  p.sent({3, 30}, {3, 40});
  p.sent({3, 40}, {3, 50});
  EXPECT_FALSE(p.may_send(window));
  EXPECT_TRUE(p.acknowledged({3, 30})) << "one answer for two messages";
  EXPECT_TRUE(p.may_send(window));
  EXPECT_FALSE(p.acknowledged({3, 20})) << "an old one";
  EXPECT_EQ(p.match(), (position{3, 30}));
  EXPECT_EQ(p.next(), (position{3, 50}));
}

TEST(raft_progress, what_is_not_answered_is_sent_again_from_what_is_known) {
  progress p{2, {3, 10}, false};
  p.sent({3, 10}, {3, 10});
  p.acknowledged({3, 10});
  p.sent({3, 10}, {3, 20});
  EXPECT_TRUE(p.is_waiting());
  p.tick();
  EXPECT_EQ(p.now(), progress::state::replicate) << "it may be young";
  p.tick();
  EXPECT_EQ(p.now(), progress::state::probe);
  EXPECT_EQ(p.next(), (position{3, 10}));
  EXPECT_TRUE(p.may_send(window));
}

TEST(raft_progress, an_answer_gives_new_time) {
  progress p{2, {3, 10}, false};
  p.sent({3, 10}, {3, 10});
  p.acknowledged({3, 10});
  p.sent({3, 10}, {3, 20});
  p.sent({3, 20}, {3, 30});
  p.tick();
  p.acknowledged({3, 20});
  p.tick();
  EXPECT_EQ(p.now(), progress::state::replicate);
}

TEST(raft_progress, a_refusal_of_what_is_known_to_be_there_is_old) {
  progress p{2, {3, 10}, false};
  p.sent({3, 10}, {3, 10});
  p.acknowledged({3, 10});
  EXPECT_FALSE(p.is_refusal({3, 9}));
  EXPECT_TRUE(p.is_refusal({3, 10})) << "it has lost its disk";
}

TEST(raft_progress, who_is_silent_is_sent_nothing_and_costs_no_timer) {
  progress p{2, {3, 10}, false};
  p.sent({3, 10}, {3, 20});
  p.silent();
  EXPECT_FALSE(p.may_send(window));
  EXPECT_FALSE(p.is_waiting());
  p.heard();
  EXPECT_TRUE(p.may_send(window));
}

TEST(raft_progress, a_new_process_is_probed_where_the_old_one_was) {
  progress p{2, {3, 10}, false};
  p.sent({3, 10}, {3, 10});
  p.acknowledged({3, 10});
  p.restarted();
  EXPECT_EQ(p.now(), progress::state::probe);
  EXPECT_EQ(p.next(), (position{3, 10}));
  EXPECT_TRUE(p.is_refusal({2, 1})) << "it may hold less than it did";
}

TEST(raft_progress, a_reset_is_sent_again_until_it_is_answered) {
  progress p{2, {3, 10}, false};
  p.reset();
  p.sent({4, 50}, {4, 50});
  EXPECT_FALSE(p.may_send(window));
  p.tick();
  p.tick();
  EXPECT_EQ(p.now(), progress::state::reset);
  EXPECT_TRUE(p.may_send(window));
  p.acknowledged({4, 50});
  EXPECT_EQ(p.now(), progress::state::replicate);
  EXPECT_EQ(p.next(), (position{4, 50}));
}

TEST(raft_progress, a_busy_link_is_tried_again_later) {
  progress p{2, {3, 10}, false};
  p.ask();
  p.hold_up();
  EXPECT_FALSE(p.may_send(window));
  EXPECT_TRUE(p.is_waiting());
  p.tick();
  EXPECT_TRUE(p.may_send(window));
}

} // namespace
} // namespace chisme::raft
