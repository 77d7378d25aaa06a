#include "actors/peers/peer_router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme::test {
namespace {

using peers::arrival;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class kept final : public peers::arrival_port {
public:
  void send(arrival a) override {
    names.push_back(std::to_string(a.from) + " " + std::string{peer::name_of(a.message)});
  }
  std::vector<std::string> names;
};

class kept_heartbeats final : public heartbeats::peer_port {
public:
  void send(heartbeats::input::message_arrived x) override {
    all.push_back(std::to_string(x.from) + " heartbeat " + std::to_string(x.message.sequence));
  }
  void send(heartbeats::input::peer_up x) override {
    all.push_back("up " + std::to_string(x.node) + " " + std::to_string(x.process));
  }
  void send(heartbeats::input::peer_down x) override { all.push_back("down " + std::to_string(x.node)); }
  void send(heartbeats::input::peer_suspected) override { all.emplace_back("suspected"); }
  std::vector<std::string> all;
};

class kept_membership final : public membership::peer_port {
public:
  void send(membership::input::message_arrived x) override {
    all.push_back(std::to_string(x.from) + " kind " + std::to_string(x.message.index()));
  }
  void send(membership::input::link_up x) override { all.push_back("up " + std::to_string(x.node)); }
  void send(membership::input::link_down x) override { all.push_back("down " + std::to_string(x.node)); }
  std::vector<std::string> all;
};

peer::raft_group group(int32_t partition) { return {uuid{{7}}, partition}; }

template <class Body>
Body of_group(int32_t partition) {
  Body b;
  b.group = group(partition);
  return b;
}

class peer_router_test : public ::testing::Test {
protected:
  std::shared_ptr<kept_heartbeats> heartbeats_ = std::make_shared<kept_heartbeats>();
  std::shared_ptr<kept_membership> membership_ = std::make_shared<kept_membership>();
  std::shared_ptr<kept> coordinator_ = std::make_shared<kept>();
  peers::peer_router router_{{heartbeats_, membership_, coordinator_}};
};

TEST_F(peer_router_test, messages_of_a_group_go_to_its_replica) {
  const auto first = std::make_shared<kept>();
  const auto second = std::make_shared<kept>();
  router_.open(group(1), first);
  router_.open(group(2), second);
  router_.arrived(5, of_group<peer::raft_vote_request>(1));
  router_.arrived(5, of_group<peer::raft_vote_answer>(1));
  router_.arrived(5, of_group<peer::raft_append>(1));
  router_.arrived(5, of_group<peer::raft_append_answer>(1));
  router_.arrived(5, of_group<peer::raft_reset>(1));
  router_.arrived(5, of_group<peer::raft_timeout_now>(1));
  router_.arrived(6, of_group<peer::raft_follow>(2));
  EXPECT_THAT(first->names, ElementsAre("5 raft_vote_request", "5 raft_vote_answer", "5 raft_append",
                                        "5 raft_append_answer", "5 raft_reset", "5 raft_timeout_now"));
  EXPECT_THAT(second->names, ElementsAre("6 raft_follow"));
  EXPECT_EQ(router_.dropped(), 0u);
}

TEST_F(peer_router_test, a_topic_that_was_made_again_is_another_one) {
  const auto replica = std::make_shared<kept>();
  router_.open({uuid{{8}}, 1}, replica);
  router_.arrived(5, of_group<peer::raft_follow>(1));
  EXPECT_THAT(replica->names, IsEmpty());
  EXPECT_EQ(router_.dropped(), 1u);
}

TEST_F(peer_router_test, what_is_not_of_a_group_goes_to_those_who_are_there_for_it) {
  peer::heartbeat beat;
  beat.sequence = 9;
  router_.arrived(2, beat);
  router_.arrived(2, peer::swim_ping{});
  router_.arrived(2, peer::swim_ping_request{});
  router_.arrived(2, peer::swim_ack{});
  router_.arrived(2, peer::gossip_exchange{});
  router_.peer_up(3, 33);
  router_.peer_down(3, "closed");
  EXPECT_THAT(heartbeats_->all, ElementsAre("2 heartbeat 9", "up 3 33", "down 3"));
  EXPECT_THAT(membership_->all, ElementsAre("2 kind 0", "2 kind 1", "2 kind 2", "2 kind 3", "up 3", "down 3"));
  EXPECT_EQ(router_.dropped(), 0u);
}

TEST_F(peer_router_test, what_nobody_wants_is_counted) {
  router_.arrived(2, peer::ping{});
  router_.arrived(2, peer::hello{});
  router_.arrived(2, of_group<peer::raft_follow>(1));
  EXPECT_EQ(router_.dropped(), 3u);
  EXPECT_THAT(coordinator_->names, IsEmpty());
}

TEST_F(peer_router_test, a_node_without_any_of_them_drops_everything) {
  peers::peer_router alone{{}};
  alone.arrived(2, peer::heartbeat{});
  alone.arrived(2, peer::swim_ping{});
  alone.peer_up(2, 22);
  alone.peer_down(2, "closed");
  EXPECT_EQ(alone.dropped(), 2u);
}

TEST_F(peer_router_test, a_replica_that_has_closed_gets_nothing_and_does_not_close_the_next_one) {
  const auto before = std::make_shared<kept>();
  const auto after = std::make_shared<kept>();
  router_.open(group(1), before);
  router_.open(group(1), after);
  router_.close(group(1), before);
  router_.arrived(5, of_group<peer::raft_follow>(1));
  EXPECT_THAT(before->names, IsEmpty());
  EXPECT_THAT(after->names, ElementsAre("5 raft_follow"));
  router_.close(group(1), after);
  router_.arrived(5, of_group<peer::raft_follow>(1));
  EXPECT_EQ(after->names.size(), 1u);
  EXPECT_EQ(router_.dropped(), 1u);
  EXPECT_EQ(after.use_count(), 1) << "nothing of it is kept";
}

} // namespace
} // namespace chisme::test
