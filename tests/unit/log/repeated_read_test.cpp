// Large reads from real files: checksums are computed once, and again as soon as somebody else may have written.
#include "nodes/posix_files.hpp"
#include "tests/support/log_fixture.hpp"

#include <filesystem>
#include <fstream>
#include <thread>

namespace chisme::log {
namespace {

class repeated_read : public ::testing::Test {
protected:
  repeated_read() : root_(::testing::TempDir() + "chisme-log-XXXXXX") {
    if (::mkdtemp(root_.data()) == nullptr)
      throw std::runtime_error{"no temporary folder"};
    options_.largest_in_memory = 0;
    recovery_report report;
    log_ = partition_log::open(disk_, root_ + "/t-0", settings_, options_, report).value();
    for (int i = 0; i < 3; ++i)
      append_one();
  }
  ~repeated_read() override { std::filesystem::remove_all(root_); }

  void append_one() { ASSERT_TRUE(test::append(*log_, test::make_batch(log_->end_offset(), 3))); }

  /// Where reading everything from `from` on comes to.
  result<offset_t> read(offset_t from = 0) {
    return log_->read(from, 1 << 20, log_->end_offset()).map([](const read_result& r) { return r.next_offset; });
  }

  /// Flips a bit in the last byte of the batch that begins at `offset`, as another process would. A file's time has
  /// steps of some milliseconds: the flip comes a step later than what the log wrote.
  void damage_last_byte() {
    const auto path = root_ + "/t-0/00000000000000000000.log";
    const auto written = std::filesystem::last_write_time(path);
    std::fstream f{path, std::ios::in | std::ios::out | std::ios::binary};
    f.seekg(-1, std::ios::end);
    const auto byte = static_cast<char>(f.get());
    do {
      f.seekp(-1, std::ios::end);
      f.put(static_cast<char>(byte ^ 1));
      f.flush();
    } while (std::filesystem::last_write_time(path) == written);
  }

  /// The same as a disk does it that loses a bit: without a trace in the file's time.
  void lose_last_bit() {
    const auto path = root_ + "/t-0/00000000000000000000.log";
    const auto written = std::filesystem::last_write_time(path);
    damage_last_byte();
    std::filesystem::last_write_time(path, written);
  }

  std::string root_;
  posix_files disk_;
  topic_settings settings_;
  open_options options_;
  std::unique_ptr<partition_log> log_;
};

TEST_F(repeated_read, comes_to_the_same_and_takes_in_what_is_appended) {
  EXPECT_EQ(read(), 9);
  EXPECT_EQ(read(), 9);
  append_one();
  EXPECT_EQ(read(), 12);
  EXPECT_EQ(read(3), 12);
  EXPECT_EQ(log_->read(0, 1 << 20, 6)->next_offset, 6) << "the upper bound holds for what is known, too";
}

TEST_F(repeated_read, damage_behind_a_read_is_found) {
  EXPECT_EQ(read(), 9);
  EXPECT_EQ(read(), 9);
  damage_last_byte();
  EXPECT_EQ(read(), 6) << "the batches before are whole";
  auto damaged = read(6);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, error_code::corrupt_message);
}

TEST_F(repeated_read, an_append_does_not_cover_damage_up) {
  EXPECT_EQ(read(), 9);
  damage_last_byte();
  append_one();
  EXPECT_EQ(read(), 6);
  EXPECT_FALSE(read(6));
}

TEST_F(repeated_read, what_was_just_appended_is_not_read_to_be_checked) {
  lose_last_bit();
  EXPECT_EQ(read(), 9) << "it was whole when it came in";
}

TEST_F(repeated_read, damage_before_the_first_read_is_found) {
  damage_last_byte();
  EXPECT_EQ(read(), 6);
}

TEST_F(repeated_read, what_an_earlier_process_appended_is_checked) {
  ASSERT_TRUE(log_->close());
  log_.reset();
  lose_last_bit();
  recovery_report report;
  log_ = partition_log::open(disk_, root_ + "/t-0", settings_, options_, report).value();
  ASSERT_EQ(log_->end_offset(), 9) << "after a clean end nothing is recovered";
  EXPECT_EQ(read(), 6);
}

TEST_F(repeated_read, upkeep_has_everything_checked_again) {
  EXPECT_EQ(read(), 9);
  lose_last_bit();
  EXPECT_EQ(read(), 9) << "not seen so far";
  ASSERT_TRUE(log_->apply_retention(1000, 9));
  EXPECT_EQ(read(), 6);
}

} // namespace
} // namespace chisme::log
