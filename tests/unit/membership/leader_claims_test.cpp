#include "actors/membership/leader_claims.hpp"

#include "actors/membership/dissemination.hpp"
#include "messages/wire/encoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme::membership {
namespace {

using outcome = leader_claims::outcome;
using testing::UnorderedElementsAre;

uuid topic(uint8_t number) {
  uuid id;
  id.bytes[15] = number;
  return id;
}

TEST(leader_claims, the_newest_epoch_wins_in_whatever_order_they_come) {
  leader_claims claims{100};
  EXPECT_EQ(claims.take({topic(1), 0, 2, 7}), outcome::taken);
  EXPECT_EQ(claims.take({topic(1), 0, 1, 8}), outcome::older);
  EXPECT_EQ(claims.take({topic(1), 0, 2, 7}), outcome::known);
  EXPECT_EQ(claims.find(topic(1), 0)->leader, 7);
  EXPECT_EQ(claims.take({topic(1), 0, 3, 6}), outcome::taken);
  EXPECT_EQ(claims.find(topic(1), 0)->leader, 6);
  EXPECT_EQ(claims.find(topic(1), 1), nullptr);
  EXPECT_EQ(claims.find(topic(2), 0), nullptr);
  EXPECT_EQ(claims.size(), 1u);
}

TEST(leader_claims, of_one_epoch_all_nodes_end_with_the_same_leader) {
  leader_claims one{100}, other{100};
  one.take({topic(1), 0, 2, 7});
  one.take({topic(1), 0, 2, 8});
  other.take({topic(1), 0, 2, 8});
  other.take({topic(1), 0, 2, 7});
  EXPECT_EQ(one.find(topic(1), 0)->leader, other.find(topic(1), 0)->leader);
  EXPECT_EQ(one.sum(), other.sum());
}

TEST(leader_claims, what_nobody_may_claim_is_refused) {
  leader_claims claims{1};
  EXPECT_EQ(claims.take({{}, 0, 1, 1}), outcome::refused);
  EXPECT_EQ(claims.take({topic(1), -1, 1, 1}), outcome::refused);
  EXPECT_EQ(claims.take({topic(1), 0, -1, 1}), outcome::refused);
  EXPECT_EQ(claims.take({topic(1), 0, 1, -1}), outcome::refused);
  EXPECT_EQ(claims.take({topic(1), 0, 1, 1}), outcome::taken);
  EXPECT_EQ(claims.take({topic(1), 1, 1, 1}), outcome::refused) << "one is the most";
  EXPECT_EQ(claims.take({topic(1), 0, 2, 1}), outcome::taken) << "a newer one of what is there needs no room";
}

TEST(leader_claims, a_forgotten_topic_does_not_come_back) {
  leader_claims claims{100};
  claims.take({topic(1), 0, 1, 1});
  claims.take({topic(1), 5, 1, 1});
  claims.take({topic(2), 0, 1, 1});
  EXPECT_THAT(claims.forget(topic(1)), UnorderedElementsAre(0, 5));
  EXPECT_EQ(claims.find(topic(1), 5), nullptr);
  EXPECT_EQ(claims.take({topic(1), 5, 9, 1}), outcome::older);
  EXPECT_EQ(claims.size(), 1u);
  leader_claims other{100};
  other.take({topic(2), 0, 1, 1});
  EXPECT_EQ(claims.sum(), other.sum()) << "nothing of it is left in what is compared";
  EXPECT_EQ(claims.hashes(), other.hashes());
}

TEST(leader_claims, memory_of_forgotten_topics_is_bounded) {
  leader_claims claims{100};
  for (size_t i = 0; i <= leader_claims::most_forgotten; ++i) {
    uuid id;
    id.bytes[0] = 1;
    id.bytes[1] = static_cast<uint8_t>(i >> 8);
    id.bytes[2] = static_cast<uint8_t>(i);
    claims.forget(id);
  }
  uuid first;
  first.bytes[0] = 1;
  EXPECT_EQ(claims.take({first, 0, 1, 1}), outcome::taken) << "the first one made room";
  first.bytes[2] = 1;
  EXPECT_EQ(claims.take({first, 0, 1, 1}), outcome::older);
}

TEST(leader_claims, hashes_differ_in_the_buckets_that_differ_and_tell_how_it_came_to_be_of_nothing) {
  leader_claims one{1000}, other{1000};
  for (partition_index i = 0; i < 300; ++i) {
    one.take({topic(1), i, 1, 1});
    other.take({topic(1), 299 - i, 0, 2});
    other.take({topic(1), 299 - i, 1, 1});
  }
  EXPECT_EQ(one.sum(), other.sum());
  other.take({topic(1), 42, 2, 1});
  EXPECT_NE(one.sum(), other.sum());
  const auto mine = one.hashes(), theirs = other.hashes();
  size_t different = 0;
  for (size_t b = 0; b < leader_claims::buckets; ++b) {
    bool holds_it = false;
    other.each_of(b, [&](const auto& c) { holds_it = holds_it || c.partition == 42; });
    EXPECT_EQ(mine[b] != theirs[b], holds_it);
    different += mine[b] != theirs[b];
  }
  EXPECT_EQ(different, 1u);
}

TEST(leader_claims, bytes_of_a_claim_are_what_the_encoder_writes) {
  const peer::leader_claim c{topic(1), 1, 2, 3};
  EXPECT_EQ(bytes_of(c), wire::encoded_size(c, 0, true));
}

} // namespace
} // namespace chisme::membership
