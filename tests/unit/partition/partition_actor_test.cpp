// A replica's life: what it answers when, and how it ends. Machines beside it are tested by themselves.
#include "actors/log/compaction.hpp"
#include "tests/support/partition_shell.hpp"

#include <gmock/gmock.h>

namespace chisme::partition {
namespace {

using namespace std::chrono_literals;
using test::partition_shell_test;
using ::testing::ElementsAre;

struct waiter final : read_waiter {
  bool committed(uint64_t more) override {
    bytes += more;
    return true;
  }
  void failed(error_code) override {}
  bool expired() const override { return false; }
  uint64_t bytes = 0;
};

class partition_actor_test : public partition_shell_test {
protected:
  /// How the answers came so far: base offsets, or -1 for one that is still owed.
  template <class... Answers>
  static std::vector<offset_t> offsets(const Answers&... a) {
    return {(*a ? (*a)->base_offset : -1)...};
  }
  void stop(bool remove = false) { tell(stop_request{remove}); }
  bool has_ended() const { return ended_->has_value(); }
  /// Of its own will, not of an exception.
  bool has_ended_well() const { return has_ended() && !**ended_; }
  bool folder_exists() { return disk_->exists(replica_.directory + "/00000000000000000000.log").value(); }
};

TEST_F(partition_actor_test, tells_the_supervisor_that_it_serves_and_each_time_with_a_later_epoch) {
  open();
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].code, error_code::none);
  EXPECT_EQ(told_[0].key, replica_.key);
  EXPECT_TRUE(told_[0].port);
  const auto first = told_[0].leader_epoch;
  append();
  sync_all();
  stop();
  sync_all();
  ASSERT_TRUE(has_ended_well());
  open();
  EXPECT_GT(told_.at(0).leader_epoch, first);
  EXPECT_EQ(end_offset(), 1);
}

TEST_F(partition_actor_test, answers_when_synced_in_the_order_of_the_appends) {
  open();
  const auto a = append(acks::all, 2), b = append(), c = append();
  EXPECT_THAT(offsets(a, b, c), ElementsAre(-1, -1, -1));
  EXPECT_EQ(end_offset(), 0) << "readers do not see what is not synced";
  sync();
  EXPECT_THAT(offsets(a, b, c), ElementsAre(0, -1, -1)) << "the others came while that sync was under way";
  EXPECT_EQ(end_offset(), 2);
  sync();
  EXPECT_THAT(offsets(a, b, c), ElementsAre(0, 2, 3)) << "what came meanwhile shares one sync";
  EXPECT_FALSE(flusher_.is_asked());
}

TEST_F(partition_actor_test, what_waits_in_the_mailbox_is_one_write) {
  open();
  append();
  sync_all();
  const auto before = disk_->log_writes();
  auto [first, a] = test::owed<append_result>();
  auto [second, b] = test::owed<append_result>();
  for (const auto& r : {first, second}) {
    append_batch batch;
    batch.requests.push_back({test::make_batch(0, 1, 1000), 13, acks::all, r});
    port_->send(std::move(batch));
  }
  run();
  EXPECT_EQ(disk_->log_writes() - before, 1);
  sync_all();
  EXPECT_THAT(offsets(a, b), ElementsAre(1, 2));
}

/// Each batch costs more than one turn may.
TEST_F(partition_actor_test, others_have_their_turn_between_costly_appends) {
  open();
  log::batch_builder b{log::codec::zstd};
  b.add("k", std::string(20 << 20, '\0'), 1000);
  const auto costly = b.finish().value();
  auto [first, a] = test::owed<append_result>();
  auto [second, c] = test::owed<append_result>();
  append_batch batch;
  for (const auto& r : {first, second})
    batch.requests.push_back({costly, 13, acks::all, r});
  port_->send(std::move(batch));
  run();
  EXPECT_EQ(steps().clock().schedule().size(), 1u) << "the other one comes later, by the clock";
  sync();
  EXPECT_THAT(offsets(a, c), ElementsAre(0, -1));
  pass(0ms);
  sync_all();
  EXPECT_THAT(offsets(a, c), ElementsAre(0, 1));
}

