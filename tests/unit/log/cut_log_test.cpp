// What a log remembers after something was taken away from it, and what it refuses when that stopped half-way.
#include "actors/log/compaction.hpp"
#include "tests/support/log_fixture.hpp"

namespace chisme::test {
namespace {

class cut_log_test : public log_fixture {
protected:
  /// The n-th batch of a producer: two records.
  buffer batch_of(int64_t producer, int32_t n) {
    log::batch_builder b;
    b.header.base_offset = log->end_offset();
    b.header.leader_epoch = 0;
    b.header.producer_id = producer;
    b.header.producer_epoch = 0;
    b.header.base_sequence = 2 * n;
    b.add("k", "v", 1000).add("k", "w", 1000);
    return b.finish().value();
  }
  /// Whether the producer's batch would be appended; it is taken for one that is there already else.
  bool is_new(const buffer& batch) {
    const auto verdict = log::staged_producers{log->producers()}.check(stamped(batch).header);
    return verdict && std::holds_alternative<log::append_it>(*verdict);
  }
  using marks = std::vector<log::epoch_mark>;
  /// Epoch 0 begins at 0, 1 at 3, 4 at 6.
  void fill_three_epochs() {
    open();
    for (leader_epoch_t epoch : {0, 1, 4})
      ASSERT_TRUE(append(*log, make_batch(log->end_offset(), 3, 1000, epoch)));
    ASSERT_TRUE(log->sync());
  }
};

/// After a failed sync the system has forgotten what it could not write, and the next sync would succeed.
TEST_F(cut_log_test, a_failed_sync_is_final_until_the_log_is_opened_again) {
  open();
  fill(1);
  ASSERT_TRUE(log->sync());
  fill(1);
  disk.fail_operation(0, disk_fault::io_error);
  const auto first = log->sync();
  ASSERT_FALSE(first);
  ASSERT_TRUE(log->sync_failure());
  ASSERT_FALSE(disk.is_read_only());
  for (int i = 0; i < 2; ++i) {
    const auto again = log->sync();
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().message, first.error().message);
    EXPECT_EQ(log->synced_offset(), 3);
  }
  EXPECT_FALSE(append(*log, make_batch(6, 3)));
  open();
  EXPECT_TRUE(log->sync());
  EXPECT_EQ(log->synced_offset(), log->end_offset());
}

TEST_F(cut_log_test, a_read_whose_bound_lies_within_the_first_batch_is_empty) {
  open();
  fill(3);
  for (const bool from_file : {false, true}) {
    if (from_file) {
      disk.claim_descriptors();
      options.largest_in_memory = 0;
      open();
    }
    for (offset_t bound : {4, 5}) {
      const auto r = log->read(3, 1 << 20, bound);
      ASSERT_TRUE(r) << r.error().message;
      EXPECT_TRUE(r->data.empty()) << bound;
      EXPECT_EQ(r->next_offset, 3) << bound;
      EXPECT_EQ(r->first_offset, -1) << bound;
    }
    EXPECT_EQ(log->read(3, 1 << 20, 6)->next_offset, 6);
  }
}

TEST_F(cut_log_test, a_producers_batch_that_was_truncated_away_is_no_duplicate) {
  open();
  const auto kept = batch_of(7, 0);
  ASSERT_TRUE(append(*log, kept));
  const auto cut = batch_of(7, 1);
  ASSERT_TRUE(append(*log, cut));
  ASSERT_TRUE(append(*log, batch_of(8, 0)));
  ASSERT_TRUE(log->sync());
  ASSERT_TRUE(log->checkpoint());
  ASSERT_FALSE(is_new(cut));
  ASSERT_TRUE(log->truncate_to(2));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(log->producers().find(8), nullptr);
    EXPECT_FALSE(is_new(kept));
    EXPECT_TRUE(is_new(cut));
    open();
  }
  ASSERT_TRUE(log->reset_to(100));
  EXPECT_TRUE(log->producers().empty());
}

TEST_F(cut_log_test, a_producers_batch_that_was_undone_is_no_duplicate) {
  settings.segment_bytes = 150; // a batch each
  uint64_t undone = 0;
  for (uint64_t failing = 0;; ++failing) {
    log.reset();
    ASSERT_TRUE(disk.remove_all(dir));
    open();
    ASSERT_TRUE(append(*log, batch_of(6, 0)));
    ASSERT_TRUE(log->sync());
    const auto first = batch_of(7, 0);
    auto second = log::batch_builder{};
    second.header = stamped(batch_of(8, 0)).header;
    second.header.base_offset = log->end_offset() + 2;
    second.add("k", "v", 1000).add("k", "w", 1000);
    const auto other = second.finish().value();
    const log::stamped_batch both[] = {stamped(first), stamped(other)};
    disk.fail_operation(failing, disk_fault::full);
    const auto ok = log->append(both, 1000);
    if (!disk.fault_happened()) {
      disk.cancel_fault();
      break;
    }
    if (ok)
      continue;
    ASSERT_EQ(log->must_reopen(), nullptr) << disk.last_refused();
    undone += 1;
    EXPECT_EQ(log->producers().find(7), nullptr) << disk.last_refused();
    EXPECT_EQ(log->producers().find(8), nullptr) << disk.last_refused();
    EXPECT_NE(log->producers().find(6), nullptr) << disk.last_refused();
    EXPECT_TRUE(is_new(first));
    ASSERT_TRUE(log->append(both, 1000));
    EXPECT_FALSE(is_new(first));
    EXPECT_FALSE(is_new(other));
  }
  EXPECT_GE(undone, 3u);
}

