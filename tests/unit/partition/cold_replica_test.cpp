// A replica that is asked for what is not in memory.
#include "actors/partition/open_replica.hpp"
#include "tests/support/partition_shell.hpp"

namespace chisme::partition {
namespace {

/// It goes through a log of any length.
TEST(warm_up, asks_for_more_from_round_to_round_while_it_comes_on) {
  warm_up w;
  uint64_t last = 0;
  for (uint64_t at = 70'000; at < uint64_t{100} << 30; at += last) {
    const auto next = w.widened({nullptr, at, 61});
    EXPECT_EQ(next.position, at - at % 65'536);
    EXPECT_GE(next.length, last);
    last = next.length;
  }
  EXPECT_EQ(last, 32u << 20);
  EXPECT_FALSE(w.is_over());
}

TEST(warm_up, is_over_where_what_was_read_is_missing_again_and_again) {
  warm_up w;
  int rounds = 0;
  for (; !w.is_over(); ++rounds)
    EXPECT_GE(w.widened({nullptr, 70'000, 61}).length, 65'536u);
  EXPECT_EQ(rounds, 4);
}

TEST(warm_up, never_asks_for_less_than_is_missing) {
  warm_up w;
  const auto all = w.widened({nullptr, 1, 50 << 20});
  EXPECT_EQ(all.position, 0u);
  EXPECT_EQ(all.length, (50u << 20) + 1);
}

class cold_replica_test : public test::partition_shell_test {
protected:
  cold_replica_test() {
    around_.disk_worker = fake<disk_worker::disk_worker_actor>(
      [this](const disk_worker::open_request& r) -> disk_worker::open_result {
        return {std::make_shared<opened_replica>(open_replica(*disk_, *r.what)), {}};
      },
      [this](const disk_worker::warm_request& r) { return warm(r); });
    open();
    for (int i = 0; i < 3; ++i) {
      append(acks::all, 5);
      sync_all();
    }
    // The flusher here syncs nothing.
    EXPECT_TRUE(disk_->open_filesystem("/data").value()->sync());
    disk_->drop_clean_pages();
  }

  disk_worker::warm_result warm(const disk_worker::warm_request& r) {
    ++asked_;
    if (client_goes_)
      gone_ = true;
    if (!r.wanted())
      return {};
    if (disk_answers_) {
      std::vector<std::byte> somewhere(r.what.length);
      EXPECT_TRUE(r.what.file->read_at(r.what.position, somewhere));
    }
    return {worker_says_};
  }

  struct client final : reply_sink<read_result> {
    explicit client(cold_replica_test& t) : test(t) {}
    void deliver(size_t, read_result r) override { test.answer_ = std::move(r); }
    bool wanted() const override { return !test.gone_; }
    cold_replica_test& test;
  };
  void ask() {
    read_request r;
    r.offset = 0;
    r.done = reply<read_result>{std::make_shared<client>(*this), 0};
    port_->send(std::move(r));
    run();
  }

  bool disk_answers_ = true;
  bool worker_says_ = true;
  bool client_goes_ = false;
  bool gone_ = false;
  int asked_ = 0;
  std::optional<read_result> answer_;
};

TEST_F(cold_replica_test, are_answered_when_somebody_else_has_read_it) {
  ask();
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->code, error_code::none);
  EXPECT_EQ(answer_->next_offset, 15);
  EXPECT_GT(asked_, 0);
  asked_ = 0;
  ask();
  EXPECT_EQ(asked_, 0) << "it is in memory now";
}

TEST_F(cold_replica_test, wait_themselves_where_nobody_can_read_it) {
  worker_says_ = disk_answers_ = false;
  ask();
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->next_offset, 15);
  EXPECT_EQ(asked_, 1);
}

/// A memory that loses what is read into it at once.
TEST_F(cold_replica_test, wait_themselves_after_enough_rounds) {
  disk_answers_ = false;
  ask();
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->next_offset, 15);
  EXPECT_EQ(asked_, 4);
}

TEST_F(cold_replica_test, of_a_client_that_has_gone_are_forgotten) {
  client_goes_ = true;
  ask();
  EXPECT_EQ(asked_, 1);
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->code, error_code::not_leader_or_follower) << "as of one that was dropped";
}

TEST_F(cold_replica_test, end_with_the_replica) {
  disk_answers_ = false;
  read_request r;
  r.offset = 0;
  r.done = reply<read_result>{std::make_shared<client>(*this), 0};
  port_->send(std::move(r));
  steps().run_once(); // the partition asks the worker, which has not had its turn yet
  tell(stop_request{true});
  run();
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->code, error_code::not_leader_or_follower);
}

} // namespace
} // namespace chisme::partition
