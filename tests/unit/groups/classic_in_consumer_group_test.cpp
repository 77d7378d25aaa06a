// Members of the classic protocol in a consumer group, a rule at a time.
#include "tests/support/classic_rules_fixture.hpp"

namespace chisme::test {
namespace {

class classic_in_consumer_group : public classic_rules {
protected:
  /// All who are there say so for that long.
  void stay(const std::string& name, timestamp_ms how_long) {
    for (timestamp_ms t = 0; t < how_long; t += 5000) {
      talk.wait(5000);
      talk.beat(name);
      talk.consume("c");
    }
    talk.said();
  }
};

TEST_F(classic_in_consumer_group, a_classic_member_of_a_consumer_group_speaks_in_its_generation) {
  convert("m");
  talk.of("m").generation += 7;
  talk.beat("m");
  EXPECT_EQ(answer(), "22 ILLEGAL_GENERATION");
  talk.sync("m");
  EXPECT_EQ(answer(), "22 ILLEGAL_GENERATION");
}

TEST_F(classic_in_consumer_group, an_old_client_leaves_a_consumer_group) {
  convert("m");
  talk.leave("m", 2);
  EXPECT_EQ(consumers().members.size(), 1u);
  talk.said();
  talk.leave("m", 2);
  EXPECT_EQ(answer(), "25 UNKNOWN_MEMBER_ID");
}

TEST_F(classic_in_consumer_group, a_member_of_a_consumer_group_fetches_in_its_epoch) {
  convert("m");
  kafka::offset_fetch_request::group r;
  r.group_id = "g";
  r.member_id = "c";
  r.member_epoch = talk.of("c").generation;
  EXPECT_EQ(talk.ask<kafka::offset_fetch_response::group>(r, 9).error, error::none);
  r.member_epoch += 7;
  const auto refused = talk.ask<kafka::offset_fetch_response::group>(r, 9);
  EXPECT_EQ(refused.group_id, "g");
  EXPECT_EQ(refused.error, error::stale_member_epoch);
}

TEST_F(classic_in_consumer_group, what_a_classic_member_wants_to_read_may_change_in_a_consumer_group) {
  talk.topics.add("u", 2);
  convert("m");
  talk.join("m", {.topics = {"u"}});
  const auto& now = consumers();
  const auto& m = now.members[now.members[0].member_id == "c" ? 1 : 0];
  EXPECT_EQ(m.subscribed_topic_names, std::vector<std::string>{"u"});
}

TEST_F(classic_in_consumer_group, a_full_group_takes_no_classic_member) {
  group_settings settings;
  settings.consumer.max_size = 1;
  group_conversation full{settings};
  full.consume("c");
  full.said();
  full.join("m", {.version = 3});
  EXPECT_EQ(full.said(), "m > join v3\nm < 81 GROUP_MAX_SIZE_REACHED\n");
}

TEST_F(classic_in_consumer_group, an_instance_has_one_id) {
  convert("s", "one");
  const auto id = talk.of("s").id;
  EXPECT_EQ(join("s", {.id = "s-9"}), "82 FENCED_INSTANCE_ID s-9");
  talk.of("s").id = "s-9";
  talk.beat("s");
  EXPECT_EQ(answer(), "82 FENCED_INSTANCE_ID");
  talk.of("s").id = id;
  talk.beat("s");
  EXPECT_EQ(answer(), "27 REBALANCE_IN_PROGRESS");
  EXPECT_EQ(join("y", {.id = "y-9", .instance = "two"}), "25 UNKNOWN_MEMBER_ID y-9");
  EXPECT_EQ(join("s", {}).substr(0, 8), "joined 2");
}

TEST_F(classic_in_consumer_group, an_instance_is_removed_by_its_name_alone) {
  convert("s", "one");
  talk.of("s").id = "";
  talk.leave("s");
  EXPECT_EQ(consumers().members.size(), 1u);
}

TEST_F(classic_in_consumer_group, a_sync_must_fit_to_what_was_joined_with) {
  convert("m");
  talk.join("m");
  talk.said();
  talk.sync("m", {}, 5, "sticky");
  EXPECT_EQ(answer(), "23 INCONSISTENT_GROUP_PROTOCOL");
}

TEST_F(classic_in_consumer_group, a_sync_begins_the_session_anew) {
  convert("m");
  talk.join("m");
  talk.wait(9000);
  talk.sync("m");
  talk.wait(9000);
  EXPECT_EQ(consumers().members.size(), 2u);
}

TEST_F(classic_in_consumer_group, who_joins_and_does_not_sync_is_fenced_though_it_beats) {
  convert("m");
  talk.join("m");
  stay("m", 65'000);
  EXPECT_EQ(consumers().members.size(), 1u);
}

TEST_F(classic_in_consumer_group, a_join_with_nothing_new_needs_no_sync) {
  convert("m");
  talk.join("m");
  talk.sync("m");
  talk.consume("c");
  talk.join("m");
  talk.sync("m");
  talk.join("m");
  stay("m", 65'000);
  EXPECT_EQ(consumers().members.size(), 2u);
}

} // namespace
} // namespace chisme::test
