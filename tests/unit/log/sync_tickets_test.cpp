// What a sync that others do makes durable: what was there when it began, and nothing that came or went meanwhile.
#include "tests/support/log_fixture.hpp"

#include <algorithm>
#include <set>

namespace chisme::test {
namespace {

class sync_tickets_test : public log_fixture {
protected:
  /// Six offsets that are synced, with a recovery point behind them.
  void settled() {
    open();
    fill(2);
    ASSERT_TRUE(log->sync());
    ASSERT_TRUE(log->checkpoint());
    ASSERT_TRUE(log->sync());
  }
  void sync_files(const log::unsynced& what) {
    for (const auto& f : what.files)
      ASSERT_TRUE(f->sync());
  }
  void synced(const log::unsynced& what) {
    sync_files(what);
    log->mark_synced(what);
  }
  uint64_t disk_syncs() { return disk.syncs(); }
  bool is_dirty(std::string_view suffix) {
    const auto files = log->dirty().files;
    return std::ranges::any_of(files, [&](const log::file_ptr& f) { return f->path().ends_with(suffix); });
  }
};

TEST_F(sync_tickets_test, what_was_written_after_the_sync_began_stays_dirty) {
  settled();
  fill(1);
  const auto first = log->dirty();
  fill(1);
  synced(first);
  EXPECT_EQ(log->synced_offset(), 9);
  EXPECT_TRUE(is_dirty(".log"));
  synced(log->dirty());
  EXPECT_EQ(log->synced_offset(), 12);
  EXPECT_FALSE(log->is_dirty());
}

TEST_F(sync_tickets_test, each_file_and_folder_is_named_once) {
  settings.segment_bytes = 300;
  open();
  fill(6);
  std::set<std::string> names;
  const auto files = log->dirty().files;
  for (const auto& f : files)
    EXPECT_TRUE(names.insert(f->path()).second) << f->path();
  EXPECT_TRUE(files.back()->path() == dir || files.back()->path() == "/data") << files.back()->path();
}

TEST_F(sync_tickets_test, a_name_that_changes_during_a_sync_keeps_its_folder_dirty) {
  settled();
  fill(1);
  ASSERT_TRUE(log->roll(1000));
  const auto first = log->dirty();
  fill(1);
  ASSERT_TRUE(log->roll(1000));
  synced(first);
  EXPECT_TRUE(is_dirty("/t-0"));
}

TEST_F(sync_tickets_test, a_sync_from_before_a_truncation_says_nothing_of_what_came_after) {
  settled();
  fill(4);
  const auto before = log->dirty();
  sync_files(before);
  ASSERT_TRUE(log->truncate_to(9));
  EXPECT_EQ(log->synced_offset(), 6);
  fill(3);
  log->mark_synced(before);
  EXPECT_EQ(log->synced_offset(), 6);
  ASSERT_TRUE(log->sync());
  EXPECT_EQ(log->synced_offset(), 18);
}

TEST_F(sync_tickets_test, a_sync_from_before_a_reset_says_nothing_of_what_came_after) {
  settled();
  fill(4);
  const auto before = log->dirty();
  sync_files(before);
  ASSERT_TRUE(log->reset_to(9));
  fill(2);
  log->mark_synced(before);
  EXPECT_EQ(log->synced_offset(), 9);
}

TEST_F(sync_tickets_test, the_recovery_point_moves_while_others_go_on_appending) {
  settled();
  fill(2);
  ASSERT_TRUE(log->checkpoint());
  const auto with_point = log->dirty();
  fill(1); // never clean again
  synced(with_point);
  ASSERT_TRUE(log->sync()); // the point itself
  open();
  EXPECT_EQ(report.batches_scanned, 1);
}

TEST_F(sync_tickets_test, the_recovery_point_waits_for_what_was_dirty_when_it_was_taken) {
  settled();
  fill(1);
  const auto early = log->dirty();
  fill(1);
  ASSERT_TRUE(log->checkpoint());
  const auto point = disk.content(dir + "/recovery-point");
  synced(early);
  EXPECT_EQ(disk.content(dir + "/recovery-point"), point);
  synced(log->dirty());
  EXPECT_NE(disk.content(dir + "/recovery-point"), point);
}

TEST_F(sync_tickets_test, an_older_sync_that_ends_later_takes_nothing_back) {
  settled();
  fill(1);
  const auto older = log->dirty();
  fill(1);
  const auto newer = log->dirty();
  sync_files(newer);
  log->mark_synced(newer);
  log->mark_synced(older);
  EXPECT_EQ(log->synced_offset(), 12);
}

TEST_F(sync_tickets_test, a_pending_recovery_point_goes_with_the_records_below_it) {
  settled();
  fill(3);
  ASSERT_TRUE(log->checkpoint()); // waits for a sync, at 15
  ASSERT_TRUE(log->truncate_to(9));
  ASSERT_TRUE(append(*log, make_batch(9, 7)));
  ASSERT_TRUE(append(*log, make_batch(16, 2)));
  const auto content = read_from(0);
  ASSERT_TRUE(log->sync());
  ASSERT_TRUE(log->sync());
  open();
  EXPECT_TRUE(report.cuts.empty());
  EXPECT_EQ(log->end_offset(), 18);
  EXPECT_EQ(read_from(0), content);
}

TEST_F(sync_tickets_test, a_pending_recovery_point_outlives_a_truncation_behind_it) {
  settled();
  fill(3);
  ASSERT_TRUE(log->checkpoint());
  fill(2);
  ASSERT_TRUE(log->truncate_to(15));
  ASSERT_TRUE(log->sync());
  ASSERT_TRUE(log->sync());
  open();
  EXPECT_EQ(report.batches_scanned, 0);
}

/// Who must not wait for the disk has others write such marks.
TEST_F(sync_tickets_test, it_is_known_beforehand_which_marks_sync_something) {
  settled();
  const auto syncs_of = [this](const peer::raft_mark& m) {
    const auto before = disk_syncs();
    const bool said = log->waits_for_disk({&m, 1});
    EXPECT_TRUE(log->assign_epoch(m));
    EXPECT_EQ(said, disk_syncs() > before) << "the mark of epoch " << m.epoch;
    return said;
  };
  EXPECT_TRUE(syncs_of({5, log->end_offset(), {}})) << "the first one says that marks come first";
  EXPECT_FALSE(syncs_of({6, log->end_offset(), {}}));
  EXPECT_TRUE(syncs_of({7, log->end_offset(), peer::raft_configuration{{1, 2}, {}}}));
  EXPECT_FALSE(syncs_of({8, log->end_offset(), {}}));
}

} // namespace
} // namespace chisme::test
