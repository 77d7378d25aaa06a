// What a disk worker does for others, and that nothing of it ends the worker.
#include "actors/disk_worker/disk_worker_actor.hpp"
#include "actors/partition/open_replica.hpp"
#include "tests/support/log_fixture.hpp"
#include "tests/support/shell_fixture.hpp"
#include "tests/support/throwing_files.hpp"

namespace chisme::disk_worker {
namespace {

class disk_worker_actor_test : public test::shell_test {
protected:
  disk_worker_actor_test() {
    EXPECT_TRUE(disk_->make_directories("/data"));
    order_->name = {"t", 0};
    order_->topic_id = uuid{{7}};
    order_->directory = "/data/t-0";
  }

  template <class Response, class Request>
  Response ask(Request r) {
    auto given = std::make_shared<std::optional<Response>>();
    end_later(test::spawn_function(system_, [this, given, r](caf::event_based_actor* self) -> caf::behavior {
      self->request(caf::actor_cast<caf::actor>(worker_), caf::infinite, r).then([given](const Response& x) {
        *given = x;
      });
      return {[](drain) {}};
    }));
    run();
    EXPECT_TRUE(*given) << "it does not answer";
    return given->value_or(Response{});
  }
  bool lives() { return !ended_->has_value(); }

  std::shared_ptr<log::partition_log> open() {
    auto opened = ask<open_result>(open_request{order_});
    return std::shared_ptr<log::partition_log>{std::move(opened.outcome->log.value())};
  }

  std::shared_ptr<test::throwing_files> disk_ = std::make_shared<test::throwing_files>();
  std::shared_ptr<partition::open_order> order_ = std::make_shared<partition::open_order>();
  disk_worker_actor worker_ = spawn<disk_worker>(disk_);
  test::answer<caf::error> ended_ = watch(worker_);
};

TEST_F(disk_worker_actor_test, an_exception_of_one_log_is_told_to_who_asked) {
  disk_->throw_at_open("/data/t-0/", 1);
  const auto failed = ask<open_result>(open_request{order_});
  EXPECT_FALSE(failed.outcome);
  EXPECT_EQ(failed.exception, "a broken invariant");
  EXPECT_TRUE(lives());
  EXPECT_TRUE(open());
}

TEST_F(disk_worker_actor_test, a_log_that_it_closed_is_not_scanned_again) {
  auto log = open();
  ASSERT_TRUE(test::append(*log, test::make_batch(0, 5)));
  ASSERT_TRUE(log->sync());
  EXPECT_EQ(ask<close_log_result>(close_log_request{std::exchange(log, nullptr)}).failure, "");
  const auto again = ask<open_result>(open_request{order_});
  EXPECT_EQ((*again.outcome->log)->end_offset(), 5);
  EXPECT_EQ(again.outcome->found.batches_scanned, 0u);
  EXPECT_TRUE(again.outcome->found.was_clean);
}

TEST_F(disk_worker_actor_test, a_log_that_cannot_be_closed_is_told_of) {
  auto log = open();
  ASSERT_TRUE(test::append(*log, test::make_batch(0, 5)));
  disk_->fail_operation(0, test::disk_fault::io_error);
  EXPECT_NE(ask<close_log_result>(close_log_request{log}).failure, "");
  EXPECT_TRUE(lives());
}

TEST_F(disk_worker_actor_test, an_exception_of_a_close_is_told_to_who_asked) {
  auto log = open();
  ASSERT_TRUE(test::append(*log, test::make_batch(0, 5)));
  disk_->throw_at_sync();
  EXPECT_EQ(ask<close_log_result>(close_log_request{log}).failure, "a broken invariant");
  EXPECT_TRUE(lives());
}

} // namespace
} // namespace chisme::disk_worker
