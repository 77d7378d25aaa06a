// The machine alone: what it is told, and what it says.
#include "actors/membership/swim.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme::membership {
namespace {

using output::member_event;
using peer::exchange_stage;
using peer::member_state;

peer::member member(node_id id, int64_t incarnation = 1, uint64_t process = 0) {
  peer::member m;
  m.id = id;
  m.process = process == 0 ? static_cast<uint64_t>(id) * 10 : process;
  m.incarnation = incarnation;
  m.peer = {"n" + std::to_string(id), 9093};
  m.clients.push_back({"n" + std::to_string(id), 9092});
  return m;
}

peer::speaker speaker_of(const peer::member& m) { return {m.id, m.process, m.incarnation, m.peer}; }

uuid some_topic() {
  uuid id;
  id.bytes[0] = 1;
  return id;
}

/// Node 1, and what the others say to it.
class swim_test : public testing::Test {
protected:
  void feed(const swim_input& in) {
    out.clear();
    machine.step(now, in, out);
  }
  void tick(int64_t ms = 50) {
    now += ms;
    feed(input::tick{});
  }
  template <class M>
  void hear(const peer::member& from, M m) {
    m.from = speaker_of(from);
    feed(input::message_arrived{from.id, m});
  }
  void tell(const peer::member& from, std::vector<peer::member_update> members,
            std::vector<peer::leader_claim> claims = {}) {
    peer::swim_ping m;
    m.news = {std::move(members), std::move(claims)};
    hear(from, m);
  }
  void know(node_id id) { tell(member(id), {{member(id), member_state::alive, -1}}); }

  template <class M>
  std::vector<std::pair<node_id, M>> sent() const {
    std::vector<std::pair<node_id, M>> found;
    for (const auto& o : out)
      if (const auto* s = std::get_if<output::send>(&o))
        if (const auto* m = std::get_if<M>(&s->message))
          found.emplace_back(s->node, *m);
    return found;
  }
  std::vector<member_event> events(node_id id) const {
    std::vector<member_event> found;
    for (const auto& o : out)
      if (const auto* e = std::get_if<output::member_changed>(&o); e && e->who.id == id)
        found.push_back(e->what);
    return found;
  }
  size_t conflicts() const {
    return static_cast<size_t>(
      std::ranges::count_if(out, [](const auto& o) { return std::holds_alternative<output::conflict>(o); }));
  }
  member_state state_of(node_id id) const { return machine.members().at(id).state; }
  bool knows(node_id id) const { return machine.members().contains(id); }
  /// Ticks until it says that of the node, answering nothing. How long that took.
  int64_t until(node_id id, member_event what, int64_t at_most = 20'000) {
    const auto begin = now;
    while (now - begin < at_most) {
      tick();
      if (std::ranges::count(events(id), what) > 0)
        return now - begin;
    }
    return -1;
  }

