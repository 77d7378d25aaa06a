// An index against a plain list of its entries, in memory and in its file, and on a disk that fails.
#include "actors/log/index_file.hpp"
#include "tests/support/sim_files.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace chisme::log {
namespace {

constexpr offset_t base = 5'000'000'000;

class index_file_test : public ::testing::Test {
protected:
  index_file_test() { EXPECT_TRUE(disk_.make_directories("/d")); }

  offset_index opened() {
    const auto there = disk_.exists("/d/0.index").value();
    return {disk_, "/d/0", "", base, there ? disk_.content("/d/0.index").size() : 0};
  }
  void add(offset_index& index, int count) {
    for (int i = 0; i < count; ++i) {
      all_.push_back({base + static_cast<offset_t>(all_.size()) * 3 + 2, all_.size() * 100});
      ASSERT_TRUE(index.append(all_.back()));
    }
  }
  void is_right(offset_index& index) {
    ASSERT_EQ(index.count(), all_.size());
    for (uint64_t i = 0; i < all_.size(); ++i)
      ASSERT_EQ(index.at(i).value(), all_[i]) << i;
    EXPECT_EQ(index.at(all_.size()).value(), std::nullopt);
    const auto last = base + static_cast<offset_t>(all_.size()) * 3 + 4;
    for (auto key = base; key < last; ++key) {
      const auto above = std::ranges::upper_bound(all_, key, {}, &offset_entry::last_offset);
      ASSERT_EQ(index.count_not_above(key).value(), static_cast<uint64_t>(above - all_.begin())) << key - base;
      const auto expected = above == all_.begin() ? std::nullopt : std::optional{*std::prev(above)};
      ASSERT_EQ(index.last_not_above(key).value(), expected) << key - base;
    }
  }

  test::sim_files disk_;
  std::vector<offset_entry> all_;
};

TEST_F(index_file_test, an_index_that_was_never_written_is_empty_and_has_no_file) {
  auto index = opened();
  is_right(index);
  EXPECT_EQ(index.open_file().value(), nullptr);
  EXPECT_TRUE(index.flush());
  EXPECT_FALSE(disk_.exists("/d/0.index").value());
}

TEST_F(index_file_test, entries_are_found_wherever_they_are) {
  auto index = opened();
  // Less than a chunk, a chunk, more than a binary search reads at once, twice that.
  for (int more : {1, 40, 30, 200, 300, 3}) {
    add(index, more);
    is_right(index);
  }
  ASSERT_TRUE(index.flush());
  is_right(index);
  EXPECT_EQ(disk_.content("/d/0.index").size(), all_.size() * offset_entry_format::size);
  EXPECT_NE(index.open_file().value(), nullptr);
  auto again = opened();
  is_right(again);
}

TEST_F(index_file_test, entries_are_written_in_chunks) {
  auto index = opened();
  add(index, 63);
  EXPECT_FALSE(disk_.exists("/d/0.index").value());
  add(index, 1);
  EXPECT_EQ(disk_.content("/d/0.index").size(), 64 * offset_entry_format::size);
}

TEST_F(index_file_test, it_can_be_cut_anywhere_and_goes_on) {
  for (size_t keep : {150u, 140u, 128u, 127u, 70u, 64u, 1u, 0u}) {
    all_.clear();
    (void)disk_.remove("/d/0.index");
    auto index = opened();
    add(index, 140); // 128 are in the file
    ASSERT_TRUE(index.truncate(keep));
    all_.resize(std::min(keep, all_.size()));
    is_right(index);
    add(index, 5);
    is_right(index);
    ASSERT_TRUE(index.flush());
    auto again = opened();
    is_right(again);
  }
}

TEST_F(index_file_test, a_file_that_became_shorter_gives_no_entries) {
  auto index = opened();
  add(index, 64);
  ASSERT_TRUE(disk_.open("/d/0.index", open_mode::read_write).value()->truncate(10 * offset_entry_format::size + 3));
  EXPECT_EQ(index.at(9).value(), all_[9]);
  EXPECT_EQ(index.at(10).value(), std::nullopt);
  EXPECT_EQ(index.at(11).value(), std::nullopt);
  EXPECT_EQ(index.count_not_above(base + 1000).value(), 10u);
}

TEST_F(index_file_test, whoever_asks_is_told_of_each_failure) {
  auto index = opened();
  add(index, 700);
  const auto fails = [&](auto operation) {
    uint64_t number = 0;
    for (;; ++number) {
      disk_.fail_any_operation(number, test::disk_fault::io_error);
      const bool ok = operation().has_value();
      const bool happened = disk_.fault_happened();
      disk_.cancel_fault();
      EXPECT_NE(ok, happened) << number;
      if (!happened)
        return number;
    }
  };
  EXPECT_EQ(fails([&] { return index.at(20); }), 2u);
  EXPECT_GT(fails([&] { return index.count_not_above(base + 300); }), 2u);
  EXPECT_GT(fails([&] { return index.last_not_above(base + 300); }), 4u);
  EXPECT_EQ(fails([&] { return index.open_file(); }), 1u);
  EXPECT_EQ(fails([&] { return index.flush(); }), 2u);
  EXPECT_EQ(fails([&] { return index.truncate(20); }), 2u);
}

TEST_F(index_file_test, what_could_not_be_written_waits_for_the_next_time) {
  auto index = opened();
  add(index, 20);
  disk_.fail_operation(1, test::disk_fault::full);
  EXPECT_FALSE(index.flush());
  is_right(index);
  add(index, 3);
  ASSERT_TRUE(index.flush());
  auto again = opened();
  is_right(again);
}

} // namespace
} // namespace chisme::log
