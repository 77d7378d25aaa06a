#include "tests/support/log_fixture.hpp"

namespace chisme::test {
namespace {

using partition_log_test = log_fixture;

TEST_F(partition_log_test, a_new_log_is_empty_and_starts_at_zero) {
  auto& l = open();
  EXPECT_TRUE(report.was_new);
  EXPECT_EQ(l.start_offset(), 0);
  EXPECT_EQ(l.end_offset(), 0);
  auto r = l.read(0, 1000, 100);
  ASSERT_TRUE(r);
  EXPECT_TRUE(r->data.empty());
  EXPECT_EQ(r->next_offset, 0);
}

TEST_F(partition_log_test, what_is_appended_is_read_byte_for_byte) {
  open();
  const auto first = make_batch(0, 3);
  const auto second = make_batch(3, 2);
  const log::stamped_batch both[] = {stamped(first), stamped(second)};
  ASSERT_TRUE(log->append(both, 1000));
  EXPECT_EQ(log->end_offset(), 5);
  EXPECT_EQ(read_from(0), std::string{as_chars(first)} + std::string{as_chars(second)});
  EXPECT_EQ(read_from(4), as_chars(second));
}

TEST_F(partition_log_test, a_read_ends_at_the_upper_bound_and_at_max_bytes) {
  open();
  fill(10, 1);
  const auto size = make_batch(0, 1).size();
  EXPECT_EQ(log->read(2, size * 3 + 5, 10)->next_offset, 5);
  EXPECT_EQ(log->read(2, 1 << 20, 4)->next_offset, 4);
  EXPECT_EQ(log->read(2, 1, 10)->next_offset, 3);
  EXPECT_EQ(log->read(2, 1, 10, false)->next_offset, 2);
  EXPECT_EQ(log->read(11, 1, 10).error().code, error_code::offset_out_of_range);
  EXPECT_EQ(log->read(-1, 1, 10).error().code, error_code::offset_out_of_range);
}

TEST_F(partition_log_test, batches_that_do_not_follow_are_refused) {
  open();
  fill(1);
  EXPECT_EQ(append(*log, make_batch(2, 1)).error().code, error_code::corrupt_message);
  EXPECT_EQ(append(*log, make_batch(4, 1)).error().code, error_code::corrupt_message);
  EXPECT_EQ(log->end_offset(), 3);
}

TEST_F(partition_log_test, segments_roll_by_size_and_reads_cross_them) {
  settings.segment_bytes = 1000;
  open();
  fill(50);
  EXPECT_GT(log->segments().size(), 3u);
  std::string expected;
  for (int i = 0; i < 50; ++i)
    expected += as_chars(make_batch(i * 3, 3));
  EXPECT_EQ(read_from(0), expected);
  open();
  EXPECT_EQ(read_from(0), expected);
  EXPECT_EQ(log->end_offset(), 150);
}

TEST_F(partition_log_test, one_append_may_touch_several_segments) {
  settings.segment_bytes = 300;
  open();
  std::vector<buffer> batches;
  std::vector<log::stamped_batch> all;
  for (int i = 0; i < 20; ++i)
    batches.push_back(make_batch(i, 1));
  for (const auto& b : batches)
    all.push_back(stamped(b));
  ASSERT_TRUE(log->append(all, 1));
  EXPECT_GT(log->segments().size(), 2u);
  EXPECT_EQ(log->end_offset(), 20);
  EXPECT_EQ(read_from(19), as_chars(batches.back()));
}

TEST_F(partition_log_test, segments_roll_by_time) {
  settings.segment_ms = 100;
  open();
  ASSERT_TRUE(append(*log, make_batch(0, 1, 1000), 1000));
  ASSERT_TRUE(append(*log, make_batch(1, 1, 1100), 1100));
  EXPECT_EQ(log->segments().size(), 1u);
  ASSERT_TRUE(append(*log, make_batch(2, 1, 1101), 1101));
  EXPECT_EQ(log->segments().size(), 2u);
}

TEST_F(partition_log_test, a_clean_close_leaves_nothing_to_scan) {
  open();
  fill(10);
  ASSERT_TRUE(log->close());
  open();
  EXPECT_TRUE(report.was_clean);
  EXPECT_EQ(report.batches_scanned, 0u);
  EXPECT_EQ(log->end_offset(), 30);
  EXPECT_EQ(log->synced_offset(), 30);
}

TEST_F(partition_log_test, after_a_kill_only_the_tail_behind_the_checkpoint_is_scanned) {
  open();
  fill(10);
  ASSERT_TRUE(log->sync());
  ASSERT_TRUE(log->checkpoint());
  fill(5);
  open();
  EXPECT_EQ(report.batches_scanned, 5u);
  EXPECT_EQ(log->end_offset(), 45);
  EXPECT_EQ(log->synced_offset(), 30);
}

TEST_F(partition_log_test, a_torn_batch_at_the_end_is_cut_off_and_reported) {
  open();
  fill(3);
  const auto path = file(0, ".log");
  const auto size = disk.content(path).size();
  ASSERT_TRUE(disk.open(path, log::open_mode::read_write).value()->truncate(size - 5));
  open();
  EXPECT_EQ(log->end_offset(), 6);
  ASSERT_EQ(report.cuts.size(), 1u);
  EXPECT_EQ(report.cuts[0].file, path);
  EXPECT_EQ(report.cuts[0].position, size / 3 * 2);
  EXPECT_EQ(report.cuts[0].bytes, size / 3 - 5);
  EXPECT_EQ(disk.content(path).size(), size / 3 * 2);
}

TEST_F(partition_log_test, a_flipped_bit_below_the_checkpoint_is_met_by_the_reader_and_not_served) {
  open();
  fill(3);
  ASSERT_TRUE(log->close());
  const auto size = make_batch(0, 3).size();
  disk.flip_bit(file(0, ".log"), size + 70, 3);
  open();
  EXPECT_EQ(log->end_offset(), 9);
  EXPECT_EQ(log->read(0, 1 << 20, 9)->next_offset, 3);
  auto r = log->read(3, 1 << 20, 9);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, error_code::corrupt_message);
  EXPECT_NE(r.error().message.find(file(0, ".log") + ": the batch at position " + std::to_string(size) + ", offset 3"),
            std::string::npos)
    << r.error().message;
}

TEST_F(partition_log_test, a_missing_segment_is_an_error_that_names_it) {
  settings.segment_bytes = 1000;
  open();
  fill(50);
  ASSERT_TRUE(log->close());
  const auto gone = log->segments()[2];
  ASSERT_TRUE(disk.remove(gone.path));
  auto e = open_fails();
  EXPECT_EQ(e.code, error_code::corrupt_message) << "the disk's own errors have another one: they may pass";
  EXPECT_NE(
    e.message.find("offsets " + std::to_string(gone.base_offset) + " to " + std::to_string(gone.end_offset - 1)),
    std::string::npos)
    << e.message;
}

TEST_F(partition_log_test, a_failed_write_leaves_the_log_as_it_was) {
  open();
  fill(3);
  disk.fail_operation(0, disk_fault::full);
  auto failed = append(*log, make_batch(9, 3));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, error_code::kafka_storage_error);
  EXPECT_EQ(log->end_offset(), 9);
  ASSERT_TRUE(append(*log, make_batch(9, 1)));
  EXPECT_EQ(read_from(9), as_chars(make_batch(9, 1)));
}

