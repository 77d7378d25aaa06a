// OffsetCommit, OffsetFetch and OffsetDelete on their way between a client and the coordinators of its groups.
#include "tests/support/groups_fixture.hpp"

#include <gmock/gmock.h>

namespace chisme::testing {
namespace {

using kafka::offset_commit_request;
using kafka::offset_commit_response;
using kafka::offset_fetch_request;
using kafka::offset_fetch_response;
using ::testing::ElementsAre;
using fetched = offset_fetch_response::group;

constexpr int16_t last_with_one_group = 7, first_with_many = 8, newest = 10;

class group_offsets_test : public groups_session_test {
protected:
  /// Of partitions 0 and 1 of t, as versions up to 7 ask.
  static offset_fetch_request for_one(const std::string& group) {
    offset_fetch_request r;
    r.group_id = group;
    r.topics = {{"t", {0, 1}}};
    return r;
  }
  static offset_fetch_request for_many(const std::vector<std::string>& groups) {
    offset_fetch_request r;
    for (const auto& g : groups)
      r.groups.push_back({g, std::nullopt, -1, {{{"t", id_of("t"), {0}}}}});
    return r;
  }
  /// What a coordinator says of partitions 0 and 1 of t.
  static fetched offsets_of(const std::string& group) {
    return {group,
            {{"t", id_of("t"), {{0, 40, 3, "note", error_code::none}, {1, -1, -1, "", error_code::none}}}},
            error_code::none};
  }
  static std::vector<std::string> errors_of(const offset_fetch_response& r) {
    std::vector<std::string> all;
    for (const auto& g : r.groups)
      all.push_back(g.group_id + " " + to_string(g.error));
    return all;
  }
};

TEST_F(group_offsets_test, many_groups_are_asked_for_by_their_coordinators_and_answered_together) {
  for (int16_t version = first_with_many; version <= newest; ++version) {
    const auto id = ask(for_many({"b", "a", "c"}), version);
    settle();
    const auto a = take_call(1), b = take_call(2);
    EXPECT_TRUE(nobody_is_asked());
    EXPECT_EQ(asked<offset_fetch_request::group>(a).group_id, "a");
    EXPECT_EQ(asked<offset_fetch_request::group>(b).group_id, "b");
    EXPECT_EQ(a.version, version);
    EXPECT_EQ(a.client_id, "test");
    EXPECT_EQ(a.client_host, "/127.0.0.1");
    give(a, offsets_of("a"));
    EXPECT_FALSE(answered()) << "one is still out";
    give(b, offsets_of("b"));
    const auto all = answer<offset_fetch_response>(version, id);
    EXPECT_THAT(errors_of(all), ElementsAre("b NONE", "a NONE", "c NOT_COORDINATOR"))
      << "in the order of the request; another node has c";
    ASSERT_EQ(all.groups.at(1).topics.size(), 1u);
    EXPECT_EQ(all.groups.at(1).topics.at(0).partitions.at(0).committed_offset, 40);
  }
}

TEST_F(group_offsets_test, a_coordinator_that_cannot_answer_takes_nothing_from_the_others) {
  for (int16_t version = first_with_many; version <= newest; ++version) {
    const auto id = ask(for_many({"a", "b", "e"}), version);
    settle();
    const auto a = take_call(1), b = take_call(2);
    auto e = take_call(2);
    refuse(b, error_code::coordinator_load_in_progress);
    give(a, offsets_of("a"));
    e = {}; // it died with the question
    loop_.drain();
    EXPECT_THAT(errors_of(answer<offset_fetch_response>(version, id)),
                ElementsAre("a NONE", "b COORDINATOR_LOAD_IN_PROGRESS", "e NOT_COORDINATOR"));
  }
}

TEST_F(group_offsets_test, a_group_that_is_named_twice_is_answered_once) {
  const auto id = ask(for_many({"a", "b", "a"}), newest);
  settle();
  const auto a = take_call(1), b = take_call(2);
  EXPECT_TRUE(nobody_is_asked());
  give(b, offsets_of("b"));
  give(a, offsets_of("a"));
  EXPECT_THAT(errors_of(answer<offset_fetch_response>(newest, id)), ElementsAre("a NONE", "b NONE"));
}

TEST_F(group_offsets_test, no_group_at_all_is_an_answer) {
  for (int16_t version = first_with_many; version <= newest; ++version)
    EXPECT_TRUE(ask_and_answer<offset_fetch_response>(for_many({}), version).groups.empty());
}

/// KIP-848: the coordinator compares the epoch, from version 9 on.
TEST_F(group_offsets_test, who_asks_and_in_which_epoch_gets_to_the_coordinator) {
  auto r = for_many({"a"});
  r.groups.front().member_id = "m";
  r.groups.front().member_epoch = 5;
  for (int16_t version = first_with_many; version <= newest; ++version) {
    const auto id = ask(r, version);
    settle();
    const auto call = take_call(1);
    const auto& got = asked<offset_fetch_request::group>(call);
    const bool is_told = version >= 9;
    EXPECT_EQ(got.member_id, is_told ? std::optional<std::string>{"m"} : std::nullopt) << version;
    EXPECT_EQ(got.member_epoch, is_told ? 5 : -1) << version;
    fetched stale{"a", {}, error_code::stale_member_epoch};
    give(call, stale);
    EXPECT_THAT(errors_of(answer<offset_fetch_response>(version, id)), ElementsAre("a STALE_MEMBER_EPOCH"));
  }
}

TEST_F(group_offsets_test, topics_have_names_until_version_9_and_ids_from_10_on) {
  for (int16_t version : {9, 10}) {
    const auto id = ask(for_many({"a"}), version);
    settle();
    const auto call = take_call(1);
    const auto& topic = asked<offset_fetch_request::group>(call).topics->at(0);
    EXPECT_EQ(topic.name, version < newest ? "t" : "");
    EXPECT_EQ(topic.topic_id, version < newest ? uuid{} : id_of("t"));
    give(call, offsets_of("a"));
    const auto told = answer<offset_fetch_response>(version, id).groups.at(0).topics.at(0);
    EXPECT_EQ(told.name, version < newest ? "t" : "");
    EXPECT_EQ(told.topic_id, version < newest ? uuid{} : id_of("t"));
  }
}

TEST_F(group_offsets_test, older_versions_have_one_group_in_fields_of_its_own) {
  for (int16_t version = 1; version <= last_with_one_group; ++version) {
    const auto id = ask(for_one("a"), version);
    settle();
    const auto call = take_call(1);
    const auto& got = asked<offset_fetch_request::group>(call);
    EXPECT_EQ(got.group_id, "a");
    EXPECT_FALSE(got.member_id);
    EXPECT_EQ(got.member_epoch, -1);
    ASSERT_TRUE(got.topics);
    EXPECT_EQ(got.topics->at(0).name, "t");
    EXPECT_THAT(got.topics->at(0).partition_indexes, ElementsAre(0, 1));
    give(call, offsets_of("a"));
    const auto r = answer<offset_fetch_response>(version, id);
    EXPECT_EQ(r.error, error_code::none);
    EXPECT_TRUE(r.groups.empty());
    ASSERT_EQ(r.topics.size(), 1u);
    EXPECT_EQ(r.topics.at(0).name, "t");
    const auto& first = r.topics.at(0).partitions.at(0);
    EXPECT_EQ(first.committed_offset, 40);
    EXPECT_EQ(first.committed_leader_epoch, version < 5 ? -1 : 3) << "leader epochs came with version 5";
    EXPECT_EQ(first.metadata, "note");
    EXPECT_EQ(r.topics.at(0).partitions.at(1).committed_offset, -1);
  }
}

TEST_F(group_offsets_test, all_offsets_of_a_group_can_be_asked_for_since_version_2) {
  auto all = for_one("a");
  all.topics.reset();
  for (int16_t version = 2; version <= last_with_one_group; ++version) {
    const auto id = ask(all, version);
    settle();
    const auto call = take_call(1);
    EXPECT_FALSE(asked<offset_fetch_request::group>(call).topics) << version;
    give(call, offsets_of("a"));
    EXPECT_EQ(answer<offset_fetch_response>(version, id).topics.size(), 1u);
  }
}

/// Version 1 has no place for an error but those of partitions.
TEST_F(group_offsets_test, an_error_of_the_group_stands_where_the_version_has_a_place_for_it) {
  for (const auto* group : {"a", "c"})
    for (int16_t version = 1; version <= last_with_one_group; ++version) {
      const auto id = ask(for_one(group), version);
      settle();
      const bool is_here = group == std::string{"a"};
      if (is_here)
        refuse(take_call(1), error_code::coordinator_load_in_progress);
      const auto code = is_here ? error_code::coordinator_load_in_progress : error_code::not_coordinator;
      const auto r = answer<offset_fetch_response>(version, id);
      EXPECT_EQ(r.error, version < 2 ? error_code::none : code) << version;
      ASSERT_EQ(r.topics.size(), 1u) << version;
      for (const auto& p : r.topics.at(0).partitions) {
        EXPECT_EQ(p.error, code) << version;
        EXPECT_EQ(p.committed_offset, -1);
      }
    }
}

TEST_F(group_offsets_test, an_error_that_the_coordinator_gives_the_group_is_told_from_version_2_on) {
  for (int16_t version = 1; version <= last_with_one_group; ++version) {
    const auto id = ask(for_one("a"), version);
    settle();
    auto failed = offsets_of("a");
    failed.error = error_code::unknown_member_id;
    give(take_call(1), failed);
    const auto r = answer<offset_fetch_response>(version, id);
    EXPECT_EQ(r.error, version < 2 ? error_code::none : error_code::unknown_member_id) << version;
    EXPECT_EQ(r.topics.at(0).partitions.at(0).error, version < 2 ? error_code::unknown_member_id : error_code::none);
  }
}

/// There are no transactions yet, and so no offset that one could still change.
TEST_F(group_offsets_test, who_insists_on_stable_offsets_is_answered_alike) {
  for (int16_t version : {7, 8, 10}) {
    std::vector<std::string> answers;
    for (bool stable : {false, true}) {
      auto r = version < first_with_many ? for_one("a") : for_many({"a"});
      r.require_stable = stable;
      const auto id = ask(r, version);
      settle();
      give(take_call(1), offsets_of("a"));
      answers.push_back(flat(encode(answer<offset_fetch_response>(version, id), version)));
    }
    EXPECT_EQ(answers.at(0), answers.at(1)) << version;
  }
}

// OffsetCommit and OffsetDelete concern one group each.

TEST_F(group_offsets_test, a_commit_that_nobody_can_take_says_so_of_each_partition) {
  for (int16_t version = 2; version <= newest; ++version) {
    offset_commit_request r;
    r.group_id = "c";
    r.topics = {{"t", id_of("t"), {{0, 1, -1, ""}, {1, 2, -1, ""}}}};
    const auto elsewhere = ask_and_answer<offset_commit_response>(r, version);
    r.group_id = "a";
    const auto id = ask(r, version);
    settle();
    refuse(take_call(1), error_code::coordinator_load_in_progress);
    const auto loading = answer<offset_commit_response>(version, id);
    for (const auto& [told, code] : {std::pair{elsewhere, error_code::not_coordinator},
                                     std::pair{loading, error_code::coordinator_load_in_progress}}) {
      ASSERT_EQ(told.topics.size(), 1u) << version;
      EXPECT_EQ(told.topics.at(0).name, version < newest ? "t" : "");
      EXPECT_EQ(told.topics.at(0).topic_id, version < newest ? uuid{} : id_of("t"));
      ASSERT_EQ(told.topics.at(0).partitions.size(), 2u);
      for (const auto& p : told.topics.at(0).partitions)
        EXPECT_EQ(p.error, code) << version;
    }
  }
}

TEST_F(group_offsets_test, a_commit_and_its_answer_pass_as_they_are) {
  for (int16_t version : {2, 7, 8, 9, 10}) {
    offset_commit_request r;
    r.group_id = "a";
    r.generation_id_or_member_epoch = 4;
    r.member_id = "m";
    r.topics = {{"t", id_of("t"), {{0, 17, -1, "note"}}}};
    const auto id = ask(r, version);
    settle();
    const auto call = take_call(1);
    const auto& got = asked<offset_commit_request>(call);
    EXPECT_EQ(call.version, version);
    EXPECT_EQ(got.member_id, "m");
    EXPECT_EQ(got.generation_id_or_member_epoch, 4);
    EXPECT_EQ(got.topics.at(0).partitions.at(0).committed_offset, 17);
    offset_commit_response told;
    told.topics = {{"t", id_of("t"), {{0, error_code::stale_member_epoch}}}};
    give(call, told);
    EXPECT_EQ(answer<offset_commit_response>(version, id).topics.at(0).partitions.at(0).error,
              error_code::stale_member_epoch);
  }
}

TEST_F(group_offsets_test, offsets_are_deleted_by_the_coordinator_of_their_group) {
  kafka::offset_delete_request r;
  r.group_id = "b";
  r.topics = {{"t", {{0}}}};
  const auto id = ask(r, 0);
  settle();
  const auto call = take_call(2);
  EXPECT_EQ(asked<kafka::offset_delete_request>(call).topics.at(0).name, "t");
  kafka::offset_delete_response told;
  told.error = error_code::group_id_not_found;
  give(call, told);
  EXPECT_EQ(answer<kafka::offset_delete_response>(0, id).error, error_code::group_id_not_found);
  r.group_id = "c";
  EXPECT_EQ(ask_and_answer<kafka::offset_delete_response>(r, 0).error, error_code::not_coordinator);
}

} // namespace
} // namespace chisme::testing
