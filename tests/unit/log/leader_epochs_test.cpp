#include "actors/log/leader_epochs.hpp"

#include <gtest/gtest.h>

namespace chisme::log {
namespace {

leader_epochs some() {
  leader_epochs e;
  e.assign(1, 0);
  e.assign(3, 10);
  e.assign(4, 20);
  return e;
}

TEST(leader_epochs_test, the_text_is_kafkas_and_survives) {
  EXPECT_EQ(some().text(), "0\n3\n1 0\n3 10\n4 20\n");
  EXPECT_EQ(leader_epochs::parse(some().text(), "f").value(), some());
  EXPECT_EQ(leader_epochs::parse("0\n0\n", "f").value(), leader_epochs{});
}

TEST(leader_epochs_test, damaged_and_newer_files_are_errors_that_name_the_file) {
  const auto text = some().text();
  for (size_t n = 0; n < text.size(); ++n)
    EXPECT_FALSE(leader_epochs::parse(text.substr(0, n), "f")) << n;
  EXPECT_NE(leader_epochs::parse("1\n0\n", "/a/f").error().message.find("/a/f: version 1"), std::string::npos);
  EXPECT_FALSE(leader_epochs::parse("0\n2\n5 0\n4 10\n", "f"));
  EXPECT_FALSE(leader_epochs::parse("0\n2\n1 10\n2 5\n", "f"));
}

TEST(leader_epochs_test, epochs_only_grow_and_a_smaller_offset_drops_what_was_behind) {
  auto e = some();
  EXPECT_FALSE(e.assign(4, 30));
  EXPECT_FALSE(e.assign(2, 30));
  EXPECT_TRUE(e.assign(6, 15));
  EXPECT_EQ(e.marks(), (std::vector<epoch_mark>{{1, 0}, {3, 10}, {6, 15}}));
}

TEST(leader_epochs_test, end_offsets_are_answered_as_kafka_does) {
  const auto e = some();
  EXPECT_EQ(e.end_offset_for(4, 25), (epoch_end{4, 25}));
  EXPECT_EQ(e.end_offset_for(3, 25), (epoch_end{3, 20}));
  EXPECT_EQ(e.end_offset_for(2, 25), (epoch_end{1, 10}));
  EXPECT_EQ(e.end_offset_for(0, 25), (epoch_end{0, 0}));
  EXPECT_EQ(e.end_offset_for(5, 25), (epoch_end{-1, -1}));
  EXPECT_EQ(e.end_offset_for(-1, 25), (epoch_end{-1, -1}));
}

TEST(leader_epochs_test, offsets_belong_to_epochs) {
  const auto e = some();
  EXPECT_EQ(e.epoch_of(0), 1);
  EXPECT_EQ(e.epoch_of(19), 3);
  EXPECT_EQ(e.epoch_of(20), 4);
  EXPECT_EQ(leader_epochs{}.epoch_of(5), -1);
}

TEST(leader_epochs_test, truncation_names_offset_and_epoch) {
  auto e = some();
  EXPECT_FALSE(e.truncate_end(20, 4));
  EXPECT_TRUE(e.truncate_end(20, 3));
  EXPECT_EQ(e.latest(), (epoch_mark{3, 10}));
  EXPECT_TRUE(e.truncate_end(5, 9));
  EXPECT_EQ(e.marks(), (std::vector<epoch_mark>{{1, 0}}));
}

TEST(leader_epochs_test, a_batch_that_is_there_knows_better_than_marks_of_batches_that_were_lost) {
  auto e = some();
  e.witness({3, 15}); // covered
  e.witness({4, 25});
  EXPECT_EQ(e, some());
  e.witness({4, 18}); // another leader of epoch 4 began here than the one whose batches were lost
  EXPECT_EQ(e.marks(), (std::vector<epoch_mark>{{1, 0}, {3, 10}, {4, 18}}));
  e.witness({2, 5});
  EXPECT_EQ(e.marks(), (std::vector<epoch_mark>{{1, 0}, {2, 5}, {3, 10}, {4, 18}}));
  e.witness({2, 12});
  e.witness({-1, 30});
  EXPECT_EQ(e.marks(), (std::vector<epoch_mark>{{1, 0}, {2, 5}, {3, 10}, {4, 18}}));
}

TEST(leader_epochs_test, the_mark_that_covers_the_start_moves_there) {
  auto e = some();
  EXPECT_TRUE(e.truncate_start(15));
  EXPECT_EQ(e.marks(), (std::vector<epoch_mark>{{3, 15}, {4, 20}}));
  EXPECT_FALSE(e.truncate_start(15));
  EXPECT_FALSE(e.truncate_start(14));
  EXPECT_EQ(e.marks(), (std::vector<epoch_mark>{{3, 15}, {4, 20}}));
  EXPECT_TRUE(e.truncate_start(16));
  EXPECT_TRUE(e.truncate_start(20));
  EXPECT_EQ(e.marks(), (std::vector<epoch_mark>{{4, 20}}));
  auto whole = some();
  EXPECT_TRUE(whole.truncate_start(10));
  EXPECT_EQ(whole.marks(), (std::vector<epoch_mark>{{3, 10}, {4, 20}}));
}

} // namespace
} // namespace chisme::log
