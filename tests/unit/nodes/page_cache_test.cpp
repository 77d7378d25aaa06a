#include "nodes/page_cache.hpp"

#include "nodes/system_calls.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <vector>

namespace chisme {
namespace {

class page_cache : public ::testing::Test {
protected:
  page_cache() {
    auto path = ::testing::TempDir() + "chisme-cache-XXXXXX";
    fd_.emplace(::mkstemp(path.data()));
    ::unlink(path.c_str());
    const std::string content(size, 'x');
    EXPECT_EQ(::pwrite(fd_->get(), content.data(), content.size(), 0), static_cast<ssize_t>(size));
  }
  /// Nothing of it is in memory any more, where the file system has such a thing as a disk below it.
  bool cool_down() {
    EXPECT_EQ(::fsync(fd_->get()), 0);
    EXPECT_EQ(::posix_fadvise(fd_->get(), 0, 0, POSIX_FADV_DONTNEED), 0);
    return !read(size / 2, 1);
  }
  tl::expected<size_t, int> read(uint64_t position, size_t length) {
    std::vector<std::byte> bytes(length);
    return read_cached(fd_->get(), position, bytes);
  }

  static constexpr size_t size = 4 << 20;
  std::optional<descriptor> fd_;
};

TEST_F(page_cache, holds_what_was_written) {
  EXPECT_EQ(read(0, size).value_or(size), size);
  EXPECT_TRUE(is_cached(fd_->get(), 0, size));
  EXPECT_TRUE(is_cached(fd_->get(), size - 1, 1));
  EXPECT_TRUE(is_cached(fd_->get(), 5, 0));
}

TEST_F(page_cache, a_read_ends_with_the_file) {
  const auto n = read(size - 10, 100);
  if (!n && n.error() == EOPNOTSUPP)
    GTEST_SKIP() << "this file system does not tell";
  EXPECT_EQ(n, size_t{10});
  EXPECT_EQ(read(size, 1), size_t{0});
}

TEST_F(page_cache, tells_what_has_left_it) {
  if (!cool_down())
    GTEST_SKIP() << "this file system keeps all in memory, or does not tell";
  ASSERT_EQ(::posix_fadvise(fd_->get(), 0, 0, POSIX_FADV_RANDOM), 0);
  EXPECT_EQ(read(size / 4, 100), tl::make_unexpected(EAGAIN));
  EXPECT_FALSE(is_cached(fd_->get(), 0, size));
  // One end of the range has come back.
  std::byte one;
  ASSERT_EQ(::pread(fd_->get(), &one, 1, 0), 1);
  EXPECT_FALSE(is_cached(fd_->get(), 0, size));
  std::vector<std::byte> all(size);
  ASSERT_EQ(::pread(fd_->get(), all.data(), all.size(), 0), static_cast<ssize_t>(size));
  EXPECT_TRUE(is_cached(fd_->get(), 0, size));
}

} // namespace
} // namespace chisme
