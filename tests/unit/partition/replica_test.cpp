// What a replica does next, step by step: inputs and actions are plain values.
#include "actors/partition/replica.hpp"

#include <gmock/gmock.h>

namespace chisme::partition {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

const error no_space{error_code::kafka_storage_error, "no space"};
const error disk_gone{error_code::kafka_storage_error, "the disk is gone"};
const error damaged{error_code::corrupt_message, "damaged"};

class replica_test : public ::testing::Test {
protected:
  using actions = replica_actions;

  actions step(replica_input in) {
    actions out;
    machine_.step(in, log_, out);
    return out;
  }
  /// The log has this on stable storage, and nothing else.
  void log_is_synced() { synced_up_to(log_.end); }
  void synced_up_to(offset_t end) {
    log_.synced = {last_epoch(), end};
    log_.is_dirty = end < log_.end;
  }
  /// The log as it is opened.
  void found(offset_t end, offset_t synced, leader_epoch_t epoch = -1) {
    if (epoch >= 0)
      marks_.assign(epoch, 0);
    log_.end = end;
    log_.synced = {epoch, synced};
    log_.marks = &marks_;
  }
  leader_epoch_t last_epoch() const { return marks_.latest() ? marks_.latest()->epoch : -1; }
  /// A replica that serves, with records up to `end` from former epochs.
  void serve(offset_t end = 0, leader_epoch_t last_epoch = -1) {
    found(end, end, last_epoch);
    step(input::opened{});
    ASSERT_EQ(machine_.refuses(-1), error_code::none);
  }
  /// So many records, each of 100 bytes, are written.
  actions write(int records = 1) {
    marks_.assign(machine_.epoch(), log_.end);
    log_.end += records;
    log_.is_dirty = true;
    return step(input::appended{static_cast<uint64_t>(records) * 100});
  }
  actions sync_is_done() {
    log_is_synced();
    return step(input::synced{});
  }
  void use_lazy_flush() { step(input::settings_changed{flush_mode::lazy}); }

