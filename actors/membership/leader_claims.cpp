#include "actors/membership/leader_claims.hpp"

#include "actors/membership/mix.hpp"

#include <limits>
#include <tuple>

namespace chisme::membership {

namespace {

uint64_t hash_of(const uuid& id) {
  uint64_t hash = 0;
  for (size_t i = 0; i < id.bytes.size(); i += 8) {
    uint64_t eight = 0;
    for (size_t j = 0; j < 8; ++j)
      eight = eight << 8 | id.bytes[i + j];
    hash = mixed(hash, eight);
  }
  return hash;
}

uint64_t hash_of(const peer::leader_claim& c) {
  const auto place = mixed(hash_of(c.topic), static_cast<uint32_t>(c.partition));
  return mixed(mixed(place, static_cast<uint32_t>(c.epoch)), static_cast<uint32_t>(c.leader));
}

bool is_newer(const peer::leader_claim& a, const peer::leader_claim& b) {
  return std::tie(a.epoch, a.leader) > std::tie(b.epoch, b.leader);
}

} // namespace

size_t leader_claims::bucket_of(const key& k) {
  return mixed(hash_of(k.first), static_cast<uint32_t>(k.second)) % buckets;
}

/// A claim is in the hash or out of it: what it does is undone by doing it again.
void leader_claims::toggle(bucket& b, const peer::leader_claim& claim) {
  const auto hash = hash_of(claim);
  b.hash ^= hash;
  sum_ ^= hash;
}

leader_claims::outcome leader_claims::take(const peer::leader_claim& claim) {
  if (claim.topic.is_zero() || claim.partition < 0 || claim.epoch < 0 || claim.leader < 0)
    return outcome::refused;
  if (forgotten_.contains(claim.topic))
    return outcome::older;
  const key k{claim.topic, claim.partition};
  auto& b = buckets_[bucket_of(k)];
  const auto known = b.claims.find(k);
  if (known == b.claims.end()) {
    if (size_ >= most_)
      return outcome::refused;
    b.claims.emplace(k, claim);
    ++size_;
  } else {
    if (known->second == claim)
      return outcome::known;
    if (!is_newer(claim, known->second))
      return outcome::older;
    toggle(b, known->second);
    known->second = claim;
  }
  toggle(b, claim);
  return outcome::taken;
}

const peer::leader_claim* leader_claims::find(const uuid& topic, partition_index partition) const {
  const key k{topic, partition};
  const auto& claims = buckets_[bucket_of(k)].claims;
  const auto i = claims.find(k);
  return i == claims.end() ? nullptr : &i->second;
}

std::vector<partition_index> leader_claims::forget(const uuid& topic) {
  std::vector<partition_index> gone;
  for (auto& b : buckets_) {
    const auto first = b.claims.lower_bound({topic, std::numeric_limits<partition_index>::min()});
    auto i = first;
    for (; i != b.claims.end() && i->first.first == topic; ++i) {
      toggle(b, i->second);
      gone.push_back(i->first.second);
    }
    b.claims.erase(first, i);
  }
  size_ -= gone.size();
  if (forgotten_.insert(topic).second)
    forgotten_in_order_.push_back(topic);
  if (forgotten_in_order_.size() > most_forgotten) {
    forgotten_.erase(forgotten_in_order_.front());
    forgotten_in_order_.pop_front();
  }
  return gone;
}

std::vector<uint64_t> leader_claims::hashes() const {
  std::vector<uint64_t> all;
  all.reserve(buckets);
  for (const auto& b : buckets_)
    all.push_back(b.hash);
  return all;
}

} // namespace chisme::membership
