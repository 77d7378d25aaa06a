// Deletion of topics by a whole node on a simulated disk: it may end at any operation of the disk, by a kill or by a
// power loss, and the next start leaves nothing behind.
#include "actors/log/folder_names.hpp"
#include "tests/support/actor_node.hpp"

#include <gmock/gmock.h>

namespace chisme::test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

const std::vector<std::string> doomed{"one", "two", "three"};
const std::string metadata_folder = "__cluster-0";

enum class ending { kill, power_loss };

std::shared_ptr<sim_files> new_disk() { return std::make_shared<sim_files>(); }

/// A disk with the topics, and one that stays, each with a record.
std::shared_ptr<sim_files> prepared(uint64_t seed) {
  auto disk = new_disk();
  actor_node node{disk, seed};
  auto all = doomed;
  all.push_back("stays");
  EXPECT_THAT(node.create(all, 2), Each(Optional(error_code::none)));
  for (const auto& name : all)
    EXPECT_EQ(node.append(name, "v")->code, error_code::none);
  return disk;
}

/// Of a node that goes on with a disk: ids that were drawn before are not drawn again.
uint64_t another_seed(uint64_t seed) { return seed + 1'000'000; }

void end(sim_files& disk, ending how, uint64_t seed) {
  std::mt19937_64 random{seed};
  if (how == ending::power_loss)
    disk.crash(random);
  disk.thaw();
}

/// What must hold on the disk that a node left that ended while it deleted them.
void expect_no_rubbish(const std::shared_ptr<sim_files>& disk, uint64_t seed) {
  actor_node node{disk, seed + 1};
  ASSERT_TRUE(node.ready()) << node.failure();
  node.pass(std::chrono::minutes{1});
  std::vector<std::string> gone, kept{metadata_folder};
  for (const auto& name : doomed)
    (node.partition(name).port ? kept : gone).push_back(node.partition(name).port ? name + "-0" : name);
  // The deletion is one batch of records: all of it happened, or nothing.
  ASSERT_TRUE(gone.empty() || gone.size() == doomed.size());
  for (const auto& name : doomed)
    if (gone.empty())
      kept.push_back(name + "-1");
  kept.insert(kept.end(), {"stays-0", "stays-1"});
  std::ranges::sort(kept);
  EXPECT_EQ(node.folders(), kept);
  EXPECT_THAT(node.end_offset("stays"), Optional(1));
  if (gone.empty()) {
    for (const auto& name : doomed)
      EXPECT_THAT(node.end_offset(name), Optional(1)) << name;
    return;
  }
  EXPECT_THAT(node.create(doomed), Each(Optional(error_code::none)));
  for (const auto& name : doomed) {
    EXPECT_THAT(node.end_offset(name), Optional(0)) << name << " has records of a topic that was deleted";
    EXPECT_EQ(node.append(name, "new")->base_offset, 0);
  }
}

class deletion_test : public testing::TestWithParam<ending> {};

TEST_P(deletion_test, that_ends_at_any_operation_of_the_disk_leaves_nothing_behind) {
  uint64_t points = 0;
  for (bool ended_before = true; ended_before; ++points) {
    SCOPED_TRACE(::testing::Message() << "after " << points << " operations");
    auto disk = prepared(points);
    {
      actor_node node{disk, another_seed(points)};
      const auto limit = disk->operations() + points;
      disk->freeze_after(points);
      node.ask_to_remove(doomed);
      node.run();
      ended_before = disk->operations() > limit;
    }
    end(*disk, GetParam(), points);
    expect_no_rubbish(disk, points);
    if (HasFailure())
      return;
  }
  EXPECT_GT(points, 30u) << "the loop has to meet each step of the removals";
}

/// The same name is made again before the old folder has gone.
TEST_P(deletion_test, followed_by_a_new_topic_of_the_name_never_mixes_the_two) {
  uint64_t points = 0;
  for (bool ended_before = true; ended_before; ++points) {
    SCOPED_TRACE(::testing::Message() << "after " << points << " operations");
    auto disk = prepared(points);
    {
      actor_node node{disk, another_seed(points)};
      const auto limit = disk->operations() + points;
      disk->freeze_after(points);
      node.ask_to_remove(doomed);
      node.create(doomed);
      ended_before = disk->operations() > limit;
    }
    end(*disk, GetParam(), points);
    actor_node node{disk, points + 1};
    ASSERT_TRUE(node.ready()) << node.failure();
    node.pass(std::chrono::minutes{1});
    for (const auto& name : doomed) {
      const bool is_old = node.partition(name, 1).port != nullptr;
      if (node.partition(name).port) {
        EXPECT_THAT(node.end_offset(name), Optional(is_old ? 1 : 0)) << name;
      }
    }
    for (const auto& folder : node.folders())
      EXPECT_EQ(log::kind_of_folder(folder), log::folder_kind::partition) << folder;
    if (HasFailure())
      return;
  }
  EXPECT_GT(points, 30u);
}

