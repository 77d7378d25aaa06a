// Answers leave in the order of their requests, whoever finishes first, and a client is never left hanging.

#include "tests/support/session_fixture.hpp"

#include "messages/kafka/01_fetch.hpp"
#include "messages/kafka/02_list_offsets.hpp"
#include "messages/kafka/18_api_versions.hpp"
#include "messages/kafka/60_describe_cluster.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <thread>

namespace chisme::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using list_response = kafka::list_offsets_response;

class session_order : public session_test {
protected:
  session_order() { partition_ = add_topic("t", 1).front(); }

  static kafka::list_offsets_request list() {
    kafka::list_offsets_request r;
    auto& t = r.topics.emplace_back();
    t.name = "t";
    auto& p = t.partitions.emplace_back();
    p.partition_index = 0;
    p.timestamp = -1;
    return r;
  }

  /// Lets the partition answer the i-th request with an offset that names it.
  void finish(size_t i) { partition_->list_offsets[i].done({error_code::none, static_cast<offset_t>(i), -1, 5}); }

  void expect_answers_in_order(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      auto r = answer<list_response>(5, static_cast<int32_t>(i + 1));
      ASSERT_EQ(r.topics.at(0).partitions.at(0).offset, static_cast<int64_t>(i));
    }
    EXPECT_FALSE(answered());
  }

  partition_ptr partition_;
};

TEST_F(session_order, any_order_of_completion_gives_the_order_of_requests) {
  std::vector<size_t> order{0, 1, 2, 3};
  do {
    partition_->list_offsets.clear();
    correlation_ = 0;
    for (size_t i = 0; i < order.size(); ++i)
      ask(list(), 5);
    settle();
    for (auto i : order) {
      finish(i);
      loop_.drain();
    }
    expect_answers_in_order(order.size());
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_F(session_order, an_answer_waits_for_the_ones_before_it) {
  ask(list(), 5);
  ask(list(), 5);
  ask(list(), 5);
  settle();
  finish(1);
  loop_.drain();
  EXPECT_FALSE(answered());
  finish(0);
  loop_.drain();
  EXPECT_EQ(transport_.frames.size(), 2u);
  finish(2);
  loop_.drain();
  expect_answers_in_order(3);
  EXPECT_EQ(broker_.open_requests, 0);
}

/// Three threads answer while the loop sends: nothing is lost, doubled or overtaken.
TEST_F(session_order, answers_from_other_threads) {
  constexpr size_t requests = 3000;
  for (size_t i = 0; i < requests; ++i)
    session_->on_frame(frame_of(list(), 5));
  settle();
  std::vector<size_t> order(requests);
  for (size_t i = 0; i < requests; ++i)
    order[i] = i;
  std::shuffle(order.begin(), order.end(), std::mt19937{5});
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      for (size_t i = t; i < requests; i += 3)
        finish(order[i]);
    });
  while (transport_.frames.size() < requests)
    loop_.step();
  for (auto& t : threads)
    t.join();
  loop_.drain();
  expect_answers_in_order(requests);
}

/// What is finished within a burst leaves with one flush at its end.
TEST_F(session_order, a_burst_is_sent_together) {
  ask(kafka::describe_cluster_request{}, 0);
  ask(kafka::describe_cluster_request{}, 0);
  EXPECT_THAT(transport_.staged, IsEmpty());
  loop_.drain();
  EXPECT_FALSE(answered());
  session_->end_of_burst();
  EXPECT_EQ(transport_.frames.size(), 2u) << "without a round through the loop";
}

/// A partition that ends answers for itself; a request that is lost otherwise ends the connection, so that
/// the client tries again at once.
TEST_F(session_order, a_request_that_is_lost_closes_the_connection) {
  kafka::fetch_request fetch;
  fetch.session_epoch = -1;
  ask(fetch, 12);
  loop_.drop(); // the answer was to be composed there
  ask(list(), 5);
  settle();
  finish(0);
  loop_.drain();
  EXPECT_THAT(transport_.closed, ElementsAre("a request was lost before it was answered"));
  EXPECT_FALSE(answered());
  EXPECT_EQ(broker_.open_requests, 0);
}

TEST_F(session_order, a_change_that_cannot_be_made_closes_the_connection) {
  ask(kafka::create_topics_request{}, 5);
  settle();
  coordinator_->changes.clear(); // dropped unanswered
  loop_.drain();
  EXPECT_THAT(transport_.closed, ElementsAre(HasSubstr("the coordinator stopped before it answered")));
  EXPECT_EQ(broker_.open_requests, 0);
}

TEST_F(session_order, nothing_is_sent_after_a_disconnect) {
  ask(list(), 5);
  ask(list(), 5);
  settle();
  finish(1);
  session_->disconnected();
  finish(0);
  loop_.drain();
  EXPECT_THAT(transport_.staged, IsEmpty());
  EXPECT_FALSE(answered());
  EXPECT_FALSE(closed());
  EXPECT_EQ(broker_.open_requests, 0);
  EXPECT_TRUE(session_->idle());
}

TEST_F(session_order, answers_outlive_their_session) {
  ask(list(), 5);
  settle();
  disconnect();
  finish(0);
  loop_.drain();
  EXPECT_FALSE(answered());
}

TEST_F(session_order, frames_behind_a_close_are_ignored) {
  session_->close("enough");
  ask(list(), 5);
  settle();
  EXPECT_TRUE(partition_->list_offsets.empty());
  EXPECT_EQ(broker_.open_requests, 0);
  EXPECT_EQ(transport_.closed.size(), 1u);
}

} // namespace
} // namespace chisme::testing
