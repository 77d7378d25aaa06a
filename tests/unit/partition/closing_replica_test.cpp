// A replica that stops: its log is closed by somebody who may wait for the disk.
#include "actors/partition/open_replica.hpp"
#include "tests/support/partition_shell.hpp"

namespace chisme::partition {
namespace {

class closing_replica_test : public test::partition_shell_test {
protected:
  closing_replica_test() {
    around_.disk_worker = fake<disk_worker::disk_worker_actor>(
      [this](const disk_worker::open_request& r) -> disk_worker::open_result {
        return {std::make_shared<opened_replica>(open_replica(*disk_, *r.what)), {}};
      },
      [this](disk_worker::close_log_request& r) -> disk_worker::close_log_result {
        EXPECT_FALSE(ended_->has_value()) << "it ends when its log is closed";
        closed_ = std::exchange(r.log, nullptr);
        writes_at_close_ = disk_->log_writes();
        return {failure_};
      });
    open();
    append();
    sync_all();
  }
  void stop() { tell(stop_request{false}); }

  std::shared_ptr<log::partition_log> closed_;
  int writes_at_close_ = 0;
  std::string failure_;
};

TEST_F(closing_replica_test, gives_its_log_away_and_ends_when_that_is_closed) {
  stop();
  ASSERT_TRUE(closed_);
  EXPECT_EQ(closed_.use_count(), 1) << "nobody else has it";
  EXPECT_EQ(closed_->end_offset(), 1);
  EXPECT_FALSE(closed_->is_dirty());
  ASSERT_TRUE(ended_->has_value());
  EXPECT_FALSE(**ended_);
}

TEST_F(closing_replica_test, ends_where_it_could_not_be_closed) {
  failure_ = "no space";
  stop();
  EXPECT_TRUE(closed_);
  ASSERT_TRUE(ended_->has_value());
  EXPECT_FALSE(**ended_);
}

TEST_F(closing_replica_test, ends_where_nobody_is_there_to_close_it) {
  caf::anon_send_exit(around_.disk_worker, caf::exit_reason::kill);
  run();
  stop();
  EXPECT_FALSE(closed_);
  ASSERT_TRUE(ended_->has_value());
  EXPECT_FALSE(**ended_);
}

/// What comes while the log is in other hands is answered.
TEST_F(closing_replica_test, refuses_what_comes_while_it_closes) {
  caf::anon_send(partition_, stop_request{false});
  steps().run_once(); // the worker has not had its turn yet
  const auto [read_reply, read_answer] = test::owed<read_result>();
  read_request r;
  r.done = read_reply;
  port_->send(std::move(r));
  const auto [append_reply, append_answer] = test::owed<append_result>();
  append_batch batch;
  batch.requests.push_back({test::make_batch(0, 1, 1000), 13, acks::all, append_reply});
  port_->send(std::move(batch));
  const auto [delete_reply, delete_answer] = test::owed<delete_records_result>();
  port_->send(delete_records_request{0, delete_reply});
  const auto [end_reply, end_answer] = test::owed<epoch_end_result>();
  port_->send(epoch_end_request{0, -1, end_reply});
  auto [describe_reply, describe_answer] = test::owed<describe_result>();
  port_->send(describe_request{std::move(describe_reply)});
  caf::anon_send(partition_, settings_changed{});
  caf::anon_send(partition_, housekeeping_due{});
  caf::anon_send(partition_, stop_request{true});
  run();
  EXPECT_EQ(read_answer->value().code, error_code::not_leader_or_follower);
  EXPECT_EQ(append_answer->value().code, error_code::not_leader_or_follower);
  EXPECT_EQ(delete_answer->value().code, error_code::not_leader_or_follower);
  EXPECT_EQ(end_answer->value().code, error_code::not_leader_or_follower);
  EXPECT_EQ(describe_answer->value().code, error_code::kafka_storage_error);
  EXPECT_EQ(writes_at_close_, disk_->log_writes());
  ASSERT_TRUE(ended_->has_value());
  EXPECT_FALSE(**ended_);
}

} // namespace
} // namespace chisme::partition
