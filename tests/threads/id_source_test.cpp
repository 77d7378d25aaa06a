#include "nodes/id_source.hpp"

#include "tests/threads/together.hpp"

#include <gtest/gtest.h>

#include <set>

namespace chisme::nodes {
namespace {

TEST(id_source, threads_that_draw_at_once_get_different_ids) {
  constexpr int threads = 4, each = 2000;
  id_source ids;
  std::vector<std::vector<uuid>> drawn(threads);
  test::together(threads, [&](int i) {
    for (int n = 0; n < each; ++n)
      drawn[i].push_back(ids());
  });
  std::set<uuid> all;
  for (const auto& own : drawn)
    all.insert(own.begin(), own.end());
  EXPECT_EQ(all.size(), size_t{threads} * each);
}

TEST(id_source, ids_are_of_version_4) {
  id_source ids;
  for (int i = 0; i < 100; ++i) {
    const auto id = ids();
    EXPECT_EQ(id.bytes[6] >> 4, 4);
    EXPECT_EQ(id.bytes[8] >> 6, 2);
  }
}

} // namespace
} // namespace chisme::nodes