  log::leader_epochs marks_;
  log_view log_;
  random_source random_{1};
  replica machine_{{uuid{}, 0}, 1, configuration{{1}}, flush_mode::sync, raft::options{}, random_};
};

TEST_F(replica_test, serves_when_what_was_found_is_synced) {
  found(10, 7, 3);
  log_.is_dirty = true;
  EXPECT_EQ(machine_.refuses(-1), error_code::not_leader_or_follower) << "it has no log yet";
  EXPECT_THAT(step(input::opened{}), ElementsAre(action::sync{}));
  EXPECT_EQ(machine_.high_watermark(), -1) << "what is in memory only is not committed";
  EXPECT_THAT(sync_is_done(), ElementsAre(action::commit{10, 1}, action::serve{4}));
}

TEST_F(replica_test, serves_at_once_where_everything_found_is_synced) {
  found(10, 10);
  EXPECT_THAT(step(input::opened{}), ElementsAre(action::commit{10, 1}, action::serve{0}));
}

TEST_F(replica_test, a_sync_that_fails_before_it_serves_is_final) {
  log_.is_dirty = true;
  step(input::opened{});
  EXPECT_THAT(step(input::sync_failed{disk_gone}),
              ElementsAre(action::fail_waiting{disk_gone}, action::give_up{disk_gone, false}));
  EXPECT_THAT(step(input::reopen_due{}), IsEmpty());
  EXPECT_EQ(machine_.refuses(-1), error_code::kafka_storage_error);
}

TEST_F(replica_test, an_open_that_failed_for_want_of_something_is_tried_again) {
  EXPECT_THAT(step(input::open_failed{no_space}), ElementsAre(action::give_up{no_space, true}));
  EXPECT_THAT(step(input::append_arrived{}), ElementsAre(action::refuse_appends{no_space}));
  EXPECT_THAT(step(input::reopen_due{}), ElementsAre(action::open_log{}));
  EXPECT_THAT(step(input::reopen_due{}), IsEmpty()) << "it is being opened";
  EXPECT_THAT(step(input::opened{}), ElementsAre(action::serve{0}));
}

TEST_F(replica_test, damage_does_not_pass) {
  EXPECT_THAT(step(input::open_failed{damaged}), ElementsAre(action::give_up{damaged, false}));
}

TEST_F(replica_test, appends_that_come_together_are_one_write) {
  serve(0, 4);
  EXPECT_THAT(step(input::append_arrived{}), ElementsAre(action::schedule_append{}));
  EXPECT_THAT(step(input::append_arrived{}), IsEmpty());
  EXPECT_THAT(step(input::append_due{}), ElementsAre(action::append{5}));
  EXPECT_THAT(step(input::append_arrived{}), ElementsAre(action::schedule_append{}));
}

TEST_F(replica_test, what_one_turn_does_not_take_has_another_one) {
  serve();
  step(input::append_arrived{});
  step(input::append_due{});
  log_.end = 1;
  log_.is_dirty = true;
  EXPECT_THAT(step(input::appended{100, true}),
              ElementsAre(action::schedule_rest{}, action::ask_for_checkpoint{}, action::sync{}));
  EXPECT_THAT(step(input::append_arrived{}), IsEmpty()) << "it is scheduled";
  EXPECT_THAT(step(input::append_due{}), ElementsAre(action::append{0}));
  EXPECT_THAT(step(input::append_failed{no_space, true}),
              ElementsAre(action::tell_append_failed{no_space}, action::schedule_rest{}));
}

TEST_F(replica_test, one_that_stops_takes_what_one_turn_takes) {
  serve();
  step(input::append_arrived{});
  EXPECT_THAT(step(input::stop{}), ElementsAre(action::append{0}));
  log_.end = 1;
  log_.is_dirty = true;
  const auto todo = step(input::appended{100, true});
  ASSERT_FALSE(todo.empty());
  EXPECT_TRUE(std::holds_alternative<action::refuse_appends>(todo.front()));
  EXPECT_THAT(todo, Not(Contains(action::schedule_rest{})));
  log_is_synced();
  EXPECT_THAT(step(input::synced{}), Contains(action::close_log{}));
}

TEST_F(replica_test, commits_what_is_synced_and_syncs_what_came_meanwhile_together) {
  serve();
  EXPECT_THAT(write(2), ElementsAre(action::ask_for_checkpoint{}, action::sync{}));
  EXPECT_THAT(write(), IsEmpty()) << "one sync at a time";
  EXPECT_THAT(write(), IsEmpty());
  EXPECT_EQ(machine_.high_watermark(), 0);
  synced_up_to(2);
  EXPECT_THAT(step(input::synced{}), ElementsAre(action::commit{2, 200}, action::sync{}));
  EXPECT_THAT(sync_is_done(), ElementsAre(action::commit{4, 200}));
}

TEST_F(replica_test, a_lazy_topic_commits_what_is_written) {
  serve();
  use_lazy_flush();
  EXPECT_THAT(write(3), ElementsAre(action::ask_for_checkpoint{}, action::commit{3, 300}));
}

/// A producer's retry is owed the answer of the first try, which may be committed already.
TEST_F(replica_test, an_append_that_wrote_nothing_is_answered_by_what_is_committed) {
  serve();
  write();
  sync_is_done();
  EXPECT_THAT(step(input::appended{0}), ElementsAre(action::commit{1, 0}));
}

TEST_F(replica_test, an_append_that_fails_is_told_once_and_the_next_one_tried) {
  serve();
  EXPECT_THAT(step(input::append_failed{no_space}), ElementsAre(action::tell_append_failed{no_space}));
  EXPECT_THAT(step(input::append_failed{no_space}), IsEmpty());
  EXPECT_THAT(step(input::append_arrived{}), ElementsAre(action::schedule_append{}));
  write();
  EXPECT_THAT(step(input::append_failed{no_space}), ElementsAre(action::tell_append_failed{no_space}));
}

TEST_F(replica_test, an_append_that_could_not_be_undone_ends_it_so_that_the_log_is_opened_anew) {
  serve();
  log_.must_reopen = &no_space;
  EXPECT_THAT(step(input::append_failed{no_space}),
              ElementsAre(action::tell_append_failed{no_space}, action::fail_waiting{no_space}, action::end{no_space}));
}

TEST_F(replica_test, a_failed_sync_fails_who_waits_and_ends_serving) {
  serve();
  write();
  step(input::append_arrived{});
  EXPECT_THAT(step(input::sync_failed{disk_gone}),
              ElementsAre(action::fail_waiting{disk_gone}, action::give_up{disk_gone, false}));
  EXPECT_THAT(step(input::append_due{}), IsEmpty());
  EXPECT_THAT(step(input::append_arrived{}), ElementsAre(action::refuse_appends{disk_gone}));
}

TEST_F(replica_test, whoever_met_the_failed_sync_ends_serving) {
  serve();
  log_.sync_failure = &disk_gone;
  EXPECT_THAT(step(input::log_changed{}),
              ElementsAre(action::fail_waiting{disk_gone}, action::give_up{disk_gone, false}));
}

TEST_F(replica_test, a_checkpoint_waits_for_the_sync_under_way) {
  serve();
  write();
  EXPECT_THAT(step(input::checkpoint_due{}), IsEmpty());
  EXPECT_THAT(sync_is_done(), ElementsAre(action::commit{1, 100}, action::take_checkpoint{}));
  EXPECT_THAT(step(input::checkpointed{}), IsEmpty());
  EXPECT_THAT(write(), ElementsAre(action::ask_for_checkpoint{}, action::sync{})) << "a reminder for the next one";
}

TEST_F(replica_test, a_checkpoint_that_wrote_something_is_followed_by_a_sync_and_another_one) {
  serve();
  EXPECT_THAT(step(input::checkpoint_due{}), ElementsAre(action::commit{0, 0}, action::take_checkpoint{}));
  log_.is_dirty = true;
  EXPECT_THAT(step(input::checkpointed{}), ElementsAre(action::ask_for_checkpoint{}, action::sync{}));
}

TEST_F(replica_test, a_checkpoint_that_met_a_failed_sync_ends_serving) {
  serve();
  step(input::checkpoint_due{});
  log_.sync_failure = &disk_gone;
  EXPECT_THAT(step(input::checkpointed{}),
              ElementsAre(action::fail_waiting{disk_gone}, action::give_up{disk_gone, false}));
}

TEST_F(replica_test, compaction_is_asked_for_once_and_runs_once) {
  log_.has_uncompacted = true;
  EXPECT_THAT(step(input::opened{}), ElementsAre(action::serve{0}, action::ask_for_compaction{}));
  EXPECT_THAT(step(input::settings_changed{}), IsEmpty());
  EXPECT_THAT(step(input::compaction_due{}), ElementsAre(action::plan_compaction{}));
  EXPECT_THAT(step(input::compaction_due{}), IsEmpty()) << "one at a time";
  EXPECT_THAT(step(input::compaction_done{}), ElementsAre(action::swap_in{}));
  log_.has_uncompacted = false;
  EXPECT_THAT(step(input::swapped_in{}), IsEmpty());
}

TEST_F(replica_test, what_closed_while_it_compacted_is_asked_for_when_that_is_done) {
  serve();
  log_.has_uncompacted = true;
  EXPECT_THAT(step(input::settings_changed{flush_mode::sync}), ElementsAre(action::ask_for_compaction{}));
  EXPECT_THAT(step(input::compaction_due{}), ElementsAre(action::plan_compaction{}));
  EXPECT_THAT(step(input::compaction_done{}), ElementsAre(action::swap_in{}));
  EXPECT_THAT(step(input::swapped_in{}), ElementsAre(action::ask_for_compaction{}));
}

TEST_F(replica_test, a_sync_that_moved_nothing_commits_no_bytes) {
  serve();
  write(1);
  EXPECT_THAT(step(input::synced{}), Contains(action::commit{0, 0}));
  log_is_synced();
  EXPECT_THAT(step(input::synced{}), Contains(action::commit{1, 100}));
}

TEST_F(replica_test, compaction_that_failed_waits_for_the_next_housekeeping) {
  log_.has_uncompacted = true;
  step(input::opened{});
  step(input::compaction_due{});
  EXPECT_THAT(step(input::compaction_failed{no_space}), IsEmpty());
  EXPECT_THAT(step(input::settings_changed{}), IsEmpty());
  EXPECT_THAT(step(input::housekeeping_due{}), ElementsAre(action::retain{}));
  EXPECT_THAT(step(input::retained{}), ElementsAre(action::ask_for_compaction{}));
}

TEST_F(replica_test, compaction_that_is_too_early_is_asked_for_again) {
  log_.has_uncompacted = true;
  step(input::opened{});
  step(input::compaction_due{});
  EXPECT_THAT(step(input::compaction_put_off{}), ElementsAre(action::ask_for_compaction{}));
}

TEST_F(replica_test, what_retention_left_to_be_synced_is_synced) {
  serve();
  EXPECT_THAT(step(input::housekeeping_due{}), ElementsAre(action::retain{}));
  log_.is_dirty = true;
  EXPECT_THAT(step(input::retained{}), ElementsAre(action::sync{}));
}

TEST_F(replica_test, a_stop_writes_and_syncs_what_waits_and_closes) {
  serve();
  step(input::append_arrived{});
  EXPECT_THAT(step(input::stop{}), ElementsAre(action::append{0}));
  EXPECT_THAT(step(input::append_arrived{}),
              ElementsAre(action::refuse_appends{
                {error_code::not_leader_or_follower, "the partition stopped before it answered"}}));
  EXPECT_THAT(write(), ElementsAre(action::ask_for_checkpoint{}, action::sync{}));
  EXPECT_THAT(step(input::append_due{}), IsEmpty());
  EXPECT_THAT(sync_is_done(), ElementsAre(action::commit{1, 100}, action::close_log{}));
  EXPECT_THAT(step(input::closed{}), ElementsAre(action::end{}));
  EXPECT_THAT(step(input::stop{true}), IsEmpty());
}

/// The log is in the hands of whoever closes it.
TEST_F(replica_test, one_that_closes_heeds_nothing_but_that_it_is_closed) {
  serve();
  EXPECT_THAT(step(input::stop{}), ElementsAre(action::commit{0, 0}, action::close_log{}));
  log_ = {};
  EXPECT_EQ(machine_.refuses(-1), error_code::not_leader_or_follower);
  EXPECT_EQ(machine_.deletable(-1).error().code, error_code::not_leader_or_follower);
  EXPECT_THAT(step(input::append_arrived{}), Contains(::testing::VariantWith<action::refuse_appends>(::testing::_)));
  for (const replica_input& late : std::initializer_list<replica_input>{
         input::append_due{}, input::synced{}, input::sync_failed{disk_gone}, input::housekeeping_due{},
         input::retained{}, input::checkpoint_due{}, input::checkpointed{}, input::compaction_due{},
         input::compaction_done{}, input::reopen_due{}, input::stop{true}})
    EXPECT_THAT(step(late), IsEmpty()) << late.index();
  EXPECT_THAT(step(input::closed{}), ElementsAre(action::end{}));
  EXPECT_THAT(step(input::closed{}), IsEmpty());
}

TEST_F(replica_test, a_stop_syncs_a_lazy_topic_too) {
  serve();
  use_lazy_flush();
  write();
  EXPECT_THAT(step(input::stop{}), ElementsAre(action::sync{}));
  EXPECT_THAT(sync_is_done(), ElementsAre(action::commit{1, 0}, action::close_log{}));
  EXPECT_THAT(step(input::closed{}), ElementsAre(action::end{}));
}

TEST_F(replica_test, a_stop_waits_for_the_sync_under_way_and_syncs_what_came_after_it) {
  serve();
  write();
  write();
  EXPECT_THAT(step(input::stop{}), IsEmpty());
  synced_up_to(1);
  EXPECT_THAT(step(input::synced{}), ElementsAre(action::commit{1, 100}, action::sync{}));
  EXPECT_THAT(sync_is_done(), ElementsAre(action::commit{2, 100}, action::close_log{}));
  EXPECT_THAT(step(input::closed{}), ElementsAre(action::end{}));
}

TEST_F(replica_test, an_append_that_fails_does_not_keep_it_from_stopping) {
  serve();
  step(input::append_arrived{});
  step(input::stop{});
  EXPECT_THAT(step(input::append_failed{no_space}),
              ElementsAre(action::tell_append_failed{no_space}, action::commit{0, 0}, action::close_log{}));
  EXPECT_THAT(step(input::closed{}), ElementsAre(action::end{}));
}

TEST_F(replica_test, a_sync_that_fails_while_it_stops_ends_it) {
  serve();
  write();
  step(input::stop{});
  EXPECT_THAT(step(input::sync_failed{disk_gone}), ElementsAre(action::fail_waiting{disk_gone}, action::end{}));
}

TEST_F(replica_test, one_that_failed_stops_at_once) {
  step(input::open_failed{no_space});
  EXPECT_THAT(step(input::stop{}), ElementsAre(action::end{}));
}

TEST_F(replica_test, a_deletion_waits_for_no_disk) {
  serve();
  write();
  const error deleted{error_code::unknown_topic_or_partition, "the topic was deleted"};
  EXPECT_THAT(step(input::stop{true}),
              ElementsAre(action::fail_waiting{deleted}, action::release_log{}, action::end{}));
  EXPECT_THAT(step(input::synced{}), IsEmpty());
  EXPECT_EQ(machine_.refuses(-1), error_code::not_leader_or_follower);
}

/// Whoever opens the log writes into its folder: it must not be gone under them.
TEST_F(replica_test, a_deletion_waits_until_the_log_is_open) {
  EXPECT_THAT(step(input::stop{true}), IsEmpty());
  const error deleted{error_code::unknown_topic_or_partition, "the topic was deleted"};
  EXPECT_THAT(step(input::opened{}), ElementsAre(action::fail_waiting{deleted}, action::release_log{}, action::end{}));
}

TEST_F(replica_test, a_stop_while_it_opens_is_done_when_it_is_open) {
  EXPECT_THAT(step(input::stop{}), IsEmpty());
  log_.is_dirty = true;
  EXPECT_THAT(step(input::opened{}), ElementsAre(action::sync{}));
  EXPECT_THAT(sync_is_done(), ElementsAre(action::close_log{}));
  EXPECT_THAT(step(input::closed{}), ElementsAre(action::end{}));
}

TEST_F(replica_test, a_stop_while_it_cannot_be_opened_ends_it) {
  step(input::stop{});
  EXPECT_THAT(step(input::open_failed{no_space}), ElementsAre(action::end{}));
}

/// KIP-320.
TEST_F(replica_test, readers_of_another_epoch_are_refused) {
  serve(5, 2);
  EXPECT_EQ(machine_.refuses(3), error_code::none);
  EXPECT_EQ(machine_.refuses(2), error_code::fenced_leader_epoch);
  EXPECT_EQ(machine_.refuses(4), error_code::unknown_leader_epoch);
}

TEST_F(replica_test, records_are_deleted_below_the_high_watermark_only) {
  serve(5);
  write();
  EXPECT_EQ(machine_.deletable(-1), 5);
  EXPECT_EQ(machine_.deletable(3), 3);
  EXPECT_EQ(machine_.deletable(0), 0);
  EXPECT_EQ(machine_.deletable(6).error().code, error_code::offset_out_of_range);
  EXPECT_EQ(machine_.deletable(-2).error().code, error_code::offset_out_of_range);
}

TEST_F(replica_test, records_of_a_log_that_failed_are_not_deleted) {
  serve(5);
  step(input::sync_failed{disk_gone});
  const auto refused = machine_.deletable(3);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, error_code::kafka_storage_error);
}

