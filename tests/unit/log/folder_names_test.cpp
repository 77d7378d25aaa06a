// Names of folders fit where a file system takes 255 bytes, and say what they are.
#include "actors/log/folder_names.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace chisme::log {
namespace {

uuid an_id(uint8_t last = 7) {
  uuid id;
  id.bytes.fill(0xfb); // its spelling is full of dashes
  id.bytes.back() = last;
  return id;
}

TEST(folder_names, of_a_deleted_topic_and_of_an_unknown_one) {
  const auto id = to_string(an_id());
  EXPECT_EQ(doomed_name({"orders", 3}, an_id()), "orders-3." + id + "-delete");
  EXPECT_EQ(stray_name({"orders", 3}, an_id()), "orders-3." + id + "-stray");
  EXPECT_EQ(stray_name({"orders", 3}, an_id(), 2), "orders-3." + id + ".2-stray");
}

TEST(folder_names, of_every_length_that_a_topic_may_have_fit) {
  for (size_t length = 1; length <= 249; ++length)
    for (partition_index partition : {0, 9'999}) {
      const topic_partition name{std::string(length, 'a'), partition};
      for (const auto& text :
           {doomed_name(name, an_id()), stray_name(name, an_id()), stray_name(name, an_id(), 4711)}) {
        EXPECT_LE(text.size(), longest_name);
        EXPECT_TRUE(text.ends_with("-delete") ? kind_of_folder(text) == folder_kind::doomed
                                              : kind_of_folder(text) == folder_kind::stray)
          << text;
      }
    }
}

TEST(folder_names, are_cut_no_more_than_needed_and_differ_by_what_stands_behind_the_topic) {
  const std::string longest(249, 'x');
  EXPECT_EQ(doomed_name({longest, 0}, an_id()).size(), longest_name);
  EXPECT_NE(doomed_name({longest, 0}, an_id(1)), doomed_name({longest, 0}, an_id(2)));
  EXPECT_NE(doomed_name({longest, 0}, an_id()), doomed_name({longest, 1}, an_id()));
}

TEST(folder_names, are_known_by_their_whole_form) {
  const auto id = to_string(an_id());
  EXPECT_EQ(kind_of_folder("orders-3"), folder_kind::partition);
  EXPECT_EQ(kind_of_folder("a.b-c-0"), folder_kind::partition);
  EXPECT_EQ(kind_of_folder("a.b-c-0." + id + "-delete"), folder_kind::doomed);
  EXPECT_EQ(kind_of_folder("a-delete-0"), folder_kind::partition);
  // What anybody may have put there is nobody's to remove.
  const std::vector<std::string> others{"lost+found",
                                        "backup-delete",
                                        "a-0." + id,
                                        "a." + id + "-delete",
                                        "a-0.x-delete",
                                        "a-0-delete",
                                        "a-03",
                                        "a--1x",
                                        "-0",
                                        "a-",
                                        ""};
  for (const auto& other : others)
    EXPECT_EQ(kind_of_folder(other), folder_kind::other) << other;
}

TEST(folder_names, of_partitions_are_read_back) {
  EXPECT_EQ(parse_folder_name("a-b.c-17"), (topic_partition{"a-b.c", 17}));
  EXPECT_EQ(parse_folder_name(to_string(topic_partition{"t", 0})), (topic_partition{"t", 0}));
  EXPECT_EQ(parse_folder_name("t-99999999999"), std::nullopt);
}

} // namespace
} // namespace chisme::log
