#include "nodes/syncfs_trust.hpp"

#include <gtest/gtest.h>

#include <linux/magic.h>

namespace chisme {
namespace {

TEST(syncfs_trust_test, believed_from_the_release_on_that_tells_of_every_failure) {
  EXPECT_TRUE(syncfs_tells_of_failures("5.17.0", EXT4_SUPER_MAGIC));
  EXPECT_TRUE(syncfs_tells_of_failures("6.1.0-18-amd64", XFS_SUPER_MAGIC));
  EXPECT_TRUE(syncfs_tells_of_failures("10.0", BTRFS_SUPER_MAGIC));
  EXPECT_FALSE(syncfs_tells_of_failures("5.16.20", EXT4_SUPER_MAGIC));
  EXPECT_FALSE(syncfs_tells_of_failures("4.19.0-26-amd64", EXT4_SUPER_MAGIC));
}

TEST(syncfs_trust_test, not_believed_where_another_file_system_does_the_writing) {
  EXPECT_FALSE(syncfs_tells_of_failures("6.1.0", OVERLAYFS_SUPER_MAGIC));
  EXPECT_FALSE(syncfs_tells_of_failures("6.1.0", NFS_SUPER_MAGIC));
  EXPECT_FALSE(syncfs_tells_of_failures("6.1.0", FUSE_SUPER_MAGIC));
}

TEST(syncfs_trust_test, not_believed_where_the_release_is_unknown) {
  for (const auto* release : {"", "x", "6", "six.1", "."})
    EXPECT_FALSE(syncfs_tells_of_failures(release, EXT4_SUPER_MAGIC)) << release;
}

} // namespace
} // namespace chisme
