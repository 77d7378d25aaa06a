// What a node's supervision does about changes of the metadata: whom it starts, stops and tells, and whom it lets wait.
#include "tests/support/supervision_fixture.hpp"

namespace chisme::supervisor {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class supervision_changes : public test::supervision_test {};

TEST_F(supervision_changes, the_metadata_log_is_started_first_and_told_once) {
  const auto begun = tell(input::begin{});
  ASSERT_THAT(all<action::start_replica>(begun), SizeIs(1));
  const auto log = all<action::start_replica>(begun)[0];
  EXPECT_EQ(log.key, metadata_log_key());
  EXPECT_TRUE(log.settings.cleanup_compact);
  EXPECT_FALSE(log.settings.cleanup_delete);
  EXPECT_EQ(log.settings.segment_bytes, 16 << 20);
  EXPECT_EQ(log.settings.max_message_bytes, 16 << 20) << "a change to many topics is one batch";
  EXPECT_EQ(log.key.topic_id.bytes.back(), 1) << "it is written into the folder";
  EXPECT_THAT(all<action::set_timer>(begun),
              ElementsAre(action::set_timer{std::chrono::milliseconds{settings_.retention_check_interval_ms},
                                            timer::housekeeping{}}));
  const auto port = std::make_shared<test::silent_port>();
  EXPECT_THAT(tell(replica_opened{metadata_log_key(), error_code::none, 0, port}),
              ElementsAre(action::tell_log_role{{port, true, 0, 1}}));
  // Another replica leads later: the coordinator must know.
  ended(metadata_log_key());
  run_out(timer::attempt{metadata_log_key()});
  EXPECT_THAT(tell(replica_opened{metadata_log_key(), error_code::none, 1, port}),
              ElementsAre(action::tell_log_role{{port, true, 1, 1}}));
  EXPECT_THAT(all<action::tell_log_role>(cannot_open(metadata_log_key(), "the sync failed", false)), IsEmpty());
}

TEST_F(supervision_changes, a_metadata_log_that_cannot_be_opened_is_told_too) {
  tell(input::begin{});
  const auto said = cannot_open(metadata_log_key(), "torn", false);
  EXPECT_THAT(all<action::tell_metadata_log_failed>(said),
              ElementsAre(action::tell_metadata_log_failed{error_code::kafka_storage_error}));
}

TEST_F(supervision_changes, replicas_of_this_node_are_started_and_the_change_is_answered_when_they_have_opened) {
  put("t", 2);
  const auto id = id_of("elsewhere");
  cluster_.apply(coordinator::topic_record{id, coordinator::topic_state{"elsewhere", id, {{2}}, {}}});
  const auto begun = change();
  EXPECT_THAT(started(begun), ElementsAre(key_of("t", 0), key_of("t", 1)));
  EXPECT_THAT(answered(begun), IsEmpty());
  EXPECT_THAT(opened(key_of("t", 1)), IsEmpty());
  const auto done = opened(key_of("t", 0), 4);
  // In this order: who is told that the topic is there finds it.
  ASSERT_THAT(done, SizeIs(2));
  EXPECT_THAT(published(done), UnorderedElementsAre(id_of("t"), id));
  EXPECT_EQ(done[1], supervision_action{action::answer_change{1}});
  EXPECT_EQ(image("t").leader, 1);
  EXPECT_EQ(image("t").leader_epoch, 4);
  EXPECT_EQ(image("t").state, error_code::none);
  EXPECT_EQ(image("elsewhere").leader, -1);
}

TEST_F(supervision_changes, what_there_was_before_this_start_should_have_a_log) {
  put("old");
  EXPECT_TRUE(all<action::start_replica>(change()).at(0).existed);
  opened(key_of("old"));
  put("new");
  EXPECT_FALSE(all<action::start_replica>(change()).at(0).existed);
  opened(key_of("new"));
  ended(key_of("new"));
  EXPECT_TRUE(all<action::start_replica>(run_out(timer::attempt{key_of("new")})).at(0).existed);
}

TEST_F(supervision_changes, a_change_waits_for_its_own_replicas_only) {
  put("slow");
  change();
  put("t");
  const auto quick = changes_ + 1;
  EXPECT_THAT(started(change()), ElementsAre(key_of("t")));
  const auto done = opened(key_of("t"));
  EXPECT_THAT(answered(done), ElementsAre(quick));
  remove("t");
  EXPECT_THAT(answered(change()), ElementsAre(quick + 1));
  EXPECT_THAT(answered(opened(key_of("slow"))), ElementsAre(1u));
}

TEST_F(supervision_changes, a_change_that_starts_nothing_is_answered_at_once_and_published) {
  serve("t");
  settings_.auto_create_topics = false;
  EXPECT_THAT(change(), ElementsAre(action::publish{}, action::answer_change{2}));
  EXPECT_FALSE(machine_.settings()->auto_create_topics);
}

TEST_F(supervision_changes, a_change_concerns_only_its_topics) {
  for (int i = 0; i < 200; ++i)
    put("t" + std::to_string(i), 3);
  change();
  for (int i = 0; i < 200; ++i)
    for (partition_index p = 0; p < 3; ++p)
      opened(key_of("t" + std::to_string(i), p));
  put("new");
  auto begun = change();
  std::erase_if(begun, [](const auto& a) { return std::holds_alternative<action::hand_topics_to_groups>(a); });
  ASSERT_THAT(begun, SizeIs(1));
  EXPECT_THAT(started(begun), ElementsAre(key_of("new")));
  EXPECT_THAT(published(opened(key_of("new"))), ElementsAre(id_of("new")));
  put("t7", 3, {{"retention.ms", "5"}});
  const auto altered = change();
  EXPECT_THAT(all<action::hand_settings>(altered), SizeIs(3));
  EXPECT_THAT(published(altered), ElementsAre(id_of("t7")));
  EXPECT_EQ(altered.size(), 5u) << "three settings, one publication, one answer";
}

TEST_F(supervision_changes, a_log_that_was_read_again_and_says_the_same_changes_nothing) {
  serve("t");
  coordinator::cluster_state same;
  for (const auto& [name, topic] : cluster_.topics())
    same.apply(coordinator::topic_record{topic->id, *topic});
  cluster_ = same;
  EXPECT_THAT(change(), ElementsAre(action::publish{}, action::answer_change{2}));
}

TEST_F(supervision_changes, partitions_that_come_later_are_started) {
  serve("t");
  put("t", 3);
  EXPECT_THAT(started(change()), ElementsAre(key_of("t", 1), key_of("t", 2)));
  EXPECT_EQ(image("t", 2).state, error_code::leader_not_available);
}

// -- settings ----------------------------------------------------------------------------------------------------

TEST_F(supervision_changes, settings_go_to_the_replicas_of_topics_whose_own_are_different) {
  put("t", 1, {{"retention.ms", "5"}});
  put("u");
  const auto begun = all<action::start_replica>(change());
  ASSERT_THAT(begun, SizeIs(2));
  EXPECT_EQ(begun[0].settings.retention_ms, 5);
  opened(key_of("t"));
  opened(key_of("u"));
  settings_.topic_defaults.retention_ms = 9;
  const auto altered = all<action::hand_settings>(change());
  ASSERT_THAT(altered, SizeIs(1)) << "t has a retention of its own";
  EXPECT_EQ(altered[0].key, key_of("u"));
  EXPECT_EQ(altered[0].settings.retention_ms, 9);
  put("t", 1, {{"retention.ms", "9"}});
  EXPECT_THAT(all<action::hand_settings>(change()), SizeIs(1));
  put("t");
  EXPECT_THAT(all<action::hand_settings>(change()), IsEmpty()) << "they are the same in effect";
}

TEST_F(supervision_changes, one_that_does_not_run_gets_its_settings_when_it_starts) {
  serve("t");
  ended(key_of("t"));
  put("t", 1, {{"retention.ms", "5"}});
  EXPECT_THAT(all<action::hand_settings>(change()), IsEmpty());
  EXPECT_EQ(all<action::start_replica>(run_out(timer::attempt{key_of("t")})).at(0).settings.retention_ms, 5);
}

TEST_F(supervision_changes, configs_that_are_bad_are_told_and_the_defaults_are_used) {
  put("t", 2, {{"retention.ms", "much"}});
  const auto begun = change();
  EXPECT_THAT(notices(begun), ElementsAre(notice::event::topic_configs_ignored));
  EXPECT_EQ(all<action::start_replica>(begun).at(0).settings, settings_.topic_defaults);
  put("u");
  EXPECT_THAT(notices(change()), IsEmpty()) << "it is told already";
}

// -- groups ------------------------------------------------------------------------------------------------------

TEST_F(supervision_changes, groups_hear_of_topics_that_come_grow_and_go_before_the_image_shows_them) {
  const auto first = change();
  ASSERT_THAT(all<action::hand_topics_to_groups>(first), SizeIs(1)) << "that there are none is news at first";
  EXPECT_EQ(first.back(), supervision_action{action::answer_change{1}});
  put("t");
  auto told = all<action::hand_topics_to_groups>(change());
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].topics->find("t")->partitions, 1);
  EXPECT_EQ(told[0].topics->version(), 2u);
  const auto kept = told[0].topics;
  put("t", 2);
  told = all<action::hand_topics_to_groups>(change());
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].topics->find(id_of("t"))->partitions, 2);
  EXPECT_EQ(kept->find("t")->partitions, 1) << "what was given out stays as it was";
  put("t", 2, {{"retention.ms", "5"}});
  EXPECT_THAT(all<action::hand_topics_to_groups>(change()), IsEmpty());
  remove("t");
  put("t", 3, {}, 1);
  told = all<action::hand_topics_to_groups>(change());
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].topics->find("t")->id, id_of("t", 1));
  EXPECT_EQ(told[0].topics->find(id_of("t")), nullptr);
}

