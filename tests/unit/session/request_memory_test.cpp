#include "actors/session/request_memory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme::session {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr size_t kib = 1024;

class request_memory_test : public testing::Test {
protected:
  static buffer frame_of(size_t bytes) { return buffer::copy_of(std::string(bytes, 'x')); }

  std::vector<request_memory::share> told_;
  std::shared_ptr<request_memory> memory_ =
    std::make_shared<request_memory>(200 * kib, [this](request_memory::share of) { told_.push_back(of); });
};

TEST_F(request_memory_test, a_frame_counts_until_its_last_slice_is_gone) {
  auto frame = memory_->hold(frame_of(1000));
  EXPECT_EQ(as_chars(frame), std::string(1000, 'x'));
  EXPECT_EQ(memory_->held(), 1000);
  auto slice = frame.slice(10, 20);
  frame = {};
  EXPECT_EQ(memory_->held(), 1000);
  slice = {};
  EXPECT_EQ(memory_->held(), 0);
}

TEST_F(request_memory_test, large_requests_leave_room_for_small_ones) {
  const auto large = memory_->hold(frame_of(300 * kib));
  EXPECT_FALSE(memory_->has_room(request_memory::large));
  EXPECT_TRUE(memory_->has_room(request_memory::small));
  memory_->count(request_memory::small, 200 * kib);
  EXPECT_FALSE(memory_->has_room(request_memory::small));
  memory_->count(request_memory::small, -200 * int64_t{kib});
}

TEST_F(request_memory_test, who_waits_is_told_once_there_is_room) {
  auto large = memory_->hold(frame_of(300 * kib));
  memory_->expect_room(request_memory::large);
  EXPECT_THAT(told_, IsEmpty());
  auto another = memory_->hold(frame_of(250 * kib));
  large = {};
  EXPECT_THAT(told_, IsEmpty()) << "still too much";
  another = {};
  EXPECT_THAT(told_, ElementsAre(request_memory::large));
  memory_->hold(frame_of(100 * kib));
  EXPECT_EQ(told_.size(), 1u) << "nobody waits any more";
}

TEST_F(request_memory_test, who_waits_in_vain_is_told_at_once) {
  memory_->expect_room(request_memory::small);
  EXPECT_THAT(told_, ElementsAre(request_memory::small));
}

TEST_F(request_memory_test, a_large_request_takes_its_room_before_it_is_read) {
  EXPECT_TRUE(memory_->reserve(150 * kib));
  EXPECT_TRUE(memory_->reserve(150 * kib)) << "there was room for a part of it";
  EXPECT_FALSE(memory_->reserve(1));
  memory_->expect_room(request_memory::large);
  EXPECT_TRUE(memory_->is_expected(request_memory::large));
  EXPECT_THAT(told_, IsEmpty());
  memory_->count(request_memory::large, -150 * int64_t{kib});
  EXPECT_THAT(told_, ElementsAre(request_memory::large));
  EXPECT_FALSE(memory_->is_expected(request_memory::large));
  EXPECT_TRUE(memory_->reserve(1));
}

} // namespace
} // namespace chisme::session
