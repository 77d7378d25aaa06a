#include "actors/membership/membership_actor.hpp"
#include "tests/support/fake_links.hpp"
#include "tests/support/shell_fixture.hpp"

#include <gmock/gmock.h>

namespace chisme::test {
namespace {

namespace input = membership::input;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class kept_suspicions final : public heartbeats::peer_port {
public:
  void send(heartbeats::input::message_arrived) override {}
  void send(heartbeats::input::peer_up) override {}
  void send(heartbeats::input::peer_down) override {}
  void send(heartbeats::input::peer_suspected x) override { suspected.push_back(x.node); }
  std::vector<node_id> suspected;
};

/// Shells of several nodes, with links that the test carries messages over.
class membership_actor_test : public shell_test {
protected:
  struct node {
    membership::membership_actor actor;
    membership::port_ptr port;
    membership::peer_port_ptr peers;
    std::shared_ptr<fake_links> links = std::make_shared<fake_links>();
    std::shared_ptr<kept_suspicions> heartbeats = std::make_shared<kept_suspicions>();
    std::vector<std::string> brokers; ///< as they were told last
    int told = 0;
    std::vector<std::string> leaders;
  };

  static peer::address peer_address(node_id id) { return {"peer" + std::to_string(id), 9093}; }

  node& start(node_id id, std::vector<peer::address> seeds = {}) {
    auto& n = nodes_[id];
    membership::membership_config c;
    c.self = {id, static_cast<uint64_t>(id) * 11, 0, peer_address(id), {{"host" + std::to_string(id), 9092}}, "rack",
              {}};
    c.options.seeds = std::move(seeds);
    c.random = random_source{static_cast<uint64_t>(id)};
    c.links = n.links;
    c.steady_clock = [this] { return 1'000'000 + now(); };
    c.heartbeats = n.heartbeats;
    c.brokers_changed = [&n](std::vector<broker_endpoint> all) {
      ++n.told;
      n.brokers.clear();
      for (const auto& b : all)
        n.brokers.push_back(std::to_string(b.id) + " " + b.host + ":" + std::to_string(b.port) + " " +
                            b.rack.value_or("-"));
    };
    c.leader_changed = [&n](const peer::leader_claim& x) {
      n.leaders.push_back(std::to_string(x.partition) + " led by " + std::to_string(x.leader) + " in " +
                          std::to_string(x.epoch));
    };
    n.actor = spawn<membership::membership>(std::move(c));
    n.port = membership::make_port(n.actor);
    n.peers = membership::make_peer_port(n.actor);
    run();
    return n;
  }
  /// Both directions, once each has dialled the other.
  void connect(node_id a, node_id b) {
    for (const auto& [from, to] : {std::pair{a, b}, std::pair{b, a}}) {
      nodes_[from].links->up.insert(to);
      nodes_[from].peers->send(input::link_up{to});
    }
    run();
  }
  void disconnect(node_id a, node_id b) {
    for (const auto& [from, to] : {std::pair{a, b}, std::pair{b, a}}) {
      nodes_[from].links->up.erase(to);
      nodes_[from].peers->send(input::link_down{to});
    }
    run();
  }
  /// Time passes; what is sent arrives within 10 ms, but nothing at or from `dead`.
  void live(milliseconds time, node_id dead = -1) {
    for (; time.count() > 0; time -= milliseconds{10}) {
      pass(milliseconds{10});
      for (auto& [from, n] : nodes_)
        for (auto& s : std::exchange(n.links->sent_messages, {}))
          if (s.to != dead && from != dead)
            nodes_.at(s.to).peers->send({from, gossip_of(s.message)});
      run();
    }
  }
  static peer::membership_message gossip_of(const peer_message& m) {
    return std::visit(
      [](const auto& body) -> peer::membership_message {
        if constexpr (std::is_constructible_v<peer::membership_message, decltype(body)>)
          return body;
        else
          throw std::logic_error{"the membership sent something else"};
      },
      m);
  }
  /// Two that know each other; 2 had 1 as its seed.
  void start_two() {
    start(1);
    start(2, {peer_address(1)});
    live(milliseconds{100});
    connect(1, 2);
    live(milliseconds{1'500});
  }

  std::map<node_id, node> nodes_;
};

TEST_F(membership_actor_test, a_node_alone_tells_nothing_and_sends_nothing) {
  const auto& n = start(1);
  live(milliseconds{5'000});
  EXPECT_EQ(n.told, 0);
  EXPECT_THAT(n.links->peers, IsEmpty());
  EXPECT_THAT(n.links->seeds, IsEmpty());
}

TEST_F(membership_actor_test, a_seed_is_dialled_and_greeted_as_soon_as_it_is_known_which_node_it_is) {
  start(1);
  auto& n = start(2, {peer_address(1)});
  live(milliseconds{100});
  EXPECT_THAT(n.links->seeds, ElementsAre(peer_address(1)));
  EXPECT_THAT(n.links->sent_messages, IsEmpty()) << "nobody is reached yet";
  connect(1, 2);
  EXPECT_EQ(n.links->take<peer::gossip_exchange>(1).size(), 1u);
}

TEST_F(membership_actor_test, who_joins_is_a_broker_and_a_peer_on_both_sides) {
  start_two();
  const auto both = ElementsAre("1 host1:9092 rack", "2 host2:9092 rack");
  EXPECT_THAT(nodes_[1].brokers, both);
  EXPECT_THAT(nodes_[2].brokers, both);
  EXPECT_EQ(nodes_[1].told, 1);
  EXPECT_EQ(nodes_[1].links->peers.at(2), peer_address(2));
  EXPECT_EQ(nodes_[2].links->peers.at(1), peer_address(1));
  live(milliseconds{5'000});
  EXPECT_EQ(nodes_[1].told, 1) << "the same again is no news";
  EXPECT_LE(nodes_[1].links->peers_set, 2) << "links are told again only what is different";
}

TEST_F(membership_actor_test, claims_of_leadership_reach_the_others) {
  start_two();
  nodes_[1].port->send(input::partitions_led{{{uuid{{7}}, 3, 5, 1}}});
  live(milliseconds{1'000});
  EXPECT_THAT(nodes_[2].leaders, ElementsAre("3 led by 1 in 5"));
}

TEST_F(membership_actor_test, a_lost_node_is_suspected_and_then_no_broker) {
  start_two();
  disconnect(1, 2);
  EXPECT_THAT(nodes_[1].heartbeats->suspected, ElementsAre(2)) << "the link's end is news at once";
  EXPECT_EQ(nodes_[1].brokers.size(), 2u) << "it is not dead yet";
  live(milliseconds{10'000}, 2);
  EXPECT_THAT(nodes_[1].brokers, ElementsAre("1 host1:9092 rack"));
  EXPECT_EQ(nodes_[1].links->peers.count(2), 1u) << "it may come back";
}

TEST_F(membership_actor_test, who_leaves_is_forgotten_by_the_links) {
  start_two();
  nodes_[2].port->send(input::leave{});
  live(milliseconds{1'000});
  EXPECT_THAT(nodes_[1].brokers, ElementsAre("1 host1:9092 rack"));
  EXPECT_EQ(nodes_[1].links->peers.count(2), 0u);
}

TEST_F(membership_actor_test, where_this_node_listens_may_change) {
  start_two();
  nodes_[1].port->send(input::addresses_changed{peer_address(1), {{"elsewhere", 1}}, ""});
  live(milliseconds{1'000});
  const auto both = ElementsAre("1 elsewhere:1 -", "2 host2:9092 rack");
  EXPECT_THAT(nodes_[1].brokers, both);
  EXPECT_THAT(nodes_[2].brokers, both);
}

} // namespace
} // namespace chisme::test
