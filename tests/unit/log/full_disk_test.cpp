// A disk that stays full: nothing is refused for good, nothing piles up, and what frees space works.
#include "actors/log/compaction.hpp"
#include "actors/log/file_names.hpp"
#include "tests/support/log_fixture.hpp"

namespace chisme::test {
namespace {

class full_disk_test : public log_fixture {
protected:
  full_disk_test() {
    settings.segment_bytes = 600;
    settings.index_interval_bytes = 100;
  }
  bool append_in_epoch(leader_epoch_t epoch) {
    return append(*log, make_batch(log->end_offset(), 3, 1000, epoch)).has_value();
  }
  /// A log with `batches` batches of three records that is synced and has a recovery point.
  void fill_and_sync(int batches) {
    open();
    fill(batches);
    ASSERT_TRUE(log->sync());
    ASSERT_TRUE(log->checkpoint());
    ASSERT_TRUE(log->sync());
  }
  /// A version of the epoch file that has not got its name.
  void leave_version(uint64_t number, std::string_view text) {
    auto f = disk.open(log::epochs_version_path(dir, number), log::open_mode::create_new).value();
    const bytes_view parts[] = {as_bytes(text)};
    ASSERT_TRUE(f->write_at(0, parts));
  }
  bool has_version(uint64_t number) { return disk.exists(log::epochs_version_path(dir, number)).value(); }
};

TEST_F(full_disk_test, refused_appends_leave_no_file_and_the_next_one_works_when_there_is_room) {
  fill_and_sync(2);
  open();
  const auto files = disk.file_count(dir);
  disk.fill_up();
  for (int i = 0; i < 50; ++i)
    ASSERT_FALSE(append_in_epoch(1));
  EXPECT_EQ(disk.file_count(dir), files);
  EXPECT_EQ(log->must_reopen(), nullptr);
  // Room for the name of the new version, and not for what is in it.
  disk.fill_up(1);
  for (int i = 0; i < 50; ++i)
    ASSERT_FALSE(append_in_epoch(1));
  EXPECT_EQ(disk.file_count(dir), files);
  disk.make_room();
  EXPECT_TRUE(append_in_epoch(1));
  ASSERT_TRUE(log->sync());
  open();
  EXPECT_EQ(log->epochs().latest(), (log::epoch_mark{1, 6}));
}

TEST_F(full_disk_test, a_reserve_takes_appends_and_is_kept_again_when_there_is_room) {
  options.reserve_bytes = 2 * log::space_reserve::piece;
  settings.segment_bytes = 1 << 20;
  fill_and_sync(2);
  const auto reserve = dir + "/reserve";
  ASSERT_EQ(disk.content(reserve).size(), options.reserve_bytes);
  disk.fill_up();
  int pieces = 0;
  for (auto left = options.reserve_bytes; left > 0; left = disk.content(reserve).size(), ++pieces)
    while (disk.content(reserve).size() == left)
      ASSERT_TRUE(append_in_epoch(0));
  EXPECT_EQ(pieces, 2) << "nothing is given up before it is needed";
  const auto first = log->end_offset();
  while (append_in_epoch(0))
    ASSERT_LT(log->end_offset(), 100'000);
  EXPECT_GT(log->end_offset(), first) << "the reserve was room for more than the append that needed it";
  ASSERT_TRUE(log->sync());
  (void)log->checkpoint(); // a full disk may refuse it
  EXPECT_EQ(disk.content(reserve).size(), 0u) << "there is no room for it";
  disk.make_room();
  ASSERT_TRUE(log->checkpoint());
  EXPECT_EQ(disk.content(reserve).size(), options.reserve_bytes);
}

/// However far an append came before it found no room.
TEST_F(full_disk_test, segments_that_are_begun_and_undone_leave_nothing_to_sync) {
  settings.segment_bytes = 100;
  open();
  fill(3);
  for (uint64_t left = 0; left < 8; ++left) {
    disk.fill_up(left);
    while (append_in_epoch(0))
      ASSERT_LT(log->end_offset(), 1000);
    const auto files = log->dirty().files.size();
    for (int i = 0; i < 50; ++i)
      ASSERT_FALSE(append_in_epoch(0));
    EXPECT_EQ(log->dirty().files.size(), files) << left;
  }
}

TEST_F(full_disk_test, a_reserve_that_was_not_written_whole_is_written_again) {
  options.reserve_bytes = 16 * 1024;
  open();
  ASSERT_TRUE(disk.open(dir + "/reserve", log::open_mode::read_write).value()->truncate(100));
  open();
  EXPECT_EQ(disk.content(dir + "/reserve").size(), options.reserve_bytes);
}

TEST_F(full_disk_test, a_torn_version_of_the_epochs_is_removed_at_the_start_which_needs_no_space) {
  fill_and_sync(2);
  leave_version(3, "0\n2\n0 0\n1");
  leave_version(4, "");
  const auto epochs = log->epochs();
  disk.fill_up();
  open();
  EXPECT_EQ(log->epochs(), epochs);
  EXPECT_FALSE(has_version(3));
  EXPECT_FALSE(has_version(4));
  EXPECT_EQ(read_from(0).size(), 2 * make_batch(0, 3).size());
}

TEST_F(full_disk_test, a_whole_version_of_the_epochs_counts_and_gets_its_name_with_the_next_sync) {
  fill_and_sync(2);
  leave_version(3, "0\n2\n0 0\n1 6\n");
  leave_version(5, "0\n3\n0 0\n1 6\n2 6\n");
  disk.fill_up();
  open();
  EXPECT_EQ(log->epochs().latest(), (log::epoch_mark{2, 6}));
  ASSERT_TRUE(log->sync());
  ASSERT_TRUE(log->sync());
  EXPECT_FALSE(has_version(3));
  EXPECT_FALSE(has_version(5));
  EXPECT_EQ(disk.content(dir + "/leader-epoch-checkpoint"), "0\n3\n0 0\n1 6\n2 6\n");
}

TEST_F(full_disk_test, marks_that_only_the_tail_tells_of_are_written_before_the_recovery_point_passes_them) {
  fill_and_sync(2);
  ASSERT_TRUE(append_in_epoch(1));
  // As a crash may leave it: the batch, and not the version of the epochs that came with it.
  ASSERT_TRUE(disk.remove(log::epochs_version_path(dir, 1)));
  disk.fill_up();
  open();
  EXPECT_EQ(log->epochs().latest(), (log::epoch_mark{1, 6}));
  ASSERT_TRUE(log->sync());
  EXPECT_FALSE(append_in_epoch(1));
  (void)log->checkpoint();
  open();
  EXPECT_EQ(log->epochs().latest(), (log::epoch_mark{1, 6}));
  disk.make_room();
  ASSERT_TRUE(log->sync());
  ASSERT_TRUE(log->checkpoint());
  open();
  EXPECT_EQ(report.batches_scanned, 0);
  EXPECT_EQ(log->epochs().latest(), (log::epoch_mark{1, 6}));
}

TEST_F(full_disk_test, a_mark_that_only_the_tail_tells_of_outlives_a_truncation_of_the_tail) {
  fill_and_sync(2);
  ASSERT_TRUE(append_in_epoch(1));
  ASSERT_TRUE(disk.remove(log::epochs_version_path(dir, 1)));
  open();
  ASSERT_TRUE(log->sync());
  ASSERT_TRUE(log->truncate_to(6));
  open();
  EXPECT_EQ(log->end_offset(), 6);
  EXPECT_EQ(log->epochs().latest(), (log::epoch_mark{1, 6}));
}

TEST_F(full_disk_test, a_log_with_torn_indexes_opens) {
  settings.index_interval_bytes = 1;
  fill_and_sync(20);
  ASSERT_GT(log->segments().size(), 2u);
  const auto content = read_from(0);
  auto index = disk.open(file(0, ".index"), log::open_mode::read_write).value();
  ASSERT_TRUE(index->truncate(3));
  ASSERT_TRUE(disk.remove(file(0, ".timeindex")));
  disk.fill_up();
  open();
  EXPECT_EQ(read_from(0), content);
  EXPECT_EQ(log->offset_for_timestamp(1001, log->end_offset()).value()->offset, 1);
}

TEST_F(full_disk_test, retention_frees_a_disk_that_its_own_log_has_filled) {
  open();
  disk.fill_up(60);
  while (append_in_epoch(0)) {
  }
  ASSERT_TRUE(log->sync());
  ASSERT_GT(log->segments().size(), 4u);
  ASSERT_FALSE(append_in_epoch(0));
  settings.retention_bytes = 1500;
  log->update_settings(settings);
  EXPECT_GT(log->apply_retention(1000, log->end_offset()).value(), 1u);
  EXPECT_TRUE(append_in_epoch(0));
}

TEST_F(full_disk_test, retention_removes_closed_segments_though_the_active_one_cannot_be_rolled) {
  fill_and_sync(20);
  settings.retention_ms = 100;
  log->update_settings(settings);
  disk.fill_up();
  const auto segments = log->segments().size();
  EXPECT_EQ(log->apply_retention(5000, log->end_offset()).value(), segments);
  EXPECT_EQ(log->start_offset(), log->end_offset());
}

TEST_F(full_disk_test, retention_of_a_single_segment_needs_no_more_than_a_name) {
  settings.segment_bytes = 1 << 20;
  settings.index_interval_bytes = 1;
  fill_and_sync(100);
  fill(100);
  ASSERT_TRUE(log->sync());
  settings.retention_ms = 100;
  log->update_settings(settings);
  disk.fill_up(3);
  EXPECT_EQ(log->apply_retention(5000, log->end_offset()).value(), 1u);
  open();
  EXPECT_EQ(log->start_offset(), 600);
}

TEST_F(full_disk_test, deleted_records_free_space_at_the_first_call) {
  fill_and_sync(10);
  ASSERT_TRUE(log->assign_epoch(1)); // so that marks go as well
  ASSERT_TRUE(append_in_epoch(1));
  fill_and_sync(10);
  disk.fill_up();
  const auto used = disk.used_blocks();
  ASSERT_TRUE(log->delete_records(40));
  EXPECT_EQ(log->start_offset(), 40);
  EXPECT_LT(disk.used_blocks(), used);
  open();
  EXPECT_EQ(log->start_offset(), 40);
}

TEST_F(full_disk_test, a_segment_that_cannot_be_removed_is_removed_by_the_next_retention) {
  fill_and_sync(10);
  disk.fail_operation(3, disk_fault::io_error); // behind the syncs of recovery point and folder
  ASSERT_TRUE(log->delete_records(20));
  EXPECT_EQ(log->start_offset(), 20);
  EXPECT_EQ(log->segments().front().base_offset, 0);
  EXPECT_GT(log->apply_retention(1000, log->end_offset()).value(), 0u);
  EXPECT_GT(log->segments().front().base_offset, 0);
  open();
  EXPECT_EQ(log->start_offset(), 20);
}

TEST_F(full_disk_test, a_segment_that_cannot_be_made_leaves_no_file) {
  settings.segment_bytes = 150;
  fill_and_sync(1);
  const auto files = disk.file_count(dir);
  for (uint64_t blocks = 0; blocks < 3; ++blocks) {
    disk.fill_up(blocks);
    ASSERT_FALSE(log->roll(1000));
    EXPECT_EQ(disk.file_count(dir), files) << blocks;
  }
}

// -- compaction ----------------------------------------------------------------------------------------------------

class full_disk_compaction_test : public full_disk_test {
protected:
  full_disk_compaction_test() {
    settings.cleanup_compact = true;
    settings.cleanup_delete = false;
    settings.min_cleanable_dirty_ratio = 0;
  }
  log::compaction_plan plan() {
    fill_and_sync(30);
    EXPECT_TRUE(log->roll(1000));
    EXPECT_TRUE(log->sync());
    EXPECT_TRUE(log->checkpoint());
    auto planned = log->plan_compaction(2000, log->end_offset()).value().value();
    planned.leave_free = 0;
    return planned;
  }
};

TEST_F(full_disk_compaction_test, what_lacks_space_leaves_nothing) {
  const auto planned = plan();
  const auto files = disk.file_count(dir);
  for (uint64_t blocks = 0; blocks < 5; ++blocks) {
    disk.fill_up(blocks);
    EXPECT_EQ(log::compact(disk, planned).error().code, error_code::kafka_storage_error);
    EXPECT_EQ(disk.file_count(dir), files) << blocks;
  }
}

TEST_F(full_disk_compaction_test, what_there_is_room_for_is_compacted) {
  const auto planned = plan();
  ASSERT_GT(planned.segments.size(), 3u);
  const auto before = read_from(0);
  disk.fill_up(10);
  auto outcome = log::compact(disk, planned);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_LT(outcome->groups.size(), planned.segments.size());
  ASSERT_TRUE(log->swap_in(*outcome));
  EXPECT_EQ(log->compacted_upto(), outcome->groups.back().replaces.back().end_offset);
  EXPECT_EQ(read_from(0), before); // each key was written once
  const auto left = disk.list(dir).value();
  for (const auto& file : left)
    EXPECT_FALSE(file.name.ends_with(log::cleaned_suffix)) << file.name;
}

TEST_F(full_disk_compaction_test, the_last_space_is_left_for_those_who_append) {
  auto planned = plan();
  planned.leave_free = 110 * 512;
  disk.fill_up(110);
  const auto files = disk.file_count(dir);
  EXPECT_EQ(log::compact(disk, planned).error().code, error_code::kafka_storage_error);
  EXPECT_EQ(disk.file_count(dir), files);
}

TEST_F(full_disk_compaction_test, a_log_that_was_closed_meanwhile_is_left_alone) {
  const auto planned = plan();
  log.reset();
  // The folder is another topic's by now.
  ASSERT_TRUE(disk.remove_all(dir));
  open();
  const auto files = disk.file_count(dir);
  EXPECT_EQ(log::compact(disk, planned).error().code, error_code::operation_not_attempted);
  EXPECT_EQ(disk.file_count(dir), files);
}

/// Ends the log as soon as the compaction makes its first file.
class ended_by_compaction : public sim_files {
public:
  result<log::file_ptr> open(const std::string& path, log::open_mode mode) override {
    if (path.ends_with(log::cleaned_suffix) && log)
      log.reset();
    return sim_files::open(path, mode);
  }
  std::unique_ptr<log::partition_log> log;
};

TEST(full_disk, a_compaction_ends_with_its_log_wherever_it_is) {
  ended_by_compaction disk;
  topic_settings settings;
  settings.cleanup_compact = true;
  settings.min_cleanable_dirty_ratio = 0;
  log::recovery_report report;
  disk.log = log::partition_log::open(disk, "/data/t-0", settings, {}, report).value();
  ASSERT_TRUE(append(*disk.log, make_batch(0, 3)));
  ASSERT_TRUE(disk.log->roll(1000));
  ASSERT_TRUE(disk.log->sync());
  const auto planned = disk.log->plan_compaction(2000, 3).value().value();
  const auto files = disk.file_count("/data/t-0");
  EXPECT_EQ(log::compact(disk, planned).error().code, error_code::operation_not_attempted);
  EXPECT_EQ(disk.file_count("/data/t-0"), files);
}

} // namespace
} // namespace chisme::test
