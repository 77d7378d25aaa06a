// Who leads which partition in a cluster of several nodes, as one of them comes to know it. This node is number 1.
#include "tests/support/supervision_fixture.hpp"

#include "messages/internal_topics.hpp"

namespace chisme::supervisor {
namespace {

using test::silent_port;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class supervision_leaders_test : public test::supervision_test {
protected:
  supervision_leaders_test() { machine_ = supervision{1, std::make_shared<node_settings>(), 7, {{1, 2, 3}, true}}; }

  void put_on(const std::string& topic, std::vector<std::vector<node_id>> replicas) {
    const auto id = id_of(topic);
    cluster_.apply(coordinator::topic_record{id, coordinator::topic_state{topic, id, std::move(replicas), {}}});
  }
  actions open_one_of(const replica_key& key) {
    return tell(replica_opened{key, error_code::none, -1, port_, {}, false, true});
  }
  actions role(const replica_key& key, leader_epoch_t epoch, node_id leader) {
    return tell(replica_role{key, epoch, leader, nullptr, {}});
  }
  actions leads(const replica_key& key, leader_epoch_t epoch, std::vector<node_id> in_sync = {1}) {
    return tell(replica_role{key, epoch, 1, port_, std::move(in_sync)});
  }
  actions claim(const replica_key& key, node_id leader, leader_epoch_t epoch) {
    return tell(leader_claim{key, leader, epoch});
  }
  /// A topic with a replica here, which is open and follows.
  replica_key follow(const std::string& topic) {
    put_on(topic, {{1, 2, 3}});
    change();
    open_one_of(key_of(topic));
    return key_of(topic);
  }
  std::pair<node_id, leader_epoch_t> leader(const std::string& topic, size_t partition = 0) const {
    const auto i = image(topic, partition);
    return {i.leader, i.leader_epoch};
  }
  using known = std::pair<node_id, leader_epoch_t>;

  partition::port_ptr port_ = std::make_shared<silent_port>();
};

TEST_F(supervision_leaders_test, a_replica_is_started_with_all_who_vote_and_only_where_it_belongs) {
  EXPECT_THAT(all<action::start_replica>(tell(input::begin{})).at(0).voters, ElementsAre(1, 2, 3));
  put_on("t", {{2, 1}, {2, 3}});
  const auto started_now = all<action::start_replica>(change());
  ASSERT_THAT(started_now, SizeIs(1));
  EXPECT_EQ(started_now[0].key, key_of("t", 0));
  EXPECT_THAT(started_now[0].voters, ElementsAre(2, 1));
}

/// A node that was emptied has another folder by now: what its replicas had promised is lost.
TEST_F(supervision_leaders_test, a_replica_that_was_given_to_another_folder_is_told_so) {
  const uuid before{{1}}, now{{2}}, others{{3}};
  machine_ = supervision{1, std::make_shared<node_settings>(), 7, {{1, 2, 3}, true, now, false}};
  EXPECT_TRUE(all<action::start_replica>(tell(input::begin{})).at(0).is_of_another_folder) << "it came later";
  const auto id = id_of("t");
  cluster_.apply(coordinator::topic_record{
    id, coordinator::topic_state{"t", id, {{2, 1}, {1, 2}, {1}}, {}, {{others, before}, {now, others}, {}}}});
  const auto begun = all<action::start_replica>(change());
  ASSERT_THAT(begun, SizeIs(3));
  EXPECT_TRUE(begun[0].is_of_another_folder);
  EXPECT_FALSE(begun[1].is_of_another_folder) << "the topic is as new as the folder, or newer";
  EXPECT_FALSE(begun[2].is_of_another_folder) << "nobody knows";
}

TEST_F(supervision_leaders_test, a_founder_has_lost_nothing_of_the_metadata_log) {
  machine_ = supervision{1, std::make_shared<node_settings>(), 7, {{1, 2, 3}, true, uuid{{2}}, true}};
  EXPECT_FALSE(all<action::start_replica>(tell(input::begin{})).at(0).is_of_another_folder);
}

TEST_F(supervision_leaders_test, a_change_is_answered_when_the_replicas_here_are_open_whoever_leads) {
  put_on("t", {{1, 2, 3}});
  EXPECT_THAT(answered(change()), IsEmpty());
  EXPECT_THAT(answered(open_one_of(key_of("t"))), ElementsAre(changes_));
  EXPECT_EQ(leader("t"), known(-1, -1));
  EXPECT_EQ(image("t").state, error_code::none);
  EXPECT_FALSE(image("t").port);
  EXPECT_EQ(image("t").replica, port_);
}

TEST_F(supervision_leaders_test, who_comes_to_lead_serves_and_says_so_once) {
  const auto key = follow("t");
  EXPECT_THAT(all<action::claim>(leads(key, 3)), ElementsAre(action::claim{key, 3}));
  EXPECT_EQ(leader("t"), known(1, 3));
  EXPECT_EQ(image("t").port, port_);
  EXPECT_THAT(all<action::claim>(leads(key, 3, {1, 2})), IsEmpty()) << "another replica has caught up";
  EXPECT_THAT(image("t").in_sync, ElementsAre(1, 2));
  EXPECT_THAT(all<action::claim>(leads(key, 5)), ElementsAre(action::claim{key, 5}));
}

TEST_F(supervision_leaders_test, who_leads_and_does_not_serve_yet_is_not_told_of) {
  const auto key = follow("t");
  role(key, 3, 2);
  role(key, 4, 1);
  EXPECT_EQ(leader("t"), known(-1, 3));
  EXPECT_FALSE(image("t").port);
}

TEST_F(supervision_leaders_test, who_does_not_lead_any_more_serves_nobody) {
  const auto key = follow("t");
  leads(key, 3, {1, 2});
  role(key, 3, -1);
  EXPECT_EQ(leader("t"), known(-1, 3));
  EXPECT_FALSE(image("t").port);
  EXPECT_THAT(image("t").in_sync, IsEmpty());
  role(key, 4, 2);
  EXPECT_EQ(leader("t"), known(2, 4));
}

TEST_F(supervision_leaders_test, an_older_epoch_is_never_believed) {
  const auto key = follow("t");
  role(key, 5, 2);
  claim(key, 3, 4);
  role(key, 4, 3);
  EXPECT_EQ(leader("t"), known(2, 5));
  leads(key, 4);
  EXPECT_EQ(leader("t"), known(2, 5)) << "it has not heard of its successor";
  EXPECT_FALSE(image("t").port);
  put_on("far", {{2, 3}});
  change();
  claim(key_of("far"), 3, 7);
  claim(key_of("far"), 2, 6);
  claim(key_of("far"), 2, 7);
  EXPECT_EQ(leader("far"), known(3, 7));
}

/// The cluster simulator's seed 1 of 2026-11-29: a follower whose disk was full had not heard of the newest leader yet.
TEST_F(supervision_leaders_test, a_replica_that_fails_does_not_take_the_epoch_back) {
  const auto key = follow("t");
  role(key, 1, 2);
  claim(key, 3, 2);
  tell(replica_opened{key, error_code::kafka_storage_error, 1, nullptr, "the disk is full"});
  EXPECT_EQ(leader("t"), known(3, 2));
}

/// Seen of three processes: gossip was faster than the leader's heartbeat, and the replica of an idle partition told
/// last that it had voted. Its node named no leader for good.
TEST_F(supervision_leaders_test, who_knows_of_no_leader_takes_back_none_of_the_same_epoch) {
  const auto key = follow("t");
  claim(key, 2, 5);
  role(key, 5, -1);
  EXPECT_EQ(leader("t"), known(2, 5));
  role(key, 6, -1);
  EXPECT_EQ(leader("t"), known(-1, 5));
}

TEST_F(supervision_leaders_test, a_leader_that_hears_of_its_successor_serves_nobody) {
  const auto key = follow("t");
  leads(key, 3);
  claim(key, 2, 4);
  EXPECT_EQ(leader("t"), known(2, 4));
  EXPECT_FALSE(image("t").port);
}

TEST_F(supervision_leaders_test, what_is_said_of_this_node_is_an_echo) {
  const auto key = follow("t");
  claim(key, 1, 9);
  EXPECT_EQ(leader("t"), known(-1, -1));
}

TEST_F(supervision_leaders_test, a_leader_elsewhere_goes_on_when_the_replica_here_dies) {
  const auto key = follow("t");
  role(key, 3, 2);
  ended(key);
  EXPECT_EQ(leader("t"), known(2, 3));
  EXPECT_FALSE(image("t").replica);
  run_out(timer::attempt{key});
  open_one_of(key);
  EXPECT_EQ(leader("t"), known(2, 3));
  leads(key, 4);
  ended(key);
  EXPECT_EQ(leader("t"), known(-1, 4));
}

TEST_F(supervision_leaders_test, a_claim_may_come_before_its_topic_and_goes_with_it) {
  claim(key_of("t", 1), 3, 2);
  claim(key_of("t", 0), 2, 2);
  put_on("t", {{1, 2}, {2, 3}});
  change();
  EXPECT_EQ(leader("t", 0), known(2, 2)) << "of a partition with a replica here";
  EXPECT_EQ(leader("t", 1), known(3, 2));
  remove("t");
  EXPECT_THAT(all<action::forget_claims>(change()), ElementsAre(action::forget_claims{id_of("t")}));
  put_on("t", {{2, 3}, {2, 3}});
  change();
  EXPECT_EQ(leader("t", 1), known(-1, -1));
}

TEST_F(supervision_leaders_test, a_partition_that_this_node_holds_no_more_is_stopped_and_its_folder_stays) {
  const auto key = follow("t");
  role(key, 3, 2);
  put_on("t", {{2, 3}});
  EXPECT_THAT(all<action::stop_replica>(change()), ElementsAre(action::stop_replica{key, false}));
  EXPECT_THAT(all<action::release_folder>(ended(key, "")), IsEmpty());
  EXPECT_EQ(leader("t"), known(2, 3));
  claim(key, 3, 4);
  EXPECT_EQ(leader("t"), known(3, 4));
  put_on("t", {{2, 1}});
  EXPECT_THAT(started(change()), ElementsAre(key));
  EXPECT_EQ(leader("t"), known(3, 4));
}

TEST_F(supervision_leaders_test, a_partition_that_comes_back_before_its_replica_has_ended_is_started_then) {
  const auto key = follow("t");
  put_on("t", {{2, 3}});
  change();
  put_on("t", {{1, 2}});
  EXPECT_THAT(started(change()), IsEmpty());
  EXPECT_THAT(started(ended(key, "")), ElementsAre(key));
}

TEST_F(supervision_leaders_test, a_topic_that_is_deleted_while_its_replica_goes_takes_the_folder_with_it) {
  const auto key = follow("t");
  put_on("t", {{2, 3}});
  change();
  remove("t");
  change();
  EXPECT_THAT(all<action::release_folder>(ended(key, "")), SizeIs(1));
}

// Groups.

TEST_F(supervision_leaders_test, groups_are_coordinated_where_their_partition_is_led_and_as_long) {
  const std::string offsets{internal_topics::consumer_offsets};
  const auto key = follow(offsets);
  EXPECT_THAT(all<action::start_groups>(role(key, 2, 2)), IsEmpty());
  EXPECT_THAT(all<action::start_groups>(leads(key, 3)), SizeIs(1));
  EXPECT_THAT(all<action::start_groups>(leads(key, 3, {1, 2})), IsEmpty()) << "they run";
  EXPECT_THAT(all<action::stop_groups>(role(key, 4, 2)), SizeIs(1));
  EXPECT_THAT(all<action::start_groups>(leads(key, 5)), SizeIs(1));
  EXPECT_THAT(all<action::stop_groups>(claim(key, 3, 6)), SizeIs(1));
}

// The metadata log.

TEST_F(supervision_leaders_test, the_coordinator_is_told_of_each_role_of_the_metadata_log_once) {
  tell(input::begin{});
  const auto key = metadata_log_key();
  const auto roles = [](const actions& a) {
    std::vector<coordinator::log_role> told;
    for (const auto& x : all<action::tell_log_role>(a))
      told.push_back(x.role);
    return told;
  };
  using coordinator::log_role;
  EXPECT_THAT(roles(claim(key, 2, 3)), IsEmpty()) << "there is nothing to follow yet";
  EXPECT_THAT(roles(open_one_of(key)), ElementsAre(log_role{port_, false, 3, 2}));
  EXPECT_THAT(roles(role(key, 3, 2)), IsEmpty()) << "as is known";
  EXPECT_EQ(machine_.controller(), 2);
  EXPECT_THAT(roles(role(key, 4, 1)), ElementsAre(log_role{port_, false, 3, -1})) << "it does not serve yet";
  EXPECT_THAT(roles(leads(key, 4)), ElementsAre(log_role{port_, true, 4, 1}));
  EXPECT_THAT(roles(leads(key, 4, {1, 2})), IsEmpty());
  EXPECT_THAT(roles(claim(key, 3, 4)), IsEmpty());
  EXPECT_THAT(roles(claim(key, 3, 5)), ElementsAre(log_role{port_, false, 5, 3}));
  EXPECT_EQ(machine_.controller(), 3);
}

TEST_F(supervision_leaders_test, nodes_that_come_and_go_are_published) {
  EXPECT_THAT(all<action::schedule_publication>(tell(brokers_changed{{{1, "a", 1, {}}}})), SizeIs(1));
  EXPECT_THAT(all<action::publish>(tell(input::publication_due{})), SizeIs(1));
  EXPECT_THAT(all<action::publish>(tell(input::publication_due{})), IsEmpty());
}

TEST_F(supervision_leaders_test, a_node_without_others_tells_nobody) {
  machine_ = supervision{1, std::make_shared<node_settings>(), 7};
  put_on("t", {{1}});
  change();
  EXPECT_THAT(all<action::claim>(opened(key_of("t"))), IsEmpty());
  EXPECT_EQ(leader("t"), known(1, 0));
  remove("t");
  EXPECT_THAT(all<action::forget_claims>(change()), IsEmpty());
  EXPECT_EQ(machine_.controller(), 1);
}

TEST_F(supervision_leaders_test, a_partition_with_one_replica_is_told_of_when_it_is_open) {
  put_on("t", {{1}});
  change();
  EXPECT_THAT(all<action::claim>(opened(key_of("t"), 6)), ElementsAre(action::claim{key_of("t"), 6}));
}

} // namespace
} // namespace chisme::supervisor
