// What the recovery point says was synced is looked for when a log is opened: a log that lacks it is not opened, and
// stays as it is.
#include "tests/support/log_fixture.hpp"

namespace chisme::test {
namespace {

class missing_pieces_test : public log_fixture {
protected:
  missing_pieces_test() { disk.list_backwards(); }
  /// Segments at 0, 6, 12, ... with two batches each; closed, so that the recovery point is at the end.
  void closed(int segments) {
    open();
    for (int i = 0; i < segments; ++i) {
      ASSERT_TRUE(log->roll(1000)); // an empty one stays
      fill(2);
    }
    ASSERT_TRUE(log->close());
    log.reset();
  }
  void lose(offset_t base) {
    for (auto suffix : {".log", ".index", ".timeindex"})
      ASSERT_TRUE(disk.remove(file(base, suffix)));
  }
  void is_refused(const std::string& name) {
    const auto files = disk.file_count(dir);
    const auto e = open_fails();
    EXPECT_EQ(e.code, error_code::corrupt_message);
    EXPECT_NE(e.message.find(name), std::string::npos) << e.message;
    EXPECT_EQ(disk.file_count(dir), files);
  }
};

TEST_F(missing_pieces_test, the_only_segment) {
  closed(1);
  lose(0);
  is_refused("00000000000000000000.log");
}

TEST_F(missing_pieces_test, the_first_segment) {
  closed(3);
  lose(0);
  is_refused("offset 0 is missing");
}

TEST_F(missing_pieces_test, a_segment_in_the_middle) {
  closed(3);
  lose(6);
  is_refused("6 to 11");
}

TEST_F(missing_pieces_test, the_segment_of_the_recovery_point_behind_a_larger_one) {
  open();
  fill(9);
  ASSERT_TRUE(log->roll(1000));
  fill(1);
  ASSERT_TRUE(log->close());
  log.reset();
  lose(27);
  is_refused("00000000000000000027.log");
}

TEST_F(missing_pieces_test, the_end_of_the_last_segment) {
  closed(2);
  const auto whole = disk.content(file(6, ".log"));
  auto f = disk.open(file(6, ".log"), log::open_mode::read_write).value();
  for (auto size : {whole.size() - 1, whole.size() / 2, size_t{0}}) {
    ASSERT_TRUE(f->truncate(size));
    EXPECT_EQ(open_fails().code, error_code::corrupt_message) << size;
    EXPECT_EQ(disk.content(file(6, ".log")).size(), size);
  }
}

TEST_F(missing_pieces_test, a_segment_that_begins_within_another_one) {
  closed(2);
  const auto content = disk.content(file(6, ".log"));
  auto f = disk.open(file(4, ".log"), log::open_mode::create_new).value();
  const bytes_view parts[] = {as_bytes(content)};
  ASSERT_TRUE(f->write_at(0, parts));
  is_refused("begins before");
}

TEST_F(missing_pieces_test, snapshots_and_leftovers_are_found_whatever_the_folders_order) {
  open();
  for (auto name : {"/00000000000000000003.log.cleaned", "/00000000000000000003.index.cleaned", "/strange.swap"})
    ASSERT_TRUE(disk.open(dir + name, log::open_mode::create_new));
  const auto files = disk.file_count(dir);
  open();
  EXPECT_EQ(disk.file_count(dir), files - 2); // whose name is nobody's stays
}

// -- without a recovery point: what the topic says of gaps ----------------------------------------------------------

class gaps_without_point_test : public missing_pieces_test {
protected:
  /// Batches at 10 and 20 in the segment 10, and no recovery point.
  void with_gap() {
    ASSERT_TRUE(disk.make_directories(dir));
    auto f = disk.open(file(10, ".log"), log::open_mode::create_new).value();
    const auto first = make_batch(10, 3);
    const auto second = make_batch(20, 3);
    const bytes_view parts[] = {first.view(), second.view()};
    ASSERT_TRUE(f->write_at(0, parts));
  }
};

TEST_F(gaps_without_point_test, are_fine_in_a_compacted_topic) {
  settings.cleanup_compact = true;
  with_gap();
  open();
  EXPECT_EQ(log->start_offset(), 10);
  EXPECT_EQ(log->end_offset(), 23);
  EXPECT_TRUE(append(*log, make_batch(23, 1)));
}

TEST_F(gaps_without_point_test, are_damage_elsewhere) {
  with_gap();
  EXPECT_EQ(open_fails().code, error_code::corrupt_message);
}

} // namespace
} // namespace chisme::test
