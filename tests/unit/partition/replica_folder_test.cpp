// Whose a folder is, and what is done with one that is somebody else's or nobody's.
#include "actors/log/folder_names.hpp"
#include "actors/log/partition_metadata.hpp"
#include "actors/partition/replica_folder.hpp"
#include "tests/support/sim_files.hpp"

#include <gmock/gmock.h>

namespace chisme::partition {
namespace {

using ::testing::HasSubstr;

class replica_folder_test : public ::testing::Test {
protected:
  replica_folder_test() { EXPECT_TRUE(disk_.make_directories("/data")); }

  result<std::string> claim(bool existed) { return claim_folder(disk_, folder_, name_, ours_, existed); }
  /// A folder with a segment in it.
  void put_records(std::string_view content) {
    ASSERT_TRUE(disk_.make_directories(folder_));
    ASSERT_TRUE(disk_.replace(segment_of(folder_), content, false));
  }
  void put_note(std::string_view text) { ASSERT_TRUE(disk_.replace(note_, text, false)); }
  std::optional<uuid> owner() { return log::read_partition_metadata(disk_, folder_).value(); }
  std::string aside(const uuid& id, unsigned number = 0) { return "/data/" + log::stray_name(name_, id, number); }
  /// What put_records() put there.
  std::string records_in(const std::string& folder) {
    return exists(segment_of(folder)) ? disk_.content(segment_of(folder)) : "none";
  }
  static std::string segment_of(const std::string& folder) { return folder + "/00000000000000000000.log"; }
  bool exists(const std::string& path) { return disk_.exists(path).value(); }

  test::sim_files disk_;
  const topic_partition name_{"t", 0};
  const uuid ours_{{7}};
  const uuid theirs_{{8}};
  const std::string folder_ = "/data/t-0";
  const std::string note_ = folder_ + "/partition.metadata";
};

TEST_F(replica_folder_test, a_new_folder_is_made_and_says_whose_it_is) {
  EXPECT_EQ(claim(false).value(), "");
  EXPECT_EQ(owner(), ours_);
  EXPECT_EQ(claim(false).value(), "");
}

TEST_F(replica_folder_test, records_that_nobody_claims_are_not_a_new_topics) {
  put_records("of nobody");
  EXPECT_THAT(claim(false).value(), HasSubstr(aside({})));
  EXPECT_EQ(records_in(aside({})), "of nobody");
  EXPECT_EQ(records_in(folder_), "none");
  EXPECT_EQ(owner(), ours_);
}

TEST_F(replica_folder_test, records_without_a_note_are_those_of_a_topic_that_existed) {
  put_records("ours");
  EXPECT_EQ(claim(true).value(), "");
  EXPECT_EQ(records_in(folder_), "ours");
  EXPECT_EQ(owner(), ours_);
}

TEST_F(replica_folder_test, another_topics_folder_is_set_aside_even_where_the_topic_existed) {
  put_records("theirs");
  ASSERT_TRUE(log::write_partition_metadata(disk_, folder_, theirs_, false));
  EXPECT_THAT(claim(true).value(), HasSubstr(aside(theirs_)));
  EXPECT_EQ(records_in(aside(theirs_)), "theirs");
  EXPECT_EQ(records_in(folder_), "none");
  EXPECT_EQ(owner(), ours_);
}

TEST_F(replica_folder_test, what_stands_aside_already_stays) {
  put_records("first");
  ASSERT_TRUE(claim(false));
  ASSERT_TRUE(disk_.remove(note_));
  put_records("second");
  EXPECT_THAT(claim(false).value(), HasSubstr(".1-stray"));
  EXPECT_EQ(records_in(aside({})), "first");
  EXPECT_EQ(records_in(aside({}, 1)), "second");
}

TEST_F(replica_folder_test, a_folder_that_cannot_be_set_aside_is_left_as_it_is) {
  put_records("of nobody");
  disk_.fail_operation(0, test::disk_fault::io_error);
  const auto claimed = claim(false);
  ASSERT_FALSE(claimed);
  EXPECT_EQ(claimed.error().code, error_code::kafka_storage_error);
  EXPECT_THAT(disk_.last_refused(), HasSubstr("rename"));
  EXPECT_EQ(records_in(folder_), "of nobody");
  EXPECT_FALSE(exists(note_));
}

TEST_F(replica_folder_test, a_note_of_a_newer_version_is_refused_and_stays) {
  const std::string newer = "version: 1\ntopic_id: " + to_string(ours_) + "\n";
  put_records("newer");
  put_note(newer);
  for (const bool existed : {false, true}) {
    const auto claimed = claim(existed);
    ASSERT_FALSE(claimed);
    EXPECT_EQ(claimed.error().code, error_code::unsupported_version);
  }
  EXPECT_EQ(disk_.content(note_), newer);
  EXPECT_EQ(records_in(folder_), "newer");
}

/// The next try may read it: nothing is decided by what the disk did not say.
TEST_F(replica_folder_test, what_the_disk_refuses_to_say_is_an_error_and_changes_nothing) {
  for (const auto& note : {std::optional{ours_}, std::optional{theirs_}, std::optional<uuid>{}}) {
    ASSERT_TRUE(disk_.remove_all(folder_));
    put_records("whose?");
    if (note)
      put_note("version: 0\ntopic_id: " + to_string(*note) + "\n");
    const auto before = disk_.operations();
    int refused = 0;
    for (;; ++refused) {
      disk_.fail_any_operation(static_cast<uint64_t>(refused), test::disk_fault::io_error);
      const auto claimed = claim(false);
      const bool was_change = disk_.operations() > before;
      const bool happened = disk_.fault_happened();
      disk_.cancel_fault();
      if (was_change || !happened)
        break;
      ASSERT_FALSE(claimed) << disk_.last_refused();
      EXPECT_EQ(claimed.error().code, error_code::kafka_storage_error);
      EXPECT_EQ(records_in(folder_), "whose?");
    }
    EXPECT_GE(refused, 2);
  }
}

TEST_F(replica_folder_test, a_damaged_note_is_written_again_where_nothing_speaks_against_it) {
  put_records("ours");
  put_note("version: 0\ntopic_");
  EXPECT_THAT(claim(true).value(), HasSubstr("damaged"));
  EXPECT_EQ(owner(), ours_);
  EXPECT_EQ(records_in(folder_), "ours");
}

TEST_F(replica_folder_test, without_a_note_a_topic_that_existed_is_served_and_a_new_one_is_not) {
  put_records("ours");
  disk_.fill_up();
  EXPECT_THAT(claim(true).value(), HasSubstr("not written"));
  EXPECT_EQ(records_in(folder_), "ours");
  ASSERT_TRUE(disk_.remove(segment_of(folder_)));
  disk_.fill_up();
  const auto fresh = claim(false);
  ASSERT_FALSE(fresh);
  EXPECT_EQ(fresh.error().code, error_code::kafka_storage_error);
}

/// What is in the place of a folder that was set aside is a new one.
TEST_F(replica_folder_test, without_a_note_nothing_is_served_beside_another_topics_folder) {
  put_records("theirs");
  ASSERT_TRUE(log::write_partition_metadata(disk_, folder_, theirs_, false));
  disk_.fill_up();
  EXPECT_FALSE(claim(true));
  EXPECT_EQ(records_in(aside(theirs_)), "theirs");
}

} // namespace
} // namespace chisme::partition
