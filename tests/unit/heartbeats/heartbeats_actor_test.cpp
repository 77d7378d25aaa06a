#include "actors/heartbeats/heartbeats_actor.hpp"
#include "tests/support/fake_links.hpp"
#include "tests/support/heartbeats_words.hpp"
#include "tests/support/shell_fixture.hpp"

#include <gmock/gmock.h>

namespace chisme::test {
namespace {

namespace input = heartbeats::input;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Keeps what a replica is told.
class replica final : public heartbeats::group_port {
public:
  void send(heartbeats::group_news n) override {
    std::visit([&](const auto& x) { told.push_back(text_of(heartbeats::any_output{x})); }, n.what);
  }
  std::vector<std::string> told;
};

class heartbeats_actor_test : public shell_test {
protected:
  heartbeats_actor_test() {
    auto actor =
      spawn<heartbeats::heartbeats>(heartbeats::heartbeats_config{1, 11, {}, links_, [this] { return now(); }});
    port_ = heartbeats::make_port(actor);
    peers_ = heartbeats::make_peer_port(actor);
    run();
  }
  std::shared_ptr<replica> open(int32_t g, node_id leader, leader_epoch_t epoch, offset_t commit = 0) {
    auto r = std::make_shared<replica>();
    port_->send(heartbeats::group_opened{group(g), r});
    port_->send(input::group_changed{group(g), {1, 2}, leader, epoch, commit});
    run();
    return r;
  }
  void up(node_id id, uint64_t process) {
    links_->up.insert(id);
    peers_->send(input::peer_up{id, process});
    run();
  }
  void arrives(uint64_t sequence, std::vector<peer::heartbeat_entry> entries = {}) {
    peers_->send(input::message_arrived{2, {22, 11, sequence, 0, false, std::move(entries)}});
    run();
  }

  std::shared_ptr<fake_links> links_ = std::make_shared<fake_links>();
  heartbeats::port_ptr port_;
  heartbeats::peer_port_ptr peers_;
};

TEST_F(heartbeats_actor_test, a_tick_sends_one_message_to_each_peer) {
  up(2, 22);
  open(0, 1, 5, 100);
  open(1, 1, 7);
  pass(std::chrono::milliseconds{250});
  const auto sent = links_->take<peer::heartbeat>(2);
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(text_of(sent[1]), "#2 of 11 to 22 ack 0 [0 leads in 5 commit 100] [1 leads in 7 commit 0]");
}

TEST_F(heartbeats_actor_test, a_replica_is_told_what_concerns_its_group) {
  up(2, 22);
  const auto first = open(0, -1, 0);
  const auto second = open(1, 1, 3);
  arrives(1, {{group(0), 5, 100, true}});
  EXPECT_THAT(first->told, ElementsAre("group 0: 2 leads in 5 commit 100"));
  pass(std::chrono::milliseconds{600});
  EXPECT_THAT(second->told, ElementsAre("group 1: 2 silent"));
}

TEST_F(heartbeats_actor_test, a_replica_that_was_started_anew_takes_the_place_of_the_one_before) {
  up(2, 22);
  const auto before = open(0, 1, 5);
  pass(std::chrono::milliseconds{600});
  const auto after = open(0, -1, 5);
  before->told.clear();
  port_->send(heartbeats::group_closed{group(0), before}); // came late
  arrives(1, {{group(0), 6, 0, true}});
  EXPECT_THAT(after->told, ElementsAre("group 0: 2 leads in 6 commit 0")) << "it knows nothing of an earlier silence";
  EXPECT_THAT(before->told, IsEmpty());
}

TEST_F(heartbeats_actor_test, who_has_closed_is_told_nothing_and_does_not_lead) {
  up(2, 22);
  const auto r = open(0, 1, 5);
  port_->send(heartbeats::group_closed{group(0), r});
  run();
  pass(std::chrono::milliseconds{100});
  const auto sent = links_->take<peer::heartbeat>(2);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(text_of(sent[0]), "#1 of 11 to 22 ack 0 [0 does not lead in 5 commit 0]");
  pass(std::chrono::milliseconds{1'000});
  EXPECT_THAT(r->told, IsEmpty());
}

TEST_F(heartbeats_actor_test, links_and_suspicions_are_heard_of) {
  up(2, 22);
  const auto r = open(0, -1, 0);
  arrives(1, {{group(0), 5, 0, true}});
  port_->send(input::group_changed{group(0), {1, 2}, 2, 5, 0});
  run();
  r->told.clear();
  peers_->send(input::peer_down{2});
  run();
  EXPECT_THAT(r->told, ElementsAre("group 0: leader silent"));
  pass(std::chrono::milliseconds{300});
  arrives(2);
  port_->send(input::group_changed{group(0), {1, 2}, 2, 5, 0});
  run();
  r->told.clear();
  pass(std::chrono::milliseconds{300});
  peers_->send(input::peer_suspected{2});
  run();
  EXPECT_THAT(r->told, ElementsAre("group 0: leader silent"));
}

} // namespace
} // namespace chisme::test
