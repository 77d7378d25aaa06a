// What a replica has promised, on a disk that loses power at each point and refuses each operation.
#include "actors/log/file_names.hpp"
#include "actors/log/quorum_state.hpp"
#include "tests/support/sim_files.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace chisme::log {
namespace {

const std::string dir = "/data/t-0";
const std::string path = dir + "/" + std::string{quorum_file_name};
constexpr raft::hard_state first{.term = 3, .voted_for = 1};
constexpr raft::hard_state second{.term = 4, .voted_for = 2};

/// A process that promises `first` and then `second`, and what it has told others.
struct promiser {
  explicit promiser(test::sim_files& on) : disk(on) {}

  /// Stops where the disk refuses anything.
  bool run(bool prepares) {
    if (!disk.make_directories(dir))
      return false;
    auto opened = quorum_state::open(disk, dir);
    if (!opened || (prepares && !opened->prepare()) || (prepares && !opened->sync()))
      return false;
    return promise(*opened, first) && promise(*opened, second);
  }
  bool promise(quorum_state& state, const raft::hard_state& what) {
    asked = what;
    if (!state.store(what) || !state.sync())
      return false;
    EXPECT_EQ(state.on_disk(), what);
    told = what;
    return true;
  }

  test::sim_files& disk;
  std::optional<raft::hard_state> asked;
  std::optional<raft::hard_state> told;
};

/// The next process: what it finds, once that may be relied on.
std::optional<raft::hard_state> found_by_next(test::sim_files& disk) {
  auto opened = quorum_state::open(disk, dir);
  EXPECT_TRUE(opened) << opened.error().message;
  if (!opened)
    return std::nullopt;
  const auto found = opened->found();
  EXPECT_TRUE(opened->sync());
  EXPECT_EQ(opened->on_disk(), found);
  return found;
}

void expect_whole_promise(const promiser& before, const std::optional<raft::hard_state>& found) {
  EXPECT_TRUE(!before.told || (found && found->term >= before.told->term)) << "a promise is forgotten";
  EXPECT_TRUE(!found || found == before.told || found == before.asked) << "nobody has promised that";
}

/// One run of a process on a disk of its own.
struct attempt {
  attempt(uint64_t at, uint64_t seed) : point(at), disk(seed), random(seed) {}

  /// The process ends at `point`, if it gets that far.
  bool is_through_before(bool prepares) {
    disk.freeze_after(point);
    const bool is_through = process.run(prepares);
    disk.thaw();
    return is_through;
  }
  void lose_power() {
    disk.crash(random);
    ASSERT_TRUE(disk.make_directories(dir));
  }

  uint64_t point;
  test::sim_files disk;
  std::mt19937_64 random;
  promiser process{disk};
};

/// At each point of what the process does, until `is_through` says of an attempt that its point was none any more.
void at_each_point(uint64_t seeds, const std::function<bool(attempt&)>& is_through) {
  bool is_over = false;
  for (uint64_t point = 0; !is_over; ++point) {
    ASSERT_LT(point, 100u);
    for (uint64_t seed = 1; seed <= seeds; ++seed) {
      SCOPED_TRACE("point " + std::to_string(point) + ", seed " + std::to_string(seed));
      attempt one{point, seed};
      is_over = is_through(one);
      if (::testing::Test::HasFailure())
        return;
    }
  }
}

TEST(quorum_state_test, a_power_loss_at_any_point_leaves_no_promise_or_all_of_it) {
  for (const bool prepares : {true, false})
    at_each_point(100, [prepares](attempt& one) {
      const bool is_through = one.is_through_before(prepares);
      one.lose_power();
      expect_whole_promise(one.process, found_by_next(one.disk));
      return is_through;
    });
}

/// The process is killed, another one finds what is in the system's cache, and then the power goes, too.
TEST(quorum_state_test, what_was_found_counts_when_it_is_synced) {
  at_each_point(100, [](attempt& one) {
    const bool is_through = one.is_through_before(true);
    EXPECT_TRUE(one.disk.make_directories(dir));
    const auto relied_on = found_by_next(one.disk);
    expect_whole_promise(one.process, relied_on);
    one.disk.crash(one.random);
    EXPECT_EQ(one.disk.exists(dir).value() ? found_by_next(one.disk) : std::nullopt, relied_on);
    return is_through;
  });
}

TEST(quorum_state_test, a_disk_that_refuses_once_breaks_no_promise) {
  for (const auto fault : {test::disk_fault::full, test::disk_fault::io_error})
    at_each_point(20, [fault](attempt& one) {
      one.disk.fail_any_operation(one.point, fault);
      one.process.run(true);
      const bool is_through = !one.disk.fault_happened();
      one.lose_power();
      expect_whole_promise(one.process, found_by_next(one.disk));
      return is_through;
    });
}

// -- who waits for what ----------------------------------------------------------------------------------------------

class one_quorum_state_test : public ::testing::Test {
protected:
  one_quorum_state_test() { EXPECT_TRUE(disk_.make_directories(dir)); }

