// Ids that were given out: how many there can be.
#include "actors/groups/pending_ids.hpp"
#include "tests/support/group_conversation.hpp"

#include <gmock/gmock.h>

namespace chisme::groups {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string long_id(char c) { return std::string(pending_ids::most_bytes / 4, c); }

TEST(pending_ids, a_new_one_takes_the_place_of_the_oldest) {
  pending_ids ids;
  for (char c : {'a', 'b', 'c', 'd'})
    EXPECT_THAT(ids.insert(long_id(c)), IsEmpty());
  EXPECT_THAT(ids.insert("short"), ElementsAre(long_id('a')));
  EXPECT_THAT(ids.insert(std::string(pending_ids::most_bytes / 2, 'e')), ElementsAre(long_id('b'), long_id('c')));
  EXPECT_FALSE(ids.contains(long_id('c')));
  EXPECT_TRUE(ids.contains(long_id('d')));
  EXPECT_TRUE(ids.contains("short"));
}

TEST(pending_ids, who_has_joined_makes_room) {
  pending_ids ids;
  for (char c : {'a', 'b', 'c', 'd'})
    ids.insert(long_id(c));
  EXPECT_TRUE(ids.erase(long_id('c')));
  EXPECT_FALSE(ids.erase(long_id('c')));
  EXPECT_THAT(ids.insert(long_id('e')), IsEmpty());
  EXPECT_TRUE(ids.contains(long_id('a')));
}

TEST(pending_ids, one_that_is_too_long_is_there_alone) {
  pending_ids ids;
  ids.insert("a");
  EXPECT_THAT(ids.insert(std::string(pending_ids::most_bytes + 1, 'b')), ElementsAre("a"));
  EXPECT_FALSE(ids.empty());
}

TEST(pending_ids, stay_where_they_are_when_moved) {
  pending_ids ids;
  ids.insert("a");
  auto moved = std::move(ids);
  EXPECT_TRUE(moved.contains("a"));
  EXPECT_TRUE(moved.erase("a"));
  EXPECT_TRUE(moved.empty());
}

/// A client that asks for ids for ever, of the longest name that there is: 32 of them are remembered.
TEST(pending_ids, a_group_forgets_the_oldest_and_whose_it_was_asks_again) {
  group_settings settings;
  int last = 0;
  group_shard shard{settings, [&] { return std::to_string(++last); }};
  const test::made_up_topics topics;
  const auto join = [&](const std::string& client, const std::string& id) {
    kafka::join_group_request r;
    r.group_id = "g";
    r.member_id = id;
    r.session_timeout_ms = 10'000;
    r.protocol_type = "consumer";
    r.protocols = {{"range", test::subscription_to({"t"})}};
    effects out;
    shard.handle({1, client, "/h", 9}, r, topics, 0, out);
    return out.answers.empty() ? kafka::join_group_response{}
                               : std::get<kafka::join_group_response>(out.answers[0].response);
  };
  const auto oldest = join("honest", "").member_id;
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(join(std::string(32'000, 'x'), "").error, error_code::member_id_required);
  EXPECT_EQ(join("honest", oldest).error, error_code::unknown_member_id);
  const auto second = join("honest", "").member_id;
  EXPECT_EQ(join("honest", second).error, error_code::none);
}

} // namespace
} // namespace chisme::groups
