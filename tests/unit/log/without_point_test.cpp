// Logs that are opened without a recovery point, where nothing is known of what was synced; and segments that were
// begun and never written to.
#include "tests/support/log_fixture.hpp"

#include <algorithm>
#include <limits>

namespace chisme::test {
namespace {

class without_point_test : public log_fixture {
protected:
  /// Whole batches at 0, 3, ...; then the log is closed and its recovery point lost.
  void filled(int batches) {
    open();
    fill(batches);
    ASSERT_TRUE(log->sync());
    log.reset();
    ASSERT_TRUE(disk.remove(dir + "/recovery-point"));
  }
  void add_to(offset_t segment, std::string_view bytes) {
    auto f = disk.open(file(segment, ".log"), log::open_mode::create).value();
    const bytes_view parts[] = {as_bytes(bytes)};
    ASSERT_TRUE(f->write_at(f->size().value(), parts));
  }
  static std::string text_of(const buffer& batch) { return std::string{as_chars(batch)}; }

  void goes_on_at(offset_t end) {
    open();
    EXPECT_EQ(log->end_offset(), end);
    ASSERT_EQ(report.cuts.size(), 1u);
    EXPECT_NE(report.cuts[0].reason.find("offset " + std::to_string(end)), std::string::npos);
    EXPECT_EQ(disk.content(file(0, ".log")).size(), read_from(0).size());
    fill(1);
    ASSERT_TRUE(log->sync());
    open();
    EXPECT_EQ(log->end_offset(), end + 3);
  }
};

TEST_F(without_point_test, a_torn_end_is_cut_off) {
  filled(4);
  add_to(0, text_of(make_batch(12, 3)).substr(0, 90));
  goes_on_at(12);
}

TEST_F(without_point_test, damage_with_a_whole_batch_behind_it_is_an_error) {
  filled(4);
  disk.flip_bit(file(0, ".log"), make_batch(0, 3).size() * 2 + 70, 1);
  const auto before = disk.content(file(0, ".log"));
  const auto e = open_fails();
  EXPECT_EQ(e.code, error_code::corrupt_message);
  EXPECT_NE(e.message.find("offset 6"), std::string::npos) << e.message;
  EXPECT_EQ(disk.content(file(0, ".log")), before);
}

TEST_F(without_point_test, the_whole_batch_may_lie_far_behind_the_damage) {
  for (size_t gap : {1u, 61u, 65535u, 65536u, 65537u, 131071u, 131072u, 200000u}) {
    SCOPED_TRACE(gap);
    dir = "/data/t-" + std::to_string(gap);
    filled(2);
    add_to(0, std::string(gap, 'x') + text_of(make_batch(90, 3)));
    EXPECT_EQ(open_fails().code, error_code::corrupt_message);
  }
}

TEST_F(without_point_test, what_only_looks_like_a_later_batch_is_cut_off) {
  auto damaged = text_of(make_batch(9, 3));
  damaged.back() ^= 1;
  for (const auto& behind : {text_of(make_batch(3, 3)), text_of(make_batch(6ll + (1ll << 31), 3)), damaged}) {
    dir += "x";
    filled(2);
    add_to(0, "xx" + behind);
    goes_on_at(6);
  }
}

TEST_F(without_point_test, the_farthest_batch_that_counts) {
  filled(2);
  add_to(0, "xx" + text_of(make_batch(offset_t{6} + std::numeric_limits<int32_t>::max(), 3)));
  EXPECT_EQ(open_fails().code, error_code::corrupt_message);
}

TEST_F(without_point_test, damage_before_a_later_segment_is_an_error_unless_that_is_empty) {
  settings.segment_bytes = 600;
  filled(8);
  std::vector<offset_t> bases;
  const auto entries = disk.list(dir).value();
  for (const auto& e : entries)
    if (e.name.ends_with(".log"))
      bases.push_back(std::stoll(e.name));
  std::ranges::sort(bases);
  ASSERT_EQ(bases.size(), 2u);
  const auto torn = disk.content(file(0, ".log")).size() - 5;
  ASSERT_TRUE(disk.open(file(0, ".log"), log::open_mode::read_write).value()->truncate(torn));
  EXPECT_EQ(open_fails().code, error_code::corrupt_message);
  ASSERT_TRUE(disk.open(file(bases[1], ".log"), log::open_mode::read_write).value()->truncate(0));
  open();
  EXPECT_EQ(log->end_offset(), bases[1] - 3);
  EXPECT_EQ(log->segments().size(), 1u);
}

// -- segments that were begun for an append that failed -------------------------------------------------------------

class begun_segment_test : public log_fixture {
protected:
  void begun(offset_t base) { ASSERT_TRUE(disk.open(file(base, ".log"), log::open_mode::create_new)); }
  bool is_there(offset_t base) { return disk.exists(file(base, ".log")).value(); }
  /// Four batches behind the recovery point, in two segments: 0 to 6, 6 to 12.
  void killed_with_tail() {
    open();
    fill(2);
    ASSERT_TRUE(log->roll(1000));
    fill(2);
    log.reset();
  }
};

TEST_F(begun_segment_test, one_that_does_not_follow_is_removed_wherever_it_is) {
  killed_with_tail();
  const offset_t between[] = {4, 5, 20, 21};
  for (auto base : between)
    begun(base);
  open();
  EXPECT_TRUE(report.cuts.empty());
  EXPECT_EQ(log->end_offset(), 12);
  EXPECT_EQ(log->segments().size(), 2u);
  for (auto base : between)
    EXPECT_FALSE(is_there(base)) << base;
  EXPECT_TRUE(append(*log, make_batch(12, 3)));
  EXPECT_NE(read_from(0).find("v14"), std::string::npos);
}

TEST_F(begun_segment_test, one_that_follows_is_the_active_one) {
  killed_with_tail();
  begun(12);
  open();
  EXPECT_EQ(log->segments().size(), 3u);
  EXPECT_EQ(log->end_offset(), 12);
  EXPECT_TRUE(is_there(12));
  fill(1);
  EXPECT_EQ(log->segments().back().base_offset, 12);
  EXPECT_GT(log->segments().back().size, 0u);
}

TEST_F(begun_segment_test, one_with_records_that_does_not_follow_is_cut_off) {
  killed_with_tail();
  begun(20);
  const auto batch = make_batch(20, 3);
  const bytes_view parts[] = {batch.view()};
  ASSERT_TRUE(disk.open(file(20, ".log"), log::open_mode::read_write).value()->write_at(0, parts));
  open();
  EXPECT_EQ(log->end_offset(), 12);
  ASSERT_EQ(report.cuts.size(), 1u);
  EXPECT_EQ(report.cuts[0].file, file(20, ".log"));
  EXPECT_FALSE(is_there(20));
}

} // namespace
} // namespace chisme::test
