// Long polls: a Fetch waits for min_bytes or max_wait, whichever comes first.

#include "tests/support/fetch_fixture.hpp"

#include <gmock/gmock.h>

namespace chisme::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using error = error_code;

class fetch_wait : public fetch_test {
protected:
  fetch_wait() { port_ = add_topic("t", 1).front(); }

  /// A fetch that has found nothing and waits.
  std::shared_ptr<partition::read_waiter> begin_waiting(int32_t max_wait_ms, int32_t min_bytes) {
    ask_and_settle(one("t", max_wait_ms, min_bytes));
    auto waiter = port_->reads.back().waiter;
    give(port_, found("", 10));
    loop_.drain();
    EXPECT_FALSE(answered());
    return waiter;
  }

  partition_ptr port_;
};

TEST_F(fetch_wait, answers_with_nothing_when_the_time_is_over) {
  begin_waiting(500, 1);
  loop_.advance(499ms);
  EXPECT_FALSE(answered());
  loop_.advance(1ms);
  EXPECT_THAT(all_of(answer<response>(12)), ElementsAre(told{"t", 0, error::none, 10, ""}));
  EXPECT_THAT(port_->reads, SizeIs(1)) << "nothing came, so nothing is read again";
}

TEST_F(fetch_wait, wakes_when_enough_is_committed) {
  auto waiter = begin_waiting(500, 100);
  EXPECT_TRUE(waiter->committed(60)) << "not enough";
  loop_.drain();
  EXPECT_THAT(port_->reads, SizeIs(1));
  EXPECT_FALSE(waiter->committed(40)) << "enough: no need to tell again";
  loop_.drain();
  ASSERT_THAT(port_->reads, SizeIs(2));
  EXPECT_EQ(port_->reads[1].waiter, nullptr) << "it is read once more, whatever that gives";
  give(port_, found("batches", 12));
  loop_.drain();
  EXPECT_THAT(all_of(answer<response>(12)), ElementsAre(told{"t", 0, error::none, 12, "batches"}));
  EXPECT_EQ(loop_.timers(), 0u);
  port_->reads.clear();
  EXPECT_TRUE(waiter->expired()) << "nothing is left of the fetch";
}

TEST_F(fetch_wait, what_came_by_the_end_of_the_time_is_answered) {
  auto waiter = begin_waiting(500, 100);
  EXPECT_TRUE(waiter->committed(60));
  loop_.advance(500ms);
  ASSERT_THAT(port_->reads, SizeIs(2));
  give(port_, found("few", 12));
  loop_.drain();
  EXPECT_THAT(all_of(answer<response>(12)), ElementsAre(told{"t", 0, error::none, 12, "few"}));
}

TEST_F(fetch_wait, holds_none_of_its_bytes_meanwhile) {
  begin_waiting(500, 1);
  EXPECT_EQ(broker_.memory->held(), 0);
  EXPECT_EQ(broker_.awaited_partitions, 1);
  loop_.advance(500ms);
  EXPECT_TRUE(answered());
  port_->reads.clear();
  EXPECT_EQ(broker_.awaited_partitions, 0);
}

TEST_F(fetch_wait, is_answered_at_once_where_too_much_waits_already) {
  broker_.awaited_partitions = 1'000'000;
  ask_and_settle(one("t", 500, 1));
  give(port_, found("", 10));
  loop_.drain();
  EXPECT_TRUE(answered());
  port_->reads.clear();
  EXPECT_EQ(broker_.awaited_partitions, 1'000'000);
}

TEST_F(fetch_wait, enough_at_once_does_not_wait) {
  ask_and_settle(one("t", 500, 5));
  give(port_, found("12345"));
  loop_.drain();
  EXPECT_TRUE(answered());
  EXPECT_EQ(loop_.timers(), 0u);
}

TEST_F(fetch_wait, what_was_found_counts_towards_min_bytes) {
  auto ports = add_topic("two", 2);
  auto r = fetch(500, 10);
  ask_and_settle(want(want(r, "two", 0, 0, 1000), "two", 1, 0, 1000));
  auto waiter = ports[1]->reads.back().waiter;
  give(ports[0], found("12345"));
  give(ports[1], found(""));
  loop_.drain();
  EXPECT_FALSE(answered());
  EXPECT_FALSE(waiter->committed(5));
  loop_.drain();
  give(ports[0], found("12345"));
  give(ports[1], found("67890"));
  loop_.drain();
  EXPECT_THAT(all_of(answer<response>(12)),
              ElementsAre(told{"two", 0, error::none, 100, "12345"}, told{"two", 1, error::none, 100, "67890"}));
}

