#include "actors/flusher/sync_round.hpp"
#include "tests/support/sim_files.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace chisme::flusher {
namespace {

class sync_round_test : public ::testing::Test {
protected:
  void SetUp() override { ASSERT_TRUE(disk_.make_directories("/d")); }

  /// A request for one new file with a byte to sync.
  flush_request dirty(const std::string& name) {
    auto f = disk_.open("/d/" + name, log::open_mode::create_new);
    const auto byte = as_bytes(std::string_view{"x"});
    EXPECT_TRUE((*f)->write_at(0, std::array{byte}));
    return {{*f}, {}};
  }

  static size_t failures(const std::vector<flush_result>& results) {
    return static_cast<size_t>(std::ranges::count_if(results, [](const auto& r) { return !r.failure.empty(); }));
  }

  test::sim_files disk_;
  sync_round round_;
};

TEST_F(sync_round_test, each_file_is_synced_once_however_many_ask) {
  const auto request = dirty("a");
  round_.add(request);
  round_.add(request);
  const auto before = disk_.syncs();
  EXPECT_EQ(failures(round_.run(disk_, "/d")), 0u);
  EXPECT_EQ(disk_.syncs() - before, 1u);
  EXPECT_TRUE(round_.empty());
}

TEST_F(sync_round_test, a_file_that_fails_concerns_only_those_who_asked_for_it) {
  for (const auto* name : {"a", "b", "c"})
    round_.add(dirty(name));
  disk_.fail_operation(0, test::disk_fault::io_error);
  const auto results = round_.run(disk_, "/d");
  EXPECT_EQ(results.size(), 3u);
  EXPECT_EQ(failures(results), 1u);
  EXPECT_TRUE(disk_.fault_happened());
}

TEST_F(sync_round_test, a_folder_that_fails_concerns_only_those_who_asked_for_it) {
  round_.add({{}, {"/d"}});
  round_.add(dirty("a"));
  disk_.fail_operation(1, test::disk_fault::io_error); // files come first
  const auto results = round_.run(disk_, "/d");
  EXPECT_FALSE(results.at(0).failure.empty());
  EXPECT_TRUE(results.at(1).failure.empty());
}

TEST_F(sync_round_test, a_file_system_that_fails_is_asked_file_by_file) {
  for (size_t i = 0; i < sync_round::whole_filesystem_from; ++i)
    round_.add(dirty(std::to_string(i)));
  disk_.fail_operation(0, test::disk_fault::io_error);
  const auto before = disk_.syncs();
  EXPECT_EQ(failures(round_.run(disk_, "/d")), 0u);
  EXPECT_TRUE(disk_.fault_happened());
  EXPECT_GE(disk_.syncs() - before, sync_round::whole_filesystem_from);
}

} // namespace
} // namespace chisme::flusher
