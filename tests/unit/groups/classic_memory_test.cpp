// What a classic group knows of its members: over a restart, a change of the protocol and back, and after they went.
#include "tests/support/classic_rules_fixture.hpp"

namespace chisme::test {
namespace {

using described = kafka::describe_groups_response::described_group;

class classic_memory : public classic_rules {
protected:
  described group() { return talk.ask<described>(groups::describe_group_request{.group_id = "g"}, 6); }
  kafka::join_group_request join_request(const std::string& name) {
    kafka::join_group_request r;
    r.group_id = "g";
    r.session_timeout_ms = 10'000;
    r.rebalance_timeout_ms = 60'000;
    r.member_id = talk.of(name).id;
    r.protocol_type = "consumer";
    r.protocols.push_back({"range", subscription_to({"t"}, {}, talk.of(name).generation)});
    return r;
  }
};

TEST_F(classic_memory, members_are_described_with_their_clients_after_a_restart) {
  talk.join("s", {.instance = "one"});
  talk.wait(6000);
  sync({"s"});
  talk.restart();
  ASSERT_EQ(group().members.size(), 1u);
  const auto m = group().members[0];
  EXPECT_EQ(m.member_id, "one-1");
  EXPECT_EQ(m.group_instance_id, "one");
  EXPECT_EQ(m.client_id, "s");
  EXPECT_EQ(m.client_host, "/127.0.0.1");
}

TEST_F(classic_memory, an_instance_is_known_after_a_restart) {
  talk.join("s", {.instance = "one"});
  talk.wait(6000);
  sync({"s"});
  talk.of("old") = talk.of("s");
  talk.restart();
  talk.join("s", {.id = ""});
  talk.said();
  talk.beat("old");
  EXPECT_EQ(answer(), "82 FENCED_INSTANCE_ID");
  talk.beat("s");
  EXPECT_EQ(answer(), "0 NONE");
}

TEST_F(classic_memory, who_takes_the_place_of_an_instance_is_described_as_itself) {
  talk.join("s", {.instance = "one"});
  talk.wait(6000);
  sync({"s"});
  talk.join("another", {.instance = "one"});
  ASSERT_EQ(group().members.size(), 1u);
  EXPECT_EQ(group().members[0].client_id, "another");
}

TEST_F(classic_memory, an_instance_that_was_removed_is_new_when_it_comes_back) {
  talk.join("s", {.instance = "one"});
  talk.enter("m");
  talk.wait(6000);
  sync({"s", "m"});
  talk.leave("s");
  talk.join("m");
  talk.sync("m");
  talk.said();
  EXPECT_EQ(join("s", {.id = ""}), "");
  talk.join("m");
  EXPECT_EQ(group().members.size(), 2u);
}

TEST_F(classic_memory, what_is_assigned_is_not_shown_while_members_meet) {
  stable({"m"});
  EXPECT_EQ(group().protocol_data, "range");
  EXPECT_NE(group().members.at(0).member_assignment.size(), 0u);
  talk.enter("n");
  EXPECT_EQ(group().protocol_data, "");
  EXPECT_EQ(group().members.at(0).member_assignment.size(), 0u);
  EXPECT_EQ(group().members.at(0).member_metadata.size(), 0u);
}

TEST_F(classic_memory, answers_say_which_protocol_was_chosen) {
  stable({"m1", "m2"});
  const auto joined = talk.ask<kafka::join_group_response>(join_request("m2"), 9);
  EXPECT_EQ(joined.error, error::none);
  EXPECT_EQ(joined.protocol_type, "consumer");
  EXPECT_EQ(joined.protocol_name, "range");
  kafka::sync_group_request r;
  r.group_id = "g";
  r.generation_id = talk.of("m2").generation;
  r.member_id = talk.of("m2").id;
  const auto synced = talk.ask<kafka::sync_group_response>(r, 5);
  EXPECT_EQ(synced.protocol_type, "consumer");
  EXPECT_EQ(synced.protocol_name, "range");
}

TEST_F(classic_memory, a_protocol_must_be_of_all_members) {
  talk.join("m1", {.protocols = {"range", "sticky"}});
  talk.join("m1", {.protocols = {"range", "sticky"}});
  talk.join("m2", {.protocols = {"sticky"}});
  talk.join("m2", {.protocols = {"sticky"}});
  EXPECT_EQ(join("m3", {.protocols = {"range"}}), "23 INCONSISTENT_GROUP_PROTOCOL");
}

TEST_F(classic_memory, who_is_no_member_cannot_leave_for_others) {
  stable({"m"});
  talk.of("x").id = "x-9";
  talk.leave("x");
  talk.said();
  talk.beat("m");
  EXPECT_EQ(answer(), "0 NONE");
}

TEST_F(classic_memory, a_sync_that_is_sent_twice_is_answered_twice) {
  talk.enter("m1");
  talk.enter("m2");
  talk.wait(6000);
  talk.sync("m2");
  talk.said();
  talk.sync("m2");
  EXPECT_EQ(answer(), "27 REBALANCE_IN_PROGRESS");
}

TEST_F(classic_memory, the_time_for_a_sync_ends_with_its_generation) {
  const group_conversation::join_options patient{.session_ms = 300'000};
  for (const auto* name : {"m1", "m2"}) {
    talk.join(name, patient);
    talk.join(name, patient);
  }
  talk.wait(6000);
  talk.wait(40'000);
  talk.join("m3", patient);
  talk.join("m3", patient);
  talk.wait(40'000);
  EXPECT_EQ(group().members.size(), 3u) << "they have a minute to join again";
  EXPECT_EQ(group().group_state, "PreparingRebalance");
}

// -- there and back ------------------------------------------------------------------------------------------------

TEST_F(classic_memory, members_are_the_same_after_a_time_as_a_consumer_group) {
  talk.join("s", {.instance = "one"});
  talk.wait(6000);
  talk.sync("s", {{"one-1", part_of_t({0, 1, 2, 3})}});
  const auto before = group();
  talk.consume("c");
  const auto between = consumers();
  ASSERT_EQ(between.members.size(), 2u);
  const auto& m = between.members[between.members[0].member_id == "one-1" ? 0 : 1];
  EXPECT_EQ(m.instance_id, "one");
  EXPECT_EQ(m.client_id, "s");
  EXPECT_EQ(m.client_host, "/127.0.0.1");
  talk.beat("s");
  talk.stop_consuming("c");
  ASSERT_EQ(group().members.size(), 1u);
  EXPECT_EQ(group().members[0].group_instance_id, "one");
  EXPECT_EQ(group().members[0].client_id, "s");
  EXPECT_EQ(group().members[0].client_host, "/127.0.0.1");
  // Its session is as long as it was, and its instance is known.
  talk.wait(9000);
  EXPECT_EQ(group().members.size(), 1u);
  talk.of("old") = talk.of("s");
  talk.join("s", {.id = ""});
  talk.said();
  talk.beat("old");
  EXPECT_EQ(answer(), "82 FENCED_INSTANCE_ID");
}

TEST_F(classic_memory, a_session_ends_in_its_time_after_a_time_as_a_consumer_group) {
  convert("m");
  talk.stop_consuming("c");
  talk.wait(9000);
  EXPECT_EQ(group().members.size(), 1u);
  talk.wait(1000);
  EXPECT_EQ(group().members.size(), 0u);
}

} // namespace
} // namespace chisme::test
