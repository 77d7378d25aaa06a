// Tables of what clients choose: nobody can choose it so that looking for one becomes looking at all.
#include "actors/log/offset_map.hpp"
#include "actors/log/producer_state.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <set>
#include <string>
#include <vector>

namespace chisme::log {
namespace {

/// The example of the paper by Aumasson and Bernstein, and the first ones of their test vectors.
TEST(keyed_hash, is_siphash) {
  const hash_key key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  std::string bytes;
  for (char b = 0; b < 15; ++b)
    bytes += b;
  EXPECT_EQ(keyed_hash(key, as_bytes(bytes)), 0xa129ca6149be45e5);
  EXPECT_EQ(keyed_hash(key, {}), 0x726fdb47dd0e0e31);
  EXPECT_EQ(keyed_hash(key, as_bytes(bytes).first(1)), 0x74f839c593dc67fd);
  EXPECT_EQ(keyed_hash(key, as_bytes(bytes).first(8)), 0x93f5f5799a932462);
  EXPECT_NE(keyed_hash({1, 2}, as_bytes(bytes)), keyed_hash({1, 3}, as_bytes(bytes)));
}

/// libstdc++'s std::hash is MurmurHash2 with a seed that everybody knows: the second half of each key takes back what
/// the first one did.
std::vector<std::string> keys_of_one_hash(size_t count) {
  constexpr uint64_t factor = 0xc6a4a7935bd1e995;
  uint64_t inverse = 1;
  for (int i = 0; i < 6; ++i)
    inverse *= 2 - factor * inverse;
  const auto mixed = [](uint64_t x) { return ((x * factor) ^ ((x * factor) >> 47)) * factor; };
  const auto unmixed = [&](uint64_t x) { return ((x * inverse) ^ ((x * inverse) >> 47)) * inverse; };
  std::vector<std::string> keys;
  for (uint64_t i = 0; i < count; ++i) {
    const auto half = ((0xc70f6907 ^ (16 * factor)) ^ mixed(i)) * factor;
    const uint64_t words[] = {i, unmixed(half ^ 0x1234567890abcdef)};
    keys.emplace_back(reinterpret_cast<const char*>(words), sizeof words);
  }
  return keys;
}

TEST(chosen_keys, these_are_what_they_are_meant_to_be) {
  std::set<std::string> keys;
  std::set<size_t> hashes;
  for (const auto& key : keys_of_one_hash(100)) {
    keys.insert(key);
    hashes.insert(std::hash<std::string>{}(key));
  }
  EXPECT_EQ(keys.size(), 100u);
  EXPECT_EQ(hashes.size(), 1u);
}

template <class F>
double processor_seconds(F work) {
  const auto before = std::clock();
  work();
  return static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
}

/// Work that grows with the square of their number would be some thousand times as much.
constexpr double most_times = 50;
constexpr double least_seconds = 0.001; // below that a comparison says nothing

TEST(chosen_keys, of_records_cost_the_cleaner_what_others_cost) {
  constexpr size_t count = 20'000;
  std::vector<std::string> plain;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t words[] = {i, i};
    plain.emplace_back(reinterpret_cast<const char*>(words), sizeof words);
  }
  const auto seconds_for = [](const std::vector<std::string>& keys) {
    return processor_seconds([&] {
      offset_map map{64 << 20, {1, 2}};
      for (const auto& key : keys)
        map.put(as_bytes(key), 1);
      EXPECT_EQ(map.find(as_bytes(keys.back())), 1);
    });
  };
  const auto beside = std::max(least_seconds, seconds_for(plain));
  EXPECT_LT(seconds_for(keys_of_one_hash(count)), most_times * beside);
}

/// Multiples of the number of buckets that a table of so many has, in Boost or in libstdc++.
TEST(chosen_keys, of_producers_cost_what_others_cost) {
  const auto seconds_for = [](int64_t factor) {
    return processor_seconds([&] {
      producer_state known;
      staged_producers staged{known};
      for (int64_t i = 1; i <= static_cast<int64_t>(producer_state::default_most); ++i) {
        batch_header h;
        h.producer_id = i * factor;
        h.producer_epoch = 0;
        h.base_sequence = 0;
        h.record_count = 1;
        EXPECT_TRUE(staged.check(h));
        staged.stage(h);
        known.update(h);
      }
    });
  };
  const auto beside = std::max(least_seconds, seconds_for(1));
  for (int64_t buckets : {12'289 * 6'151, 10'273 * 20'753})
    EXPECT_LT(seconds_for(buckets), most_times * beside) << buckets;
}

} // namespace
} // namespace chisme::log
