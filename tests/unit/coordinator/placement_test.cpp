#include "actors/coordinator/placement.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace chisme::coordinator {
namespace {

using ::testing::ElementsAre;

TEST(placement, leaders_go_round_and_followers_sit_behind) {
  EXPECT_THAT(place({10, 20, 30}, 0, 4, 2, 0),
              ElementsAre(ElementsAre(10, 20), ElementsAre(20, 30), ElementsAre(30, 10), ElementsAre(10, 20)));
}

TEST(placement, new_partitions_go_on_where_the_old_ones_ended) {
  const std::vector<node_id> nodes{1, 2, 3, 4};
  auto all = place(nodes, 0, 9, 3, 7);
  auto head = place(nodes, 0, 5, 3, 7);
  auto tail = place(nodes, 5, 4, 3, 7);
  head.insert(head.end(), tail.begin(), tail.end());
  EXPECT_EQ(head, all);
}

TEST(placement, every_node_once_for_a_partition_and_leaders_even) {
  for (int32_t n = 1; n <= 7; ++n) {
    std::vector<node_id> nodes;
    for (node_id i = 0; i < n; ++i)
      nodes.push_back(100 + i);
    for (int32_t factor = 1; factor <= n; ++factor) {
      std::map<node_id, int> leads;
      for (const auto& replicas : place(nodes, 0, 5 * n, factor, 3)) {
        ASSERT_EQ(replicas.size(), static_cast<size_t>(factor));
        ASSERT_EQ(std::set<node_id>(replicas.begin(), replicas.end()).size(), replicas.size());
        ++leads[replicas.front()];
      }
      for (auto node : nodes)
        ASSERT_EQ(leads[node], 5);
    }
  }
}

/// By rack of the n-th node.
std::vector<candidate> in_racks(const std::vector<std::string>& racks) {
  std::vector<candidate> nodes;
  for (const auto& rack : racks)
    nodes.push_back({static_cast<node_id>(nodes.size()), rack, 0, 0});
  return nodes;
}

TEST(placement, replicas_are_in_as_many_racks_as_there_are) {
  const std::vector<std::string> racks{"a", "a", "a", "b", "b", "c"};
  for (size_t salt = 0; salt < 6; ++salt) {
    for (const auto& replicas : place(in_racks(racks), 0, 60, 3, salt)) {
      std::set<std::string> used;
      for (auto id : replicas)
        used.insert(racks[static_cast<size_t>(id)]);
      ASSERT_EQ(used.size(), 3u);
    }
  }
}

TEST(placement, more_replicas_than_racks_are_spread_evenly_over_them) {
  const std::vector<std::string> racks{"a", "a", "a", "a", "b", "b"};
  for (const auto& replicas : place(in_racks(racks), 0, 60, 4, 0)) {
    std::map<std::string, int> used;
    for (auto id : replicas)
      ++used[racks[static_cast<size_t>(id)]];
    ASSERT_EQ(used["a"], 2);
    ASSERT_EQ(used["b"], 2);
  }
}

TEST(placement, who_carries_least_gets_the_next_one) {
  EXPECT_THAT(place({{1, "", 10, 5}, {2, "", 2, 0}, {3, "", 1, 0}}, 0, 2, 2, 0),
              ElementsAre(ElementsAre(2, 3), ElementsAre(3, 2)));
}

TEST(placement, a_node_that_is_new_leads_until_the_others_lead_no_more_than_it) {
  std::map<node_id, size_t> leads{{1, 20}, {2, 20}, {3, 0}};
  for (const auto& replicas : place({{1, "", 40, 20}, {2, "", 40, 20}, {3, "", 0, 0}}, 0, 20, 1, 0))
    ++leads[replicas.front()];
  EXPECT_EQ(leads[3], 20u);
}

TEST(placement, replicas_are_even_where_nothing_forbids_it) {
  std::map<node_id, int> carries;
  for (const auto& replicas : place(std::vector<node_id>{1, 2, 3, 4, 5}, 0, 100, 3, 2))
    for (auto id : replicas)
      ++carries[id];
  for (const auto& [id, n] : carries)
    EXPECT_NEAR(n, 60, 1) << id;
}

} // namespace
} // namespace chisme::coordinator
