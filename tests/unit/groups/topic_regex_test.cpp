#include "actors/groups/topic_regex.hpp"

#include <gmock/gmock.h>

namespace chisme::groups {
namespace {

TEST(topic_regex_test, it_matches_whole_names) {
  const auto regex = topic_regex::compile("orders-.*|audit");
  ASSERT_TRUE(regex);
  EXPECT_TRUE(regex->matches("orders-eu"));
  EXPECT_TRUE(regex->matches("audit"));
  EXPECT_FALSE(regex->matches("my-orders-eu"));
  EXPECT_FALSE(regex->matches("audits"));
}

TEST(topic_regex_test, what_does_not_compile_is_named) {
  const auto regex = topic_regex::compile("orders-(");
  ASSERT_FALSE(regex);
  EXPECT_EQ(regex.error().code, error_code::invalid_regular_expression);
  EXPECT_THAT(regex.error().message, ::testing::HasSubstr("orders-("));
  EXPECT_FALSE(topic_regex::compile("(?=ahead)")) << "RE2 has no lookahead";
}

TEST(topic_regex_test, what_would_take_too_much_is_refused) {
  EXPECT_FALSE(topic_regex::compile("((a{100}){100}){100}"));
  EXPECT_FALSE(topic_regex::compile(std::string(5000, 'a')));
}

TEST(topic_regex_test, a_hostile_expression_takes_linear_time) {
  const auto regex = topic_regex::compile("(a*)*b");
  ASSERT_TRUE(regex);
  EXPECT_FALSE(regex->matches(std::string(249, 'a')));
}

} // namespace
} // namespace chisme::groups
