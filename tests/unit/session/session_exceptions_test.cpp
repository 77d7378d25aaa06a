// What throws within a client's session ends that client's connection, and is told.

#include "tests/support/fetch_fixture.hpp"

#include <gmock/gmock.h>

#include <new>

namespace chisme::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Out of memory, and who knows what else.
struct throwing_partition final : partition::port {
  void send(partition::append_batch) override { throw std::bad_alloc{}; }
  void send(partition::read_request) override { throw std::bad_alloc{}; }
  void send(partition::list_offset_request) override { throw std::bad_alloc{}; }
  void send(partition::epoch_end_request) override { throw std::bad_alloc{}; }
  void send(partition::delete_records_request) override { throw std::bad_alloc{}; }
  void send(partition::describe_request) override { throw std::bad_alloc{}; }
};

TEST_F(fetch_test, a_handler_that_throws_costs_its_client_the_connection) {
  add_topic("t", 1);
  change_image([&](broker_image& image) {
    auto topic = std::make_shared<topic_image>(*image.find("t"));
    topic->partitions[0].port = std::make_shared<throwing_partition>();
    image.topics.put("t", topic);
  });
  ask_and_settle(one("t"));
  EXPECT_THAT(transport_.closed, ElementsAre(HasSubstr("an exception: std::bad_alloc")));
  EXPECT_TRUE(session_->is_gone());
  EXPECT_EQ(broker_.open_requests, 0);
}

TEST_F(fetch_test, what_runs_later_and_throws_costs_its_client_the_connection) {
  session_->run_later([] { throw std::runtime_error{"a mistake"}; });
  session_->start_timer(this, std::chrono::milliseconds{5}, [] { throw std::runtime_error{"another"}; });
  loop_.drain();
  EXPECT_THAT(transport_.closed, ElementsAre(HasSubstr("a mistake")));
  EXPECT_EQ(loop_.timers(), 0u);
}

TEST_F(fetch_test, a_timer_that_throws_costs_its_client_the_connection) {
  session_->start_timer(this, std::chrono::milliseconds{5}, [] { throw std::runtime_error{"a mistake"}; });
  loop_.advance(std::chrono::milliseconds{5});
  EXPECT_THAT(transport_.closed, ElementsAre(HasSubstr("a mistake")));
}

} // namespace
} // namespace chisme::testing
