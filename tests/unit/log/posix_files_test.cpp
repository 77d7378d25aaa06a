#include "nodes/posix_files.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace chisme {
namespace {

class posix_files_test : public ::testing::Test {
protected:
  posix_files_test() {
    std::string pattern = testing::TempDir() + "chisme-posix-XXXXXX";
    dir = ::mkdtemp(pattern.data());
  }
  ~posix_files_test() override { (void)disk.remove_all(dir); }
  posix_files disk;
  std::string dir;
};

TEST_F(posix_files_test, what_is_written_is_read) {
  auto f = disk.open(dir + "/f", log::open_mode::create).value();
  std::vector<std::string> pieces;
  std::vector<bytes_view> parts;
  std::string expected;
  for (int i = 0; i < 3000; ++i) // more than one call takes
    pieces.push_back(i % 10 == 0 ? "" : std::to_string(i));
  for (const auto& p : pieces) {
    parts.push_back(as_bytes(p));
    expected += p;
  }
  ASSERT_TRUE(f->write_at(5, parts));
  ASSERT_TRUE(f->sync());
  EXPECT_EQ(f->size().value(), expected.size() + 5);
  std::string back(expected.size() + 100, '?');
  EXPECT_EQ(f->read_at(5, std::as_writable_bytes(std::span{back})).value(), expected.size());
  EXPECT_EQ(back.substr(0, expected.size()), expected);
  ASSERT_TRUE(f->truncate(7));
  EXPECT_EQ(disk.read_all(dir + "/f").value(), std::string(5, '\0') + expected.substr(0, 2));
}

TEST_F(posix_files_test, open_modes_differ) {
  EXPECT_FALSE(disk.open(dir + "/f", log::open_mode::read));
  EXPECT_FALSE(disk.open(dir + "/f", log::open_mode::read_write));
  ASSERT_TRUE(disk.replace(dir + "/f", "abc", true));
  EXPECT_EQ(disk.open(dir + "/f", log::open_mode::create).value()->size().value(), 3u);
  EXPECT_EQ(disk.open(dir + "/f", log::open_mode::create_new).value()->size().value(), 0u);
}

TEST_F(posix_files_test, errors_name_operation_path_and_reason) {
  auto e = disk.open(dir + "/none", log::open_mode::read).error();
  EXPECT_EQ(e.code, error_code::kafka_storage_error);
  EXPECT_EQ(e.message, "open " + dir + "/none: No such file or directory");
  auto full = disk.open("/dev/full", log::open_mode::read_write).value();
  const auto text = as_bytes("x");
  auto written = full->write_at(0, std::span{&text, 1});
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find("the disk is full"), std::string::npos) << written.error().message;
}

TEST_F(posix_files_test, folders_are_made_listed_and_removed) {
  ASSERT_TRUE(disk.make_directories(dir + "/a/b"));
  ASSERT_TRUE(disk.make_directories(dir + "/a/b"));
  ASSERT_TRUE(disk.replace(dir + "/a/f", "12345", false));
  ASSERT_TRUE(disk.rename(dir + "/a/f", dir + "/a/g"));
  ASSERT_TRUE(disk.sync_directory(dir + "/a"));
  const auto whole = disk.open_filesystem(dir);
  ASSERT_TRUE(whole);
  if (*whole) {
    EXPECT_TRUE((*whole)->sync());
  }
  auto entries = disk.list(dir + "/a").value();
  std::ranges::sort(entries, {}, &log::dir_entry::name);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_TRUE(entries[0].is_directory);
  EXPECT_EQ(entries[1].name, "g");
  EXPECT_EQ(entries[1].size, 5u);
  EXPECT_GT(disk.free_space(dir).value(), 0u);
  ASSERT_TRUE(disk.remove(dir + "/a/g"));
  EXPECT_FALSE(disk.remove(dir + "/a/g"));
  ASSERT_TRUE(disk.remove_all(dir + "/a"));
  ASSERT_TRUE(disk.remove_all(dir + "/a"));
  EXPECT_FALSE(disk.exists(dir + "/a").value());
}

} // namespace
} // namespace chisme
