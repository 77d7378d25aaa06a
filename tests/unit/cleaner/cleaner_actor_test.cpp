// The cleaner of all logs: what one log does to it stays with that one.
#include "actors/cleaner/cleaner_actor.hpp"
#include "actors/log/compaction.hpp"
#include "tests/support/log_fixture.hpp"
#include "tests/support/shell_fixture.hpp"
#include "tests/support/throwing_files.hpp"

#include <gmock/gmock.h>

namespace chisme::cleaner {
namespace {

class cleaner_actor_test : public test::shell_test {
protected:
  cleaner_actor_test() : cleaner_(spawn<cleaner>(disk_, hash_key{}, ends_)), ended_(watch(cleaner_)) {
    topic_settings settings;
    settings.segment_bytes = 100;
    settings.cleanup_compact = true;
    settings.min_cleanable_dirty_ratio = 0;
    log::recovery_report report;
    log_ = std::move(log::partition_log::open(*disk_, "/data/t-0", settings, {}, report).value());
    for (int i = 0; i < 4; ++i) {
      EXPECT_TRUE(test::append(*log_, test::make_batch(log_->end_offset(), 1)));
      EXPECT_TRUE(log_->sync());
      EXPECT_TRUE(log_->checkpoint());
    }
  }

  clean_result clean() {
    auto plan = log_->plan_compaction(10'000, log_->end_offset());
    if (!plan || !*plan)
      throw std::runtime_error{"there is nothing to clean"};
    clean_result answer;
    test::spawn_function(system_, [&](caf::event_based_actor* self) -> caf::behavior {
      self->request(cleaner_, caf::infinite, clean_request{std::make_shared<log::compaction_plan>(std::move(**plan))})
        .then([&answer](const clean_result& r) { answer = r; },
              [&answer](const caf::error&) { answer.failure = "the cleaner is gone"; });
      return {};
    });
    run();
    return answer;
  }

  std::shared_ptr<std::atomic<bool>> ends_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<test::throwing_files> disk_ = std::make_shared<test::throwing_files>();
  cleaner_actor cleaner_;
  test::answer<caf::error> ended_;
  std::unique_ptr<log::partition_log> log_;
};

TEST_F(cleaner_actor_test, gives_what_the_log_can_take) {
  auto r = clean();
  ASSERT_TRUE(r.outcome) << r.failure;
  EXPECT_TRUE(log_->swap_in(*r.outcome));
}

TEST_F(cleaner_actor_test, an_exception_is_a_failure_of_that_log_and_the_next_one_is_cleaned) {
  disk_->throw_at_open("/data/t-0/", 1);
  const auto failed = clean();
  EXPECT_FALSE(failed.outcome);
  EXPECT_THAT(failed.failure, ::testing::HasSubstr("a broken invariant"));
  EXPECT_FALSE(*ended_);
  EXPECT_TRUE(clean().outcome);
}

/// A node that stops does not wait for the end of a long compaction.
TEST_F(cleaner_actor_test, fails_at_the_next_read_once_no_compaction_is_wanted) {
  *ends_ = true;
  EXPECT_EQ(clean().failure, "the node stops");
  *ends_ = false;
  const auto r = clean();
  ASSERT_TRUE(r.outcome) << r.failure;
  EXPECT_TRUE(log_->swap_in(*r.outcome)) << "nothing has changed by it";
}

} // namespace
} // namespace chisme::cleaner
