// The timing and the bounds of the membership. tests/sim/membership_table_test.cpp measures what comes of them; the
// README beside this file has the numbers.
#pragma once

#include "messages/peer/membership.hpp"

#include <cstdint>
#include <vector>

namespace chisme::membership {

struct swim_options {
  /// Tried until members answer, and all of them as long as this node is alone.
  std::vector<peer::address> seeds;

  int64_t probe_interval_ms = 200; ///< SWIM's protocol period
  int64_t probe_timeout_ms = 100;  ///< from the ping to the help of others
  int helpers = 3;                 ///< SWIM's k
  int worst_health = 8;            ///< Lifeguard's S

  /// Lifeguard's alpha: a suspected member is dead after so many intervals, times log10 of the members where they are
  /// more than ten, once `confirmations` others have said so.
  double suspicion_intervals = 1.5;
  double suspicion_longest = 6; ///< Lifeguard's beta: so many times that while nobody confirms
  int confirmations = 3;        ///< Lifeguard's K

  int lambda = 3;                        ///< a piece of news is sent lambda * log2(n) times
  int64_t exchange_interval_ms = 2'000;  ///< of comparisons with somebody, at up to 16 members; longer with more
  int64_t join_interval_ms = 500;        ///< between attempts while this node is alone or has not joined
  int64_t reconnect_interval_ms = 2'000; ///< between attempts to reach one that is dead, or a seed that is no member
  int64_t remember_gone_ms = 600'000;    ///< how long old gossip of one that is gone is known as old

  size_t most_members = 1'000;
  size_t most_claims = 300'000;
  size_t most_relays = 1'000;        ///< pings for others under way
  size_t news_bytes = 32 * 1024;     ///< with a ping or an ack
  size_t exchange_bytes = 56 * 1024; ///< of entries in one message
};

} // namespace chisme::membership
