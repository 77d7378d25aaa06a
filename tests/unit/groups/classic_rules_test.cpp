// Each rule and each error of the classic protocol but those of JoinGroup, which are in classic_join_rules_test.cpp.
#include "tests/support/classic_rules_fixture.hpp"

namespace chisme::test {
namespace {

// SyncGroup.

TEST_F(classic_rules, sync_knows_groups_members_and_generations) {
  talk.of("x").id = "x";
  talk.sync("x");
  EXPECT_EQ(answer(), "25 UNKNOWN_MEMBER_ID");
  stable({"m"});
  talk.sync("x");
  EXPECT_EQ(answer(), "25 UNKNOWN_MEMBER_ID");
  talk.of("m").generation = 0;
  talk.sync("m");
  EXPECT_EQ(answer(), "22 ILLEGAL_GENERATION");
  talk.of("m").generation = 1;
  talk.sync("m", {}, 5, "other");
  EXPECT_EQ(answer(), "23 INCONSISTENT_GROUP_PROTOCOL");
  talk.sync("m", {}, 5, "range");
  EXPECT_EQ(answer(), "synced m");
}

TEST_F(classic_rules, sync_is_refused_while_members_meet) {
  stable({"m1", "m2"});
  talk.join("m1");
  talk.said();
  talk.sync("m2");
  EXPECT_EQ(answer(), "27 REBALANCE_IN_PROGRESS");
}

TEST_F(classic_rules, waiting_syncs_fail_when_a_rebalance_begins) {
  talk.enter("m1");
  talk.enter("m2");
  talk.wait(6000);
  talk.sync("m2");
  talk.enter("m3");
  EXPECT_NE(talk.said().find("m2 < 27 REBALANCE_IN_PROGRESS"), std::string::npos);
}

TEST_F(classic_rules, a_member_that_the_leader_forgets_gets_nothing) {
  talk.enter("m1");
  talk.enter("m2");
  talk.wait(6000);
  talk.sync("m1", {{"m1-1", "A"}, {"nobody", "B"}});
  talk.said();
  talk.sync("m2");
  EXPECT_EQ(answer(), "synced ");
}

TEST_F(classic_rules, members_that_do_not_sync_in_time_are_left_behind) {
  talk.join("m1", {.version = 3, .rebalance_ms = 8'000});
  talk.join("m2", {.version = 3, .rebalance_ms = 8'000});
  talk.wait(6000);
  talk.sync("m2");
  talk.said();
  talk.wait(7000);
  talk.beat("m1");
  talk.wait(1000);
  EXPECT_EQ(talk.said(), R"(-- 7000 ms
m1 > heartbeat 1
m1 < 0 NONE
-- 1000 ms
m2 < 27 REBALANCE_IN_PROGRESS
)");
  talk.beat("m1");
  EXPECT_EQ(answer(), "25 UNKNOWN_MEMBER_ID");
}

// Heartbeat and LeaveGroup.

TEST_F(classic_rules, heartbeats_know_members_and_generations) {
  talk.of("m").id = "x";
  talk.beat("m");
  EXPECT_EQ(answer(), "25 UNKNOWN_MEMBER_ID");
  talk.of("m").id = "";
  stable({"m"});
  talk.of("m").generation = 0;
  talk.beat("m");
  EXPECT_EQ(answer(), "22 ILLEGAL_GENERATION");
}

TEST_F(classic_rules, a_heartbeat_begins_the_session_anew) {
  stable({"m"});
  for (int i = 0; i < 5; ++i) {
    talk.wait(9'999);
    talk.beat("m");
    EXPECT_EQ(answer(), "0 NONE");
  }
  talk.wait(10'000);
  talk.beat("m");
  EXPECT_EQ(answer(), "25 UNKNOWN_MEMBER_ID");
}

TEST_F(classic_rules, leaving_is_answered_member_by_member) {
  stable({"m"});
  talk.join("s", {.instance = "i"});
  kafka::leave_group_request r;
  r.group_id = "g";
  r.members = {{"x", std::nullopt, std::nullopt},
               {"", "i", std::nullopt},
               {"", "j", std::nullopt},
               {talk.of("m").id, std::nullopt, std::nullopt}};
  talk.said();
  groups::effects out;
  talk.shard().handle({99, "admin", "/", 5}, r, talk.topics, talk.now, out);
  ASSERT_EQ(out.answers.size(), 2u) << "the parked join of the static one, too";
  EXPECT_EQ(std::get<kafka::join_group_response>(out.answers[0].response).error, error::unknown_member_id);
  const auto& left = std::get<kafka::leave_group_response>(out.answers[1].response);
  EXPECT_EQ(left.error, error::none);
  EXPECT_EQ(left.members[0].error, error::unknown_member_id);
  EXPECT_EQ(left.members[1].error, error::none);
  EXPECT_EQ(left.members[2].error, error::unknown_member_id);
  EXPECT_EQ(left.members[3].error, error::none);
  ASSERT_EQ(out.records.size(), 1u) << "nobody is left";
}

TEST_F(classic_rules, a_static_member_can_only_be_removed_by_its_present_id) {
  talk.join("s", {.instance = "i"});
  talk.wait(3000);
  sync({"s"});
  talk.of("s").id = "old";
  talk.leave("s");
  EXPECT_EQ(answer(), "0 NONE, old 82 FENCED_INSTANCE_ID");
}

TEST_F(classic_rules, leaving_before_version_3_is_about_one_member) {
  stable({"m"});
  talk.leave("m", 2);
  EXPECT_EQ(answer(), "0 NONE");
  talk.leave("m", 2);
  EXPECT_EQ(answer(), "25 UNKNOWN_MEMBER_ID");
}

TEST_F(classic_rules, an_id_that_was_given_out_can_be_given_back) {
  stable({"m1"});
  talk.join("m2");
  talk.join("m1");
  talk.said();
  talk.leave("m2");
  EXPECT_EQ(talk.said(), R"(m2 > leave
   * group g at 2, m1-1
m1 < joined 2 as m1-1, leader m1-1, range, members m1-1
m2 < 0 NONE, m2-2 0 NONE
)");
}

// Size and time.

struct small_groups : classic_rules {
  static group_settings settings() {
    group_settings s;
    s.max_size = 2;
    return s;
  }
  small_groups() : classic_rules(settings()) {}
};

TEST_F(small_groups, a_full_group_takes_no_more) {
  stable({"m1", "m2"});
  EXPECT_EQ(join("m3", {}), "81 GROUP_MAX_SIZE_REACHED");
  EXPECT_EQ(join("m3", {.version = 3}), "81 GROUP_MAX_SIZE_REACHED");
  EXPECT_EQ(join("m1", {}), "");
  EXPECT_EQ(join("m2", {}), "joined 2 as m1-1, leader m1-1, range, members m1-1 m2-2");
}

TEST_F(small_groups, while_members_meet_the_first_ones_are_in) {
  for (const auto* name : {"m1", "m2", "m3"})
    talk.join(name);
  EXPECT_EQ(join("m1", {}), "");
  EXPECT_EQ(join("m2", {}), "");
  EXPECT_EQ(join("m3", {}), "81 GROUP_MAX_SIZE_REACHED");
}

struct hasty_groups : classic_rules {
  static group_settings settings() {
    group_settings s;
    s.initial_rebalance_delay_ms = 0;
    return s;
  }
  hasty_groups() : classic_rules(settings()) {}
};

TEST_F(hasty_groups, need_not_wait) {
  EXPECT_EQ(join("m", {.version = 3}), "joined 1 as m-1, leader m-1, range, members m-1");
}

TEST_F(hasty_groups, a_client_without_time_does_not_stop_the_coordinator) {
  talk.join("s", {.instance = "i", .rebalance_ms = 0});
  talk.join("m", {.version = 3, .rebalance_ms = 0});
  talk.wait(100'000);
  talk.describe();
  EXPECT_NE(talk.said().find("g is Empty"), std::string::npos);
}

// Describe, list, delete.

TEST_F(classic_rules, unknown_groups_are_dead_until_version_6) {
  using described = kafka::describe_groups_response::described_group;
  const auto old = talk.ask<described>(groups::describe_group_request{"x"}, 5);
  EXPECT_EQ(old.error, error::none);
  EXPECT_EQ(old.group_state, "Dead");
  const auto now = talk.ask<described>(groups::describe_group_request{"x"}, 6);
  EXPECT_EQ(now.error, error::group_id_not_found);
  EXPECT_EQ(now.error_message, "Group x not found.");
}

TEST_F(classic_rules, groups_are_described) {
  talk.enter("m");
  talk.describe();
  talk.wait(3000);
  talk.describe();
  sync({"m"});
  talk.describe();
  EXPECT_EQ(talk.said(), "-- g is Stable consumer range, m-1: m\n");
  const auto d = talk.ask<kafka::describe_groups_response::described_group>(groups::describe_group_request{"g"}, 6);
  EXPECT_EQ(d.members.at(0).client_id, "m");
  EXPECT_EQ(d.members.at(0).client_host, "/127.0.0.1");
  EXPECT_EQ(d.members.at(0).member_metadata, subscription_to({"t"}));
}

TEST_F(classic_rules, groups_are_listed_by_state_and_type) {
  stable({"m"});
  auto count = [&](std::vector<std::string> states, std::vector<std::string> types) {
    return talk.ask<kafka::list_groups_response>(kafka::list_groups_request{states, types}, 5).groups.size();
  };
  EXPECT_EQ(count({}, {}), 1u);
  EXPECT_EQ(count({"stable"}, {"Classic"}), 1u);
  EXPECT_EQ(count({"Empty", "Stable"}, {}), 1u);
  EXPECT_EQ(count({"Empty"}, {}), 0u);
  EXPECT_EQ(count({}, {"consumer"}), 0u);
  const auto all = talk.ask<kafka::list_groups_response>(kafka::list_groups_request{}, 5);
  EXPECT_EQ(all.groups[0].group_id, "g");
  EXPECT_EQ(all.groups[0].group_type, "classic");
  EXPECT_EQ(all.groups[0].protocol_type, "consumer");
}

TEST_F(classic_rules, only_empty_groups_are_deleted) {
  auto drop = [&] {
    return talk.ask<kafka::delete_groups_response::deletable_group_result>(groups::delete_group_request{"g"}, 2).error;
  };
  EXPECT_EQ(drop(), error::group_id_not_found);
  stable({"m"});
  EXPECT_EQ(drop(), error::non_empty_group);
  talk.commit("m", "t", 0, 1);
  talk.leave("m");
  EXPECT_EQ(drop(), error::none);
  EXPECT_EQ(talk.shard().group_count(), 0u);
  EXPECT_TRUE(talk.shard().snapshot().empty());
  EXPECT_FALSE(talk.shard().next_deadline());
  talk.restart();
  EXPECT_EQ(talk.shard().group_count(), 0u);
}

TEST_F(classic_rules, a_group_that_never_came_to_be_leaves_nothing) {
  talk.join("m");
  EXPECT_EQ(talk.shard().group_count(), 1u);
  talk.wait(10'000);
  EXPECT_EQ(talk.shard().group_count(), 0u);
  EXPECT_TRUE(talk.log().empty());
}

} // namespace
} // namespace chisme::test
