#include "actors/partition/fetch_waiters.hpp"

#include <gmock/gmock.h>

namespace chisme::partition {
namespace {

using ::testing::ElementsAre;

struct fake_waiter final : read_waiter {
  bool committed(uint64_t bytes) override {
    told.push_back(bytes);
    return keeps_waiting;
  }
  void failed(error_code why) override { failures.push_back(why); }
  bool expired() const override { return gave_up; }

  std::vector<uint64_t> told;
  std::vector<error_code> failures;
  bool keeps_waiting = true;
  bool gave_up = false;
};

TEST(fetch_waiters, tells_every_commit_until_the_waiter_has_enough) {
  fetch_waiters waiters;
  auto patient = std::make_shared<fake_waiter>();
  auto content = std::make_shared<fake_waiter>();
  content->keeps_waiting = false;
  waiters.add(patient);
  waiters.add(content);
  waiters.committed(10);
  waiters.committed(20);
  EXPECT_THAT(patient->told, ElementsAre(10, 20));
  EXPECT_THAT(content->told, ElementsAre(10));
  EXPECT_EQ(waiters.size(), 1u);
}

TEST(fetch_waiters, where_nothing_will_come_any_more_each_is_told_once) {
  fetch_waiters waiters;
  auto waiter = std::make_shared<fake_waiter>();
  waiters.add(waiter);
  waiters.fail(error_code::unknown_topic_or_partition);
  waiters.fail(error_code::not_leader_or_follower);
  EXPECT_THAT(waiter->failures, ElementsAre(error_code::unknown_topic_or_partition));
  EXPECT_EQ(waiters.size(), 0u);
}

TEST(fetch_waiters, one_who_gave_up_is_dropped_and_not_told) {
  fetch_waiters waiters;
  auto gone = std::make_shared<fake_waiter>();
  waiters.add(gone);
  gone->gave_up = true;
  waiters.committed(10);
  EXPECT_TRUE(gone->told.empty());
  EXPECT_EQ(waiters.size(), 0u);
}

/// An idle partition that is polled for ever keeps no more than twice the readers that there are, or sixteen.
TEST(fetch_waiters, polling_an_idle_partition_does_not_grow_the_list) {
  fetch_waiters waiters;
  for (int i = 0; i < 10'000; ++i) {
    auto waiter = std::make_shared<fake_waiter>();
    waiters.add(waiter);
    waiter->gave_up = true;
    ASSERT_LE(waiters.size(), 17u);
  }
}

TEST(fetch_waiters, those_who_still_wait_survive_the_sweep) {
  fetch_waiters waiters;
  std::vector<std::shared_ptr<fake_waiter>> patient;
  for (int i = 0; i < 300; ++i) {
    waiters.add(patient.emplace_back(std::make_shared<fake_waiter>()));
    auto gone = std::make_shared<fake_waiter>();
    gone->gave_up = true;
    waiters.add(gone);
  }
  EXPECT_LE(waiters.size(), 2u * 300 + 1);
  waiters.committed(7);
  EXPECT_EQ(waiters.size(), 300u);
  for (const auto& w : patient)
    ASSERT_THAT(w->told, ElementsAre(7));
}

} // namespace
} // namespace chisme::partition
