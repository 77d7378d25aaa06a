// A crash that keeps some of the names that changed, and not those that changed before them. Found by log_crash_test.
#include "actors/log/file_names.hpp"
#include "tests/support/log_fixture.hpp"

namespace chisme::test {
namespace {

class name_order_test : public log_fixture {
protected:
  name_order_test() { settings.segment_bytes = 300; }
  /// A new log of so many batches of three records that is synced and has a recovery point.
  void begin_with(int batches) {
    log.reset();
    ASSERT_TRUE(disk.remove_all(dir));
    open();
    fill(batches);
    sync_all();
    ASSERT_TRUE(log->checkpoint());
    sync_all();
  }
  void sync_all() {
    while (log->is_dirty())
      ASSERT_TRUE(log->sync());
  }
  void crash(uint64_t seed) {
    log.reset();
    std::mt19937_64 random{seed};
    disk.crash(random);
    options.now += 10;
    open();
  }
};

TEST_F(name_order_test, a_removed_segment_that_comes_back_without_its_neighbours_hides_no_later_one) {
  begin_with(2);
  const auto first = file(0, ".log");
  const auto content = disk.content(first);
  fill(20);
  ASSERT_TRUE(log->sync());
  const auto end = log->end_offset();
  const auto expected = read_from(30);
  ASSERT_TRUE(log->delete_records(30));
  log.reset();
  auto f = disk.open(first, log::open_mode::create_new).value();
  const bytes_view parts[] = {as_bytes(content)};
  ASSERT_TRUE(f->write_at(0, parts));
  open();
  EXPECT_EQ(log->start_offset(), 30);
  EXPECT_EQ(log->end_offset(), end);
  EXPECT_EQ(read_from(30), expected);
  settings.retention_bytes = no_limit;
  ASSERT_TRUE(log->apply_retention(1000, end));
  EXPECT_FALSE(disk.exists(first).value());
}

TEST_F(name_order_test, a_segment_goes_when_the_one_behind_it_has_its_name_on_disk) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    begin_with(6);
    const auto end = log->end_offset();
    ASSERT_TRUE(log->roll(1000));
    fill(1);
    ASSERT_TRUE(log->delete_records(end));
    crash(seed);
    EXPECT_EQ(log->start_offset(), end) << seed;
    EXPECT_GE(log->end_offset(), end) << seed;
  }
}

TEST_F(name_order_test, a_segment_goes_when_the_start_that_was_moved_before_is_on_disk) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    settings.segment_bytes = 1 << 20;
    begin_with(6);
    const auto end = log->end_offset();
    ASSERT_TRUE(log->delete_records(end)); // no segment goes yet
    ASSERT_TRUE(log->roll(1000));
    ASSERT_EQ(log->apply_retention(1000, end).value(), 1u);
    crash(seed);
    EXPECT_EQ(log->start_offset(), end) << seed;
  }
}

TEST_F(name_order_test, the_next_process_takes_other_names_for_versions_of_the_epochs) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    begin_with(1);
    ASSERT_TRUE(log->assign_epoch(1));
    ASSERT_TRUE(log->sync()); // it has its name now, and that is not on disk
    options.now += 10;
    open();
    ASSERT_TRUE(log->assign_epoch(2));
    crash(seed);
    EXPECT_GE(log->epochs().latest()->epoch, 1) << seed;
  }
}

TEST_F(name_order_test, a_recovery_point_that_is_torn_by_a_lack_of_space_is_not_the_one_to_rely_on) {
  for (uint64_t failing = 0; failing < 12; ++failing)
    for (uint64_t seed = 0; seed < 6; ++seed) {
      begin_with(1);
      fill(1);
      ASSERT_TRUE(log->checkpoint());
      ASSERT_TRUE(log->delete_records(2));
      disk.fail_operation(failing, disk_fault::full);
      const bool synced = log->sync().has_value();
      disk.cancel_fault();
      if (synced)
        sync_all();
      crash(seed);
      EXPECT_TRUE(!synced || log->end_offset() == 6) << failing << ' ' << seed;
      EXPECT_TRUE(!synced || log->start_offset() == 2) << failing << ' ' << seed;
    }
}

} // namespace
} // namespace chisme::test
