// What a replica does next where others are in its group. The test is the log, the disk and the other two replicas.
#include "actors/partition/replica.hpp"

#include <gmock/gmock.h>

namespace chisme::partition {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using outcome = peer::raft_append_outcome;

class shared_replica_test : public ::testing::Test {
protected:
  shared_replica_test() { log_.marks = &marks_; }

  /// What it wants done; what it wants to be stored is, at once.
  replica_actions step(replica_input in) {
    replica_actions all, now;
    machine_.step(in, log_, now);
    while (!now.empty()) {
      size_t stores = 0;
      for (auto& a : now)
        stores += std::holds_alternative<raft::output::store>(a);
      all.insert(all.end(), now.begin(), now.end());
      now.clear();
      for (; stores > 0; --stores)
        machine_.step(raft::input::stored{}, log_, now);
    }
    return all;
  }
  template <class Message>
  replica_actions hear(node_id from, Message m) {
    return step(input::from_peer{std::make_shared<peer_said>(peer_said{from, std::move(m)})});
  }
  template <class Action>
  static std::vector<Action> all(const replica_actions& a) {
    std::vector<Action> some;
    for (const auto& x : a)
      if (const auto* one = std::get_if<Action>(&x))
        some.push_back(*one);
    return some;
  }

  void sync() {
    log_.is_dirty = false;
    log_.synced = {last_epoch(), log_.end};
  }
  leader_epoch_t last_epoch() const { return marks_.latest() ? marks_.latest()->epoch : -1; }
  replica_actions synced() {
    sync();
    return step(input::synced{});
  }
  replica_actions answer(node_id from, offset_t end) {
    return hear(from, peer::raft_append_answer{{}, machine_.term(), outcome::synced, {machine_.term(), end}, {}});
  }
  /// What it asks the others to be sent, it says was sent.
  void send_all(const replica_actions& a) {
    for (const auto& r : all<raft::output::replicate>(a))
      send_all(step(raft::input::replicated{r.to, r.prev, {last_epoch(), log_.end}, 1}));
  }
  replica_actions write() {
    log_.end += 1;
    log_.is_dirty = true;
    auto done = step(input::appended{100});
    send_all(done);
    return done;
  }

  /// Replica 2 votes for it, both others have all that there is.
  void lead() {
    step(input::opened{});
    step(raft::input::timer{});
    hear(2, peer::raft_vote_answer{{}, 0, true, true});
    hear(2, peer::raft_vote_answer{{}, 0, false, true});
    marks_.assign(machine_.term(), 0);
    log_.is_dirty = true;
    send_all(step(input::mark_written{}));
    synced();
    send_all(answer(2, 0));
    send_all(answer(3, 0));
    ASSERT_TRUE(machine_.leads());
  }
  void follow(node_id leader) {
    step(input::opened{});
    peer::raft_append m;
    m.epoch = 0;
    m.prev = raft::before_all;
    m.marks = {{0, 0, std::nullopt}};
    hear(leader, m);
    marks_.assign(0, 0);
    log_.end = 10;
    step(raft::input::copied{});
    synced();
  }

