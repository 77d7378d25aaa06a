// What damaged or foreign records make of groups: odd things, but none that a coordinator cannot get rid of.
#include "tests/support/group_conversation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace chisme::groups {
namespace {

constexpr timestamp_ms loaded_at = 1'000'000;

consumer_group_record nameless_member() { return member_metadata_record{"g", "", member_metadata_value{}}; }

class hurt_group : public testing::Test {
protected:
  /// A member of a group of two partitions, and the group as it is read back without the newest record of a kind.
  template <class Record>
  void restart_without() {
    auto lost = log.rend();
    for (auto i = log.rbegin(); i != log.rend() && lost == log.rend(); ++i)
      if (std::holds_alternative<Record>(*i))
        lost = i;
    ASSERT_NE(lost, log.rend());
    log.erase(std::next(lost).base());
    group = make();
    for (const auto& r : log)
      group->apply(r);
    group->loaded(now);
  }
  kafka::consumer_group_heartbeat_response say(const std::string& member, int32_t epoch) {
    kafka::consumer_group_heartbeat_request r;
    r.group_id = "g";
    r.member_id = member;
    r.member_epoch = epoch;
    if (epoch == joining_epoch) {
      r.rebalance_timeout_ms = 10'000;
      r.subscribed_topic_names = {"t"};
      r.topic_partitions.emplace();
    }
    consumer_group_effects out;
    group->heartbeat({1, "c", "/", 1}, r, now, topics, out);
    log.insert(log.end(), out.records.begin(), out.records.end());
    return std::get<kafka::consumer_group_heartbeat_response>(out.answers.at(0).response);
  }

  hurt_group() { topics.add("t", 2); }
  static std::unique_ptr<consumer_group> make() {
    return std::make_unique<consumer_group>("g", consumer_group_settings{}, [] { return uuid{}; });
  }

  test::made_up_topics topics;
  std::vector<consumer_group_record> log;
  timestamp_ms now = loaded_at;
  std::unique_ptr<consumer_group> group = make();
};

TEST_F(hurt_group, goes_on_from_the_epoch_of_its_target_where_its_own_is_lost) {
  EXPECT_EQ(say("a", 0).member_epoch, 1);
  say("b", 0);
  restart_without<group_metadata_record>();
  now += 1000;
  const auto told = say("c", 0);
  EXPECT_EQ(told.member_epoch, 3);
  EXPECT_EQ(group->persisted().target_epoch(), 3) << "all have a part in the next target";
}

TEST_F(hurt_group, lets_a_member_join_anew_that_it_knows_nothing_of) {
  EXPECT_EQ(say("a", 0).member_epoch, 1);
  restart_without<member_metadata_record>();
  ASSERT_EQ(group->next_deadline(), now) << "at once: by itself it would never say again what it wants";
  consumer_group_effects out;
  group->tick(now, topics, out);
  EXPECT_EQ(say("a", 1).error, error_code::unknown_member_id);
  EXPECT_TRUE(say("a", 0).assignment.has_value());
}

TEST_F(hurt_group, lets_a_member_join_anew_that_knows_a_later_epoch) {
  say("a", 0);
  restart_without<current_assignment_record>();
  EXPECT_EQ(say("a", 1).error, error_code::fenced_member_epoch);
  EXPECT_EQ(say("a", 0).error, error_code::none) << "without waiting for the end of its session";
}

TEST(damaged_records, a_member_without_an_id_goes_when_its_session_ends) {
  consumer_group group{"g", {}, [] { return uuid{}; }};
  group.apply(group_metadata_record{"g", group_metadata_value{1, 0}});
  group.apply(nameless_member());
  group.loaded(loaded_at);
  const auto end = group.next_deadline();
  ASSERT_EQ(end, loaded_at + consumer_group_settings{}.session_timeout());

  consumer_group_effects out;
  group.tick(*end, test::made_up_topics{}, out);
  EXPECT_TRUE(group.empty());
  EXPECT_EQ(group.next_deadline(), std::nullopt);
  EXPECT_NE(std::ranges::find(out.records, consumer_group_record{member_metadata_record{"g", "", std::nullopt}}),
            out.records.end());
}

/// A shard ticks a group until nothing of it is due: a member that stays would keep it busy for ever.
TEST(damaged_records, the_coordinators_tick_ends_although_a_member_has_no_id) {
  const auto bytes = encode(nameless_member());
  group_shard shard{{}, [] { return std::string{}; }};
  shard.apply(group_metadata_record{"g", group_metadata_value{1, 0}});
  ASSERT_TRUE(shard.load(bytes));
  effects out;
  shard.loaded(loaded_at, out);

  shard.tick(loaded_at + consumer_group_settings{}.session_timeout(), test::made_up_topics{}, out);
  const auto left = shard.snapshot();
  EXPECT_TRUE(std::ranges::none_of(left, [](const auto& r) {
    const auto* record = std::get_if<consumer_group_record>(&r);
    return record && std::holds_alternative<member_metadata_record>(*record);
  }));
}

} // namespace
} // namespace chisme::groups