TEST_F(supervision_changes, timings_of_groups_are_handed_out_when_they_change) {
  cluster_.apply(coordinator::group_configs_record{"g", {{"consumer.session.timeout.ms", "50000"}}});
  cluster_.apply(coordinator::group_configs_record{"h", {{"consumer.session.timeout.ms", "1"}}});
  const auto told = change();
  ASSERT_THAT(all<action::hand_timings_to_groups>(told), SizeIs(1));
  EXPECT_THAT(*all<action::hand_timings_to_groups>(told)[0].timings, SizeIs(1));
  ASSERT_THAT(notices(told), ElementsAre(notice::event::group_configs_ignored));
  EXPECT_EQ(all<notice>(told)[0].subject, "1");
  EXPECT_NE(all<notice>(told)[0].reason, "");
  EXPECT_THAT(all<action::hand_timings_to_groups>(change()), IsEmpty());
  cluster_.apply(coordinator::group_configs_record{"h", {{"consumer.session.timeout.ms", "50000"}}});
  EXPECT_THAT(notices(change()), IsEmpty());
}

// -- deletion ----------------------------------------------------------------------------------------------------

TEST_F(supervision_changes, a_deleted_topic_lets_go_of_its_folder_which_then_goes) {
  serve("t");
  remove("t");
  const auto begun = change();
  EXPECT_THAT(all<action::stop_replica>(begun), ElementsAre(action::stop_replica{key_of("t"), true}));
  EXPECT_THAT(published(begun), ElementsAre(id_of("t")));
  EXPECT_THAT(answered(begun), ElementsAre(changes_));
  EXPECT_THAT(all<action::release_folder>(begun), IsEmpty()) << "it is still in use";
  EXPECT_THAT(ended(key_of("t")), ElementsAre(action::release_folder{key_of("t"), {"t", 0}, true}));
  EXPECT_THAT(tell(input::folder_released{key_of("t"), {}}), IsEmpty());
}