TEST_F(partition_log_test, truncation_takes_whole_batches_and_moves_the_recovery_point) {
  settings.segment_bytes = 1000;
  open();
  fill(50);
  ASSERT_TRUE(log->close());
  open();
  ASSERT_TRUE(log->truncate_to(31));
  EXPECT_EQ(log->end_offset(), 30);
  open();
  EXPECT_EQ(log->end_offset(), 30);
  fill(2);
  EXPECT_EQ(read_from(30), std::string{as_chars(make_batch(30, 3))} + std::string{as_chars(make_batch(33, 3))});
}

TEST_F(partition_log_test, a_reset_log_goes_on_at_its_new_offset) {
  open();
  fill(5);
  ASSERT_TRUE(log->reset_to(1000));
  EXPECT_EQ(log->start_offset(), 1000);
  fill(1);
  open();
  EXPECT_EQ(log->start_offset(), 1000);
  EXPECT_EQ(read_from(1000), as_chars(make_batch(1000, 3)));
}

TEST_F(partition_log_test, deleted_records_stay_deleted_after_a_restart) {
  settings.segment_bytes = 1000;
  open();
  fill(50);
  const auto before = log->segments().size();
  ASSERT_TRUE(log->delete_records(100));
  EXPECT_LT(log->segments().size(), before);
  open();
  EXPECT_EQ(log->start_offset(), 100);
  EXPECT_EQ(log->read(99, 1, 150).error().code, error_code::offset_out_of_range);
  EXPECT_EQ(log->read(100, 1, 150)->first_offset, 99);
  EXPECT_EQ(log->delete_records(151).error().code, error_code::offset_out_of_range);
}

