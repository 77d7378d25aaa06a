// The metadata log: records to bytes and back, and what they add up to.

#include "actors/coordinator/cluster_state.hpp"

#include <gmock/gmock.h>

#include <random>

namespace chisme::coordinator {
namespace {

using decoded_type = result<std::optional<cluster_record>>;

class random_records {
public:
  explicit random_records(unsigned seed) : random_(seed) {}

  cluster_record next() {
    switch (random_() % 8) {
      case 0:
        return node_configs_record{configs()};
      case 1:
        return producer_ids_record{static_cast<int64_t>(random_() % 100'000)};
      case 2:
        return topic_record{id(), std::nullopt};
      case 3:
      case 4:
        return group_configs_record{"group" + std::to_string(random_() % 4), configs()};
      default:
        return topic();
    }
  }

private:
  /// Few ids, so that topics are changed and removed.
  uuid id() {
    uuid made;
    made.bytes[3] = static_cast<uint8_t>(1 + random_() % 8);
    return made;
  }

  std::string text(size_t most) {
    std::string s;
    for (auto n = random_() % (most + 1); n > 0; --n)
      s += static_cast<char>('a' + random_() % 26);
    return s;
  }

  std::map<std::string, std::string> configs() {
    std::map<std::string, std::string> made;
    for (auto n = random_() % 5; n > 0; --n)
      made[text(10)] = text(200);
    return made;
  }

  topic_record topic() {
    topic_record r{id(), topic_state{}};
    r.state->id = r.id;
    r.state->name = "topic" + std::to_string(r.id.bytes[3]);
    for (auto n = 1 + random_() % 300; n > 0; --n) {
      auto& replicas = r.state->replicas.emplace_back();
      for (auto m = 1 + random_() % 5; m > 0; --m)
        replicas.push_back(static_cast<node_id>(random_() % 1000));
    }
    // A topic that has grown since nodes say which folders they have knows those of its later partitions.
    if (const auto known_from = random_() % 400; known_from < r.state->replicas.size()) {
      r.state->folders.resize(r.state->replicas.size());
      for (size_t i = known_from; i < r.state->replicas.size(); ++i)
        for (size_t n = r.state->replicas[i].size(); n > 0; --n)
          r.state->folders[i].push_back(id());
    }
    r.state->configs = configs();
    return r;
  }

  std::mt19937 random_;
};

TEST(cluster_records, round_trip_of_random_records) {
  random_records records{11};
  for (int i = 0; i < 2000; ++i) {
    const auto record = records.next();
    const auto bytes = encode(record);
    const auto back = decode(bytes.key, bytes.value);
    ASSERT_TRUE(back) << back.error().message;
    ASSERT_EQ(*back, std::optional{record});
  }
}

TEST(cluster_records, a_replica_was_given_to_a_folder_where_that_is_known) {
  const uuid one{{1}}, two{{2}};
  const topic_state t{"t", {}, {{1, 2}, {3}, {1, 2}}, {}, {{one, two}, {}, {two}}};
  EXPECT_EQ(t.folder_of(0, 1), one);
  EXPECT_EQ(t.folder_of(0, 2), two);
  EXPECT_TRUE(t.folder_of(0, 3).is_zero()) << "it has no replica";
  EXPECT_TRUE(t.folder_of(1, 3).is_zero());
  EXPECT_TRUE(t.folder_of(2, 1).is_zero()) << "not one for each";
  EXPECT_TRUE(t.folder_of(3, 1).is_zero()) << "no such partition";
}

/// A removal is a tombstone, so that compaction forgets the topic.
TEST(cluster_records, a_removed_topic_has_no_value) {
  EXPECT_FALSE(encode(topic_record{{}, std::nullopt}).value);
  EXPECT_FALSE(encode(topic_record{{}, std::nullopt}).key.empty());
}

TEST(cluster_records, a_group_that_sets_nothing_has_no_value) {
  const auto bytes = encode(group_configs_record{"g", {}});
  EXPECT_FALSE(bytes.value);
  EXPECT_EQ(*decode(bytes.key, std::nullopt), std::optional<cluster_record>(group_configs_record{"g", {}}));
}

TEST(cluster_records, configs_of_a_group_without_a_name_are_an_error) {
  const auto bytes = encode(group_configs_record{"", {{"a", "b"}}});
  EXPECT_FALSE(decode(bytes.key, bytes.value));
}

/// Names in keys came later: what was written before is still the key of the same thing.
TEST(cluster_records, keys_without_a_name_are_what_they_always_were) {
  std::string key(21, '\0'); // version, kind, id, no tags
  key[3] = 2;
  EXPECT_EQ(as_chars(encode(node_configs_record{}).key), key);
}

TEST(cluster_records, one_key_for_each_thing) {
  uuid a, b;
  a.bytes[0] = 1;
  b.bytes[0] = 2;
  const topic_state topic{"t", a, {{1}}, {}};
  EXPECT_EQ(encode(topic_record{a, topic}).key, encode(topic_record{a, std::nullopt}).key);
  EXPECT_FALSE(encode(topic_record{a, topic}).key == encode(topic_record{b, topic}).key);
  EXPECT_FALSE(encode(node_configs_record{}).key == encode(producer_ids_record{}).key);
  EXPECT_EQ(encode(node_configs_record{{{"a", "b"}}}).key, encode(node_configs_record{}).key);
  EXPECT_EQ(encode(group_configs_record{"g", {{"a", "b"}}}).key, encode(group_configs_record{"g", {}}).key);
  EXPECT_FALSE(encode(group_configs_record{"g", {}}).key == encode(group_configs_record{"h", {}}).key);
}

TEST(cluster_records, removed_node_configs_are_empty_ones) {
  EXPECT_EQ(*decode(encode(node_configs_record{}).key, std::nullopt),
            std::optional<cluster_record>{node_configs_record{}});
}

/// A newer node may write kinds that this one does not know: they are its business.
TEST(cluster_records, unknown_kinds_are_skipped) {
  auto key = encode(producer_ids_record{}).key;
  std::string text{as_chars(key)};
  text[3] = 77;
  auto r = decode(buffer::copy_of(text), buffer::copy_of("whatever"));
  ASSERT_TRUE(r) << r.error().message;
  EXPECT_EQ(*r, std::nullopt);
}

TEST(cluster_records, truncated_bytes_are_errors) {
  random_records records{12};
  for (int i = 0; i < 50; ++i) {
    const auto bytes = encode(records.next());
    for (size_t n = 0; n < bytes.key.size(); ++n)
      ASSERT_FALSE(decode(bytes.key.slice(0, n), bytes.value)) << n;
    if (!bytes.value)
      continue;
    for (size_t n = 0; n < bytes.value->size(); ++n)
      ASSERT_FALSE(decode(bytes.key, bytes.value->slice(0, n))) << n;
    ASSERT_FALSE(decode(bytes.key, buffer::copy_of(std::string{as_chars(*bytes.value)} + "x")));
  }
}

/// Code relies on every topic having a partition and every partition a replica.
TEST(cluster_records, a_topic_without_partitions_or_replicas_is_an_error) {
  topic_state topic{"t", {}, {}, {}};
  auto none = encode(topic_record{{}, topic});
  EXPECT_FALSE(decode(none.key, none.value));
  topic.replicas = {{1}, {}};
  auto hole = encode(topic_record{{}, topic});
  EXPECT_FALSE(decode(hole.key, hole.value));
}

TEST(cluster_records, a_newer_version_is_an_error) {
  auto bytes = encode(producer_ids_record{5});
  std::string value{as_chars(*bytes.value)};
  value[1] = 9;
  auto r = decode(bytes.key, buffer::copy_of(value));
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, error_code::unsupported_version);
}

// -- state
// -----------------------------------------------------------------------------------------------------------

struct state_view {
  std::map<std::string, topic_state> topics;
  std::map<std::string, std::string> node_configs;
  std::map<std::string, std::map<std::string, std::string>> group_configs;
  int64_t next_producer_id;
  friend bool operator==(const state_view&, const state_view&) = default;
};

state_view view(const cluster_state& s) {
  state_view v{{}, s.node_configs(), {}, s.next_producer_id()};
  for (const auto& [group, configs] : s.group_configs()) {
    EXPECT_FALSE(configs->empty());
    EXPECT_EQ(s.configs_of_group(group), *configs);
    v.group_configs[group] = *configs;
  }
  for (const auto& [name, topic] : s.topics()) {
    EXPECT_EQ(s.find(topic->id), topic);
    v.topics[name] = *topic;
  }
  return v;
}

/// Replaying the bytes gives the state, and so does a compacted log: the last record of each key.
TEST(cluster_state, replay_and_compacted_replay_give_the_same_state) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    random_records records{seed};
    cluster_state live, replayed, compacted;
    std::vector<journal::entry> log;
    for (int i = 0; i < 60; ++i) {
      auto record = records.next();
      // The counter only grows.
      if (auto* ids = std::get_if<producer_ids_record>(&record))
        ids->next = i;
      live.apply(record);
      log.push_back(encode(record));
    }
    for (size_t i = 0; i < log.size(); ++i) {
      replayed.apply(**decode(log[i].key, log[i].value));
      const bool last = std::none_of(log.begin() + static_cast<std::ptrdiff_t>(i) + 1, log.end(),
                                     [&](const auto& later) { return later.key == log[i].key; });
      if (last)
        compacted.apply(**decode(log[i].key, log[i].value));
    }
    ASSERT_EQ(view(replayed), view(live)) << "seed " << seed;
    ASSERT_EQ(view(compacted), view(live)) << "seed " << seed;
  }
}

TEST(cluster_state, producer_ids_never_go_back) {
  cluster_state s;
  s.apply(producer_ids_record{2000});
  s.apply(producer_ids_record{1000});
  EXPECT_EQ(s.next_producer_id(), 2000);
}

TEST(cluster_state, copies_are_independent) {
  cluster_state first;
  first.apply(topic_record{{}, topic_state{"t", {}, {{1}}, {}}});
  auto second = first;
  second.apply(topic_record{{}, std::nullopt});
  EXPECT_NE(first.find("t"), nullptr);
  EXPECT_EQ(second.find("t"), nullptr);
}

} // namespace
} // namespace chisme::coordinator
