#include "actors/flusher/sync_round.hpp"
#include "tests/support/sim_files.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>

namespace chisme::flusher {
namespace {

class sync_round_test : public ::testing::Test {
protected:
  sync_round_test() {
    EXPECT_TRUE(disk_.make_directories("/d"));
    round_.emplace(*disk_.open_filesystem("/d"));
  }

  /// A request for one new file with a byte to sync.
  flush_request dirty(const std::string& name) {
    auto f = disk_.open("/d/" + name, log::open_mode::create_new);
    const auto byte = as_bytes(std::string_view{"x"});
    EXPECT_TRUE((*f)->write_at(0, std::array{byte}));
    return {{*f}};
  }
  void add_many() {
    for (size_t i = 0; i < sync_round::whole_filesystem_from; ++i)
      round_->add(dirty("many" + std::to_string(i)));
  }
  /// What is left of a file after a power loss.
  std::string after_power_loss(const std::string& name) {
    EXPECT_TRUE(disk_.sync_directory("/d"));
    std::mt19937_64 random{1};
    disk_.crash(random);
    return disk_.content("/d/" + name);
  }

  static size_t failures(const std::vector<flush_result>& results) {
    return static_cast<size_t>(std::ranges::count_if(results, [](const auto& r) { return !r.failure.empty(); }));
  }

  test::sim_files disk_;
  std::optional<sync_round> round_;
};

TEST_F(sync_round_test, each_file_is_synced_once_however_many_ask) {
  const auto request = dirty("a");
  round_->add(request);
  round_->add(request);
  const auto before = disk_.syncs();
  EXPECT_EQ(failures(round_->run()), 0u);
  EXPECT_EQ(disk_.syncs() - before, 1u);
  EXPECT_TRUE(round_->empty());
}

TEST_F(sync_round_test, many_files_are_synced_as_a_whole) {
  add_many();
  const auto before = disk_.syncs();
  EXPECT_EQ(failures(round_->run()), 0u);
  EXPECT_EQ(disk_.syncs() - before, 1u);
  EXPECT_EQ(after_power_loss("many7"), "x");
}

TEST_F(sync_round_test, many_files_are_synced_one_by_one_where_the_whole_cannot_be_trusted) {
  round_.emplace(nullptr);
  add_many();
  const auto before = disk_.syncs();
  EXPECT_EQ(failures(round_->run()), 0u);
  EXPECT_EQ(disk_.syncs() - before, sync_round::whole_filesystem_from);
}

TEST_F(sync_round_test, a_file_that_fails_concerns_only_those_who_asked_for_it) {
  for (const auto* name : {"a", "b", "c"})
    round_->add(dirty(name));
  disk_.fail_operation(0, test::disk_fault::io_error);
  const auto results = round_->run();
  EXPECT_EQ(results.size(), 3u);
  EXPECT_EQ(failures(results), 1u);
  EXPECT_TRUE(disk_.fault_happened());
}

TEST_F(sync_round_test, a_folder_that_fails_concerns_only_those_who_asked_for_it) {
  round_->add(dirty("a"));
  round_->add({{*disk_.open_directory("/d")}});
  disk_.fail_operation(1, test::disk_fault::io_error);
  const auto results = round_->run();
  EXPECT_TRUE(results.at(0).failure.empty());
  EXPECT_FALSE(results.at(1).failure.empty());
}

TEST_F(sync_round_test, a_file_system_that_fails_is_asked_file_by_file_and_never_as_a_whole_again) {
  add_many();
  disk_.fail_operation(0, test::disk_fault::io_error);
  EXPECT_EQ(failures(round_->run()), 1u) << "the one whose pages are gone";
  add_many();
  const auto before = disk_.syncs();
  EXPECT_EQ(failures(round_->run()), 0u);
  EXPECT_EQ(disk_.syncs() - before, sync_round::whole_filesystem_from);
}

// Round 1 learns that something could not be written, which is a file that nobody asks for in it. Round 2 with that
// file must not be told that all is well.
TEST_F(sync_round_test, a_file_that_failed_while_nobody_asked_for_it_is_told_when_somebody_does) {
  auto unlucky = dirty("x");
  disk_.fail_write_back();
  add_many();
  EXPECT_EQ(failures(round_->run()), 0u);
  round_->add(unlucky);
  add_many();
  const auto results = round_->run();
  EXPECT_FALSE(results.at(0).failure.empty());
  EXPECT_EQ(failures(results), 1u);
  EXPECT_EQ(after_power_loss("x"), "");
}

// Another program that syncs the file system is told first; we must be told all the same.
TEST_F(sync_round_test, a_failure_that_somebody_else_was_told_of_is_no_secret) {
  auto unlucky = dirty("x");
  disk_.fail_write_back();
  EXPECT_FALSE((*disk_.open_filesystem("/d"))->sync());
  round_->add(unlucky);
  add_many();
  EXPECT_FALSE(round_->run().at(0).failure.empty());
}

} // namespace
} // namespace chisme::flusher
