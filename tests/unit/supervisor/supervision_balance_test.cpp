// Leadership goes back to the preferred leaders.
#include "tests/support/supervision_fixture.hpp"

namespace chisme::test {
namespace {

using namespace supervisor;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Node 1 of three.
class supervision_balance : public supervision_test {
protected:
  supervision_balance() { machine_ = supervision{1, std::make_shared<node_settings>(), 7, {{1, 2, 3}, true}}; }

  /// Led here.
  void lead(const std::string& topic, std::vector<node_id> replicas, std::vector<node_id> in_sync) {
    const auto key = key_of(topic);
    if (!cluster_.find(key.topic_id)) {
      cluster_.apply(coordinator::topic_record{
        key.topic_id, coordinator::topic_state{topic, key.topic_id, {std::move(replicas)}, {}}});
      change();
      tell(replica_opened{key, error_code::none, 1, port_, "", false, true});
    }
    tell(replica_role{key, 1, 1, port_, std::move(in_sync)});
  }
  std::vector<action::hand_over> look() { return all<action::hand_over>(run_out(timer::balance{})); }

  const partition::port_ptr port_ = std::make_shared<silent_port>();
};

TEST_F(supervision_balance, the_preferred_leader_gets_it_back_once_it_is_in_sync_at_two_looks) {
  lead("a", {2, 1, 3}, {1, 3});
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_THAT(look(), IsEmpty());
  lead("a", {}, {1, 2, 3});
  EXPECT_THAT(look(), IsEmpty());
  EXPECT_THAT(look(), ElementsAre(action::hand_over{key_of("a"), 2}));
  EXPECT_THAT(look(), IsEmpty()) << "asked a moment ago";
}

TEST_F(supervision_balance, one_that_comes_and_goes_does_not) {
  lead("a", {2, 1, 3}, {1, 2, 3});
  EXPECT_THAT(look(), IsEmpty());
  lead("a", {}, {1, 3});
  EXPECT_THAT(look(), IsEmpty());
  lead("a", {}, {1, 2, 3});
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(supervision_balance, what_is_preferred_here_stays_here) {
  lead("a", {1, 2, 3}, {1, 2, 3});
  look();
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(supervision_balance, hands_over_nothing_where_that_is_not_wanted) {
  settings_.auto_leader_rebalance = false;
  lead("a", {2, 1, 3}, {1, 2, 3});
  look();
  EXPECT_THAT(look(), IsEmpty());
}

TEST_F(supervision_balance, hands_over_so_many_at_once) {
  for (size_t i = 0; i <= supervision::most_handed_over; ++i)
    lead("t" + std::to_string(i), {2, 1, 3}, {1, 2, 3});
  look();
  EXPECT_EQ(look().size(), supervision::most_handed_over);
  EXPECT_EQ(look().size(), 1u) << "the rest, at the next look";
}

TEST_F(supervision_balance, looks_from_time_to_time_where_there_are_peers) {
  settings_.leader_imbalance_check_interval_s = 7;
  machine_ = supervision{1, std::make_shared<node_settings>(settings_), 7, {{1, 2, 3}, true}};
  const auto is_balance = [](const auto& t) { return t.what == any_timer{timer::balance{}}; };
  for (const auto& told : {tell(input::begin{}), run_out(timer::balance{})}) {
    const auto timers = all<action::set_timer>(told);
    const auto found = std::find_if(timers.begin(), timers.end(), is_balance);
    ASSERT_NE(found, timers.end());
    EXPECT_EQ(found->after, std::chrono::seconds{7});
  }
  machine_ = supervision{1, std::make_shared<node_settings>(), 7};
  const auto alone = all<action::set_timer>(tell(input::begin{}));
  EXPECT_EQ(std::find_if(alone.begin(), alone.end(), is_balance), alone.end());
}

// A node that ends.

TEST_F(supervision_balance, what_is_led_here_is_handed_over_before_the_end) {
  lead("a", {2, 1, 3}, {1, 3});
  lead("b", {1, 2, 3}, {1, 2, 3});
  lead("alone", {1}, {1});
  const auto begun = tell(input::shut_down{});
  EXPECT_THAT(all<action::hand_over>(begun),
              testing::UnorderedElementsAre(action::hand_over{key_of("a"), 3}, action::hand_over{key_of("b"), 2}));
  EXPECT_THAT(all<action::set_timer>(begun),
              ElementsAre(action::set_timer{supervision::longest_farewell, timer::farewell{}}));
  EXPECT_THAT(all<action::stop_replica>(begun), IsEmpty());
  EXPECT_THAT(all<action::stop_replica>(tell(replica_role{key_of("a"), 2, 3})), IsEmpty());
  EXPECT_THAT(all<action::stop_replica>(tell(replica_role{key_of("b"), 2, -1})), IsEmpty()) << "nobody leads it yet";
  EXPECT_EQ(all<action::stop_replica>(tell(replica_role{key_of("b"), 2, 2})).size(), 3u);
}

TEST_F(supervision_balance, the_end_does_not_wait_for_ever) {
  lead("a", {2, 1, 3}, {1, 3});
  tell(input::shut_down{});
  EXPECT_EQ(all<action::stop_replica>(run_out(timer::farewell{})).size(), 1u);
  EXPECT_THAT(all<action::stop_replica>(run_out(timer::farewell{})), IsEmpty());
}

TEST_F(supervision_balance, one_that_leads_nothing_with_others_ends_at_once) {
  lead("a", {2, 1, 3}, {1});
  EXPECT_EQ(all<action::stop_replica>(tell(input::shut_down{})).size(), 1u);
}

} // namespace
} // namespace chisme::test
