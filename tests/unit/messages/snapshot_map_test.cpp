// A map whose copies share blocks, against a plain one: after each step its content, its copies and what differs
// between them.
#include "messages/snapshot_map.hpp"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <string>

namespace chisme {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using small_map = snapshot_map<int, std::string, 4>;
using plain_map = std::map<int, std::string>;

plain_map content(const small_map& m) {
  plain_map all;
  int last = -1;
  for (const auto& [key, value] : m) {
    EXPECT_LT(last, key) << "in order, each once";
    last = key;
    all[key] = value;
  }
  EXPECT_EQ(all.size(), m.size());
  EXPECT_EQ(all.empty(), m.empty());
  return all;
}

struct change {
  int key;
  std::string before, after; ///< "-" where it is not there
  friend bool operator==(const change&, const change&) = default;
};

std::vector<change> changes(const small_map& before, const small_map& after) {
  std::vector<change> all;
  small_map::difference(before, after, [&](int key, const std::string* b, const std::string* a) {
    all.push_back({key, b ? *b : "-", a ? *a : "-"});
  });
  return all;
}

std::vector<change> changes(const plain_map& before, const plain_map& after) {
  std::map<int, change> all;
  for (const auto& [key, value] : before)
    all[key] = {key, value, "-"};
  for (const auto& [key, value] : after) {
    auto i = all.try_emplace(key, change{key, "-", "-"}).first;
    i->second.after = value;
    if (i->second.before == value)
      all.erase(i);
  }
  std::vector<change> sorted;
  for (auto& [key, c] : all)
    sorted.push_back(std::move(c));
  return sorted;
}

TEST(snapshot_map, behaves_like_a_map_and_its_copies_stay_as_they_were) {
  for (unsigned seed = 0; seed < 10; ++seed) {
    std::mt19937 random{seed};
    const int keys = 1 + static_cast<int>(random() % 120);
    small_map map, copy;
    plain_map model, copied;
    for (int i = 0; i < 300; ++i) {
      const auto key = static_cast<int>(random() % static_cast<unsigned>(keys));
      if (random() % 3 == 0) {
        ASSERT_EQ(map.erase(key), model.erase(key) > 0) << "seed " << seed;
      } else {
        const auto value = std::to_string(random() % 3);
        map.put(key, value);
        model[key] = value;
      }
      ASSERT_EQ(content(map), model) << "seed " << seed;
      ASSERT_EQ(content(copy), copied) << "seed " << seed;
      ASSERT_EQ(changes(copy, map), changes(copied, model)) << "seed " << seed;
      ASSERT_EQ(copy == map, copied == model) << "seed " << seed;
      for (int k = 0; k < keys; ++k) {
        const auto* found = map.find(k);
        ASSERT_EQ(found ? *found : "-", model.contains(k) ? model[k] : "-");
      }
      if (random() % 16 == 0) {
        copy = map;
        copied = model;
      }
    }
  }
}

TEST(snapshot_map, finds_by_what_its_keys_compare_with) {
  snapshot_map<std::string, int> map;
  map.put("a", 1);
  map.put("c", 3);
  EXPECT_EQ(*map.find(std::string_view{"c"}), 3);
  EXPECT_EQ(map.find("b"), nullptr);
  EXPECT_FALSE(map.contains("d"));
  EXPECT_TRUE(map.erase(std::string_view{"a"}));
  EXPECT_FALSE(map.erase("a"));
}

/// Compares unequal to itself: whoever looks at it is found out.
struct never_equal {
  friend bool operator==(const never_equal&, const never_equal&) { return false; }
};

TEST(snapshot_map, what_two_maps_share_is_not_looked_at) {
  snapshot_map<int, never_equal, 4> before;
  for (int i = 0; i < 1000; ++i)
    before.put(i, {});
  auto after = before;
  after.put(500, {});
  after.put(2000, {});
  after.erase(3);
  std::vector<int> seen;
  decltype(before)::difference(before, after, [&](int key, const auto*, const auto*) { seen.push_back(key); });
  // Of the three blocks that were copied, all entries.
  EXPECT_LE(seen.size(), 12u);
  EXPECT_THAT(seen, ::testing::IsSupersetOf({3, 500, 2000}));
}

TEST(snapshot_map, maps_of_different_origin_are_compared_entry_by_entry) {
  small_map up, down;
  for (int i = 0; i < 100; ++i)
    up.put(i, "x");
  for (int i = 99; i >= 0; --i)
    down.put(i, "x");
  EXPECT_EQ(up, down);
  EXPECT_THAT(changes(up, down), IsEmpty());
  down.put(7, "y");
  EXPECT_THAT(changes(up, down), ElementsAre(change{7, "x", "y"}));
}

TEST(snapshot_map, cleared_it_is_empty) {
  small_map map;
  map.put(1, "x");
  map.clear();
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.begin(), map.end());
}

} // namespace
} // namespace chisme
