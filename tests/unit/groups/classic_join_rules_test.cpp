// Each rule and each error of JoinGroup.
#include "tests/support/classic_rules_fixture.hpp"

namespace chisme::test {
namespace {

TEST_F(classic_rules, a_group_needs_a_name) {
  EXPECT_EQ(join("m", {.group = ""}), "24 INVALID_GROUP_ID");
  EXPECT_EQ(talk.ask<kafka::heartbeat_response>(kafka::heartbeat_request{}, 4).error, error::invalid_group_id);
  EXPECT_EQ(talk.ask<kafka::sync_group_response>(kafka::sync_group_request{}, 5).error, error::invalid_group_id);
  EXPECT_EQ(talk.ask<kafka::leave_group_response>(kafka::leave_group_request{}, 5).error, error::invalid_group_id);
}

TEST_F(classic_rules, sessions_have_bounds) {
  EXPECT_EQ(join("m", {.session_ms = 5'999}), "26 INVALID_SESSION_TIMEOUT");
  EXPECT_EQ(join("m", {.session_ms = 1'800'001}), "26 INVALID_SESSION_TIMEOUT");
  EXPECT_EQ(join("m", {.session_ms = 6'000}), "79 MEMBER_ID_REQUIRED m-1");
}

struct narrow_sessions : classic_rules {
  static group_settings settings() {
    group_settings s;
    s.min_session_timeout_ms = 100;
    s.max_session_timeout_ms = 200;
    return s;
  }
  narrow_sessions() : classic_rules(settings()) {}
};

TEST_F(narrow_sessions, have_the_bounds_of_the_node) {
  EXPECT_EQ(join("m", {.session_ms = 99}), "26 INVALID_SESSION_TIMEOUT");
  EXPECT_EQ(join("m", {.session_ms = 201}), "26 INVALID_SESSION_TIMEOUT");
  EXPECT_EQ(join("m", {.session_ms = 200}), "79 MEMBER_ID_REQUIRED m-1");
}

TEST_F(classic_rules, an_id_that_nobody_gave_is_unknown) {
  EXPECT_EQ(join("m", {.id = "x"}), "25 UNKNOWN_MEMBER_ID x");
  EXPECT_EQ(talk.shard().group_count(), 0u);
  stable({"m"});
  EXPECT_EQ(join("n", {.id = "x"}), "25 UNKNOWN_MEMBER_ID x");
  EXPECT_EQ(join("n", {.id = "x", .instance = "i"}), "25 UNKNOWN_MEMBER_ID x");
}

TEST_F(classic_rules, an_old_client_is_a_member_at_once) {
  EXPECT_EQ(join("m", {.version = 3}), "");
  talk.wait(3000);
  EXPECT_EQ(answer(), "joined 1 as m-1, leader m-1, range, members m-1");
}

TEST_F(classic_rules, the_first_version_waits_for_a_rebalance_as_long_as_for_a_session) {
  talk.join("m1", {.version = 0, .session_ms = 7'000});
  talk.wait(3000);
  sync({"m1"});
  talk.join("m2", {.version = 0, .session_ms = 7'000});
  talk.said();
  for (int i = 0; i < 6; ++i) {
    talk.wait(1000);
    talk.beat("m1");
  }
  EXPECT_EQ(talk.said().find("joined"), std::string::npos);
  talk.wait(1000);
  EXPECT_EQ(talk.said(),
            "-- 1000 ms\n   * group g at 2, m2-2\nm2 < joined 2 as m2-2, leader m2-2, range, members m2-2\n");
}

/// All that they say stands in one record.
TEST_F(classic_rules, members_cannot_say_more_than_a_record_holds) {
  kafka::join_group_request r;
  r.group_id = "g";
  r.session_timeout_ms = 10'000;
  r.protocol_type = "consumer";
  r.protocols.push_back({"range", buffer::copy_of(std::string(groups::max_group_bytes / 2, 'x'))});
  groups::effects out;
  groups::ticket ticket = 0;
  const auto join = [&] {
    out = {};
    // Of this version a member is in at once, and waits for the others.
    talk.shard().handle({1000 + ++ticket, "c", "/", 3}, r, talk.topics, talk.now, out);
  };
  join();
  EXPECT_TRUE(out.answers.empty());
  join();
  ASSERT_EQ(out.answers.size(), 1u);
  EXPECT_EQ(std::get<kafka::join_group_response>(out.answers[0].response).error, error_code::group_max_size_reached);
}

TEST_F(classic_rules, a_leader_cannot_give_more_than_a_record_holds) {
  talk.enter("a");
  talk.wait(3000);
  talk.said();
  talk.sync("a", {{talk.of("a").id, std::string(groups::max_group_bytes, 'x')}});
  EXPECT_NE(talk.said().find("a < -1 UNKNOWN_SERVER_ERROR"), std::string::npos);
  talk.sync("a", {{talk.of("a").id, part_of_t({0})}});
  EXPECT_EQ(talk.said().find("UNKNOWN_SERVER_ERROR"), std::string::npos);
}

TEST_F(classic_rules, members_must_agree_on_a_protocol) {
  EXPECT_EQ(join("m", {.type = ""}), "23 INCONSISTENT_GROUP_PROTOCOL");
  EXPECT_EQ(join("m", {.protocols = {}}), "23 INCONSISTENT_GROUP_PROTOCOL");
  EXPECT_EQ(talk.shard().group_count(), 0u);
  stable({"m"});
  EXPECT_EQ(join("n", {.type = "connect"}), "23 INCONSISTENT_GROUP_PROTOCOL");
  EXPECT_EQ(join("n", {.protocols = {"other"}}), "23 INCONSISTENT_GROUP_PROTOCOL");
  EXPECT_EQ(join("n", {.protocols = {"other", "range"}}), "79 MEMBER_ID_REQUIRED n-2");
}

TEST_F(classic_rules, the_protocol_with_most_votes_is_taken) {
  talk.join("m1", {.version = 3, .protocols = {"a", "b", "c"}});
  talk.join("m2", {.version = 3, .protocols = {"x", "c", "b"}});
  talk.join("m3", {.version = 3, .protocols = {"c", "b"}});
  talk.said();
  talk.wait(9000);
  EXPECT_NE(talk.said().find("m1 < joined 1 as m1-1, leader m1-1, c"), std::string::npos);
}

TEST_F(classic_rules, a_static_member_is_known_by_its_instance) {
  EXPECT_EQ(join("s", {.instance = "i"}), "");
  talk.wait(3000);
  EXPECT_EQ(answer(), "joined 1 as i-1, leader i-1, range, members i-1");
  EXPECT_EQ(join("s", {.id = "other"}), "82 FENCED_INSTANCE_ID other");
}

TEST_F(classic_rules, a_static_member_that_comes_twice_fences_its_parked_self) {
  EXPECT_EQ(join("s1", {.instance = "i"}), "");
  EXPECT_EQ(join("s2", {.instance = "i"}), "82 FENCED_INSTANCE_ID i-1");
  talk.wait(3000);
  EXPECT_EQ(answer(), "joined 1 as i-2, leader i-2, range, members i-2");
}

TEST_F(classic_rules, a_static_member_that_comes_back_before_the_assignment_makes_a_rebalance) {
  talk.join("s", {.instance = "i"});
  talk.wait(3000);
  talk.said();
  EXPECT_EQ(join("s", {.id = ""}), "joined 2 as i-2, leader i-2, range, members i-2");
}

TEST_F(classic_rules, a_member_that_joins_again_with_nothing_new_is_told_the_same) {
  talk.enter("m1");
  talk.enter("m2");
  talk.wait(6000);
  EXPECT_EQ(join("m2", {}), "joined 1 as m2-2, leader m1-1, range");
  EXPECT_EQ(join("m1", {}), "joined 1 as m1-1, leader m1-1, range, members m1-1 m2-2");
  sync({"m1", "m2"});
  EXPECT_EQ(join("m2", {}), "joined 1 as m2-2, leader m1-1, range");
}

TEST_F(classic_rules, a_member_that_joins_again_with_something_new_makes_a_rebalance) {
  stable({"m1", "m2"});
  EXPECT_EQ(join("m2", {.topics = {"t", "u"}}), "");
  talk.beat("m1");
  EXPECT_EQ(answer(), "27 REBALANCE_IN_PROGRESS");
  EXPECT_EQ(join("m1", {}), "joined 2 as m1-1, leader m1-1, range, members m1-1 m2-2");
  EXPECT_EQ(join("m2", {}), "") << "while the assignment is awaited, too";
}

TEST_F(classic_rules, a_leader_that_joins_again_makes_a_rebalance) {
  stable({"m1", "m2"});
  EXPECT_EQ(join("m1", {}), "");
  talk.beat("m2");
  EXPECT_EQ(answer(), "27 REBALANCE_IN_PROGRESS");
}

TEST_F(classic_rules, a_join_that_is_sent_twice_is_answered_twice) {
  talk.enter("m1");
  EXPECT_EQ(join("m1", {}), "27 REBALANCE_IN_PROGRESS m1-1");
  talk.wait(6000);
  EXPECT_EQ(talk.said(),
            "-- 6000 ms\n   * group g at 1, m1-1\nm1 < joined 1 as m1-1, leader m1-1, range, members m1-1\n");
}

TEST_F(classic_rules, the_initial_delay_is_extended_while_members_come_up_to_the_rebalance_timeout) {
  talk.join("m1", {.version = 3, .rebalance_ms = 8'000});
  for (int i = 2; i < 6; ++i) {
    talk.wait(1'999);
    talk.join("m" + std::to_string(i), {.version = 3, .rebalance_ms = 8'000});
  }
  talk.said();
  talk.wait(3);
  EXPECT_EQ(talk.said(), "-- 3 ms\n");
  talk.wait(1);
  EXPECT_NE(talk.said().find("m5 < joined 1"), std::string::npos);
}

TEST_F(classic_rules, an_id_that_nobody_joins_with_is_not_waited_for_longer_than_a_session) {
  stable({"m1"});
  talk.join("m2");
  talk.said();
  EXPECT_EQ(join("m1", {}), "") << "the second one is waited for";
  talk.wait(9'999);
  EXPECT_EQ(answer(), "");
  talk.wait(1);
  EXPECT_EQ(answer(), "joined 2 as m1-1, leader m1-1, range, members m1-1");
  EXPECT_EQ(join("m2", {}), "25 UNKNOWN_MEMBER_ID m2-2");
}

TEST_F(classic_rules, a_new_member_that_waits_for_too_long_is_given_up) {
  talk.join("m1", {.version = 3, .rebalance_ms = 400'000});
  talk.wait(6000);
  sync({"m1"});
  talk.join("m2", {.version = 3});
  talk.said();
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(talk.said().find("m2 <"), std::string::npos) << i;
    talk.wait(5000);
    talk.beat("m1");
  }
  EXPECT_NE(talk.said().find("m2 < 25 UNKNOWN_MEMBER_ID"), std::string::npos);
}

TEST_F(classic_rules, members_that_do_not_rejoin_in_time_are_left_behind) {
  stable({"m1", "m2"});
  talk.enter("m3");
  EXPECT_EQ(join("m2", {}), "");
  for (int i = 0; i < 12; ++i) {
    talk.wait(5000);
    talk.beat("m1");
  }
  EXPECT_NE(talk.said().find("m2 < joined 2 as m2-2, leader m2-2, range, members m2-2 m3-3"), std::string::npos);
  talk.beat("m1");
  EXPECT_EQ(answer(), "25 UNKNOWN_MEMBER_ID");
}

TEST_F(classic_rules, static_members_that_do_not_rejoin_stay_until_their_session_ends) {
  talk.join("s", {.instance = "i", .session_ms = 100'000, .rebalance_ms = 20'000});
  talk.wait(3000);
  sync({"s"});
  talk.join("m", {.version = 3, .session_ms = 100'000, .rebalance_ms = 20'000});
  talk.said();
  talk.wait(20'000);
  EXPECT_EQ(answer(), "joined 2 as m-2, leader m-2, range, members i-1 m-2");
}

} // namespace
} // namespace chisme::test
