// What answers may hold in memory until their clients read them.
#include "nodes/posix_files.hpp"
#include "tests/support/log_fixture.hpp"

#include <unistd.h>

#include <filesystem>

namespace chisme::log {
namespace {

TEST(answer_memory, is_bounded_for_each_and_for_all_together) {
  auto all = std::make_shared<read_memory>(100);
  auto a = std::make_shared<answer_memory>(all, 60);
  auto b = std::make_shared<answer_memory>(all, 60);
  EXPECT_TRUE(a->take(60));
  EXPECT_FALSE(a->take(1));
  EXPECT_FALSE(b->take(41));
  EXPECT_TRUE(b->take(40));
  EXPECT_FALSE(b->take(1));
  EXPECT_EQ(all->held(), 100u);
  a = nullptr;
  EXPECT_EQ(all->held(), 40u);
  EXPECT_TRUE(b->take(20)) << "what was refused does not count";
}

TEST(answer_memory, is_given_back_with_the_last_byte) {
  auto all = std::make_shared<read_memory>(100);
  auto memory = std::make_shared<answer_memory>(all, 100);
  ASSERT_TRUE(memory->take(50));
  auto bytes = answer_memory::hold(std::move(memory), buffer::copy_of(std::string_view{"records"}));
  EXPECT_EQ(as_chars(bytes), "records");
  auto part = bytes.slice(2, 1);
  bytes = {};
  EXPECT_EQ(all->held(), 50u);
  part = {};
  EXPECT_EQ(all->held(), 0u);
}

TEST(answer_memory, where_there_is_none_the_answer_is_a_piece_of_the_file) {
  auto root = ::testing::TempDir() + "chisme-memory-XXXXXX";
  ASSERT_NE(::mkdtemp(root.data()), nullptr);
  posix_files disk;
  recovery_report report;
  const topic_settings settings;
  auto log = partition_log::open(disk, root + "/t-0", settings, {}, report).value();
  ASSERT_TRUE(test::append(*log, test::make_batch(0, 3)));
  const auto size = log->size_bytes();
  auto all = std::make_shared<read_memory>(size);
  const auto read = [&](const std::shared_ptr<answer_memory>& memory) {
    return log->read(0, 1 << 20, log->end_offset(), true, memory).value();
  };
  auto first = read(std::make_shared<answer_memory>(all, 1 << 20));
  EXPECT_TRUE(std::holds_alternative<buffer>(first.data.parts().at(0)));
  EXPECT_EQ(all->held(), size);
  auto second = read(std::make_shared<answer_memory>(all, 1 << 20));
  EXPECT_TRUE(std::holds_alternative<file_slice>(second.data.parts().at(0)));
  EXPECT_EQ(second.data.size(), first.data.size());
  EXPECT_EQ(second.next_offset, first.next_offset);
  EXPECT_TRUE(std::holds_alternative<buffer>(read(nullptr).data.parts().at(0))) << "actors read bytes";
  first = {};
  EXPECT_EQ(all->held(), 0u);
  std::filesystem::remove_all(root);
}

} // namespace
} // namespace chisme::log
