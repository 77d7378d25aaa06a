#include "actors/remover/backlog.hpp"

#include <gtest/gtest.h>

namespace chisme::remover {
namespace {

TEST(backlog, one_that_fails_holds_nobody_up_and_comes_again) {
  backlog b;
  EXPECT_TRUE(b.empty());
  b.add("stuck");
  b.add("fine");
  EXPECT_EQ(b.next(), "stuck");
  b.failed();
  EXPECT_FALSE(b.must_wait());
  EXPECT_EQ(b.next(), "fine");
  b.removed();
  EXPECT_TRUE(b.must_wait());
  EXPECT_FALSE(b.empty());
  b.retry_failed();
  EXPECT_EQ(b.next(), "stuck");
  b.removed();
  EXPECT_TRUE(b.empty());
}

} // namespace
} // namespace chisme::remover