/// Two partitions of a fetch give together what is needed.
TEST_F(fetch_wait, commits_of_all_partitions_count_together) {
  auto ports = add_topic("two", 2);
  auto r = fetch(500, 10);
  ask_and_settle(want(want(r, "two", 0, 100, 1000), "two", 1, 100, 1000));
  auto first = ports[0]->reads.back().waiter, second = ports[1]->reads.back().waiter;
  give(ports[0], found(""));
  EXPECT_TRUE(first->committed(6)) << "the round is not over";
  give(ports[1], found(""));
  loop_.drain();
  EXPECT_FALSE(answered());
  EXPECT_FALSE(second->committed(4));
  EXPECT_FALSE(first->committed(1)) << "woken already";
  loop_.drain();
  EXPECT_THAT(ports[0]->reads, SizeIs(2));
  EXPECT_THAT(ports[1]->reads, SizeIs(2));
}

/// What was found at first, though too little, is in the answer without being read a second time.
TEST_F(fetch_wait, reads_again_only_what_has_changed) {
  auto ports = add_topic("three", 3);
  auto r = fetch(500, 10);
  ask_and_settle(want(want(want(r, "three", 0, 100, 1000), "three", 1, 100, 1000), "three", 2, 100, 1000));
  auto second = ports[1]->reads.back().waiter;
  give(ports[0], found("few", 103));
  give(ports[1], found(""));
  give(ports[2], found(""));
  loop_.drain();
  EXPECT_FALSE(second->committed(8));
  loop_.drain();
  EXPECT_THAT(ports[0]->reads, SizeIs(1));
  EXPECT_THAT(ports[2]->reads, SizeIs(1));
  ASSERT_THAT(ports[1]->reads, SizeIs(2));
  EXPECT_FALSE(ports[1]->reads.back().min_one_batch) << "the answer begins with what the first one had";
  give(ports[1], found("12345678", 108));
  loop_.drain();
  EXPECT_THAT(all_of(answer<response>(12)),
              ElementsAre(told{"three", 0, error::none, 103, "few"}, told{"three", 1, error::none, 108, "12345678"},
                          told{"three", 2, error::none, 100, ""}));
}

TEST_F(fetch_wait, commits_between_the_reads_of_a_round_are_not_overlooked) {
  auto ports = add_topic("two", 2);
  auto r = fetch(500, 1);
  ask_and_settle(want(want(r, "two", 0, 100, 1000), "two", 1, 100, 1000));
  auto first = ports[0]->reads.back().waiter;
  give(ports[0], found(""));
  EXPECT_TRUE(first->committed(50));
  give(ports[1], found(""));
  loop_.drain();
  EXPECT_THAT(ports[0]->reads, SizeIs(2)) << "read again without waiting";
  EXPECT_EQ(loop_.timers(), 0u);
}

TEST_F(fetch_wait, no_time_to_wait_means_no_waiter) {
  for (int32_t wait : {0, -1}) {
    ask_and_settle(one("t", wait));
    EXPECT_EQ(port_->reads.back().waiter, nullptr);
    give(port_, found(""));
    loop_.drain();
    EXPECT_THAT(all_of(answer<response>(12)), ElementsAre(told{"t", 0, error::none, 100, ""}));
  }
}

