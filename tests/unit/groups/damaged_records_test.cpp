// What damaged or foreign records make of groups: odd things, but none that a coordinator cannot get rid of.
#include "tests/support/group_conversation.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace chisme::groups {
namespace {

constexpr timestamp_ms loaded_at = 1'000'000;

consumer_group_record nameless_member() { return member_metadata_record{"g", "", member_metadata_value{}}; }

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
  ASSERT_TRUE(shard.load(bytes.key, bytes.value));
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