TEST_F(cut_log_test, marks_of_epochs_go_with_what_is_truncated) {
  fill_three_epochs();
  ASSERT_TRUE(log->truncate_to(7));
  for (int i = 0; i < 2; ++i, open())
    EXPECT_EQ(log->epochs().marks(), (marks{{0, 0}, {1, 3}, {4, 6}})) << "4 has begun, at the end";
  ASSERT_TRUE(log->truncate_to(6, 1));
  for (int i = 0; i < 2; ++i, open())
    EXPECT_EQ(log->epochs().marks(), (marks{{0, 0}, {1, 3}}));
  ASSERT_TRUE(log->truncate_to(2, 0));
  for (int i = 0; i < 2; ++i, open())
    EXPECT_EQ(log->epochs().marks(), (marks{{0, 0}}));
}

TEST_F(cut_log_test, a_log_that_was_reset_has_no_epochs) {
  fill_three_epochs();
  ASSERT_TRUE(log->reset_to(100));
  for (int i = 0; i < 2; ++i, open())
    EXPECT_EQ(log->epochs().marks(), marks{});
  ASSERT_TRUE(append(*log, make_batch(100, 1, 1000, 2)));
  EXPECT_EQ(log->epochs().marks(), (marks{{2, 100}}));
}

TEST_F(cut_log_test, a_log_that_was_reset_is_compacted_from_its_start) {
  settings.cleanup_compact = true;
  settings.min_cleanable_dirty_ratio = 0;
  open();
  fill(2);
  ASSERT_TRUE(log->roll(1000));
  ASSERT_TRUE(log->sync());
  ASSERT_TRUE(log->checkpoint());
  auto plan = log->plan_compaction(2000, log->end_offset());
  ASSERT_TRUE(plan && *plan);
  const auto outcome = log::compact(disk, **plan);
  ASSERT_TRUE(outcome && log->swap_in(*outcome));
  ASSERT_EQ(log->compacted_upto(), 6);
  ASSERT_TRUE(log->reset_to(2));
  EXPECT_EQ(log->compacted_upto(), 0);
}

/// Nobody waits for records that are gone.
TEST_F(cut_log_test, what_is_deleted_counts_as_synced) {
  open();
  fill(1);
  ASSERT_TRUE(log->sync());
  fill(2);
  ASSERT_TRUE(log->delete_records(6));
  EXPECT_EQ(log->synced_offset(), 6);
}

TEST_F(cut_log_test, a_batch_of_another_length_than_its_header_says_is_refused) {
  open();
  const auto batch = make_batch(0, 3);
  auto short_one = stamped(batch);
  short_one.body = short_one.body.first(short_one.body.size() - 1);
  const log::stamped_batch one[] = {short_one};
  const auto refused = log->append(one, 1000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::corrupt_message);
  EXPECT_NE(refused.error().message.find("its length"), std::string::npos) << refused.error().message;
  EXPECT_TRUE(append(*log, batch));
}

TEST_F(cut_log_test, an_epoch_that_is_refused_leaves_no_mark) {
  fill_three_epochs();
  disk.fail_operation(0, disk_fault::full);
  ASSERT_FALSE(log->assign_epoch(9));
  disk.fail_operation(0, disk_fault::full);
  ASSERT_FALSE(append(*log, make_batch(9, 3, 1000, 9)));
  EXPECT_EQ(log->epochs().latest(), (log::epoch_mark{4, 6}));
  EXPECT_TRUE(log->assign_epoch(9).value());
  EXPECT_EQ(log->epochs().latest(), (log::epoch_mark{9, 9}));
}

TEST_F(cut_log_test, a_log_that_was_cut_half_way_refuses_every_change) {
  settings.segment_bytes = 300;
  settings.cleanup_compact = true;
  settings.min_cleanable_dirty_ratio = 0;
  std::mt19937_64 random{1};
  int half = 0;
  for (uint64_t failing = 0;; ++failing) {
    log.reset();
    if (disk.is_read_only())
      disk.crash(random);
    ASSERT_TRUE(disk.remove_all(dir));
    open();
    fill(10);
    ASSERT_TRUE(log->sync());
    ASSERT_TRUE(log->checkpoint());
    auto plan = log->plan_compaction(2000, log->end_offset());
    ASSERT_TRUE(plan && *plan);
    (*plan)->leave_free = 0;
    const auto outcome = log::compact(disk, **plan);
    ASSERT_TRUE(outcome) << outcome.error().message;
    disk.fail_operation(failing, disk_fault::full);
    const auto cut = log->truncate_to(10);
    if (!disk.fault_happened()) {
      disk.cancel_fault();
      break;
    }
    if (cut || log->sync_failure())
      continue;
    ++half;
    ASSERT_TRUE(log->must_reopen()) << disk.last_refused();
    const auto why = cut.error().message;
    const auto end = log->end_offset();
    const auto before = disk.operations();
    const auto refuses = [&](const char* what, const auto& answer) {
      ASSERT_FALSE(answer) << what << " after " << disk.last_refused();
      EXPECT_EQ(answer.error().message, why) << what;
    };
    refuses("append", append(*log, make_batch(end, 3)));
    refuses("assign_epoch", log->assign_epoch(5));
    refuses("roll", log->roll(1000));
    refuses("truncate_to", log->truncate_to(5));
    refuses("reset_to", log->reset_to(100));
    refuses("delete_records", log->delete_records(1));
    refuses("apply_retention", log->apply_retention(1'000'000, end));
    refuses("checkpoint", log->checkpoint());
    refuses("close", log->close());
    refuses("plan_compaction", log->plan_compaction(2000, end));
    refuses("swap_in", log->swap_in(*outcome));
    EXPECT_EQ(disk.operations(), before) << "the disk is not touched";
    open();
    EXPECT_EQ(log->must_reopen(), nullptr);
  }
  EXPECT_GE(half, 2);
}

} // namespace
} // namespace chisme::test
