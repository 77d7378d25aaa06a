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
      [](const disk_worker::close_log_request& r) -> disk_worker::close_log_result {
        EXPECT_TRUE(r.log->close());
        return {};
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
    if (r.wanted && !r.wanted())
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
  std::string worker_says_; ///< why it failed
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

/// A disk may take half a minute for each failure: nobody waits for the same one again.
TEST_F(cold_replica_test, are_answered_with_what_the_disk_said_where_it_cannot_be_read) {
  worker_says_ = "input/output error";
  disk_answers_ = false;
  disk_->may_wait(false);
  ask();
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->code, error_code::kafka_storage_error);
  EXPECT_EQ(answer_->message, "input/output error");
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(disk_->waited_for(), "");
}

TEST_F(cold_replica_test, are_answered_with_what_is_in_memory_where_the_failure_has_passed) {
  worker_says_ = "input/output error";
  ask();
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->code, error_code::none);
  EXPECT_EQ(answer_->next_offset, 15);
}

TEST_F(cold_replica_test, ask_anew_after_a_failure) {
  worker_says_ = "input/output error";
  disk_answers_ = false;
  ask();
  worker_says_.clear();
  disk_answers_ = true;
  ask();
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->code, error_code::none);
}

TEST_F(cold_replica_test, are_answered_where_the_worker_has_ended) {
  caf::anon_send_exit(around_.disk_worker, caf::exit_reason::kill);
  run();
  disk_->may_wait(false);
  ask();
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->code, error_code::kafka_storage_error);
  EXPECT_EQ(disk_->waited_for(), "");
}

TEST_F(cold_replica_test, find_no_time_that_cannot_be_read_and_do_not_wait_for_it) {
  worker_says_ = "input/output error";
  disk_answers_ = false;
  disk_->may_wait(false);
  auto [reply, found] = test::owed<offset_result>();
  port_->send(list_offset_request{1000, -1, std::move(reply)});
  run();
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->code, error_code::kafka_storage_error);
  EXPECT_EQ(disk_->waited_for(), "");
}

/// Both are tried again with the next housekeeping.
TEST_F(cold_replica_test, neither_delete_nor_compact_what_cannot_be_read) {
  replica_.settings.segment_bytes = 100;
  replica_.settings.retention_ms = 1;
  replica_.settings.cleanup_compact = true;
  replica_.settings.min_cleanable_dirty_ratio = 0;
  tell(settings_changed{replica_.settings});
  for (int i = 0; i < 5; ++i) {
    append();
    sync_all();
  }
  tell(stop_request{});
  sync_all();
  ASSERT_TRUE(*ended_);
  open();
  pass(std::chrono::hours{1});
  EXPECT_TRUE(disk_->open_filesystem("/data").value()->sync());
  disk_->drop_clean_pages();
  worker_says_ = "input/output error";
  disk_answers_ = false;
  disk_->may_wait(false);
  asked_ = 0;
  tell(housekeeping_due{});
  EXPECT_GT(asked_, 0);
  asked_ = 0;
  tell(compaction_due{});
  EXPECT_GT(asked_, 0);
  EXPECT_FALSE(cleaner_.is_asked());
  EXPECT_EQ(disk_->waited_for(), "");
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