  quorum_state open() { return std::move(quorum_state::open(disk_, dir).value()); }
  /// The files that are to be synced are.
  void sync_once(quorum_state& state) {
    const auto what = state.dirty();
    for (const auto& f : what.files)
      EXPECT_TRUE(f->sync());
    EXPECT_TRUE(state.mark_synced(what));
  }

  test::sim_files disk_;
};

TEST_F(one_quorum_state_test, nothing_here_syncs_by_itself) {
  auto state = open();
  ASSERT_TRUE(state.prepare());
  ASSERT_TRUE(state.store(first));
  EXPECT_EQ(disk_.syncs(), 0u);
  ASSERT_TRUE(state.sync());
  const auto before = disk_.syncs();
  auto again = open();
  EXPECT_EQ(disk_.syncs(), before);
  EXPECT_TRUE(again.has_unsynced_find());
  EXPECT_EQ(again.found(), first);
  EXPECT_FALSE(again.on_disk()) << "it may be in the cache only";
  sync_once(again);
  EXPECT_EQ(again.on_disk(), first);
  EXPECT_FALSE(again.is_dirty());
}

TEST_F(one_quorum_state_test, a_file_that_is_prepared_takes_one_sync_for_each_promise) {
  auto state = open();
  ASSERT_TRUE(state.prepare());
  EXPECT_FALSE(disk_.exists(path).value()) << "it has its name before a slot of it is on disk";
  sync_once(state);
  EXPECT_FALSE(state.is_dirty());
  ASSERT_TRUE(state.store(first));
  sync_once(state);
  EXPECT_EQ(state.on_disk(), first);
  ASSERT_TRUE(state.store(second));
  EXPECT_EQ(state.dirty().files.size(), 1u) << "names do not change any more";
  sync_once(state);
  EXPECT_EQ(state.on_disk(), second);
}

TEST_F(one_quorum_state_test, a_promise_before_the_file_is_synced_waits_for_that) {
  auto state = open();
  ASSERT_TRUE(state.prepare());
  ASSERT_TRUE(state.store(first));
  sync_once(state);
  EXPECT_FALSE(state.on_disk());
  EXPECT_TRUE(state.is_dirty());
  sync_once(state);
  EXPECT_EQ(state.on_disk(), first);
}

/// Its slot is the only whole one.
TEST_F(one_quorum_state_test, a_promise_after_a_find_touches_nothing_before_the_find_is_synced) {
  {
    auto state = open();
    ASSERT_TRUE(state.store(first));
    ASSERT_TRUE(state.sync());
  }
  auto state = open();
  const auto before = disk_.content(path);
  ASSERT_TRUE(state.store(second));
  EXPECT_EQ(disk_.content(path), before);
  sync_once(state);
  EXPECT_NE(disk_.content(path), before);
  EXPECT_EQ(state.on_disk(), first);
  sync_once(state);
  EXPECT_EQ(state.on_disk(), second);
}

TEST_F(one_quorum_state_test, a_name_that_was_refused_is_given_with_the_next_promise) {
  auto state = open();
  ASSERT_TRUE(state.prepare());
  const auto what = state.dirty();
  for (const auto& f : what.files)
    ASSERT_TRUE(f->sync());
  disk_.fail_operation(0, test::disk_fault::io_error);
  EXPECT_TRUE(state.mark_synced(what)) << "nobody needs it yet";
  ASSERT_TRUE(disk_.fault_happened());
  EXPECT_FALSE(disk_.exists(path).value());
  ASSERT_TRUE(state.store(first));
  EXPECT_TRUE(disk_.exists(path).value());
  ASSERT_TRUE(state.sync());
  EXPECT_EQ(state.on_disk(), first);
}

TEST_F(one_quorum_state_test, a_file_without_a_whole_slot_is_damage) {
  ASSERT_TRUE(disk_.replace(path, std::string(quorum_slot::size, 'x'), true));
  const auto opened = quorum_state::open(disk_, dir);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, error_code::corrupt_message);
}

} // namespace
} // namespace chisme::log