TEST_F(partition_actor_test, a_failed_sync_fails_all_who_wait_and_ends_serving) {
  open();
  const auto early = append();
  sync_all();
  const auto waits = append(), behind = append();
  sync("the disk is gone");
  EXPECT_EQ((*early)->code, error_code::none);
  EXPECT_EQ((*waits)->code, error_code::kafka_storage_error);
  EXPECT_EQ((*behind)->code, error_code::kafka_storage_error);
  EXPECT_EQ((*append())->code, error_code::kafka_storage_error);
  EXPECT_EQ((*read(0))->code, error_code::kafka_storage_error);
  EXPECT_EQ(told_.back().code, error_code::kafka_storage_error);
  EXPECT_FALSE(told_.back().port);
  EXPECT_FALSE(has_ended());
}

TEST_F(partition_actor_test, what_failed_can_be_stopped) {
  open();
  append();
  sync("the disk is gone");
  stop();
  EXPECT_TRUE(has_ended_well());
}

/// A node that stops waits for its replicas.
TEST_F(partition_actor_test, a_sync_that_fails_while_it_stops_ends_it) {
  open();
  const auto waits = append();
  stop();
  EXPECT_FALSE(has_ended());
  sync("the disk is gone");
  EXPECT_TRUE(has_ended_well());
  EXPECT_EQ((*waits)->code, error_code::kafka_storage_error);
}

TEST_F(partition_actor_test, a_stop_answers_what_is_under_way_when_it_is_synced_and_takes_nothing_new) {
  open();
  const auto waits = append();
  stop();
  const auto late = append();
  EXPECT_EQ((*late)->code, error_code::not_leader_or_follower);
  EXPECT_FALSE(*waits);
  sync_all();
  EXPECT_THAT(offsets(waits), ElementsAre(0));
  EXPECT_TRUE(has_ended_well());
  open();
  EXPECT_EQ(end_offset(), 1);
}

/// By reply.hpp: whoever asks an actor that has ended is answered all the same.
TEST_F(partition_actor_test, what_is_asked_when_it_has_ended_is_answered) {
  open();
  stop();
  sync_all();
  ASSERT_TRUE(has_ended_well());
  EXPECT_EQ((*append())->code, error_code::not_leader_or_follower);
  EXPECT_EQ((*read(0))->code, error_code::not_leader_or_follower);
}

TEST_F(partition_actor_test, a_deletion_fails_what_is_under_way_and_ends_it_without_waiting_for_the_disk) {
  open();
  const auto waits = append();
  stop(true);
  EXPECT_EQ((*waits)->code, error_code::unknown_topic_or_partition);
  EXPECT_TRUE(has_ended_well());
}

TEST_F(partition_actor_test, readers_are_woken_by_what_is_committed_not_by_what_is_appended) {
  open();
  auto w = std::make_shared<waiter>();
  EXPECT_TRUE((*read(0, w))->records.empty());
  append();
  EXPECT_EQ(w->bytes, 0u);
  sync_all();
  EXPECT_EQ(w->bytes, test::make_batch(0, 1).size());
  EXPECT_EQ((*read(0))->records.size(), w->bytes);
}

TEST_F(partition_actor_test, settings_hold_from_the_next_append_on) {
  open();
  append();
  sync_all();
  auto small = replica_.settings;
  small.max_message_bytes = 10;
  tell(settings_changed{small});
  EXPECT_EQ((*append())->code, error_code::message_too_large);
  tell(settings_changed{replica_.settings});
  const auto fits = append();
  sync_all();
  EXPECT_THAT(offsets(fits), ElementsAre(1));
}

TEST_F(partition_actor_test, a_lazy_topic_answers_before_the_sync) {
  replica_.settings.flush = flush_mode::lazy;
  open();
  EXPECT_THAT(offsets(append()), ElementsAre(0));
  EXPECT_EQ(end_offset(), 1);
}

