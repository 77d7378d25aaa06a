#include "actors/coordinator/placement.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>

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

} // namespace
} // namespace chisme::coordinator
