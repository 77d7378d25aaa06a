// What a shard is before and after its records are read again, and what it does not do for those whom it then refuses.
#include "tests/support/group_conversation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using groups::group_settings;
using listed = kafka::list_groups_response::listed_group;

class group_shard_test : public testing::Test {
protected:
  group_shard_test() { talk.topics.add("t", 4); }

  void commit_without_a_group() {
    kafka::offset_commit_request r;
    r.group_id = "g";
    r.topics.push_back({"t", {}, {{0, 7, -1, ""}}});
    EXPECT_EQ(talk.ask<kafka::offset_commit_response>(r, 9).topics.at(0).partitions.at(0).error, error_code::none);
  }
  listed the_group() {
    auto all = talk.ask<kafka::list_groups_response>(kafka::list_groups_request{}, 5).groups;
    return all.size() == 1 ? all.front() : listed{};
  }
  std::string kind() { return the_group().group_type + ", " + the_group().group_state; }
  error_code describe_as_consumer_group() {
    using described = kafka::consumer_group_describe_response::described_group;
    return talk.ask<described>(groups::describe_consumer_group_request{"g"}, 0).error;
  }

  group_conversation talk;
};

TEST_F(group_shard_test, who_commits_where_a_deleted_consumer_group_was_finds_no_trace_of_it) {
  talk.consume("c");
  talk.stop_consuming("c");
  using deleted = kafka::delete_groups_response::deletable_group_result;
  EXPECT_EQ(talk.ask<deleted>(groups::delete_group_request{"g"}, 2).error, error_code::none);
  commit_without_a_group();
  EXPECT_EQ(kind(), "classic, Empty");
  talk.restart();
  EXPECT_EQ(kind(), "classic, Empty");
  EXPECT_EQ(describe_as_consumer_group(), error_code::group_id_not_found);
}

TEST_F(group_shard_test, offsets_of_a_group_whose_records_went_are_a_classic_group) {
  talk.consume("c");
  talk.stop_consuming("c");
  commit_without_a_group();
  EXPECT_EQ(kind(), "consumer, Empty");
  talk.join("m"); // is given an id, for which the group makes room, and does not come again
  talk.wait(20'000);
  talk.restart();
  EXPECT_EQ(kind(), "classic, Empty");
}

TEST_F(group_shard_test, nothing_of_an_empty_consumer_group_is_removed_for_a_join_that_is_refused) {
  talk.consume("c");
  talk.stop_consuming("c");
  const auto records = talk.log().size();
  talk.join("m", {.id = "from-long-ago"});
  talk.join("m", {.version = 3, .protocols = {}});
  EXPECT_THAT(talk.said(), HasSubstr("m < 25 UNKNOWN_MEMBER_ID"));
  EXPECT_EQ(talk.log().size(), records);
  EXPECT_EQ(kind(), "consumer, Empty");
}

TEST_F(group_shard_test, the_empty_group_id_is_invalid_also_where_offsets_are_kept_under_it) {
  kafka::offset_commit_request r;
  r.topics.push_back({"t", {}, {{0, 7, -1, ""}}});
  talk.ask<kafka::offset_commit_response>(r, 9);
  EXPECT_EQ(talk.ask<kafka::heartbeat_response>(kafka::heartbeat_request{}, 4).error, error_code::invalid_group_id);
  EXPECT_EQ(talk.ask<kafka::sync_group_response>(kafka::sync_group_request{}, 4).error, error_code::invalid_group_id);
  EXPECT_EQ(talk.ask<kafka::leave_group_response>(kafka::leave_group_request{}, 5).error, error_code::invalid_group_id);
}

TEST_F(group_shard_test, an_offset_that_expires_by_itself_knows_its_topic_after_a_restart) {
  kafka::offset_commit_request r;
  r.group_id = "g";
  r.retention_time_ms = 1'000'000;
  r.topics.push_back({"t", {}, {{0, 7, -1, ""}}});
  talk.ask<kafka::offset_commit_response>(r, 4);
  const auto before = talk.shard().snapshot();
  talk.restart();
  EXPECT_EQ(talk.shard().snapshot(), before);
}

group_settings with_room_for(size_t members) {
  group_settings s;
  s.consumer.max_size = members;
  return s;
}

TEST(full_classic_group, is_not_converted_for_one_more) {
  group_conversation talk{with_room_for(1)};
  talk.enter("m");
  talk.wait(3000);
  talk.sync("m", {{"m-1", part_of_t({0})}});
  talk.said();
  talk.consume("c");
  EXPECT_THAT(talk.said(), HasSubstr("c < 81 GROUP_MAX_SIZE_REACHED"));
  talk.beat("m");
  EXPECT_THAT(talk.said(), HasSubstr("m < 0 NONE"));
}

/// All sessions of a coordinator that was read back end at the same time.
TEST(crowd_that_is_gone, is_removed_in_decisions_of_some_megabytes) {
  group_conversation talk;
  talk.topics.add("t", 4);
  groups::effects out;
  const std::string long_id(30'000, 'm');
  for (int i = 0; i < 300; ++i) {
    kafka::consumer_group_heartbeat_request r;
    r.group_id = "g";
    r.member_id = long_id + std::to_string(i);
    r.rebalance_timeout_ms = 10'000;
    r.subscribed_topic_names = {"t"};
    r.topic_partitions.emplace();
    talk.shard().handle({1, "c", "/", 1}, r, talk.topics, talk.now, out);
  }
  int decisions = 0;
  for (bool is_due = true; is_due; ++decisions) {
    groups::effects gone;
    is_due = talk.shard().tick(talk.now + 100'000, talk.topics, gone);
    EXPECT_LT(gone.records.size(), 320u) << "of three for each member, and one more";
  }
  EXPECT_EQ(decisions, 5);
}

TEST(crowd_of_long_names, does_not_make_records_that_fit_into_no_batch) {
  group_conversation talk;
  const std::string name(30'000, 'x');
  size_t members = 0;
  for (; members < 2000; ++members) {
    kafka::join_group_request r;
    r.group_id = "g";
    r.session_timeout_ms = 10'000;
    r.group_instance_id = name + std::to_string(members);
    r.protocol_type = "consumer";
    r.protocols.push_back({"range", subscription_to({"t"})});
    groups::effects out;
    talk.shard().handle({members + 1, name, "/", 5}, r, talk.topics, talk.now, out);
    if (!out.answers.empty()) {
      EXPECT_EQ(std::get<kafka::join_group_response>(out.answers[0].response).error,
                error_code::group_max_size_reached);
      break;
    }
  }
  EXPECT_GT(members, 100u);
  EXPECT_LT(members, groups::max_group_bytes / name.size() / 4);
}

TEST(crowd_of_long_words, is_bounded_in_consumer_groups_too) {
  group_conversation talk;
  talk.consume("c");
  kafka::join_group_request r;
  r.group_id = "g";
  r.session_timeout_ms = 10'000;
  r.protocol_type = "consumer";
  auto words = std::string{as_chars(subscription_to({"t"}))};
  words.resize(groups::max_group_bytes / 2, '\0');
  r.protocols.push_back({"range", buffer::copy_of(words)});
  const auto join = [&] { return talk.ask<kafka::join_group_response>(r, 3).error; };
  EXPECT_EQ(join(), error_code::none);
  EXPECT_EQ(join(), error_code::group_max_size_reached);
}

} // namespace
} // namespace chisme::test