TEST_F(partition_actor_test, asks_once_for_a_checkpoint_until_it_is_due) {
  open();
  EXPECT_EQ(checkpoints_wanted_, 0);
  append();
  append();
  sync_all();
  EXPECT_EQ(checkpoints_wanted_, 1);
  tell(checkpoint_due{});
  sync_all();
  append();
  sync_all();
  EXPECT_EQ(checkpoints_wanted_, 2);
}

TEST_F(partition_actor_test, retention_deletes_what_is_old_when_housekeeping_is_due) {
  replica_.settings.segment_bytes = 100;
  replica_.settings.retention_ms = 60'000;
  open();
  for (int i = 0; i < 3; ++i)
    append();
  sync_all();
  tell(housekeeping_due{});
  sync_all();
  EXPECT_EQ((*read(0))->code, error_code::none);
  pass(2min);
  append();
  sync_all();
  tell(housekeeping_due{});
  sync_all();
  EXPECT_EQ((*read(0))->code, error_code::offset_out_of_range);
  EXPECT_EQ(end_offset(), 4);
}

class compacted_partition_test : public partition_actor_test {
protected:
  compacted_partition_test() {
    replica_.settings.segment_bytes = 100;
    replica_.settings.cleanup_delete = false;
    replica_.settings.cleanup_compact = true;
    replica_.settings.min_cleanable_dirty_ratio = 0;
    open();
    for (int i = 0; i < 5; ++i)
      append();
    sync_all();
    // The recovery point moves behind what is to be cleaned.
    for (int i = 0; i < 3; ++i) {
      tell(checkpoint_due{});
      sync_all();
    }
    pass(1s);
    EXPECT_EQ(compactions_wanted_, 1);
    tell(compaction_due{});
    sync_all();
  }
};

TEST_F(compacted_partition_test, has_one_compaction_at_a_time_and_another_one_after_it_failed) {
  ASSERT_EQ(cleaner_.requests.size(), 1u);
  tell(compaction_due{});
  EXPECT_EQ(cleaner_.requests.size(), 1u);
  cleaner_gives({nullptr, "no space"});
  EXPECT_FALSE(cleaner_.is_asked());
  EXPECT_EQ((*read(0))->code, error_code::none);
  EXPECT_EQ(compactions_wanted_, 1) << "not before the next housekeeping";
  tell(housekeeping_due{});
  EXPECT_EQ(compactions_wanted_, 2);
  tell(compaction_due{});
  EXPECT_TRUE(cleaner_.is_asked());
}

TEST_F(compacted_partition_test, goes_on_while_it_is_compacted_and_takes_the_outcome) {
  const auto meanwhile = append();
  sync_all();
  EXPECT_THAT(offsets(meanwhile), ElementsAre(5));
  auto outcome = log::compact(*disk_, *cleaner_.requests.front().plan);
  ASSERT_TRUE(outcome) << outcome.error().message;
  cleaner_gives({std::make_shared<log::compaction_result>(std::move(*outcome)), {}});
  sync_all();
  EXPECT_EQ((*read(0))->code, error_code::none);
  EXPECT_EQ(end_offset(), 6);
}

TEST_F(compacted_partition_test, that_is_deleted_meanwhile_ends_and_its_outcome_is_for_nobody) {
  auto outcome = log::compact(*disk_, *cleaner_.requests.front().plan);
  ASSERT_TRUE(outcome) << outcome.error().message;
  stop(true);
  EXPECT_TRUE(has_ended_well());
  cleaner_gives({std::make_shared<log::compaction_result>(std::move(*outcome)), {}});
  EXPECT_TRUE(has_ended_well());
}

TEST_F(partition_actor_test, an_exception_ends_it_so_that_its_supervisor_learns_of_it) {
  disk_->throw_at_open(replica_.directory, 1);
  open();
  ASSERT_TRUE(has_ended());
  EXPECT_THAT(system_.render(**ended_), ::testing::HasSubstr("a broken invariant"));
  EXPECT_TRUE(told_.empty());
  open();
  EXPECT_EQ(told_.at(0).code, error_code::none);
}

} // namespace
} // namespace chisme::partition
