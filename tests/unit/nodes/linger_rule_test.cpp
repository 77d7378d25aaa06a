#include "nodes/linger_rule.hpp"

#include <gtest/gtest.h>

namespace chisme::nodes {
namespace {

using namespace std::chrono_literals;

class linger_rule_test : public ::testing::Test {
protected:
  /// A second with so many heartbeats, evenly; what is decided after it.
  bool after_a_second_with(int heartbeats, linger_rule& rule) {
    for (int i = 0; i < heartbeats; ++i)
      rule.heartbeat(now_ + i * 1s / heartbeats);
    now_ += 1s;
    return rule.pays(now_);
  }
  bool after_a_second_with(int heartbeats) { return after_a_second_with(heartbeats, rule_); }

  linger_rule::time_point now_{100s};
  linger_rule rule_{5ms}; // 200 turns a second
};

TEST_F(linger_rule_test, not_before_it_is_known) {
  EXPECT_FALSE(rule_.pays(now_));
  rule_.heartbeat(now_);
  EXPECT_FALSE(rule_.pays(now_));
}

TEST_F(linger_rule_test, begins_with_two_in_each_turn) {
  after_a_second_with(0);
  EXPECT_FALSE(after_a_second_with(399));
  EXPECT_TRUE(after_a_second_with(400));
}

TEST_F(linger_rule_test, ends_with_less_than_one_in_each_turn) {
  after_a_second_with(0);
  after_a_second_with(3000);
  EXPECT_TRUE(after_a_second_with(200));
  EXPECT_TRUE(after_a_second_with(399));
  EXPECT_FALSE(after_a_second_with(199));
  EXPECT_FALSE(after_a_second_with(200)) << "a rate between the two changes nothing";
}

TEST_F(linger_rule_test, stays_within_a_second) {
  after_a_second_with(0);
  after_a_second_with(3000);
  EXPECT_TRUE(rule_.pays(now_ + 999ms));
  EXPECT_FALSE(rule_.pays(now_ + 1s));
}

TEST_F(linger_rule_test, a_rate_is_of_the_time_that_has_passed) {
  after_a_second_with(0);
  for (int i = 0; i < 1000; ++i)
    rule_.heartbeat(now_);
  EXPECT_FALSE(rule_.pays(now_ + 10s));
}

TEST_F(linger_rule_test, never_where_none_may_wait) {
  linger_rule none{0ms};
  after_a_second_with(0, none);
  EXPECT_FALSE(after_a_second_with(100'000, none));
}

} // namespace
} // namespace chisme::nodes