INSTANTIATE_TEST_SUITE_P(by, deletion_test, testing::Values(ending::kill, ending::power_loss),
                         [](const auto& p) { return p.param == ending::kill ? "kill" : "power_loss"; });

TEST(deletion, of_the_longest_names_frees_them) {
  actor_node node{new_disk()};
  const std::vector<std::string> names{std::string(225, 'a'), std::string(249, 'b')};
  for (int turn = 0; turn < 3; ++turn) {
    EXPECT_THAT(node.create(names), Each(Optional(error_code::none)));
    for (const auto& name : names)
      EXPECT_EQ(node.append(name, "v")->base_offset, 0);
    EXPECT_THAT(node.remove(names), Each(Optional(error_code::none)));
  }
  node.pass(std::chrono::minutes{1});
  EXPECT_THAT(node.folders(), ElementsAre(metadata_folder));
}

/// One operation of the removal fails; nobody waits for it, and it is done in the end.
TEST(deletion, that_meets_a_passing_error_comes_to_its_end) {
  uint64_t points = 0;
  for (bool met = true; met; ++points) {
    SCOPED_TRACE(::testing::Message() << "after " << points << " operations");
    auto disk = prepared(points);
    actor_node node{disk, another_seed(points)};
    EXPECT_THAT(node.remove({"one"}), ElementsAre(Optional(error_code::none)));
    const auto before = disk->operations();
    disk->fail_operation(points, disk_fault::full);
    EXPECT_THAT(node.remove({"two"}), ElementsAre(testing::_));
    const auto again = node.create({"two"});
    met = disk->fault_happened();
    disk->cancel_fault();
    EXPECT_GT(disk->operations(), before);
    node.pass(std::chrono::minutes{1});
    node.pass(std::chrono::minutes{1});
    if (disk->failed_syncs() > 0)
      continue; // that is final: nothing can be done before the next start
    for (const auto& folder : node.folders())
      EXPECT_EQ(log::kind_of_folder(folder), log::folder_kind::partition) << folder;
    if (again.front() == error_code::none) {
      EXPECT_TRUE(node.partition("two").port) << "a topic that was made serves";
    }
    if (HasFailure())
      return;
  }
  EXPECT_GT(points, 10u);
}

TEST(lack_of_descriptors, is_no_permanent_state) {
  auto disk = new_disk();
  actor_node node{disk};
  ASSERT_THAT(node.create({"early"}), ElementsAre(Optional(error_code::none)));
  disk->refuse_opens(true);
  EXPECT_THAT(node.create({"late"}), ElementsAre(Optional(error_code::none)));
  EXPECT_EQ(node.partition("late").state, error_code::kafka_storage_error);
  node.pass(std::chrono::minutes{10});
  EXPECT_EQ(node.partition("late").state, error_code::kafka_storage_error);
  disk->refuse_opens(false);
  node.pass(std::chrono::seconds{30});
  EXPECT_EQ(node.partition("late").state, error_code::none);
  EXPECT_THAT(node.end_offset("late"), Optional(0));
  EXPECT_EQ(node.append("late", "v")->base_offset, 0);
  EXPECT_THAT(node.folders(), ElementsAre(metadata_folder, "early-0", "late-0"));
}

TEST(lack_of_space, at_any_operation_of_a_creation_passes) {
  uint64_t points = 0;
  for (bool met = true; met; ++points) {
    SCOPED_TRACE(::testing::Message() << "after " << points << " operations");
    auto disk = new_disk();
    actor_node node{disk, points};
    disk->fail_operation(points, disk_fault::full);
    const auto made = node.create({"t"});
    met = disk->fault_happened();
    disk->cancel_fault();
    if (disk->failed_syncs() > 0)
      continue;
    node.pass(std::chrono::seconds{30});
    if (made.front() != error_code::none)
      continue; // it was told so; a sync of the metadata log that failed ends changes until the next start
    EXPECT_EQ(node.partition("t").state, error_code::none);
    EXPECT_THAT(node.folders(), ElementsAre(metadata_folder, "t-0"));
    if (HasFailure())
      return;
  }
  EXPECT_GT(points, 5u);
}

} // namespace
} // namespace chisme::test
