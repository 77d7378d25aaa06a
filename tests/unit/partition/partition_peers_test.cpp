// A replica's shell and the other replicas of its group, which the test plays.
#include "actors/log/file_names.hpp"
#include "actors/partition/open_replica.hpp"
#include "actors/port_to_actor.hpp"
#include "tests/support/fake_links.hpp"
#include "tests/support/partition_shell.hpp"

#include <gmock/gmock.h>

namespace chisme::partition {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using outcome = peer::raft_append_outcome;

/// Heartbeats that nobody hears.
struct silent_heartbeats final : heartbeats::port {
  void send(heartbeats::group_opened x) override { replica = x.replica; }
  void send(heartbeats::input::group_changed) override {}
  void send(heartbeats::group_closed) override { replica = nullptr; }
  heartbeats::group_port_ptr replica;
};

class partition_peers_test : public test::partition_shell_test {
protected:
  partition_peers_test() {
    links_->up = {2, 3};
    around_.links = links_;
    around_.heartbeats = heartbeats_;
    around_.router = std::make_shared<peers::peer_router>(peers::fixed_ports{});
    around_.disk_worker = fake<disk_worker::disk_worker_actor>(
      [this](const disk_worker::open_request& r) -> disk_worker::open_result {
        return {std::make_shared<opened_replica>(open_replica(*disk_, *r.what)), {}};
      },
      [](const disk_worker::close_log_request& r) -> disk_worker::close_log_result {
        EXPECT_TRUE(r.log->close());
        return {};
      },
      [this](const disk_worker::work_request& r) -> disk_worker::work_result {
        ++works_;
        if (meanwhile_)
          meanwhile_();
        return {r.log, r.what(*r.log), {}};
      },
      [this](const disk_worker::warm_request& r) -> disk_worker::warm_result {
        ++warmed_;
        disk_->may_wait(true);
        std::vector<std::byte> somewhere(r.what.length);
        EXPECT_TRUE(r.what.file->read_at(r.what.position, somewhere));
        disk_->may_wait(false);
        return {};
      });
    around_.supervisor = fake<supervisor::supervisor_actor>(
      [this](const supervisor::replica_opened& o) { told_.push_back(o); },
      [this](const supervisor::replica_role& r) { roles_.push_back(r); }, [](const supervisor::checkpoint_wanted&) {},
      [](const supervisor::compaction_wanted&) {});
    replica_.voters = {1, 2, 3};
  }
  ~partition_peers_test() override {
    // The replica and its ports know each other.
    caf::anon_send_exit(partition_, caf::exit_reason::kill);
    run();
  }

  peer::raft_group group() const { return {replica_.key.topic_id, 0}; }
  template <class Message>
  void hear(node_id from, Message m) {
    around_.router->arrived(from, std::move(m));
    run();
  }
  leader_epoch_t epoch_of_last_append(node_id to) {
    leader_epoch_t epoch = -1;
    for (const auto& s : links_->sent_messages)
      if (const auto* m = std::get_if<peer::raft_append>(&s.message); m && s.to == to)
        epoch = m->epoch;
    return epoch;
  }
  void answer(node_id from, raft::position at) {
    hear(from, peer::raft_append_answer{group(), epoch_, outcome::synced, {at.epoch, at.offset}, {}});
  }
  /// Timers run until it asks for votes, which 2 gives it.
  void lead() {
    open();
    for (int i = 0; i < 40 && epoch_ < 0; ++i) {
      pass(std::chrono::milliseconds{100});
      sync_all();
      for (const auto& asked : links_->take<peer::raft_vote_request>(2))
        hear(2, peer::raft_vote_answer{group(), asked.epoch, asked.pre_vote, true});
      sync_all();
      epoch_ = epoch_of_last_append(2);
    }
    ASSERT_GE(epoch_, 0);
    answer(2, {epoch_, 0});
    sync_all();
  }

