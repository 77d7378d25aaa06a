// The comparison of all that two nodes know, which brings what piggybacked news have missed.
//
//   A --compare(sums)--> B        equal: B --same--> A, and that is all of it
//   A <--differ(hashes of all buckets)-- B
//   A --give_and_ask(A's entries of the buckets that differ, their numbers)--> B
//   A <--give(B's entries of them)-- B
//
// Nobody keeps a state for it: each message says all that the next one needs. What does not fit into a message is left
// out, and found by a later comparison.
#pragma once

#include "messages/peer/membership.hpp"

#include <string_view>

namespace chisme::peer {

enum class exchange_stage : int8_t { compare = 0, same = 1, differ = 2, give_and_ask = 3, give = 4 };

struct gossip_exchange {
  static constexpr std::string_view type_name = "gossip_exchange";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  speaker from;
  exchange_stage stage = exchange_stage::compare;
  uint64_t members_sum = 0; ///< of all buckets, with compare
  uint64_t claims_sum = 0;
  std::vector<uint64_t> member_hashes; ///< a bucket each, with differ; empty where the sums agree
  std::vector<uint64_t> claim_hashes;
  std::vector<int16_t> wanted_members; ///< numbers of buckets, with give_and_ask
  std::vector<int16_t> wanted_claims;
  gossip entries;

  friend bool operator==(const gossip_exchange&, const gossip_exchange&) = default;
  static void visit(auto& f, auto& x) {
    f("from", x.from);
    f("stage", x.stage);
    f("members_sum", x.members_sum);
    f("claims_sum", x.claims_sum);
    f("member_hashes", x.member_hashes);
    f("claim_hashes", x.claim_hashes);
    f("wanted_members", x.wanted_members);
    f("wanted_claims", x.wanted_claims);
    f("entries", x.entries);
  }
};

} // namespace chisme::peer