  log::leader_epochs marks_;
  log_view log_;
  random_source random_{1};
  replica machine_{{uuid{}, 0}, 1, configuration{{1, 2, 3}}, flush_mode::sync, raft::options{}, random_};
};

// -- appends while the leadership is handed over ---------------------------------------------------------------------

TEST_F(shared_replica_test, appends_wait_while_the_leadership_is_handed_over_and_go_on_where_that_fails) {
  lead();
  EXPECT_THAT(step(input::append_arrived{}), Contains(action::schedule_append{}));
  step(raft::input::transfer{2});
  EXPECT_THAT(all<action::append>(step(input::append_due{})), IsEmpty());
  EXPECT_THAT(step(input::append_arrived{}), Not(Contains(action::schedule_append{})));
  replica_actions said;
  for (int i = 0; i < 5 && all<action::schedule_append>(said).empty(); ++i)
    said = step(raft::input::timer{});
  EXPECT_THAT(said, Contains(action::schedule_append{})) << "nobody has taken it over";
  EXPECT_THAT(all<action::append>(step(input::append_due{})), Not(IsEmpty()));
}

// -- where the log begins --------------------------------------------------------------------------------------------

TEST_F(shared_replica_test, a_leader_tells_of_deleted_records_though_nothing_is_appended) {
  lead();
  write();
  synced();
  answer(2, 1);
  answer(3, 1);
  log_.log_start = 1;
  EXPECT_EQ(all<raft::output::replicate>(step(input::log_changed{})).size(), 2u);
  EXPECT_THAT(all<raft::output::replicate>(step(input::log_changed{})), IsEmpty()) << "they have been told";
}

TEST_F(shared_replica_test, a_follower_moves_its_start_when_it_knows_that_it_is_committed) {
  follow(2);
  peer::raft_append m;
  m.epoch = 0;
  m.prev = {0, 10};
  m.log_start = 7;
  EXPECT_THAT(all<action::move_start>(hear(2, m)), IsEmpty()) << "nothing is known to be committed";
  EXPECT_THAT(step(raft::input::heartbeat{2, 0, 10, true}), Contains(action::move_start{7}));
  EXPECT_THAT(all<action::move_start>(step(input::log_changed{})), IsEmpty()) << "one that failed is not repeated";
  log_.log_start = 7;
  m.commit = 10;
  EXPECT_THAT(all<action::move_start>(hear(2, m)), IsEmpty());
}

/// A copy begins with a whole segment, which may lie far before that.
TEST_F(shared_replica_test, what_counts_is_where_readers_begin) {
  follow(2);
  log_.start = 0;
  log_.log_start = 7;
  peer::raft_append m;
  m.epoch = 0;
  m.prev = {0, 10};
  m.commit = 10;
  m.log_start = 7;
  EXPECT_THAT(all<action::move_start>(hear(2, m)), IsEmpty());
}

/// Found by cluster_sim: the heartbeats of a node that was not told of the trust said nothing when the leader's process
/// had ended, and the group stayed without a leader.
TEST_F(shared_replica_test, that_a_leader_is_trusted_or_not_is_told_whenever_it_changes) {
  follow(2);
  EXPECT_THAT(all<action::tell_peers>(step(raft::input::leader_silent{})), SizeIs(1));
  EXPECT_EQ(machine_.believed_leader(), raft::nobody);
  EXPECT_THAT(all<action::tell_peers>(step(raft::input::heartbeat{2, 0, 10, true})), SizeIs(1));
  EXPECT_EQ(machine_.believed_leader(), 2);
  EXPECT_THAT(all<action::tell_peers>(step(raft::input::heartbeat{2, 0, 10, true})), IsEmpty());
}

// -- min.insync.replicas ---------------------------------------------------------------------------------------------

TEST_F(shared_replica_test, where_more_than_a_majority_is_asked_for_it_is_waited_for) {
  lead();
  step(input::settings_changed{flush_mode::sync, 3});
  write();
  synced();
  const auto committed = answer(2, 1);
  EXPECT_THAT(committed, Contains(action::commit{1, 100})) << "it can be read";
  EXPECT_EQ(machine_.acknowledged(), 0);
  EXPECT_THAT(answer(3, 1), Contains(action::commit{1, 0}));
  EXPECT_EQ(machine_.acknowledged(), 1);
}

TEST_F(shared_replica_test, who_waits_for_replicas_that_are_gone_is_told) {
  lead();
  step(input::settings_changed{flush_mode::sync, 3});
  write();
  synced();
  EXPECT_THAT(all<action::refuse_unheld>(answer(2, 1)), IsEmpty()) << "the third one may come";
  EXPECT_THAT(step(raft::input::peer_silent{3}), Contains(action::refuse_unheld{1}));
  EXPECT_THAT(all<action::refuse_unheld>(step(raft::input::timer{})), IsEmpty()) << "once";
  write();
  synced();
  EXPECT_THAT(answer(2, 2), Contains(action::refuse_unheld{2}));
}

TEST_F(shared_replica_test, a_majority_is_enough_where_no_more_is_asked_for) {
  lead();
  step(input::settings_changed{flush_mode::sync, 2});
  write();
  synced();
  answer(2, 1);
  EXPECT_EQ(machine_.acknowledged(), 1);
  EXPECT_THAT(all<action::refuse_unheld>(step(raft::input::peer_silent{3})), IsEmpty());
}

} // namespace
} // namespace chisme::partition
