// OffsetCommit, OffsetFetch, OffsetDelete, and how offsets expire.
#include "tests/support/group_conversation.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace chisme::test {
namespace {

using error = error_code;
constexpr timestamp_ms minute = 60'000, day = 24 * 60 * minute;

class offsets : public testing::Test {
protected:
  std::string commit(const std::string& name, const std::string& topic = "t", int32_t partition = 0, int64_t at = 5,
                     int16_t version = 9) {
    talk.said();
    talk.commit(name, topic, partition, at, version);
    auto text = talk.said();
    const auto line = text.find("committed ") + 10;
    return text.substr(line, text.size() - line - 1);
  }
  void stable(const std::string& type = "consumer") {
    talk.join("m", {.version = 3, .type = type});
    talk.wait(3000);
    talk.sync("m", {{"m-1", "A"}});
    talk.said();
  }
  void stay(timestamp_ms how_long) {
    for (timestamp_ms t = 0; t < how_long; t += 5000) {
      talk.wait(5000);
      talk.beat("m");
    }
  }
  std::string offset_of(const std::string& topic, int32_t partition = 0) {
    kafka::offset_fetch_request::group r;
    r.group_id = "g";
    r.topics.emplace();
    r.topics->push_back({topic, {}, {partition}});
    const auto got = talk.ask<kafka::offset_fetch_response::group>(r, 9);
    return std::to_string(got.topics.at(0).partitions.at(0).committed_offset);
  }
  error remove(const std::string& topic, int32_t partition = 0) {
    kafka::offset_delete_request r;
    r.group_id = "g";
    r.topics.push_back({topic, {{partition}}});
    const auto got = talk.ask<kafka::offset_delete_response>(r, 0);
    return got.error != error::none ? got.error : got.topics.at(0).partitions.at(0).error;
  }

