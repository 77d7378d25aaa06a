// What a disk worker does for others, and that nothing of it ends the worker.
#include "actors/disk_worker/disk_worker_actor.hpp"
#include "actors/log/partition_metadata.hpp"
#include "actors/partition/open_replica.hpp"
#include "actors/supervisor/leftover_folders.hpp"
#include "tests/support/log_fixture.hpp"
#include "tests/support/passing_file.hpp"
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

/// A file of which some bytes cannot be read.
class bad_file final : public test::passing_file {
public:
  bad_file(log::file_ptr of, uint64_t bad, bool throws) : passing_file(std::move(of)), bad_(bad), throws_(throws) {}
  result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
    ++reads;
    if (position > bad_ || position + into.size() <= bad_)
      return into.size();
    if (throws_)
      throw std::bad_alloc{};
    return fail(error_code::kafka_storage_error, "input/output error");
  }
  int reads = 0;

private:
  uint64_t bad_;
  bool throws_;
};

class warming_test : public disk_worker_actor_test {
protected:
  std::string warm(log::cold_range what, std::optional<log::cold_range> needed = {}) {
    return ask<warm_result>(warm_request{std::move(what), std::move(needed)}).failure;
  }
  std::shared_ptr<bad_file> bad_at(uint64_t position, bool throws = false) {
    return std::make_shared<bad_file>(disk_->open("/data/x", log::open_mode::create).value(), position, throws);
  }
};

TEST_F(warming_test, reads_all_of_it_in_turns) {
  const auto file = bad_at(10 << 20);
  EXPECT_EQ(warm({file, 1 << 20, 9 << 20}), "");
  EXPECT_EQ(file->reads, 9);
}

TEST_F(warming_test, tells_what_the_disk_said) {
  const auto file = bad_at(3 << 20);
  EXPECT_EQ(warm({file, 1 << 20, 9 << 20}), "input/output error");
  EXPECT_EQ(file->reads, 3);
}

/// What is read beside it is a guess.
TEST_F(warming_test, a_failure_beside_what_is_needed_is_none) {
  const auto file = bad_at(3 << 20);
  EXPECT_EQ(warm({file, 0, 9 << 20}, log::cold_range{file, 0, 2 << 20}), "");
  EXPECT_EQ(warm({file, 0, 9 << 20}, log::cold_range{file, 0, 4 << 20}), "input/output error");
}

TEST_F(warming_test, an_exception_is_told_to_who_asked) {
  const auto file = bad_at(0, true);
  EXPECT_EQ(warm({file, 0, 100}), std::bad_alloc{}.what());
  EXPECT_TRUE(lives());
}

TEST_F(disk_worker_actor_test, an_exception_of_a_search_is_told_to_who_asked) {
  ASSERT_TRUE(disk_->make_directories("/data/t-0"));
  ASSERT_TRUE(log::write_partition_metadata(*disk_, "/data/t-0", uuid{{7}}, true));
  disk_->throw_at_open("/data/t-0/", 1);
  auto search = std::make_shared<supervisor::leftover_search>();
  search->data_dir = "/data";
  search->cluster = std::make_shared<const coordinator::cluster_state>();
  search->deleted = std::make_shared<const supervisor::topic_ids>();
  const auto found = ask<search_result>(search_request{search});
  EXPECT_FALSE(found.found);
  EXPECT_EQ(found.failure, "a broken invariant");
  EXPECT_TRUE(lives());
}

} // namespace
} // namespace chisme::disk_worker