  timestamp_ms now = 1000;
  swim machine{member(1), {}, random_source{1}};
  swim_outputs out;
};

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(swim_test, who_has_no_seeds_is_a_cluster_of_one) {
  tick();
  EXPECT_TRUE(machine.has_joined());
  EXPECT_EQ(machine.self().incarnation, 1);
  EXPECT_TRUE(sent<peer::swim_ping>().empty());
}

TEST_F(swim_test, a_ping_is_answered_with_its_number) {
  peer::swim_ping ping;
  ping.sequence = 77;
  hear(member(2), ping);
  const auto acks = sent<peer::swim_ack>();
  ASSERT_THAT(acks, SizeIs(1));
  EXPECT_EQ(acks[0].first, 2);
  EXPECT_EQ(acks[0].second.sequence, 77u);
  EXPECT_EQ(acks[0].second.node, 1);
  EXPECT_EQ(acks[0].second.process, 10u);
}

TEST_F(swim_test, a_member_that_nobody_has_told_of_is_asked_for_everything) {
  peer::swim_ping ping;
  hear(member(2), ping);
  const auto asked = sent<peer::gossip_exchange>();
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_EQ(asked[0].second.stage, exchange_stage::compare);
  hear(member(2), ping);
  EXPECT_THAT(sent<peer::gossip_exchange>(), IsEmpty()) << "once a tick";
}

/// SWIM, section 3.1: directly, after the timeout through others, at the end of the period suspected.
TEST_F(swim_test, who_does_not_answer_is_asked_through_others_and_then_suspected) {
  know(2);
  know(3);
  tick();
  const auto pings = sent<peer::swim_ping>();
  ASSERT_FALSE(pings.empty());
  const auto target = pings[0].first;
  tick();
  EXPECT_THAT(sent<peer::swim_ping_request>(), IsEmpty());
  tick();
  const auto requests = sent<peer::swim_ping_request>();
  ASSERT_THAT(requests, SizeIs(1));
  EXPECT_EQ(requests[0].first, 5 - target);
  EXPECT_EQ(requests[0].second.target, target);
  EXPECT_EQ(requests[0].second.sequence, pings[0].second.sequence);
  tick();
  EXPECT_THAT(events(target), IsEmpty());
  tick();
  EXPECT_THAT(events(target), ElementsAre(member_event::suspect));
}

TEST_F(swim_test, an_answer_through_others_is_enough) {
  know(2);
  know(3);
  tick();
  const auto [target, ping] = sent<peer::swim_ping>()[0];
  tick(100);
  peer::swim_ack ack;
  ack.sequence = ping.sequence;
  ack.node = target;
  ack.process = static_cast<uint64_t>(target) * 10;
  hear(member(5 - target), ack);
  tick(100);
  EXPECT_EQ(state_of(target), member_state::alive);
}

TEST_F(swim_test, an_ack_of_another_process_is_none) {
  know(2);
  tick();
  peer::swim_ack ack;
  ack.sequence = sent<peer::swim_ping>()[0].second.sequence;
  ack.node = 2;
  ack.process = 21;
  hear(member(2, 0, 21), ack);
  EXPECT_EQ(state_of(2), member_state::suspect);
}

TEST_F(swim_test, a_closed_connection_makes_suspect_at_once_and_dead_later) {
  know(2);
  know(3);
  feed(input::link_down{2});
  EXPECT_THAT(events(2), ElementsAre(member_event::suspect));
  const auto pings = sent<peer::swim_ping>();
  ASSERT_THAT(pings, SizeIs(1));
  EXPECT_THAT(pings[0].second.news.members,
              testing::Contains(testing::Field(&peer::member_update::state, member_state::suspect)));
  const auto alone = until(2, member_event::dead);
  EXPECT_GE(alone, 1800);
  EXPECT_LE(alone, 1900);
}

/// Lifeguard, section IV.B: 300 ms instead of 1,800 where the only other one has found the same.
TEST_F(swim_test, a_confirmed_suspicion_is_short) {
  know(2);
  know(3);
  feed(input::link_down{2});
  tell(member(3), {{member(2), member_state::suspect, 3}});
  const auto confirmed = until(2, member_event::dead);
  EXPECT_GE(confirmed, 300);
  EXPECT_LE(confirmed, 350);
}

TEST_F(swim_test, a_higher_incarnation_refutes_and_old_gossip_does_not_bring_the_dead_back) {
  know(2);
  feed(input::link_down{2});
  tell(member(2, 2), {{member(2, 2), member_state::alive, -1}});
  EXPECT_THAT(events(2), ElementsAre(member_event::alive));
  feed(input::link_down{2});
  ASSERT_GT(until(2, member_event::dead), 0);
  know(2);
  tell(member(3), {{member(2, 2), member_state::alive, -1}, {member(2, 2), member_state::suspect, 3}});
  EXPECT_EQ(state_of(2), member_state::dead);
  tell(member(2, 3), {{member(2, 3), member_state::alive, -1}});
  EXPECT_EQ(state_of(2), member_state::alive);
}

TEST_F(swim_test, it_refutes_what_is_said_of_itself) {
  know(2);
  for (const auto state : {member_state::suspect, member_state::dead, member_state::left}) {
    const auto before = machine.self().incarnation;
    tell(member(2), {{member(1, before), state, 2}});
    EXPECT_EQ(machine.self().incarnation, before + 1);
    const auto acks = sent<peer::swim_ack>();
    ASSERT_THAT(acks, SizeIs(1));
    EXPECT_THAT(acks[0].second.news.members,
                testing::Contains(peer::member_update{machine.self(), member_state::alive, -1}));
    tell(member(2), {{member(1, before), state, 2}});
    EXPECT_EQ(machine.self().incarnation, before + 1) << "once";
  }
}

TEST_F(swim_test, who_leaves_has_left_and_is_not_dead) {
  know(2);
  feed(input::leave{});
  const auto pings = sent<peer::swim_ping>();
  ASSERT_THAT(pings, SizeIs(1));
  EXPECT_THAT(pings[0].second.news.members,
              testing::Contains(peer::member_update{machine.self(), member_state::left, -1}));
  tell(member(2), {{member(1, 1), member_state::dead, -1}});
  EXPECT_EQ(state_of(1), member_state::left);
}

TEST_F(swim_test, the_departure_of_another_is_told_as_that) {
  know(2);
  tell(member(2), {{member(2, 2), member_state::left, -1}});
  EXPECT_THAT(events(2), ElementsAre(member_event::left));
  know(2);
  EXPECT_EQ(state_of(2), member_state::left);
}

TEST_F(swim_test, those_who_are_gone_are_forgotten_after_a_while) {
  know(2);
  tell(member(2), {{member(2, 2), member_state::left, -1}});
  for (int i = 0; i < 599; ++i)
    tick(1000);
  EXPECT_TRUE(knows(2));
  tick(1000);
  EXPECT_FALSE(knows(2));
}

/// Nobody can refute to a process that does not run.
TEST_F(swim_test, after_a_pause_nobody_is_dead_at_once) {
  know(2);
  know(3);
  feed(input::link_down{2});
  tell(member(3), {{member(2), member_state::suspect, 3}});
  tick(50);
  tick(5'000);
  EXPECT_THAT(events(2), IsEmpty());
  EXPECT_EQ(state_of(2), member_state::suspect);
  EXPECT_GT(until(2, member_event::dead), 0);
}

TEST_F(swim_test, a_helper_says_when_it_hears_nothing_and_passes_on_what_it_hears) {
  know(2);
  know(3);
  peer::swim_ping_request request;
  request.sequence = 5;
  request.target = 3;
  request.target_peer = member(3).peer;
  request.patience_ms = 50;
  hear(member(2), request);
  const auto pings = sent<peer::swim_ping>();
  ASSERT_THAT(pings, SizeIs(1));
  EXPECT_EQ(pings[0].first, 3);
  tick(50);
  auto acks = sent<peer::swim_ack>();
  ASSERT_THAT(acks, SizeIs(1));
  EXPECT_FALSE(acks[0].second.heard);
  EXPECT_EQ(acks[0].second.sequence, 5u);
  peer::swim_ack ack;
  ack.sequence = pings[0].second.sequence;
  ack.node = 3;
  ack.process = 30;
  hear(member(3), ack);
  acks = sent<peer::swim_ack>();
  ASSERT_THAT(acks, SizeIs(1));
  EXPECT_EQ(acks[0].first, 2);
  EXPECT_TRUE(acks[0].second.heard);
  EXPECT_EQ(acks[0].second.node, 3);
  EXPECT_EQ(acks[0].second.process, 30u);
}

TEST_F(swim_test, another_process_at_the_same_address_replaces_the_old_one) {
  know(2);
  tell(member(2, 2, 21), {{member(2, 2, 21), member_state::alive, -1}});
  EXPECT_THAT(events(2), ElementsAre(member_event::changed));
  EXPECT_EQ(machine.members().at(2).who.process, 21u);
  know(2);
  EXPECT_EQ(machine.members().at(2).who.process, 21u);
  EXPECT_EQ(conflicts(), 0u);
}

TEST_F(swim_test, a_new_process_is_told_of_the_old_one) {
  know(2);
  peer::gossip_exchange hello;
  hear(member(2, 0, 21), hello);
  const auto answers = sent<peer::gossip_exchange>();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_THAT(answers[0].second.entries.members,
              testing::Contains(peer::member_update{member(2), member_state::alive, -1}));
}

/// The first one answers as well: both addresses are named, once, and the first one stays.
TEST_F(swim_test, two_processes_of_one_id_are_told_of_where_both_answer) {
  know(2);
  auto second = member(2, 0, 21);
  second.peer.host = "elsewhere";
  peer::gossip_exchange hello;
  hear(second, hello);
  EXPECT_EQ(conflicts(), 0u) << "the first one may be dead";
  const auto pings = sent<peer::swim_ping>();
  ASSERT_THAT(pings, SizeIs(1));
  peer::swim_ack ack;
  ack.sequence = pings[0].second.sequence;
  ack.node = 2;
  ack.process = 20;
  hear(member(2), ack);
  EXPECT_THAT(out, testing::Contains(swim_output{output::conflict{2, member(2).peer, second.peer}}));
  EXPECT_EQ(machine.members().at(2).who, member(2));
  hear(second, hello);
  EXPECT_EQ(conflicts(), 0u);
}

TEST_F(swim_test, a_namesake_elsewhere_is_told_of_and_does_not_move_the_first_one) {
  know(2);
  auto namesake = member(1, 0, 99);
  namesake.peer.host = "elsewhere";
  hear(namesake, peer::gossip_exchange{});
  EXPECT_THAT(out, testing::Contains(swim_output{output::conflict{1, member(1).peer, namesake.peer}}));
  EXPECT_TRUE(machine.has_joined());
  EXPECT_EQ(machine.self().incarnation, 1);
}

TEST_F(swim_test, who_speaks_for_another_or_as_nobody_is_refused) {
  peer::swim_ping m;
  m.from = speaker_of(member(2));
  feed(input::message_arrived{3, m});
  EXPECT_THAT(out, IsEmpty());
  m.from.peer.port = 0;
  feed(input::message_arrived{2, m});
  EXPECT_THAT(out, IsEmpty());
  tell(member(2), {{member(4, 0), member_state::alive, -1}}, {{{}, 0, 1, 1}});
  EXPECT_FALSE(knows(4));
  EXPECT_EQ(machine.refused(), 4u);
}

TEST_F(swim_test, its_own_claims_are_its_own_and_spread_with_the_next_tick) {
  know(2);
  feed(input::partitions_led{{{some_topic(), 3, 5, 99}}});
  EXPECT_EQ(machine.leader_of(some_topic(), 3)->leader, 1);
  tick();
  const auto pings = sent<peer::swim_ping>();
  ASSERT_FALSE(pings.empty());
  EXPECT_THAT(pings[0].second.news.claims, ElementsAre(peer::leader_claim{some_topic(), 3, 5, 1}));
  feed(input::forget_topic{some_topic()});
  EXPECT_EQ(machine.leader_of(some_topic(), 3), nullptr);
  tell(member(2), {}, {{some_topic(), 3, 5, 1}});
  EXPECT_EQ(machine.leader_of(some_topic(), 3), nullptr);
}

TEST_F(swim_test, an_exchange_gives_what_differs_and_asks_for_it) {
  know(2);
  tell(member(2), {}, {{some_topic(), 0, 1, 2}});
  peer::gossip_exchange compare;
  compare.members_sum = 1;
  compare.claims_sum = machine.claims().sum();
  hear(member(2), compare);
  auto answers = sent<peer::gossip_exchange>();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].second.stage, exchange_stage::differ);
  EXPECT_THAT(answers[0].second.member_hashes, SizeIs(member_list::buckets));
  EXPECT_THAT(answers[0].second.claim_hashes, IsEmpty());