TEST_F(partition_log_test, retention_deletes_by_time_below_the_high_watermark_only) {
  settings.segment_bytes = 1000;
  settings.retention_ms = 500;
  open();
  fill(50, 3, 1000);
  EXPECT_EQ(log->apply_retention(1400, 150).value(), 0u);
  const auto second = log->segments()[2].base_offset;
  EXPECT_EQ(log->apply_retention(2000, second).value(), 2u);
  EXPECT_EQ(log->start_offset(), second);
  ASSERT_TRUE(log->apply_retention(2000, 150));
  EXPECT_EQ(log->start_offset(), 150);
  EXPECT_EQ(log->size_bytes(), 0u);
  EXPECT_EQ(log->end_offset(), 150);
}

TEST_F(partition_log_test, retention_deletes_by_size) {
  settings.segment_bytes = 1000;
  settings.retention_bytes = 2000;
  settings.retention_ms = no_limit;
  open();
  fill(50);
  ASSERT_TRUE(log->apply_retention(2000, 150));
  EXPECT_GE(log->size_bytes(), 2000u);
  EXPECT_LT(log->size_bytes(), 3100u);
}

TEST_F(partition_log_test, records_are_found_by_time) {
  settings.segment_bytes = 1000;
  open();
  for (int i = 0; i < 40; ++i)
    ASSERT_TRUE(append(*log, make_batch(i * 3, 3, 1000 + i * 10)));
  using found = std::optional<log::timestamp_and_offset>;
  EXPECT_EQ(log->offset_for_timestamp(0, 120).value(), (found{{1000, 0, 0}}));
  EXPECT_EQ(log->offset_for_timestamp(1201, 120).value(), (found{{1201, 61, 0}}));
  EXPECT_EQ(log->offset_for_timestamp(1203, 120).value(), (found{{1210, 63, 0}}));
  EXPECT_EQ(log->offset_for_timestamp(1203, 63).value(), found{});
  EXPECT_EQ(log->offset_for_timestamp(5000, 120).value(), found{});
  EXPECT_EQ(log->max_timestamp(log->end_offset()).value(), (found{{1392, 119, 0}}));
}

TEST_F(partition_log_test, the_largest_timestamp_is_that_of_a_record_below_the_bound) {
  settings.segment_bytes = 1000;
  settings.index_interval_bytes = 1;
  open();
  std::vector<timestamp_ms> times;
  for (int i = 0; i < 30; ++i) {
    times.push_back(1000 + i * 37 % 29);
    ASSERT_TRUE(append(*log, make_batch(i, 1, times.back())));
  }
  for (offset_t bound = 1; bound <= 30; ++bound) {
    const auto largest = std::max_element(times.begin(), times.begin() + bound);
    const auto found = log->max_timestamp(bound).value();
    ASSERT_TRUE(found) << bound;
    EXPECT_EQ(found->timestamp, *largest) << bound;
    EXPECT_EQ(found->offset, largest - times.begin()) << bound;
  }
  EXPECT_EQ(log->max_timestamp(0).value(), std::nullopt);
}