  group_conversation talk;
};

TEST_F(offsets, anybody_commits_to_a_group_without_members) {
  EXPECT_EQ(commit("x"), "t-0 0 NONE");
  EXPECT_EQ(commit("x", "t", 1, 9), "t-1 0 NONE");
  talk.fetch("x");
  talk.describe();
  EXPECT_EQ(talk.said(), "x > fetch\nx < offsets 0 NONE, t-0 5, t-1 9\n-- g is Empty\n");
}

TEST_F(offsets, a_generation_needs_a_group) {
  talk.of("x").generation = 1;
  talk.of("x").id = "x-1";
  EXPECT_EQ(commit("x", "t", 0, 5, 9), "t-0 69 GROUP_ID_NOT_FOUND");
  EXPECT_EQ(commit("x", "t", 0, 5, 8), "t-0 22 ILLEGAL_GENERATION");
  EXPECT_EQ(talk.shard().group_count(), 0u);
}

TEST_F(offsets, members_commit_in_their_generation) {
  stable();
  EXPECT_EQ(commit("m"), "t-0 0 NONE");
  EXPECT_EQ(commit("x"), "t-0 25 UNKNOWN_MEMBER_ID") << "nobody from outside while there are members";
  talk.of("m").generation = 0;
  EXPECT_EQ(commit("m"), "t-0 22 ILLEGAL_GENERATION");
  talk.of("m").generation = -1;
  EXPECT_EQ(commit("m"), "t-0 22 ILLEGAL_GENERATION");
  talk.of("m") = {"x-1", std::nullopt, 1};
  EXPECT_EQ(commit("m"), "t-0 25 UNKNOWN_MEMBER_ID");
}

TEST_F(offsets, members_commit_while_they_meet_but_not_before_they_have_their_part) {
  stable();
  talk.join("n", {.version = 3});
  EXPECT_EQ(commit("m"), "t-0 0 NONE");
  talk.join("m");
  EXPECT_EQ(commit("m"), "t-0 27 REBALANCE_IN_PROGRESS");
}

TEST_F(offsets, a_commit_shows_that_a_member_is_alive) {
  stable();
  for (int i = 0; i < 5; ++i) {
    talk.wait(9'000);
    EXPECT_EQ(commit("m"), "t-0 0 NONE");
  }
}

TEST_F(offsets, partitions_are_checked_one_by_one) {
  EXPECT_EQ(commit("x", "nowhere"), "nowhere-0 3 UNKNOWN_TOPIC_OR_PARTITION");
  EXPECT_EQ(commit("x", "t", 4), "t-4 3 UNKNOWN_TOPIC_OR_PARTITION");
  EXPECT_EQ(commit("x", "t", -1), "t--1 3 UNKNOWN_TOPIC_OR_PARTITION");
  EXPECT_EQ(talk.shard().group_count(), 0u) << "nothing was committed";
  kafka::offset_commit_request r;
  r.group_id = "g";
  r.topics.push_back({"t", {}, {{0, 7, 3, std::string(4097, 'x')}, {1, 8, 3, std::string(4096, 'x')}}});
  const auto got = talk.ask<kafka::offset_commit_response>(r, 9);
  EXPECT_EQ(got.topics[0].partitions[0].error, error::offset_metadata_too_large);
  EXPECT_EQ(got.topics[0].partitions[1].error, error::none);
}

TEST_F(offsets, what_was_committed_is_fetched) {
  kafka::offset_commit_request r;
  r.group_id = "g";
  r.topics.push_back({"t", {}, {{0, 7, 3, "note"}, {1, 8, -1, std::nullopt}}});
  talk.ask<kafka::offset_commit_response>(r, 9);
  talk.restart();
  kafka::offset_fetch_request::group f;
  f.group_id = "g";
  f.topics.emplace();
  f.topics->push_back({"t", {}, {0, 1, 2}});
  const auto got = talk.ask<kafka::offset_fetch_response::group>(f, 9);
  const auto& p = got.topics.at(0).partitions;
  EXPECT_EQ(p[0].committed_offset, 7);
  EXPECT_EQ(p[0].committed_leader_epoch, 3);
  EXPECT_EQ(p[0].metadata, "note");
  EXPECT_EQ(p[1].metadata, "");
  EXPECT_EQ(p[2].committed_offset, -1);
  EXPECT_EQ(p[2].committed_leader_epoch, -1);
  EXPECT_EQ(p[2].metadata, "");
  EXPECT_EQ(p[2].error, error::none);
  f.group_id = "unknown";
  EXPECT_EQ(talk.ask<kafka::offset_fetch_response::group>(f, 9).topics.at(0).partitions.at(0).committed_offset, -1);
}

/// Its metadata may be a thousand times as long as its name in the request.
TEST_F(offsets, a_partition_that_is_named_often_is_told_once) {
  commit("x");
  kafka::offset_fetch_request::group r;
  r.group_id = "g";
  r.topics.emplace();
  r.topics->push_back({"t", {}, {0, 0, 7, 0}});
  r.topics->push_back({"t", {}, {0}});
  const auto got = talk.ask<kafka::offset_fetch_response::group>(r, 9);
  ASSERT_EQ(got.topics.size(), 2u);
  ASSERT_EQ(got.topics[0].partitions.size(), 2u);
  EXPECT_EQ(got.topics[0].partitions[0].committed_offset, 5);
  EXPECT_EQ(got.topics[0].partitions[1].committed_offset, -1);
  EXPECT_TRUE(got.topics[1].partitions.empty());
}

TEST_F(offsets, topics_have_ids_from_version_10_on) {
  const auto id = talk.topics.find("t")->id;
  kafka::offset_commit_request r;
  r.group_id = "g";
  r.topics.push_back({"", id, {{0, 7, -1, ""}}});
  r.topics.push_back({"", uuid{{9}}, {{0, 7, -1, ""}}});
  const auto done = talk.ask<kafka::offset_commit_response>(r, 10);
  EXPECT_EQ(done.topics[0].topic_id, id);
  EXPECT_EQ(done.topics[0].partitions[0].error, error::none);
  EXPECT_EQ(done.topics[1].partitions[0].error, error::unknown_topic_id);
  EXPECT_EQ(offset_of("t"), "7");

  kafka::offset_fetch_request::group f;
  f.group_id = "g";
  f.topics.emplace();
  f.topics->push_back({"", id, {0}});
  f.topics->push_back({"", uuid{{9}}, {0}});
  const auto got = talk.ask<kafka::offset_fetch_response::group>(f, 10);
  EXPECT_EQ(got.topics[0].partitions[0].committed_offset, 7);
  EXPECT_EQ(got.topics[1].partitions[0].error, error::unknown_topic_id);
  f.topics.reset();
  const auto all = talk.ask<kafka::offset_fetch_response::group>(f, 10);
  ASSERT_EQ(all.topics.size(), 1u);
  EXPECT_EQ(all.topics[0].topic_id, id);
}

TEST_F(offsets, of_topics_that_nobody_reads_are_deleted) {
  EXPECT_EQ(remove("t"), error::group_id_not_found);
  talk.topics.add("u", 1);
  stable();
  commit("m");
  commit("m", "u");
  EXPECT_EQ(remove("t"), error::group_subscribed_to_topic);
  EXPECT_EQ(offset_of("t"), "5");
  EXPECT_EQ(remove("nowhere"), error::unknown_topic_or_partition);
  EXPECT_EQ(remove("t", 4), error::unknown_topic_or_partition);
  EXPECT_EQ(remove("u"), error::none);
  EXPECT_EQ(offset_of("u"), "-1");
  talk.leave("m");
  EXPECT_EQ(remove("t"), error::none);
  EXPECT_EQ(remove("t"), error::none) << "nothing is as good as gone";
}

TEST_F(offsets, of_other_kinds_of_groups_are_not_deleted_while_there_are_members) {
  stable("connect");
  commit("m");
  EXPECT_EQ(remove("t"), error::non_empty_group);
  EXPECT_EQ(offset_of("t"), "5");
}

TEST_F(offsets, of_a_group_without_members_expire_after_the_commit) {
  commit("x");
  talk.wait(3 * day);
  commit("x", "t", 1);
  talk.wait(4 * day - minute);
  EXPECT_EQ(offset_of("t"), "5");
  talk.wait(11 * minute);
  EXPECT_EQ(offset_of("t"), "-1");
  EXPECT_EQ(offset_of("t", 1), "5");
  talk.wait(3 * day + minute);
  EXPECT_EQ(talk.shard().group_count(), 0u);
  talk.restart();
  EXPECT_EQ(talk.shard().group_count(), 0u);
}

TEST_F(offsets, of_a_group_that_lost_its_members_expire_after_that) {
  stable();
  commit("m");
  stay(day);
  talk.leave("m");
  talk.restart();
  talk.wait(7 * day - minute);
  EXPECT_EQ(offset_of("t"), "5");
  talk.said();
  talk.wait(11 * minute);
  EXPECT_EQ(talk.said(), "-- 660000 ms\n   * offset g t-0 is gone\n   * group g is gone\n");
  EXPECT_EQ(talk.shard().group_count(), 0u);
}

TEST_F(offsets, of_topics_that_are_read_do_not_expire) {
  talk.topics.add("u", 1);
  stable();
  commit("m");
  commit("m", "u");
  stay(7 * day + 11 * minute);
  EXPECT_EQ(offset_of("t"), "5");
  EXPECT_EQ(offset_of("u"), "-1") << "the group does not subscribe to it";
}

TEST_F(offsets, of_groups_whose_topics_are_not_known_do_not_expire_while_there_are_members) {
  stable("connect");
  commit("m");
  stay(7 * day + 11 * minute);
  EXPECT_EQ(offset_of("t"), "5");
}

TEST_F(offsets, an_old_client_chooses_its_own_retention) {
  kafka::offset_commit_request r;
  r.group_id = "g";
  r.retention_time_ms = minute;
  r.topics.push_back({"t", {}, {{0, 7, -1, ""}}});
  talk.ask<kafka::offset_commit_response>(r, 4);
  talk.restart();
  EXPECT_EQ(offset_of("t"), "7");
  talk.wait(10 * minute);
  EXPECT_EQ(offset_of("t"), "-1");
}

TEST_F(offsets, a_retention_beyond_all_times_never_ends) {
  kafka::offset_commit_request r;
  r.group_id = "g";
  r.retention_time_ms = std::numeric_limits<int64_t>::max();
  r.topics.push_back({"t", {}, {{0, 7, -1, ""}}});
  talk.ask<kafka::offset_commit_response>(r, 4);
  talk.wait(8 * day);
  EXPECT_EQ(offset_of("t"), "7");
}

TEST_F(offsets, of_a_topic_that_went_have_no_id_to_be_told_by) {
  talk.topics.add("u", 1);
  commit("x");
  commit("x", "u");
  talk.topics.remove("u");
  kafka::offset_fetch_request::group r;
  r.group_id = "g";
  const auto by_name = talk.ask<kafka::offset_fetch_response::group>(r, 9);
  EXPECT_EQ(by_name.group_id, "g");
  EXPECT_EQ(by_name.topics.size(), 2u);
  const auto by_id = talk.ask<kafka::offset_fetch_response::group>(r, 10);
  ASSERT_EQ(by_id.topics.size(), 1u);
  EXPECT_EQ(by_id.topics[0].name, "t");
}

TEST_F(offsets, more_than_a_batch_holds_are_refused) {
  kafka::offset_commit_request r;
  r.group_id = "g";
  r.generation_id_or_member_epoch = -1;
  r.topics.push_back({"t", {}, {}});
  const std::string metadata(4'000, 'm');
  for (size_t i = 0; i < groups::max_group_bytes / metadata.size(); ++i)
    r.topics.back().partitions.push_back({0, 7, -1, metadata});
  const auto told = talk.ask<kafka::offset_commit_response>(r, 9);
  EXPECT_EQ(told.topics[0].partitions[0].error, error_code::invalid_commit_offset_size);
  EXPECT_EQ(offset_of("t"), "-1");
}

TEST_F(offsets, go_with_their_topic) {
  commit("x");
  groups::effects out;
  talk.topics.remove("t");
  talk.shard().forget_missing_topics(talk.topics, talk.now, out);
  EXPECT_EQ(out.records.size(), 1u);
  EXPECT_EQ(offset_of("t"), "-1");
  EXPECT_EQ(talk.shard().group_count(), 0u);
}

TEST_F(offsets, go_with_their_topic_when_another_one_has_got_its_name_meanwhile) {
  commit("x");
  talk.restart();
  talk.topics.remove("t");
  talk.topics.add("t", 1);
  groups::effects out;
  talk.shard().forget_missing_topics(talk.topics, talk.now, out);
  EXPECT_EQ(out.records.size(), 1u);
  EXPECT_EQ(offset_of("t"), "-1");
  commit("y");
  out = {};
  talk.shard().forget_missing_topics(talk.topics, talk.now, out);
  EXPECT_EQ(out.records.size(), 0u) << "the new topic is there";
}

} // namespace
} // namespace chisme::test
