// Who leads which partition, as the leaders say it: the newest epoch wins.
//
// Two claims of one epoch do not exist unless replication is broken; of them the higher node id wins, so that all
// nodes end with the same one. Claims lie in buckets, each with a hash that changes with them: two nodes that compare
// the hashes find what they have not in common without a look at the rest.
//
// Invariant: the epoch of a partition never goes back while its topic is not forgotten.
#pragma once

#include "messages/peer/membership.hpp"

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>

namespace chisme::membership {

class leader_claims {
public:
  static constexpr size_t buckets = 256;

  /// Claims beyond `most` partitions are not taken.
  explicit leader_claims(size_t most) : most_(most) {}

  enum class outcome : uint8_t { taken, known, older, refused };
  outcome take(const peer::leader_claim& claim);
  const peer::leader_claim* find(const uuid& topic, partition_index partition) const;

  /// The topic was deleted. What others still say of it is not taken again, as long as it is among the last
  /// `most_forgotten` that were. Ids of topics are not used twice.
  std::vector<partition_index> forget(const uuid& topic);
  static constexpr size_t most_forgotten = 10'000;

  size_t size() const { return size_; }
  uint64_t sum() const { return sum_; }
  std::vector<uint64_t> hashes() const;
  /// Calls visit(claim) for each of that bucket.
  void each_of(size_t number, auto visit) const {
    for (const auto& [place, claim] : buckets_[number].claims)
      visit(claim);
  }

private:
  using key = std::pair<uuid, partition_index>;
  struct bucket {
    std::map<key, peer::leader_claim> claims;
    uint64_t hash = 0;
  };

  static size_t bucket_of(const key& k);
  void toggle(bucket& b, const peer::leader_claim& claim);

  size_t most_;
  size_t size_ = 0;
  uint64_t sum_ = 0; ///< of all buckets' hashes
  std::array<bucket, buckets> buckets_;
  std::set<uuid> forgotten_;
  std::deque<uuid> forgotten_in_order_;
};

} // namespace chisme::membership