TEST_F(supervision_changes, a_deletion_concerns_only_its_topic) {
  for (const auto* name : {"a", "t", "z"})
    serve(name, 2);
  remove("t");
  EXPECT_THAT(all<action::stop_replica>(change()),
              ElementsAre(action::stop_replica{key_of("t", 0), true}, action::stop_replica{key_of("t", 1), true}));
}

TEST_F(supervision_changes, what_concerns_a_replica_that_has_gone_is_not_heeded) {
  serve("__consumer_offsets");
  const auto key = key_of("__consumer_offsets");
  remove("__consumer_offsets");
  EXPECT_THAT(all<action::stop_groups>(change()), ElementsAre(action::stop_groups{key}));
  ended(key);
  tell(input::folder_released{key, {}});
  EXPECT_THAT(opened(key), IsEmpty());
  EXPECT_THAT(run_out(timer::attempt{key}), IsEmpty());
  EXPECT_THAT(tell(input::groups_ended{key, "a broken invariant"}), IsEmpty());
}

TEST_F(supervision_changes, a_deletion_while_it_opens_answers_who_waits_and_heeds_nothing_that_it_says) {
  put("t");
  change();
  remove("t");
  const auto begun = change();
  EXPECT_THAT(answered(begun), ElementsAre(1u, 2u));
  EXPECT_THAT(all<action::stop_replica>(begun), ElementsAre(action::stop_replica{key_of("t"), true}));
  EXPECT_THAT(opened(key_of("t")), IsEmpty());
  EXPECT_THAT(ended(key_of("t")), ElementsAre(action::release_folder{key_of("t"), {"t", 0}, true}));
}

TEST_F(supervision_changes, one_that_does_not_run_is_not_stopped_but_its_folder_goes) {
  put("t");
  change();
  ended(key_of("t"));
  remove("t");
  const auto begun = change();
  EXPECT_THAT(all<action::stop_replica>(begun), IsEmpty());
  EXPECT_THAT(all<action::release_folder>(begun), ElementsAre(action::release_folder{key_of("t"), {"t", 0}, false}));
  EXPECT_THAT(run_out(timer::attempt{key_of("t")}), IsEmpty()) << "the attempt was to start it";
}