/// What was under way when it ended comes back to it all the same.
TEST_F(replica_test, one_that_ended_heeds_nothing_any_more) {
  serve();
  write();
  step(input::stop{true});
  EXPECT_THAT(write(), IsEmpty());
  EXPECT_THAT(step(input::sync_failed{disk_gone}), IsEmpty());
  EXPECT_THAT(step(input::checkpointed{}), IsEmpty());
  EXPECT_THAT(step(input::retained{}), IsEmpty());
  EXPECT_THAT(step(input::compaction_done{}), IsEmpty());
  EXPECT_THAT(step(input::housekeeping_due{}), IsEmpty());
  EXPECT_THAT(step(input::stop{}), IsEmpty());
}

TEST_F(replica_test, one_that_stops_deletes_and_compacts_nothing_more) {
  serve();
  write();
  step(input::stop{});
  EXPECT_THAT(step(input::housekeeping_due{}), IsEmpty());
  EXPECT_THAT(step(input::stop{}), IsEmpty());
}

TEST_F(replica_test, housekeeping_does_not_ask_twice_for_a_compaction) {
  serve();
  log_.has_uncompacted = true;
  EXPECT_THAT(step(input::settings_changed{flush_mode::sync}), ElementsAre(action::ask_for_compaction{}));
  EXPECT_THAT(step(input::retained{}), IsEmpty());
  EXPECT_THAT(step(input::compaction_due{}), ElementsAre(action::plan_compaction{}));
  EXPECT_THAT(step(input::retained{}), IsEmpty());
}

} // namespace
} // namespace chisme::partition
