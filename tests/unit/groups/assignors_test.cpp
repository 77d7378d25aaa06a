// Properties of the assignors, on made-up groups of all shapes.
#include "actors/groups/assignors.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <deque>
#include <map>
#include <random>

namespace chisme::groups {
namespace {

/// Owns what a task only looks at.
class made_group {
public:
  void add_topic(int32_t partitions) {
    uuid id;
    const auto n = task_.topics.size() + 1;
    id.bytes[14] = static_cast<uint8_t>(n >> 8);
    id.bytes[15] = static_cast<uint8_t>(n);
    task_.topics.push_back({id, partitions});
  }
  void add_member(std::vector<uint32_t> topics, std::string instance = {}) {
    const auto& name = names_.emplace_back(std::to_string(100'000 + names_.size()));
    const auto& shown = names_.emplace_back(std::move(instance));
    task_.members.push_back({name, shown, static_cast<uint32_t>(task_.subscriptions.size()), nullptr});
    task_.subscriptions.push_back(std::move(topics));
    current_.emplace_back();
  }
  void remove_member(size_t i) {
    task_.members.erase(task_.members.begin() + static_cast<ptrdiff_t>(i));
    current_.erase(current_.begin() + static_cast<ptrdiff_t>(i));
  }
  std::vector<uint32_t> all_topics() const {
    std::vector<uint32_t> all(task_.topics.size());
    for (uint32_t i = 0; i < all.size(); ++i)
      all[i] = i;
    return all;
  }

  assignment run(assignor how = assign_uniform) {
    for (size_t i = 0; i < current_.size(); ++i)
      task_.members[i].current = &current_[i];
    auto next = how(task_);
    moved_ = 0;
    std::map<assigned_partition, size_t> before;
    for (size_t i = 0; i < current_.size(); ++i)
      for (const auto& p : current_[i])
        before[p] = i;
    for (size_t i = 0; i < next.size(); ++i)
      for (const auto& p : next[i])
        if (const auto had = before.find(p); had != before.end() && had->second != i)
          ++moved_;
    current_ = next;
    return next;
  }

  /// Every partition of a topic that somebody wants is with one member that wants it; sets are sorted.
  void check_complete() const {
    std::map<uuid, size_t> topics;
    for (size_t t = 0; t < task_.topics.size(); ++t)
      topics[task_.topics[t].id] = t;
    std::map<assigned_partition, int> owners;
    for (size_t m = 0; m < current_.size(); ++m) {
      EXPECT_TRUE(std::is_sorted(current_[m].begin(), current_[m].end()));
      for (const auto& p : current_[m]) {
        ++owners[p];
        const auto& wanted = task_.topics_of(task_.members[m]);
        EXPECT_TRUE(std::binary_search(wanted.begin(), wanted.end(), topics.at(p.topic)));
      }
    }
    size_t expected = 0;
    for (size_t t = 0; t < task_.topics.size(); ++t)
      if (std::any_of(task_.members.begin(), task_.members.end(), [&](const auto& m) {
            const auto& wanted = task_.topics_of(m);
            return std::binary_search(wanted.begin(), wanted.end(), t);
          }))
        expected += static_cast<size_t>(task_.topics[t].partitions);
    EXPECT_EQ(owners.size(), expected);
    for (const auto& [p, count] : owners)
      EXPECT_EQ(count, 1);
  }
  size_t spread() const {
    const auto [least, most] = std::minmax_element(current_.begin(), current_.end(),
                                                   [](const auto& a, const auto& b) { return a.size() < b.size(); });
    return most->size() - least->size();
  }
  /// Nobody could take a partition from somebody who has at least two more.
  void check_no_better_move() const {
    for (size_t from = 0; from < current_.size(); ++from)
      for (const auto& p : current_[from])
        for (size_t to = 0; to < current_.size(); ++to) {
          const auto& wanted = task_.topics_of(task_.members[to]);
          const bool may =
            std::any_of(wanted.begin(), wanted.end(), [&](uint32_t t) { return task_.topics[t].id == p.topic; });
          EXPECT_FALSE(may && current_[from].size() > current_[to].size() + 1);
        }
  }

  assignment_task task_;
  assignment current_;
  size_t moved_ = 0;

private:
  std::deque<std::string> names_; ///< stay where they are
};

TEST(uniform_assignor_test, it_is_complete_even_and_sticky_whoever_comes_and_goes) {
  std::mt19937 random{7};
  for (int round = 0; round < 200; ++round) {
    made_group g;
    size_t partitions = 0;
    for (size_t t = 0, n = 1 + random() % 5; t < n; ++t) {
      g.add_topic(1 + static_cast<int32_t>(random() % 20));
      partitions += static_cast<size_t>(g.task_.topics.back().partitions);
    }
    for (int step = 0; step < 12; ++step) {
      const bool adds = g.task_.members.size() < 2 || random() % 2;
      const auto gone = random() % std::max<size_t>(1, g.task_.members.size());
      if (adds)
        g.add_member(g.all_topics());
      else
        g.remove_member(gone);
      g.run();
      g.check_complete();
      EXPECT_LE(g.spread(), 1u);
      const auto n = g.task_.members.size();
      EXPECT_LE(g.moved_, adds ? (partitions + n - 1) / n : 0u) << "only as many as the new one gets";
      g.run();
      EXPECT_EQ(g.moved_, 0u) << "nothing changed";
    }
  }
}

TEST(uniform_assignor_test, members_with_different_subscriptions_are_as_even_as_single_moves_make_it) {
  std::mt19937 random{11};
  for (int round = 0; round < 200; ++round) {
    made_group g;
    for (size_t t = 0, n = 2 + random() % 5; t < n; ++t)
      g.add_topic(1 + static_cast<int32_t>(random() % 12));
    for (int step = 0; step < 8; ++step) {
      std::vector<uint32_t> wanted;
      for (auto t : g.all_topics())
        if (random() % 2)
          wanted.push_back(t);
      g.add_member(wanted);
      if (random() % 4 == 0)
        g.remove_member(random() % g.task_.members.size());
      if (random() % 4 == 0)
        g.task_.topics[random() % g.task_.topics.size()].partitions += 3;
      g.run();
      g.check_complete();
      g.check_no_better_move();
      g.run();
      EXPECT_EQ(g.moved_, 0u);
    }
  }
}

TEST(uniform_assignor_test, topics_spread_over_the_members) {
  made_group g;
  g.add_topic(4);
  g.add_topic(4);
  for (int i = 0; i < 4; ++i)
    g.add_member({0, 1});
  for (const auto& set : g.run()) {
    ASSERT_EQ(set.size(), 2u);
    EXPECT_NE(set[0].topic, set[1].topic);
  }
}

TEST(uniform_assignor_test, what_is_no_more_is_dropped) {
  made_group g;
  g.add_topic(4);
  g.add_member({0});
  g.run();
  g.task_.topics[0].partitions = 2;
  g.current_[0].push_back({g.task_.topics[0].id, -1});
  g.run();
  g.check_complete();
  EXPECT_TRUE(assign_uniform({}).empty());
}

TEST(range_assignor_test, members_get_the_same_numbers_of_all_topics) {
  made_group g;
  g.add_topic(7);
  g.add_topic(7);
  g.add_member({0, 1});
  g.add_member({0, 1}, "z");
  g.add_member({0, 1}, "y");
  const auto found = g.run(assign_range);
  g.check_complete();
  const auto numbers = [&](size_t m, size_t topic) {
    std::vector<int32_t> out;
    for (const auto& p : found[m])
      if (p.topic == g.task_.topics[topic].id)
        out.push_back(p.index);
    return out;
  };
  using ::testing::ElementsAre;
  for (size_t topic : {0u, 1u}) { // static members first, by instance
    EXPECT_THAT(numbers(2, topic), ElementsAre(0, 1, 2));
    EXPECT_THAT(numbers(1, topic), ElementsAre(3, 4));
    EXPECT_THAT(numbers(0, topic), ElementsAre(5, 6));
  }
}

TEST(range_assignor_test, it_is_complete_for_any_subscriptions) {
  std::mt19937 random{13};
  for (int round = 0; round < 100; ++round) {
    made_group g;
    for (size_t t = 0; t < 4; ++t)
      g.add_topic(static_cast<int32_t>(random() % 9));
    for (size_t m = 0, n = random() % 8; m < n; ++m) {
      std::vector<uint32_t> wanted;
      for (auto t : g.all_topics())
        if (random() % 2)
          wanted.push_back(t);
      g.add_member(wanted);
    }
    g.run(assign_range);
    g.check_complete();
  }
}

TEST(assignors_test, names_are_kafkas) {
  EXPECT_EQ(find_assignor("uniform"), &assign_uniform);
  EXPECT_EQ(find_assignor("range"), &assign_range);
  EXPECT_EQ(find_assignor("sticky"), nullptr);
}

/// Far above what it takes (a few ms), so that a busy machine does not fail it.
TEST(assignors_test, a_thousand_members_and_ten_thousand_partitions_take_milliseconds) {
  for (bool different : {false, true}) {
    made_group g;
    for (int t = 0; t < 100; ++t)
      g.add_topic(100);
    for (uint32_t m = 0; m < 1000; ++m) {
      auto topics = g.all_topics();
      if (different)
        topics.erase(topics.begin() + m % 50);
      g.add_member(topics);
    }
    g.run();
    g.add_member(g.all_topics());
    for (size_t i = 0; i < g.current_.size(); ++i)
      g.task_.members[i].current = &g.current_[i];
    const auto start = std::chrono::steady_clock::now();
    const auto found = assign_uniform(g.task_);
    const auto took = std::chrono::steady_clock::now() - start;
    const auto ms = std::chrono::duration<double, std::milli>(took).count();
    RecordProperty(different ? "different_ms" : "same_ms", std::to_string(ms));
    EXPECT_LT(ms, 2'000);
  }
}

} // namespace
} // namespace chisme::groups
