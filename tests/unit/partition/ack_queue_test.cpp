#include "actors/partition/ack_queue.hpp"

#include <gmock/gmock.h>

namespace chisme::partition {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ack_queue_test : public ::testing::Test {
protected:
  void wait(offset_t end_offset, offset_t base_offset) {
    append_result answer;
    answer.base_offset = base_offset;
    queue_.wait(end_offset, answer, reply_with<append_result>([this](append_result r) {
                  answered_.push_back(r.code == error_code::none ? r.base_offset : -100);
                  codes_.push_back(r.code);
                }));
  }

  ack_queue queue_;
  std::vector<offset_t> answered_;
  std::vector<error_code> codes_;
};

TEST_F(ack_queue_test, answers_what_the_high_watermark_has_passed_in_order) {
  wait(10, 0);
  wait(20, 10);
  wait(30, 20);
  queue_.committed(9);
  EXPECT_THAT(answered_, IsEmpty());
  queue_.committed(20);
  EXPECT_THAT(answered_, ElementsAre(0, 10));
  EXPECT_EQ(queue_.size(), 1u);
  queue_.committed(30);
  EXPECT_THAT(answered_, ElementsAre(0, 10, 20));
  EXPECT_EQ(queue_.size(), 0u);
}

/// A retry whose first append is committed already does not overtake what was asked before it.
TEST_F(ack_queue_test, a_repeated_append_leaves_with_the_one_before_it) {
  wait(30, 20);
  wait(10, 0);
  queue_.committed(15);
  EXPECT_THAT(answered_, IsEmpty());
  queue_.committed(30);
  EXPECT_THAT(answered_, ElementsAre(20, 0));
}

TEST_F(ack_queue_test, a_failure_answers_everything_that_waits) {
  wait(10, 0);
  wait(20, 10);
  queue_.fail(error_code::kafka_storage_error, "the disk is gone");
  EXPECT_THAT(codes_, ElementsAre(error_code::kafka_storage_error, error_code::kafka_storage_error));
  queue_.committed(20);
  EXPECT_EQ(answered_.size(), 2u) << "nobody is answered twice";
}

/// acks=1 is answered by the leader's copy; where that is the only one it must also be readable.
TEST(waits_for_commit, acks_1_does_only_in_a_group_of_one) {
  for (size_t voters = 1; voters <= 5; ++voters) {
    EXPECT_TRUE(waits_for_commit(acks::all, voters)) << voters;
    EXPECT_EQ(waits_for_commit(acks::leader, voters), voters == 1) << voters;
    EXPECT_FALSE(waits_for_commit(acks::none, voters)) << voters;
  }
}

/// A partition that ends with appends waiting tells those who wait.
TEST(ack_queue, dropping_it_answers_that_the_partition_is_gone) {
  std::vector<error_code> codes;
  {
    ack_queue queue;
    queue.wait(10, {}, reply_with<append_result>([&](append_result r) { codes.push_back(r.code); }));
  }
  EXPECT_THAT(codes, ElementsAre(error_code::not_leader_or_follower));
}

TEST_F(ack_queue_test, refuses_what_it_would_answer_and_nothing_behind) {
  wait(10, 0);
  wait(20, 10);
  queue_.refuse(19, error_code::not_enough_replicas_after_append, "one is gone");
  EXPECT_THAT(codes_, ElementsAre(error_code::not_enough_replicas_after_append));
  queue_.committed(20);
  EXPECT_THAT(answered_, ElementsAre(-100, 10));
}

/// Whoever is answered may at once ask for more.
TEST(ack_queue, an_answer_may_add_to_the_queue) {
  ack_queue queue;
  std::vector<int> order;
  queue.wait(10, {}, reply_with<append_result>([&](append_result) {
               order.push_back(1);
               queue.wait(20, {}, reply_with<append_result>([&](append_result) { order.push_back(2); }));
             }));
  queue.committed(10);
  EXPECT_THAT(order, ElementsAre(1));
  queue.committed(20);
  EXPECT_THAT(order, ElementsAre(1, 2));
}

} // namespace
} // namespace chisme::partition
