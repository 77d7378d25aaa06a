// What a node's supervision does about replicas that fail, die, serve and shall end.
#include "tests/support/supervision_fixture.hpp"

namespace chisme::supervisor {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

class supervision_replicas : public test::supervision_test {
protected:
  static auto between_half_and_all_of(std::chrono::milliseconds pause) { return AllOf(Ge(pause / 2), Le(pause)); }
};

// -- restarts ----------------------------------------------------------------------------------------------------

TEST_F(supervision_replicas, one_that_dies_again_and_again_is_started_after_growing_pauses) {
  put("t");
  change();
  std::chrono::milliseconds expected = supervision::first_pause;
  for (int i = 0; i < 12; ++i) {
    const auto died = ended(key_of("t"));
    EXPECT_THAT(pause(died), between_half_and_all_of(expected)) << i;
    EXPECT_THAT(notices(died), ElementsAre(notice::event::replica_died));
    EXPECT_THAT(started(died), IsEmpty());
    EXPECT_THAT(started(run_out(timer::attempt{key_of("t")})), ElementsAre(key_of("t")));
    now_ += 60'000; // it opens for that long: that is no success
    expected = std::min<std::chrono::milliseconds>(2 * expected, supervision::longest_pause);
  }
}

TEST_F(supervision_replicas, after_a_long_life_the_pauses_begin_anew) {
  serve("t");
  ended(key_of("t"));
  run_out(timer::attempt{key_of("t")});
  opened(key_of("t"));
  now_ += 1000;
  EXPECT_THAT(pause(ended(key_of("t"))), between_half_and_all_of(2 * supervision::first_pause));
  run_out(timer::attempt{key_of("t")});
  opened(key_of("t"));
  now_ += supervision::longest_pause.count();
  EXPECT_THAT(pause(ended(key_of("t"))), between_half_and_all_of(supervision::first_pause));
}

TEST_F(supervision_replicas, a_long_life_counts_once) {
  serve("t");
  now_ += supervision::longest_pause.count();
  EXPECT_THAT(pause(ended(key_of("t"))), between_half_and_all_of(supervision::first_pause));
  run_out(timer::attempt{key_of("t")});
  EXPECT_THAT(pause(ended(key_of("t"))), between_half_and_all_of(2 * supervision::first_pause)) << "it did not open";
}

TEST_F(supervision_replicas, a_time_that_one_did_not_serve_is_no_long_life) {
  serve("t");
  EXPECT_THAT(cannot_open(key_of("t"), "the sync failed", false), SizeIs(1));
  now_ += supervision::longest_pause.count();
  EXPECT_THAT(pause(ended(key_of("t"))), between_half_and_all_of(supervision::first_pause));
  run_out(timer::attempt{key_of("t")});
  opened(key_of("t"));
  cannot_open(key_of("t"), "the sync failed", false);
  now_ += supervision::longest_pause.count();
  EXPECT_THAT(pause(ended(key_of("t"))), between_half_and_all_of(2 * supervision::first_pause));
}

TEST_F(supervision_replicas, one_timer_at_a_time_tries_again) {
  serve("t");
  EXPECT_THAT(all<action::set_timer>(cannot_open(key_of("t"), "no space")), SizeIs(1));
  EXPECT_THAT(all<action::set_timer>(ended(key_of("t"))), IsEmpty());
  EXPECT_THAT(started(run_out(timer::attempt{key_of("t")})), ElementsAre(key_of("t")));
}

TEST_F(supervision_replicas, many_that_die_together_do_not_come_back_together) {
  serve("t", 50);
  std::set<std::chrono::milliseconds> pauses;
  for (partition_index p = 0; p < 50; ++p)
    pauses.insert(all<action::set_timer>(ended(key_of("t", p))).at(0).after);
  EXPECT_GT(pauses.size(), 10u);
}

TEST_F(supervision_replicas, who_waits_is_answered_when_the_first_attempt_dies) {
  put("t");
  change();
  EXPECT_THAT(answered(ended(key_of("t"))), ElementsAre(1u));
  EXPECT_EQ(image("t").state, error_code::leader_not_available);
  EXPECT_EQ(image("t").port, nullptr);
}

TEST_F(supervision_replicas, a_death_is_published_soon_and_once_for_many) {
  serve("t", 2);
  const auto first = ended(key_of("t", 0));
  EXPECT_EQ(image("t", 0).leader, -1);
  EXPECT_EQ(image("t", 0).state, error_code::leader_not_available);
  EXPECT_THAT(all<action::schedule_publication>(first), SizeIs(1));
  EXPECT_THAT(all<action::schedule_publication>(ended(key_of("t", 1))), IsEmpty());
  EXPECT_THAT(tell(input::publication_due{}), ElementsAre(action::publish{{id_of("t")}}));
  EXPECT_THAT(tell(input::publication_due{}), IsEmpty());
}

TEST_F(supervision_replicas, what_a_dead_one_said_before_is_not_heeded) {
  serve("t");
  ended(key_of("t"));
  EXPECT_THAT(opened(key_of("t"), 9), IsEmpty());
  EXPECT_EQ(image("t").port, nullptr);
  EXPECT_THAT(ended(key_of("t")), IsEmpty());
}

// -- opening -----------------------------------------------------------------------------------------------------

TEST_F(supervision_replicas, an_open_that_may_pass_is_tried_again_and_told_once_for_each_reason) {
  put("t");
  change();
  const auto failed = cannot_open(key_of("t"), "too many open files");
  EXPECT_THAT(answered(failed), ElementsAre(1u));
  EXPECT_THAT(notices(failed), ElementsAre(notice::event::replica_cannot_open));
  EXPECT_EQ(image("t").state, error_code::kafka_storage_error);
  EXPECT_THAT(pause(failed), between_half_and_all_of(supervision::first_pause));
  EXPECT_THAT(run_out(timer::attempt{key_of("t")}), ElementsAre(action::reopen_replica{key_of("t")}));
  const auto again = cannot_open(key_of("t"), "too many open files");
  EXPECT_THAT(notices(again), IsEmpty());
  EXPECT_THAT(all<action::set_timer>(again).at(0).after, between_half_and_all_of(2 * supervision::first_pause));
  run_out(timer::attempt{key_of("t")});
  EXPECT_THAT(notices(cannot_open(key_of("t"), "no space")), ElementsAre(notice::event::replica_cannot_open));
  run_out(timer::attempt{key_of("t")});
  const auto open = opened(key_of("t"), 0);
  EXPECT_THAT(open, ElementsAre(notice{notice::event::replica_opened_at_last, "t-0"}));
  EXPECT_THAT(notices(opened(key_of("t"), 0)), IsEmpty());
}

TEST_F(supervision_replicas, damaged_data_is_given_up_which_clients_see_and_the_replica_has_said) {
  put("t");
  change();
  EXPECT_THAT(cannot_open(key_of("t"), "its CRC does not match", false),
              ElementsAre(action::publish{{id_of("t")}}, action::answer_change{1}));
  EXPECT_EQ(image("t").state, error_code::kafka_storage_error);
}

TEST(supervision_notices, say_what_happened_to_whom_why_and_when_it_is_tried_again) {
  EXPECT_EQ(text_of({notice::event::replica_died, "t-0", "no luck", 7ms}),
            "partition died and is started again partition=t-0 reason=\"no luck\" next_attempt_in_ms=7");
  EXPECT_EQ(text_of({notice::event::replica_opened_at_last, "t-0"}), "partition is open at last partition=t-0");
  EXPECT_EQ(text_of({notice::event::topic_configs_ignored, "t", "bad"}),
            "topic configs are ignored topic=t reason=\"bad\"");
  EXPECT_TRUE(is_good_news({notice::event::folder_gone_at_last, "t-0"}));
  EXPECT_FALSE(is_good_news({notice::event::folder_stays, "t-0", "read-only", 7ms}));
}

TEST_F(supervision_replicas, an_epoch_never_goes_back) {
  put("t");
  change();
  opened(key_of("t"), 5);
  cannot_open(key_of("t"), "the sync failed", false);
  EXPECT_EQ(image("t").leader_epoch, 5);
  EXPECT_EQ(image("t").leader, -1);
}

// -- groups ------------------------------------------------------------------------------------------------------

TEST_F(supervision_replicas, the_coordinator_of_groups_follows_its_partition) {
  const std::string offsets = "__consumer_offsets";
  put(offsets);
  put("t");
  change();
  EXPECT_THAT(all<action::start_groups>(opened(key_of("t"))), IsEmpty());
  const auto port = std::make_shared<test::silent_port>();
  const auto serves = tell(replica_opened{key_of(offsets), error_code::none, 0, port});
  EXPECT_EQ(serves.front(), supervision_action(action::start_groups{key_of(offsets), {offsets, 0}, port, 0}));
  EXPECT_THAT(published(serves), SizeIs(2)) << "after it was started";
  const auto died = ended(key_of(offsets));
  EXPECT_EQ(died.front(), supervision_action{action::stop_groups{key_of(offsets)}});
  run_out(timer::attempt{key_of(offsets)});
  EXPECT_THAT(all<action::start_groups>(opened(key_of(offsets))), SizeIs(1));
  // It serves anew, or does not any more.
  const auto again = opened(key_of(offsets));
  EXPECT_THAT(all<action::stop_groups>(again), SizeIs(1));
  EXPECT_THAT(all<action::start_groups>(again), SizeIs(1));
  EXPECT_THAT(all<action::stop_groups>(cannot_open(key_of(offsets), "the sync failed", false)), SizeIs(1));
}

TEST_F(supervision_replicas, a_coordinator_of_groups_that_dies_is_started_again_after_growing_pauses) {
  const auto key = key_of("__consumer_offsets");
  serve("__consumer_offsets");
  std::chrono::milliseconds expected = supervision::first_pause;
  for (int i = 0; i < 10; ++i) {
    const auto died = tell(input::groups_ended{key, "a broken invariant"});
    EXPECT_THAT(pause(died), between_half_and_all_of(expected));
    EXPECT_THAT(notices(died), ElementsAre(notice::event::groups_died));
    EXPECT_THAT(all<action::schedule_publication>(died), SizeIs(1));
    EXPECT_THAT(tell(input::publication_due{}), ElementsAre(action::publish{{key.topic_id}})) << "nobody asks it";
    EXPECT_THAT(run_out(timer::groups_attempt{key}),
                ElementsAre(action::start_groups{key,
                                                 {"__consumer_offsets", 0},
                                                 image("__consumer_offsets").port,
                                                 image("__consumer_offsets").leader_epoch},
                            action::schedule_publication{}));
    EXPECT_THAT(tell(input::publication_due{}), ElementsAre(action::publish{{key.topic_id}}));
    expected = std::min<std::chrono::milliseconds>(2 * expected, supervision::longest_pause);
  }
  now_ += supervision::longest_pause.count();
  EXPECT_THAT(pause(tell(input::groups_ended{key, "a broken invariant"})),
              between_half_and_all_of(supervision::first_pause));
  // The replica was opened anew meanwhile: it has its coordinator.
  opened(key);
  EXPECT_THAT(run_out(timer::groups_attempt{key}), IsEmpty());
}

TEST_F(supervision_replicas, a_coordinator_of_groups_is_not_started_where_nobody_leads) {
  const auto key = key_of("__consumer_offsets");
  serve("__consumer_offsets");
  tell(input::groups_ended{key, "a broken invariant"});
  ended(key);
  EXPECT_THAT(run_out(timer::groups_attempt{key}), IsEmpty());
}

// -- upkeep ------------------------------------------------------------------------------------------------------

TEST_F(supervision_replicas, one_timer_reminds_all_who_want_a_checkpoint_and_still_run) {
  serve("t", 3);
  EXPECT_THAT(tell(checkpoint_wanted{key_of("t", 0)}),
              ElementsAre(action::set_timer{supervision::checkpoint_interval, timer::checkpoint{}}));
  EXPECT_THAT(tell(checkpoint_wanted{key_of("t", 1)}), IsEmpty());
  ended(key_of("t", 0));
  EXPECT_THAT(run_out(timer::checkpoint{}),
              ElementsAre(action::remind_replica{key_of("t", 1), action::duty::checkpoint}));
  EXPECT_THAT(tell(checkpoint_wanted{key_of("t", 2)}), SizeIs(1));
}

TEST_F(supervision_replicas, the_timer_of_compaction_follows_its_option) {
  serve("t");
  EXPECT_THAT(
    tell(compaction_wanted{key_of("t")}),
    ElementsAre(action::set_timer{std::chrono::milliseconds{settings_.cleaner_backoff_ms}, timer::compaction{1}}));
  EXPECT_THAT(tell(compaction_wanted{key_of("t")}), IsEmpty()) << "a busy log does not put it off";
  settings_.cleaner_backoff_ms = 7;
  const auto altered = change();
  EXPECT_EQ(altered.front(), supervision_action(action::set_timer{7ms, timer::compaction{2}}));
  EXPECT_THAT(run_out(timer::compaction{1}), IsEmpty());
  EXPECT_THAT(run_out(timer::compaction{2}),
              ElementsAre(action::remind_replica{key_of("t"), action::duty::compaction}));
}

TEST_F(supervision_replicas, without_a_cleaner_nobody_is_reminded_of_compaction) {
  settings_.cleaner_enabled = false;
  serve("t");
  EXPECT_THAT(tell(compaction_wanted{key_of("t")}), IsEmpty());
}

// -- shutdown ----------------------------------------------------------------------------------------------------

TEST_F(supervision_replicas, a_shut_down_is_answered_when_everybody_has_ended) {
  tell(input::begin{});
  serve("t");
  serve("__consumer_offsets");
  const auto begun = tell(input::shut_down{});
  EXPECT_THAT(all<action::stop_groups>(begun), SizeIs(1));
  EXPECT_THAT(all<action::stop_replica>(begun), SizeIs(3));
  EXPECT_FALSE(all<action::stop_replica>(begun)[0].remove);
  EXPECT_THAT(ended(key_of("t")), IsEmpty()) << "nobody starts it again";
  EXPECT_THAT(ended(key_of("__consumer_offsets")), IsEmpty());
  EXPECT_THAT(ended(metadata_log_key()), ElementsAre(action::answer_shut_down{}));
  EXPECT_THAT(tell(input::shut_down{}), ElementsAre(action::answer_shut_down{})) << "so is another one";
}

TEST_F(supervision_replicas, a_shut_down_while_a_replica_opens_waits_for_it) {
  put("t");
  change();
  EXPECT_THAT(all<action::stop_replica>(tell(input::shut_down{})), SizeIs(1));
  EXPECT_THAT(all<action::answer_shut_down>(opened(key_of("t"))), IsEmpty());
  EXPECT_THAT(all<action::answer_shut_down>(ended(key_of("t"))), SizeIs(1));
}

TEST_F(supervision_replicas, a_shut_down_leaves_folders_of_deleted_topics_to_the_next_start) {
  serve("t");
  remove("t");
  change();
  EXPECT_THAT(tell(input::shut_down{}), IsEmpty()) << "it has been told to let go";
  EXPECT_THAT(ended(key_of("t")), ElementsAre(action::answer_shut_down{}));
}

TEST_F(supervision_replicas, a_shut_down_waits_for_no_pause_no_folder_and_no_name) {
  serve("pausing");
  ended(key_of("pausing"));
  serve("t");
  remove("t");
  put("t", 1, {}, 1);
  change();
  ended(key_of("t"));
  EXPECT_THAT(tell(input::shut_down{}), ElementsAre(action::answer_shut_down{}));
  EXPECT_THAT(run_out(timer::attempt{key_of("pausing")}), IsEmpty());
  EXPECT_THAT(tell(input::folder_released{key_of("t"), {}}), IsEmpty());
  EXPECT_THAT(change(), IsEmpty());
}

} // namespace
} // namespace chisme::supervisor
