#include "actors/log/files.hpp"
#include "tests/support/sim_files.hpp"

#include <gtest/gtest.h>

namespace chisme::log {
namespace {

class files_test : public ::testing::Test {
protected:
  files_test() { EXPECT_TRUE(disk_.make_directories("/d")); }

  /// What a power loss leaves of the file; nothing where there is none.
  std::string after_power_loss(uint64_t seed) {
    std::mt19937_64 random{seed};
    disk_.crash(random);
    return disk_.exists("/d/f").value() ? disk_.content("/d/f") : "";
  }

  test::sim_files disk_;
};

TEST_F(files_test, a_file_is_read_whole_or_not_at_all) {
  ASSERT_TRUE(disk_.replace("/d/f", "12345", true));
  EXPECT_EQ(disk_.read_all("/d/f", 5).value(), "12345");
  EXPECT_FALSE(disk_.read_all("/d/f", 4));
  EXPECT_FALSE(disk_.read_all("/d/g"));
  for (uint64_t number = 0; number < 3; ++number) {
    disk_.fail_any_operation(number, test::disk_fault::io_error);
    EXPECT_FALSE(disk_.read_all("/d/f")) << number;
  }
}

TEST_F(files_test, what_was_replaced_durably_outlives_a_power_loss) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const auto text = "text " + std::to_string(seed);
    ASSERT_TRUE(disk_.replace("/d/f", text, true));
    EXPECT_EQ(after_power_loss(seed), text);
  }
}

TEST_F(files_test, each_failure_is_told_and_leaves_the_old_content_and_nothing_else) {
  ASSERT_TRUE(disk_.replace("/d/f", "old", true));
  uint64_t number = 0;
  for (;; ++number) {
    disk_.fail_operation(number, test::disk_fault::io_error);
    const auto ok = disk_.replace("/d/f", "new", true);
    if (!disk_.fault_happened())
      break;
    EXPECT_FALSE(ok) << number;
    if (disk_.is_read_only())
      continue; // the last one: the folder's sync
    EXPECT_EQ(disk_.content("/d/f"), "old") << number;
    EXPECT_EQ(disk_.file_count("/d"), 1u) << number;
  }
  EXPECT_EQ(number, 5u);
}

TEST_F(files_test, without_durability_nothing_is_synced) {
  const auto before = disk_.syncs();
  ASSERT_TRUE(disk_.replace("/d/f", "text", false));
  EXPECT_EQ(disk_.syncs(), before);
  EXPECT_EQ(disk_.content("/d/f"), "text");
}

} // namespace
} // namespace chisme::log
