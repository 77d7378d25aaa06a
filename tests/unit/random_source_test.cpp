#include "actors/random_source.hpp"

#include <gtest/gtest.h>

#include <set>

namespace chisme {
namespace {

TEST(random_source, one_seed_gives_the_same_again) {
  random_source a{7}, b{7}, other{8};
  EXPECT_EQ(a.id(), b.id());
  EXPECT_EQ(a.split().bits(), b.split().bits());
  EXPECT_NE(a.bits(), other.bits());
}

TEST(random_source, what_is_split_off_has_nothing_in_common) {
  random_source node{1};
  std::set<uuid> all;
  constexpr size_t users = 20, each = 500;
  for (size_t u = 0; u < users; ++u) {
    auto own = node.split();
    for (size_t i = 0; i < each; ++i)
      all.insert(own.id());
  }
  EXPECT_EQ(all.size(), users * each);
}

/// Else two copies would give the same id twice.
TEST(random_source, copies_of_a_function_draw_from_one_source) {
  const auto ids = random_source{1}.ids();
  const auto copy = ids;
  EXPECT_NE(ids(), copy());
}

TEST(random_source, ids_are_of_version_4) {
  random_source source{1};
  for (int i = 0; i < 100; ++i) {
    const auto id = source.id();
    EXPECT_EQ(id.bytes[6] >> 4, 4);
    EXPECT_EQ(id.bytes[8] >> 6, 2);
  }
}

} // namespace
} // namespace chisme