  leader_epoch_t epoch_ = -1;
  int works_ = 0;
  std::function<void()> meanwhile_; ///< happens while the disk worker has the log
  int warmed_ = 0;
  std::vector<supervisor::replica_role> roles_;
  std::shared_ptr<test::fake_links> links_ = std::make_shared<test::fake_links>();
  std::shared_ptr<silent_heartbeats> heartbeats_ = std::make_shared<silent_heartbeats>();
};

// -- promises --------------------------------------------------------------------------------------------------------

TEST_F(partition_peers_test, the_file_of_its_votes_is_made_by_the_disk_worker) {
  open();
  const auto path = replica_.directory + "/" + std::string{log::quorum_file_name};
  ASSERT_TRUE(disk_->exists(path).value());
  const auto syncs = disk_->syncs();
  hear(2, peer::raft_vote_request{group(), 5, {4, 100}, false, false});
  EXPECT_EQ(disk_->syncs(), syncs) << "only the flusher syncs";
  EXPECT_THAT(links_->take<peer::raft_vote_answer>(2), IsEmpty()) << "before that is on disk";
  sync_all();
  EXPECT_EQ(links_->take<peer::raft_vote_answer>(2).size(), 1u);
}

/// A process that was killed may have left its promises in the system's cache only.
TEST_F(partition_peers_test, what_it_finds_to_have_promised_is_synced_before_it_says_anything) {
  open();
  hear(2, peer::raft_vote_request{group(), 5, {4, 100}, false, false});
  sync_all();
  ASSERT_EQ(links_->take<peer::raft_vote_answer>(2).size(), 1u);
  caf::anon_send_exit(partition_, caf::exit_reason::kill);
  run();
  replica_.existed = true;
  told_.clear();
  partition_ = spawn<partition>(around_, replica_);
  run();
  ASSERT_EQ(flusher_.requests.size(), 1u);
  const auto path = replica_.directory + "/" + std::string{log::quorum_file_name};
  ASSERT_EQ(flusher_.requests[0].files.size(), 3u) << "with its name, and that of its folder";
  EXPECT_EQ(flusher_.requests[0].files[0]->path(), path);
  hear(3, peer::raft_vote_request{group(), 5, {4, 100}, false, false});
  EXPECT_THAT(links_->take<peer::raft_vote_answer>(3), IsEmpty());
  sync("the disk is gone");
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_TRUE(told_[0].may_pass) << "nobody was told anything that relies on it";
  EXPECT_FALSE(flusher_.is_asked());
  tell(reopen{});
  sync_all();
  hear(3, peer::raft_vote_request{group(), 5, {4, 100}, false, false});
  sync_all();
  const auto said = links_->take<peer::raft_vote_answer>(3);
  ASSERT_FALSE(said.empty());
  EXPECT_FALSE(said.back().granted) << "2 has that vote";
}

/// The second promise waits until the first one is synced: its write is what meets the full disk.
TEST_F(partition_peers_test, a_vote_that_waited_and_then_found_no_room_is_written_later) {
  open();
  hear(2, peer::raft_vote_request{group(), 5, {4, 100}, false, false});
  hear(3, peer::raft_vote_request{group(), 6, {4, 100}, false, false});
  disk_->fail_operation(0, test::disk_fault::full);
  sync_all();
  ASSERT_TRUE(disk_->fault_happened());
  EXPECT_NE(disk_->last_refused().find(log::quorum_file_name), std::string::npos) << disk_->last_refused();
  EXPECT_THAT(links_->take<peer::raft_vote_answer>(3), IsEmpty()) << "it is not on disk";
  pass(std::chrono::seconds{1});
  sync_all();
  const auto said = links_->take<peer::raft_vote_answer>(3);
  ASSERT_FALSE(said.empty()) << "it serves no more";
  EXPECT_TRUE(said[0].granted);
}

TEST_F(partition_peers_test, a_replica_that_is_alone_needs_no_such_file) {
  replica_.voters = {1};
  open();
  EXPECT_FALSE(disk_->exists(replica_.directory + "/" + std::string{log::quorum_file_name}).value());
}

TEST_F(partition_peers_test, one_whose_folder_was_lost_does_not_vote) {
  replica_.is_of_another_folder = true;
  open();
  hear(2, peer::raft_vote_request{group(), 5, {4, 100}, false, false});
  sync_all();
  const auto said = links_->take<peer::raft_vote_answer>(2);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_FALSE(said[0].granted);
  // Its folder says so from now on, whatever the assignment says.
  caf::anon_send_exit(partition_, caf::exit_reason::kill);
  run();
  auto again = log::quorum_state::open(*disk_, replica_.directory);
  ASSERT_TRUE(again);
  ASSERT_TRUE(again->found());
  EXPECT_TRUE(again->found()->has_lost_disk);
}

/// The other one has all that is committed, and cannot take anybody in without this vote.
TEST_F(partition_peers_test, one_of_two_votes_though_its_folder_was_lost) {
  replica_.voters = {1, 2};
  replica_.is_of_another_folder = true;
  open();
  hear(2, peer::raft_vote_request{group(), 5, {4, 100}, false, false});
  sync_all();
  const auto said = links_->take<peer::raft_vote_answer>(2);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_TRUE(said[0].granted);
}

TEST_F(partition_peers_test, one_that_has_promised_something_in_this_folder_has_lost_nothing) {
  open();
  hear(2, peer::raft_vote_request{group(), 5, {4, 100}, false, false});
  sync_all();
  caf::anon_send_exit(partition_, caf::exit_reason::kill);
  run();
  links_->sent_messages.clear();
  replica_.is_of_another_folder = true;
  open();
  hear(2, peer::raft_vote_request{group(), 6, {4, 100}, false, false});
  sync_all();
  const auto said = links_->take<peer::raft_vote_answer>(2);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_TRUE(said[0].granted);
}

// -- what waits for the disk -----------------------------------------------------------------------------------------

TEST_F(partition_peers_test, marks_with_voters_are_written_by_the_disk_worker) {
  open();
  hear(2, peer::raft_append{group(), 5, {-1, 0}, {{5, 0, peer::raft_configuration{{1, 2}, {1, 2, 3}}}}, 0, 0, {}});
  sync_all();
  EXPECT_EQ(works_, 1);
  const auto said = links_->take<peer::raft_append_answer>(2);
  ASSERT_FALSE(said.empty());
  EXPECT_EQ(said.back().at, (peer::raft_position{5, 0}));
}

/// Each retry takes 200 ms: nobody may wait for one while the disk reads.
TEST_F(partition_peers_test, a_follower_that_lacks_what_is_not_in_memory_is_served_as_fast_as_the_disk_reads) {
  replica_.settings.segment_bytes = 1 << 20;
  lead();
  constexpr int batches = 1000;
  for (int i = 0; i < batches; ++i)
    append(acks::none, 20);
  sync_all();
  constexpr offset_t end = batches * 20;
  answer(2, {epoch_, end});
  links_->sent_messages.clear();
  EXPECT_TRUE(disk_->open_filesystem("/data").value()->sync());
  disk_->drop_clean_pages();
  std::mt19937_64 random{1};
  for (int i = 0; i < 20; ++i)
    disk_->cool_down(random);
  disk_->may_wait(false);
  hear(3, peer::raft_follow{group(), epoch_, {-1, 0}});
  offset_t held = 0;
  for (int rounds = 0; held < end; ++rounds) {
    ASSERT_LT(rounds, 1000) << "it hangs at " << held;
    const auto sent = links_->take<peer::raft_append>(3);
    ASSERT_FALSE(sent.empty()) << "it waits for time to pass at " << held;
    for (const auto& m : sent) {
      const auto bytes = test::bytes_of(m.records);
      const auto parsed = log::copied_batches::parse(buffer::copy_of(bytes), "1");
      ASSERT_TRUE(parsed);
      if (!parsed->empty())
        held = std::max(held, parsed->outline().back().end);
      answer(3, {epoch_, held});
    }
  }
  EXPECT_GT(warmed_, 0);
  EXPECT_EQ(disk_->waited_for(), "");
  disk_->may_wait(true);
}

// -- timers and those in sync ----------------------------------------------------------------------------------------

/// Replica 3 has lost its disk, so the leader moves to an epoch whose mark has no place for it. While that is written a
/// timer falls due which is replaced by what follows. Told all the same, it would be the first of two ticks after which
/// a message counts as lost.
TEST_F(partition_peers_test, a_timer_that_was_replaced_while_the_log_was_away_is_not_told) {
  lead();
  meanwhile_ = [this] {
    for (uint64_t number = 1; number < 50; ++number)
      caf::anon_send(partition_, wake_due{number});
  };
  hear(3, peer::raft_append_answer{group(), epoch_, outcome::observed, {epoch_, 0}, {}});
  sync_all();
  const auto asked = links_->take<peer::raft_vote_request>(2);
  ASSERT_FALSE(asked.empty());
  links_->sent_messages.clear();
  hear(2, peer::raft_vote_answer{group(), asked.back().epoch, false, true});
  sync_all();
  ASSERT_EQ(works_, 1);
  const auto sent = links_->take<peer::raft_append>(2);
  ASSERT_EQ(sent.size(), 1u);
  ASSERT_EQ(sent[0].marks.size(), 1u);
  EXPECT_TRUE(sent[0].marks[0].config) << "it says who votes";
  pass(std::chrono::milliseconds{300});
  EXPECT_THAT(links_->take<peer::raft_append>(2), IsEmpty()) << "it is not lost yet";
  pass(std::chrono::milliseconds{200});
  EXPECT_EQ(links_->take<peer::raft_append>(2).size(), 1u);
}

TEST_F(partition_peers_test, who_has_caught_up_is_told_of_without_anything_else_happening) {
  lead();
  ASSERT_FALSE(roles_.empty());
  EXPECT_THAT(roles_.back().in_sync, ElementsAre(1, 2));
  answer(3, {epoch_, 0});
  EXPECT_THAT(roles_.back().in_sync, ElementsAre(1, 2, 3));
}

} // namespace
} // namespace chisme::partition
