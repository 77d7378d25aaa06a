#include "actors/log/recovery_point.hpp"

#include "tests/support/sim_files.hpp"

#include <gtest/gtest.h>

namespace chisme::log {
namespace {

recovery_point at(offset_t offset) {
  recovery_point p;
  p.segment_base = 5;
  p.position = 700;
  p.offset = offset;
  p.max_timestamp = 11;
  p.max_timestamp_offset = 12;
  p.start_offset = 3;
  p.snapshot_offset = -1;
  p.compacted_upto = 2;
  p.segment_count = 4;
  p.segment_hash = 99;
  p.established = true;
  return p;
}

TEST(recovery_point_test, the_newest_counts) {
  test::sim_files disk;
  ASSERT_TRUE(disk.make_directories("/d"));
  auto f = recovery_point_file::open(disk, "/d").value();
  EXPECT_FALSE(f.point());
  for (int i = 1; i < 5; ++i)
    ASSERT_TRUE(f.write(at(i), i % 2 == 0));
  EXPECT_EQ(recovery_point_file::open(disk, "/d")->point(), at(4));
}

TEST(recovery_point_test, what_was_durable_survives_any_crash) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    std::mt19937_64 random{seed};
    test::sim_files disk;
    ASSERT_TRUE(disk.make_directories("/d"));
    auto f = recovery_point_file::open(disk, "/d").value();
    offset_t durable = 0;
    offset_t last = 0;
    ASSERT_TRUE(f.write(at(0), true));
    ASSERT_TRUE(disk.sync_directory("/d"));
    for (int i = 0; i < 10; ++i) {
      const bool now = random() % 3 == 0;
      ASSERT_TRUE(f.write(at(++last), now));
      if (now)
        durable = last;
    }
    disk.crash(random);
    auto back = recovery_point_file::open(disk, "/d").value();
    ASSERT_TRUE(back.point()) << seed;
    EXPECT_GE(back.point()->offset, durable) << seed;
    EXPECT_LE(back.point()->offset, last);
  }
}

TEST(recovery_point_test, a_damaged_slot_is_passed_over) {
  test::sim_files disk;
  ASSERT_TRUE(disk.make_directories("/d"));
  auto f = recovery_point_file::open(disk, "/d").value();
  ASSERT_TRUE(f.write(at(1), true));
  ASSERT_TRUE(f.write(at(2), true));
  disk.flip_bit("/d/recovery-point", 128 + 40, 2);
  EXPECT_EQ(recovery_point_file::open(disk, "/d")->point(), at(1));
  disk.flip_bit("/d/recovery-point", 40, 2);
  EXPECT_FALSE(recovery_point_file::open(disk, "/d")->point());
}

} // namespace
} // namespace chisme::log