/// Deletes "t", whose replica has let go, and makes it again.
class supervision_names : public test::supervision_test {
protected:
  void delete_and_make_again() {
    serve("t");
    remove("t");
    put("t", 1, {}, 1);
    EXPECT_THAT(started(change()), IsEmpty());
    EXPECT_EQ(image("t").state, error_code::kafka_storage_error);
  }
};

TEST_F(supervision_names, a_name_is_free_when_the_folder_has_gone) {
  delete_and_make_again();
  EXPECT_THAT(started(ended(key_of("t"))), IsEmpty());
  const auto freed = tell(input::folder_released{key_of("t"), {}});
  EXPECT_THAT(started(freed), ElementsAre(key_of("t", 0, 1)));
  EXPECT_THAT(answered(opened(key_of("t", 0, 1))), ElementsAre(changes_));
}

TEST_F(supervision_names, nobody_waits_for_a_folder_that_cannot_be_removed) {
  delete_and_make_again();
  ended(key_of("t"));
  const auto refused = tell(input::folder_released{key_of("t"), "read-only"});
  EXPECT_THAT(notices(refused), ElementsAre(notice::event::folder_stays));
  EXPECT_THAT(answered(refused), ElementsAre(changes_));
  EXPECT_THAT(started(refused), IsEmpty());
  EXPECT_EQ(all<action::set_timer>(refused).at(0).what, any_timer{timer::attempt{key_of("t")}});
  // Again, which is not told again; then it goes.
  EXPECT_THAT(run_out(timer::attempt{key_of("t")}), ElementsAre(action::release_folder{key_of("t"), {"t", 0}, true}));
  EXPECT_THAT(notices(tell(input::folder_released{key_of("t"), "read-only"})), IsEmpty());
  run_out(timer::attempt{key_of("t")});
  const auto freed = tell(input::folder_released{key_of("t"), {}});
  EXPECT_THAT(notices(freed), ElementsAre(notice::event::folder_gone_at_last));
  EXPECT_THAT(started(freed), ElementsAre(key_of("t", 0, 1)));
  tell(input::publication_due{});
  EXPECT_THAT(opened(key_of("t", 0, 1)), ElementsAre(action::schedule_publication{})) << "nobody waits any more";
}

TEST_F(supervision_names, a_topic_that_waits_for_its_name_can_be_deleted) {
  delete_and_make_again();
  remove("t", 1);
  const auto gone = change();
  EXPECT_THAT(answered(gone), ElementsAre(changes_ - 1, changes_));
  EXPECT_THAT(all<action::release_folder>(gone), IsEmpty()) << "it has no folder";
  ended(key_of("t"));
  EXPECT_THAT(started(tell(input::folder_released{key_of("t"), {}})), IsEmpty());
}

TEST_F(supervision_names, one_that_does_not_run_holds_its_name_until_its_folder_has_gone) {
  serve("t");
  ended(key_of("t"));
  remove("t");
  change();
  put("t", 1, {}, 1);
  EXPECT_THAT(started(change()), IsEmpty());
  EXPECT_THAT(started(tell(input::folder_released{key_of("t"), {}})), ElementsAre(key_of("t", 0, 1)));
}

TEST_F(supervision_names, a_folder_that_is_found_again_is_not_removed_twice) {
  const input::leftovers_found found{{{key_of("t"), {"t", 0}}}};
  tell(found);
  EXPECT_THAT(tell(found), IsEmpty());
}

TEST_F(supervision_names, folders_that_an_earlier_start_left_hold_names_up) {
  const auto left = tell(input::leftovers_found{{{key_of("t"), {"t", 0}}}});
  EXPECT_THAT(left, ElementsAre(action::release_folder{key_of("t"), {"t", 0}, false}));
  put("t", 1, {}, 1);
  EXPECT_THAT(started(change()), IsEmpty());
  EXPECT_THAT(started(tell(input::folder_released{key_of("t"), {}})), ElementsAre(key_of("t", 0, 1)));
}

TEST_F(supervision_names, each_housekeeping_looks_for_leftovers_again) {
  serve("t");
  const auto done = run_out(timer::housekeeping{});
  EXPECT_THAT(done,
              ElementsAre(action::look_for_leftovers{}, action::remind_replica{key_of("t"), action::duty::housekeeping},
                          action::set_timer{std::chrono::milliseconds{settings_.retention_check_interval_ms},
                                            timer::housekeeping{}}));
  ended(key_of("t"));
  EXPECT_THAT(all<action::remind_replica>(run_out(timer::housekeeping{})), IsEmpty());
}

} // namespace
} // namespace chisme::supervisor