/// min_bytes beyond what fits into an answer would never come together.
TEST_F(fetch_wait, more_than_fits_is_not_waited_for) {
  auto r = one("t", 60'000, 1'000'000);
  r.max_bytes = 10;
  ask_and_settle(r);
  give(port_, found("1234567890"));
  loop_.drain();
  EXPECT_THAT(all_of(answer<response>(12)), ElementsAre(told{"t", 0, error::none, 100, "1234567890"}));
}

TEST_F(fetch_wait, nobody_waits_longer_than_five_minutes) {
  begin_waiting(INT32_MAX, 1);
  loop_.advance(300s);
  EXPECT_TRUE(answered());
}

/// The partition died while the fetch waited: the second read tells.
TEST_F(fetch_wait, a_lost_second_read_is_answered) {
  auto waiter = begin_waiting(500, 1);
  waiter->committed(10);
  loop_.drain();
  port_->reads.clear();
  loop_.drain();
  EXPECT_THAT(all_of(answer<response>(12)), ElementsAre(told{"t", 0, error::not_leader_or_follower, -1, ""}));
}

TEST_F(fetch_wait, a_disconnect_ends_the_wait_at_once) {
  auto waiter = begin_waiting(300'000, 1);
  EXPECT_FALSE(waiter->expired());
  port_->reads.clear();
  disconnect();
  loop_.drain();
  EXPECT_TRUE(waiter->expired()) << "neither timer nor memory is kept for a client that is gone";
  EXPECT_EQ(loop_.timers(), 0u);
  EXPECT_EQ(broker_.open_requests, 0);
}

TEST_F(fetch_wait, a_disconnect_during_the_read_is_harmless) {
  ask_and_settle(one("t", 500));
  disconnect();
  give(port_, found(""));
  port_->reads.clear();
  loop_.drain();
  EXPECT_EQ(loop_.timers(), 0u);
  EXPECT_FALSE(answered());
}

// -- ends that come from elsewhere
// ------------------------------------------------------------------------------------------------------------------

/// As another fetch would be told that came after it, for all partitions of the topic.
TEST_F(fetch_wait, of_a_topic_that_is_deleted_is_told_so_at_once) {
  auto ports = add_topic("two", 2);
  for (int16_t version : {12, 13}) {
    auto r = fetch(500, 1);
    ask_and_settle(want(want(want(r, "two", 0, 100), "t", 0, 100), "two", 1, 100), version);
    std::vector<std::shared_ptr<partition::read_waiter>> waiters;
    for (const auto& p : {ports[0], port_, ports[1]}) {
      waiters.push_back(p->reads.back().waiter);
      give(p, found(""));
      p->reads.clear();
    }
    loop_.drain();
    EXPECT_FALSE(answered());
    waiters[0]->failed(error::unknown_topic_or_partition);
    loop_.drain();
    for (const auto& p : {ports[0], port_, ports[1]})
      EXPECT_THAT(p->reads, SizeIs(0)) << "nothing has got more";
    const bool by_id = version >= 13;
    const auto code = by_id ? error::unknown_topic_id : error::unknown_topic_or_partition;
    const std::string two = by_id ? "" : "two", t = by_id ? "" : "t";
    EXPECT_THAT(all_of(answer<response>(version)),
                ElementsAre(told{two, 0, code, -1, ""}, told{t, 0, error::none, 100, ""}, told{two, 1, code, -1, ""}));
    EXPECT_EQ(loop_.timers(), 0u);
  }
}

TEST_F(fetch_wait, of_a_partition_that_fails_is_told_so_at_once) {
  auto ports = add_topic("two", 2);
  auto r = fetch(500, 1);
  ask_and_settle(want(want(r, "two", 0, 100), "two", 1, 100));
  auto waiter = ports[0]->reads.back().waiter;
  give(ports[0], found(""));
  waiter->failed(error::kafka_storage_error); // before it is known that there is something to wait for
  give(ports[1], found(""));
  loop_.drain();
  ASSERT_THAT(ports[0]->reads, SizeIs(1));
  EXPECT_THAT(ports[1]->reads, SizeIs(1)) << "the other one has no more than before";
  EXPECT_THAT(all_of(answer<response>(12)),
              ElementsAre(told{"two", 0, error::kafka_storage_error, -1, ""}, told{"two", 1, error::none, 100, ""}));
}

/// A node that stops does not wait for its clients' long polls.
TEST_F(fetch_wait, ends_when_the_node_does) {
  begin_waiting(300'000, 1);
  session_->end_waits();
  loop_.drain();
  EXPECT_THAT(all_of(answer<response>(12)), ElementsAre(told{"t", 0, error::none, 10, ""}));
  EXPECT_EQ(loop_.timers(), 0u);
}

TEST_F(fetch_wait, does_not_begin_once_the_node_ends) {
  ask_and_settle(one("t", 300'000));
  session_->end_waits();
  give(port_, found("", 10));
  loop_.drain();
  EXPECT_THAT(all_of(answer<response>(12)), ElementsAre(told{"t", 0, error::none, 10, ""}));
}

TEST_F(fetch_wait, a_read_of_a_client_that_has_gone_is_not_wanted) {
  ask_and_settle(one("t", 500));
  EXPECT_TRUE(port_->reads.back().done.wanted());
  disconnect();
  EXPECT_FALSE(port_->reads.back().done.wanted());
}

// -- races
// -----------------------------------------------------------------------------------------------------------

/// The read's answer, a commit, the end of the time and single steps of the loop, in every order: there is
/// exactly one answer, and it has the data if any was read again.
TEST_F(fetch_wait, every_interleaving_of_commit_and_time_gives_one_answer) {
  enum step { commit, time_over, loop_step, loop_step_too, small_commit };
  std::vector<int> order{commit, time_over, loop_step, loop_step_too, small_commit};
  std::sort(order.begin(), order.end());
  do {
    ask_and_settle(one("t", 500, 100));
    port_->reads.resize(1);
    auto waiter = port_->reads.back().waiter;
    give(port_, found("", 10));
    for (int s : order) {
      if (s == commit)
        waiter->committed(100);
      else if (s == small_commit)
        waiter->committed(1);
      else if (s == time_over)
        loop_.advance(500ms);
      else
        loop_.step();
    }
    loop_.drain();
    loop_.advance(500ms);
    const bool read_again = port_->reads.size() > 1;
    ASSERT_LE(port_->reads.size(), 2u);
    if (read_again)
      give(port_, found("data", 11));
    loop_.drain();
    ASSERT_THAT(transport_.frames, SizeIs(1));
    EXPECT_THAT(all_of(answer<response>(12)),
                ElementsAre(told{"t", 0, error::none, read_again ? 11 : 10, read_again ? "data" : ""}));
    EXPECT_EQ(loop_.timers(), 0u);
    port_->reads.clear();
  } while (std::next_permutation(order.begin(), order.end()));
}

} // namespace
} // namespace chisme::testing