  peer::gossip_exchange differ;
  differ.stage = exchange_stage::differ;
  differ.claim_hashes.resize(leader_claims::buckets);
  hear(member(2), differ);
  answers = sent<peer::gossip_exchange>();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].second.stage, exchange_stage::give_and_ask);
  EXPECT_THAT(answers[0].second.entries.claims, ElementsAre(peer::leader_claim{some_topic(), 0, 1, 2}));
  EXPECT_THAT(answers[0].second.wanted_claims, SizeIs(1));

  auto ask = answers[0].second;
  ask.entries = {};
  ask.wanted_claims.push_back(-1);
  ask.wanted_claims.push_back(30'000);
  ask.wanted_claims.push_back(ask.wanted_claims[0]);
  hear(member(2), ask);
  answers = sent<peer::gossip_exchange>();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].second.stage, exchange_stage::give);
  EXPECT_THAT(answers[0].second.entries.claims, ElementsAre(peer::leader_claim{some_topic(), 0, 1, 2}));
}

TEST_F(swim_test, a_changed_address_is_told_with_a_higher_incarnation) {
  feed(input::addresses_changed{{"moved", 1}, {}, "rack"});
  EXPECT_EQ(machine.self().incarnation, 2);
  EXPECT_EQ(machine.members().at(1).who.peer.host, "moved");
  feed(input::addresses_changed{{"moved", 1}, {}, "rack"});
  EXPECT_EQ(machine.self().incarnation, 2);
  EXPECT_THROW(feed(input::addresses_changed{{"", 1}, {}, "rack"}), std::invalid_argument);
}

} // namespace
} // namespace chisme::membership
