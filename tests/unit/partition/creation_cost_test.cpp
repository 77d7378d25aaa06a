// What it costs the disk to create many replicas that have others: syncs for each round that they share, whatever their
// number. The flusher is the real one; the other replicas are the test's.
#include "actors/flusher/flusher_actor.hpp"
#include "tests/support/fake_links.hpp"
#include "tests/support/partition_shell.hpp"

namespace chisme::partition {
namespace {

constexpr int replicas = 50;
/// Few for so many replicas, and more than there are things to be synced one after the other.
constexpr uint64_t few_rounds = 6;

struct no_heartbeats final : heartbeats::port {
  void send(heartbeats::group_opened) override {}
  void send(heartbeats::input::group_changed) override {}
  void send(heartbeats::group_closed) override {}
};

class creation_cost_test : public test::partition_shell_test {
protected:
  creation_cost_test() {
    links_->up = {2, 3};
    around_.links = links_;
    around_.heartbeats = std::make_shared<no_heartbeats>();
    around_.router = std::make_shared<peers::peer_router>(peers::fixed_ports{});
    around_.flusher = spawn<flusher::flusher>(disk_->open_filesystem("/data").value());
    around_.supervisor = fake<supervisor::supervisor_actor>(
      [](const supervisor::replica_opened&) {}, [](const supervisor::replica_role&) {},
      [](const supervisor::checkpoint_wanted&) {}, [](const supervisor::compaction_wanted&) {});
    // The first one leads, which this node is not.
    replica_.voters = {2, 1, 3};
  }
  ~creation_cost_test() override { end_all(); }

  void open_all() {
    for (int i = 0; i < replicas; ++i) {
      replica_.name.partition = replica_.key.partition = i;
      replica_.directory = "/data/t-" + std::to_string(i);
      all_.push_back(spawn<partition>(around_, replica_));
    }
    run();
  }
  /// As a process that is killed.
  void end_all() {
    for (const auto& p : std::exchange(all_, {}))
      caf::anon_send_exit(p, caf::exit_reason::kill);
    run();
  }
  peer::raft_group group(int i) const { return {replica_.key.topic_id, i}; }
  /// Those that grant what node 2 asks for, whose log ends there.
  size_t votes_in(leader_epoch_t epoch, peer::raft_position end = {-1, 0}) {
    for (int i = 0; i < replicas; ++i)
      around_.router->arrived(2, peer::raft_vote_request{group(i), epoch, end, false, false});
    run();
    return static_cast<size_t>(
      std::ranges::count_if(links_->take<peer::raft_vote_answer>(2), [](const auto& a) { return a.granted; }));
  }
  /// Those that have taken over the mark of the epoch that node 2 leads.
  size_t marks_in(leader_epoch_t epoch) {
    for (int i = 0; i < replicas; ++i)
      around_.router->arrived(2, peer::raft_append{group(i), epoch, {-1, 0}, {{epoch, 0, std::nullopt}}, 0, 0, {}});
    run();
    return static_cast<size_t>(std::ranges::count_if(links_->take<peer::raft_append_answer>(2), [&](const auto& a) {
      return a.outcome == peer::raft_append_outcome::synced && a.at == peer::raft_position{epoch, 0};
    }));
  }
  uint64_t syncs_since_last() {
    const auto before = std::exchange(syncs_, disk_->syncs());
    return syncs_ - before;
  }

  std::shared_ptr<test::fake_links> links_ = std::make_shared<test::fake_links>();
  std::vector<partition_actor> all_;
  uint64_t syncs_ = 0;
};

TEST_F(creation_cost_test, replicas_that_come_together_share_their_syncs) {
  open_all();
  EXPECT_LE(syncs_since_last(), few_rounds) << "to be opened";
  ASSERT_EQ(votes_in(5), size_t{replicas});
  EXPECT_LE(syncs_since_last(), few_rounds) << "for the first vote";
  ASSERT_EQ(marks_in(5), size_t{replicas});
  EXPECT_LE(syncs_since_last(), few_rounds) << "for the first mark";
}

TEST_F(creation_cost_test, replicas_that_are_opened_again_share_their_syncs) {
  open_all();
  ASSERT_EQ(votes_in(5), size_t{replicas});
  ASSERT_EQ(marks_in(5), size_t{replicas});
  end_all();
  replica_.existed = true;
  syncs_since_last();
  open_all();
  EXPECT_LE(syncs_since_last(), few_rounds);
  EXPECT_EQ(votes_in(6, {5, 0}), size_t{replicas}) << "they are there";
}

/// Nobody has gone by a vote that a power loss takes back.
TEST_F(creation_cost_test, what_was_voted_is_there_after_a_power_loss) {
  open_all();
  ASSERT_EQ(votes_in(5), size_t{replicas});
  end_all();
  std::mt19937_64 random{7};
  disk_->crash(random);
  around_.flusher = spawn<flusher::flusher>(disk_->open_filesystem("/data").value());
  replica_.existed = true;
  open_all();
  for (int i = 0; i < replicas; ++i)
    around_.router->arrived(3, peer::raft_vote_request{group(i), 5, {-1, 0}, false, false});
  run();
  const auto said = links_->take<peer::raft_vote_answer>(3);
  EXPECT_EQ(said.size(), size_t{replicas});
  EXPECT_TRUE(std::ranges::none_of(said, [](const auto& a) { return a.granted; })) << "two votes in one epoch";
}

} // namespace
} // namespace chisme::partition