TEST_F(partition_log_test, records_without_a_timestamp_age_by_the_file_that_holds_them) {
  settings.segment_bytes = 300;
  settings.retention_ms = 100;
  disk.set_time(5000);
  open();
  for (int i = 0; i < 12; ++i) {
    log::batch_builder b;
    b.header.base_offset = i;
    b.header.leader_epoch = 0;
    b.add("key", "value", -1);
    ASSERT_TRUE(append(*log, b.finish().value(), 5000));
  }
  ASSERT_TRUE(log->sync());
  ASSERT_TRUE(log->close());
  disk.set_time(9000);
  open();
  EXPECT_EQ(log->apply_retention(5100, 12).value(), 0u);
  EXPECT_GT(log->apply_retention(5101, 12).value(), 2u);
  EXPECT_EQ(log->start_offset(), 12);
}

TEST_F(partition_log_test, the_producer_state_survives_a_restart_with_all_five_batches) {
  open();
  const auto send = [&](int sequence) {
    log::batch_builder b;
    b.header.base_offset = log->end_offset();
    b.header.producer_id = 7;
    b.header.producer_epoch = 0;
    b.header.base_sequence = sequence;
    b.add("k", "v", 1000);
    ASSERT_TRUE(append(*log, b.finish().value()));
  };
  for (int i = 0; i < 4; ++i)
    send(i);
  ASSERT_TRUE(log->sync());
  ASSERT_TRUE(log->checkpoint());
  send(4);
  const auto before = log->producers();
  options.now = 1000;
  open();
  EXPECT_EQ(log->producers(), before);
  ASSERT_TRUE(log->close());
  open();
  EXPECT_EQ(log->producers(), before);
  EXPECT_TRUE(report.was_clean);
}

TEST_F(partition_log_test, epoch_marks_survive_a_restart_even_without_a_batch) {
  open();
  EXPECT_TRUE(log->assign_epoch(3).value());
  EXPECT_FALSE(log->assign_epoch(3).value());
  ASSERT_TRUE(append(*log, make_batch(0, 2, 1000, 3)));
  EXPECT_TRUE(log->assign_epoch(5).value());
  ASSERT_TRUE(log->sync());
  open();
  EXPECT_EQ(log->epochs().marks(), (std::vector<log::epoch_mark>{{3, 0}, {5, 2}}));
}

/// Found by fuzzing: the walk that rebuilds the producers met the damage first, and the whole log was refused.
TEST_F(partition_log_test, damage_before_what_is_scanned_refuses_no_log) {
  settings.index_interval_bytes = 1;
  open();
  const auto with_producer = [&](int32_t sequence) {
    log::batch_builder b;
    b.header.base_offset = log->end_offset();
    b.header.producer_id = 1;
    b.header.producer_epoch = 0;
    b.header.base_sequence = sequence;
    b.add("key", "value", 1000).add("key", "value", 1001);
    ASSERT_TRUE(test::append(*log, *b.finish()));
  };
  with_producer(0);
  with_producer(2);
  ASSERT_TRUE(log->close());
  const auto size = disk.content(file(0, ".log")).size();
  disk.flip_bit(file(0, ".log"), size / 2, 1); // in the second batch's base offset
  open();
  with_producer(4);
  open();
  EXPECT_EQ(log->end_offset(), 6);
  EXPECT_EQ(log->read(0, 1 << 20, 6)->next_offset, 2);
  EXPECT_EQ(log->read(2, 1 << 20, 6).error().code, error_code::corrupt_message);
}

/// Records behind the damage are younger than what can be seen of the segment.
TEST_F(partition_log_test, retention_leaves_a_segment_whose_age_the_damage_hides) {
  settings.segment_bytes = 250;
  settings.retention_ms = 10'000;
  open();
  fill(1, 3, 1000);
  fill(1, 3, 50'000);
  fill(1, 3, 51'000);
  ASSERT_EQ(log->segments().size(), 2u);
  ASSERT_TRUE(log->close());
  for (const auto* suffix : {".index", ".timeindex"})
    ASSERT_TRUE(disk.remove(file(0, suffix)));
  disk.flip_bit(file(0, ".log"), make_batch(0, 3).size() + 16, 1); // the second batch is of no known format
  open();
  EXPECT_FALSE(log->apply_retention(55'000, log->end_offset()));
  EXPECT_EQ(log->start_offset(), 0);
}

} // namespace
} // namespace chisme::test
