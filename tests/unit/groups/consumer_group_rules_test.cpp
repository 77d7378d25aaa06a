// Each rule of a heartbeat and its error code, and what others ask about a group.
#include "tests/support/consumer_group_fixture.hpp"

namespace chisme::testing {
namespace {

using ::testing::ElementsAre;

class consumer_group_rules_test : public consumer_group_test {
protected:
  template <class Change>
  error_code join_with(Change change, int16_t version = 1) {
    auto r = join_request("a", {"t"});
    change(r);
    return error_of(r, version);
  }
  template <class Change>
  error_code beat_with(Change change, int16_t version = 1) {
    auto r = beat_request("a", 1);
    change(r);
    return error_of(r, version);
  }
};

TEST_F(consumer_group_rules_test, a_request_must_be_complete) {
  const auto bad = error_code::invalid_request;
  EXPECT_EQ(join_with([](auto& r) { r.group_id.clear(); }), bad);
  EXPECT_EQ(join_with([](auto& r) { r.instance_id = ""; }), bad);
  EXPECT_EQ(join_with([](auto& r) { r.rack_id = ""; }), bad);
  EXPECT_EQ(join_with([](auto& r) { r.member_id.clear(); }), bad);
  EXPECT_EQ(join_with([](auto& r) { r.rebalance_timeout_ms = -1; }), bad);
  EXPECT_EQ(join_with([](auto& r) { r.topic_partitions.reset(); }), bad);
  EXPECT_EQ(join_with([](auto& r) { r.topic_partitions->push_back({{}, {1}}); }), bad);
  EXPECT_EQ(join_with([](auto& r) { r.subscribed_topic_names.reset(); }), bad);
  EXPECT_EQ(beat_with([](auto& r) { r.member_epoch = -3; }), bad);
  EXPECT_EQ(beat_with([](auto& r) { r.member_epoch = -2; }), bad);
  EXPECT_EQ(beat_with([](auto& r) { r.member_id.clear(); }, 0), bad);
  EXPECT_FALSE(group_->exists());
  EXPECT_TRUE(log_.empty());
}

TEST_F(consumer_group_rules_test, a_member_of_version_0_is_given_an_id) {
  auto r = join_request("", {"t"});
  const auto response = send(r, 0);
  EXPECT_EQ(response.error, error_code::none);
  ASSERT_TRUE(response.member_id);
  EXPECT_EQ(response.member_id->size(), 22u);
  EXPECT_TRUE(group_->persisted().find(*response.member_id));
}

TEST_F(consumer_group_rules_test, what_the_server_does_not_have_is_refused) {
  EXPECT_EQ(join_with([](auto& r) { r.server_assignor = "magic"; }), error_code::unsupported_assignor);
  EXPECT_EQ(join_with([](auto& r) { r.subscribed_topic_regex = "("; }), error_code::invalid_regular_expression);
  EXPECT_EQ(join_with([](auto& r) { r.server_assignor = "range"; }), error_code::none);
  EXPECT_EQ(beat_with([](auto& r) { r.subscribed_topic_regex = "a{1001}"; }), error_code::invalid_regular_expression);
  EXPECT_EQ(group_->describe(catalog_).assignor_name, "range");
}

TEST_F(consumer_group_rules_test, who_is_unknown_is_told_so) {
  EXPECT_EQ(error_of(beat_request("a", 1)), error_code::group_id_not_found);
  EXPECT_EQ(error_of(beat_request("a", leaving_epoch)), error_code::group_id_not_found);
  joins("a");
  EXPECT_EQ(error_of(beat_request("b", 1)), error_code::unknown_member_id);
  EXPECT_EQ(error_of(beat_request("b", leaving_epoch)), error_code::unknown_member_id);
  beats("a");
  catalog_.put("t", 5);
  beats("a");
  catalog_.put("t", 6);
  beats("a");
  EXPECT_EQ(error_of(beat_request("a", 1)), error_code::fenced_member_epoch);
  beats("a");
}

/// Only a record that was lost can have told it: it is to join again, at once.
TEST_F(consumer_group_rules_test, who_knows_a_later_epoch_is_fenced_and_gone) {
  joins("a");
  EXPECT_EQ(error_of(beat_request("a", 2)), error_code::fenced_member_epoch);
  EXPECT_TRUE(group_->empty());
  EXPECT_EQ(error_of(join_request("a", {"t"})), error_code::none);
}

TEST_F(consumer_group_rules_test, a_full_group_takes_nobody_but_a_returning_instance) {
  settings_.max_size = 1;
  group_ = make();
  joins_as("i", "a");
  EXPECT_EQ(error_of(join_request("b", {"t"})), error_code::group_max_size_reached);
  auto away = beat_request("a", away_epoch);
  away.instance_id = "i";
  EXPECT_EQ(send(away).member_epoch, away_epoch);
  auto back = join_request("a2", {"t"});
  back.instance_id = "i";
  EXPECT_EQ(error_of(back), error_code::none);
}

TEST_F(consumer_group_rules_test, an_instance_may_come_back_with_its_old_id) {
  joins_as("i", "a");
  auto away = beat_request("a", away_epoch);
  away.instance_id = "i";
  send(away);
  auto beat = beat_request("a", 1);
  beat.instance_id = "i";
  EXPECT_EQ(error_of(beat), error_code::fenced_member_epoch);
  auto back = join_request("a", {"t"});
  back.instance_id = "i";
  const auto response = send(back);
  EXPECT_EQ(response.member_epoch, 1);
  EXPECT_EQ(to_set(response.assignment->topic_partitions).size(), 4u);
}

TEST_F(consumer_group_rules_test, an_instance_that_leaves_for_good_is_gone) {
  joins_as("i", "a");
  auto leave = beat_request("b", leaving_epoch);
  leave.instance_id = "i";
  EXPECT_EQ(error_of(leave), error_code::fenced_instance_id);
  leave.member_id = "a";
  EXPECT_EQ(send(leave).member_epoch, leaving_epoch);
  EXPECT_TRUE(group_->empty());
  EXPECT_EQ(group_->persisted().find_instance("i"), nullptr);
}

TEST_F(consumer_group_rules_test, a_heartbeat_without_news_writes_nothing) {
  joins("a");
  EXPECT_EQ(last_records_.size(), 5u) << "member, group, target, target's epoch, assignment";
  obeys("a");
  EXPECT_TRUE(last_records_.empty());
  auto full = join_request("a", {"t", "t"});
  full.member_epoch = 1;
  full.topic_partitions = owned(members_["a"].has);
  const auto response = send(full);
  EXPECT_TRUE(response.assignment) << "a full request has a full answer";
  EXPECT_EQ(response.heartbeat_interval_ms, 5'000);
  EXPECT_TRUE(last_records_.empty());
  catalog_.put("other", 1);
  beats("a");
  EXPECT_TRUE(last_records_.empty());
}

TEST_F(consumer_group_rules_test, what_is_null_stays_and_what_is_given_changes) {
  catalog_.put("u", 2);
  joins("a");
  auto r = beat_request("a", 1);
  r.subscribed_topic_names = {"u", "t"};
  r.rebalance_timeout_ms = 5;
  r.rack_id = "r";
  EXPECT_EQ(send(r).member_epoch, 2);
  EXPECT_EQ(send(beat_request("a", 2)).member_epoch, 2);
  const auto& m = group_->persisted().find("a")->metadata;
  EXPECT_THAT(m.subscribed_topic_names, ElementsAre("t", "u"));
  EXPECT_EQ(m.rebalance_timeout_ms, 5);
  EXPECT_EQ(m.rack_id, "r");
  EXPECT_EQ(m.client_id, "client");
  EXPECT_EQ(m.client_host, "/127.0.0.1");
  r = beat_request("a", 2);
  r.rack_id = "s"; // no other topics: no new epoch
  EXPECT_EQ(send(r).member_epoch, 2);
  EXPECT_EQ(last_records_.size(), 1u);
}

TEST_F(consumer_group_rules_test, the_settings_have_bounds) {
  settings_.session_timeout_ms = 1;
  settings_.heartbeat_interval_ms = 1'000'000;
  group_->configure(settings_);
  EXPECT_EQ(send(join_request("a", {"t"})).heartbeat_interval_ms, settings_.max_heartbeat_interval_ms);
  EXPECT_EQ(group_->next_deadline(), now_ + settings_.min_session_timeout_ms);
}

TEST_F(consumer_group_rules_test, offsets_are_committed_by_members_with_their_epoch) {
  EXPECT_EQ(group_->check_commit("", -1, 9), error_code::none);
  joins("a");
  EXPECT_EQ(group_->check_commit("", -1, 9), error_code::unknown_member_id);
  EXPECT_EQ(group_->check_commit("b", 1, 9), error_code::unknown_member_id);
  EXPECT_EQ(group_->check_commit("a", 0, 9), error_code::stale_member_epoch);
  EXPECT_EQ(group_->check_commit("a", 2, 9), error_code::stale_member_epoch);
  EXPECT_EQ(group_->check_commit("a", 1, 8), error_code::unsupported_version);
  EXPECT_EQ(group_->check_commit("a", 1, 9), error_code::none);
  EXPECT_EQ(group_->check_fetch(std::nullopt, -1), error_code::none);
  EXPECT_EQ(group_->check_fetch("b", 1), error_code::unknown_member_id);
  EXPECT_EQ(group_->check_fetch("a", 0), error_code::stale_member_epoch);
  EXPECT_EQ(group_->check_fetch("a", 1), error_code::none);
  EXPECT_TRUE(group_->is_subscribed("t"));
  EXPECT_FALSE(group_->is_subscribed("u"));
}

TEST_F(consumer_group_rules_test, a_classic_member_has_a_generation) {
  joins("a");
  auto metadata = group_->persisted().find("a")->metadata;
  metadata.classic.emplace();
  group_->apply(member_metadata_record{"g", "a", metadata});
  EXPECT_EQ(group_->check_commit("a", 1, 2), error_code::none);
  EXPECT_EQ(group_->check_commit("a", 2, 2), error_code::illegal_generation);
  EXPECT_EQ(group_->describe(catalog_).members.at(0).member_type, 0);
}

TEST_F(consumer_group_rules_test, a_description_shows_what_is_and_what_is_to_be) {
  EXPECT_EQ(group_->describe(catalog_).group_state, "Dead");
  joins("a");
  obeys("a");
  EXPECT_EQ(group_->describe(catalog_).group_state, "Stable");
  joins("b");
  const auto group = group_->describe(catalog_);
  EXPECT_EQ(group.group_state, "Reconciling");
  EXPECT_EQ(group.group_epoch, 2);
  EXPECT_EQ(group.assignment_epoch, 2);
  EXPECT_EQ(group.assignor_name, "uniform");
  ASSERT_EQ(group.members.size(), 2u);
  const auto& a = group.members[0];
  EXPECT_EQ(a.member_id, "a");
  EXPECT_EQ(a.member_epoch, 1);
  EXPECT_EQ(a.member_type, 1);
  EXPECT_EQ(a.assignment.topic_partitions.at(0).topic_name, "t");
  EXPECT_THAT(a.assignment.topic_partitions.at(0).partitions, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(a.target_assignment.topic_partitions.at(0).partitions, ElementsAre(0, 1));
  EXPECT_TRUE(group.members[1].assignment.topic_partitions.empty());
  leaves("b");
  EXPECT_EQ(group_->describe(catalog_).group_state, "Assigning");
  leaves("a");
  EXPECT_EQ(group_->describe(catalog_).group_state, "Empty");
}

TEST_F(consumer_group_rules_test, topics_that_change_make_an_epoch_once) {
  joins("a");
  catalog_.put("t", 8);
  for (size_t records : {1u, 0u}) {
    consumer_group_effects out;
    group_->topics_changed(now_, catalog_, out);
    EXPECT_EQ(out.records.size(), records);
  }
  EXPECT_EQ(group_->status(), consumer_group_status::assigning);
}

TEST_F(consumer_group_rules_test, a_crowd_that_joins_is_not_assigned_for_each_of_them) {
  settings_.assignment_pause_us_per_member = 100'000;
  group_ = make();
  joins("a");
  joins("b");
  EXPECT_EQ(trace(), R"(
a joins                 | epoch 1 [t0 t1 t2 t3]
b joins                 | epoch 1 []
)");
  EXPECT_EQ(group_->status(), consumer_group_status::assigning);
  now_ += 199;
  beats("b");
  now_ += 1;
  beats("b");
  EXPECT_EQ(trace(), R"(
b beats                 | epoch 1
b beats                 | epoch 2
)");
}

TEST_F(consumer_group_rules_test, a_restart_gives_everybody_a_session_and_the_time_to_revoke) {
  joins("a");
  obeys("a");
  joins("b");
  beats("a");
  const auto before = group_->persisted().records();
  now_ = 500'000;
  restart();
  EXPECT_EQ(group_->persisted().records(), before);
  EXPECT_EQ(group_->next_deadline(), now_ + 10'000);
  obeys("a");
  EXPECT_EQ(group_->next_deadline(), now_ + 45'000);
}

TEST_F(consumer_group_rules_test, nothing_of_who_left_is_there_after_a_restart) {
  joins("a");
  joins("b");
  leaves("a");
  restart();
  EXPECT_EQ(group_->describe(catalog_).members.size(), 1u);
  tick(now_ + 1);
  EXPECT_TRUE(last_records_.empty()) << "nobody is left to be fenced";
}

TEST_F(consumer_group_rules_test, an_answer_names_the_member_or_says_why_not) {
  joins("a");
  EXPECT_NE(send(beat_request("nobody", 1)).error_message, std::nullopt);
  const auto left = send(beat_request("a", leaving_epoch));
  EXPECT_EQ(left.member_id, "a");
  EXPECT_EQ(left.member_epoch, leaving_epoch);
}

TEST_F(consumer_group_rules_test, a_description_says_what_members_said) {
  auto r = join_request("a", {"t"});
  r.instance_id = "one";
  r.rack_id = "rack";
  r.subscribed_topic_regex = "u.*";
  EXPECT_EQ(error_of(r), error_code::none);
  const auto described = group_->describe(catalog_);
  ASSERT_EQ(described.members.size(), 1u);
  EXPECT_EQ(described.members[0].instance_id, "one");
  EXPECT_EQ(described.members[0].rack_id, "rack");
  EXPECT_EQ(described.members[0].subscribed_topic_names, std::vector<std::string>{"t"});
  EXPECT_EQ(described.members[0].subscribed_topic_regex, "u.*");
}

TEST_F(consumer_group_rules_test, its_tombstones_leave_nothing) {
  auto r = join_request("a", {"t"});
  r.subscribed_topic_regex = "u.*";
  send(r);
  group_->apply(partition_metadata_record{"g", partition_metadata_value{}});
  for (const auto& tombstone : group_->persisted().tombstones())
    group_->apply(tombstone);
  EXPECT_FALSE(group_->exists());
  EXPECT_TRUE(group_->persisted().records().empty());
  EXPECT_TRUE(group_->persisted().tombstones().empty());
  EXPECT_TRUE(group_->persisted().topics().empty());
}

} // namespace
} // namespace chisme::testing
