// Nodes become one cluster: every way that a few of them can go, with messages that are lost, late, or come again, and
// crashes between any two steps; and that it ends where nothing fails.
#include "actors/coordinator/forming.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <random>

namespace chisme::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using output = forming::output;
using input = forming::input;
using stage = peer::forming_stage;

/// Names of clusters are made by the world that is looked at.
thread_local std::vector<int>* names_made = nullptr;

struct envelope {
  node_id from, to;
  peer::forming what;
  friend auto operator<=>(const envelope&, const envelope&) = default;
};

/// Some nodes and a network that forgets nothing: whatever was ever sent may come now, later, again, or never. Only who
/// is there they learn as if by one step, which may come at any time.
class world {
public:
  world(int nodes, std::vector<int32_t> expect) : made_(static_cast<size_t>(nodes)) {
    for (node_id id = 0; id < nodes; ++id)
      options_.push_back({id, expect[static_cast<size_t>(id)], {}, [id] {
                            auto& n = (*names_made)[static_cast<size_t>(id)];
                            return "c" + std::to_string(id) + "." + std::to_string(n++);
                          }});
    for (const auto& o : options_)
      nodes_.emplace_back(o, formation{});
  }

  void step(node_id id, const forming::any_input& in) {
    names_made = &made_;
    forming::outputs out;
    node(id).step(in, out);
    for (const auto& o : out) {
      if (const auto* message = std::get_if<output::send>(&o)) {
        send(id, *message);
      } else if (const auto* order = std::get_if<output::store>(&o)) {
        storing_[id] = order->what;
      } else if (const auto* joined = std::get_if<output::joined>(&o)) {
        EXPECT_EQ(joined->cluster_id, node(id).stored().cluster_id);
      }
    }
  }
  void send(node_id from, const output::send& message) {
    if (message.what.stage == stage::answer)
      step(message.to, input::message{from, message.what});
    else if (message.what.stage != stage::hail)
      sent_.insert({from, message.to, message.what});
  }
  void stored(node_id id) {
    storing_.erase(id);
    step(id, input::stored{});
  }
  void deliver(const envelope& e) { step(e.to, input::message{e.from, e.what}); }
  /// What was to be stored may have reached the disk.
  void crash(node_id id, bool is_stored) {
    auto disk = node(id).stored();
    if (const auto s = storing_.extract(id); s && is_stored)
      disk = s.mapped();
    node(id) = forming{options_[static_cast<size_t>(id)], disk};
    ++crashes_;
  }
  /// One hears of the other and asks.
  void meet(node_id one, node_id other) {
    step(one, input::seen{other});
    step(other, input::message{one, {stage::hail, options_[static_cast<size_t>(one)].expect, {}, {}, {}, -1}});
  }
  void all_meet() {
    for (node_id one = 0; one < count(); ++one)
      for (node_id other = 0; other < count(); ++other)
        if (one != other)
          meet(one, other);
  }

  node_id count() const { return static_cast<node_id>(nodes_.size()); }
  forming& node(node_id id) { return nodes_[static_cast<size_t>(id)]; }
  bool is_storing(node_id id) const { return storing_.contains(id); }
  const std::set<envelope>& sent() const { return sent_; }
  int crashes() const { return crashes_; }
  int most_made() const { return *std::ranges::max_element(made_); }

  std::set<std::string> clusters() const {
    std::set<std::string> all;
    for (const auto& n : nodes_)
      if (n.stored().at == formation::phase::member)
        all.insert(n.stored().cluster_id);
    return all;
  }
  bool all_are_members() const {
    return std::ranges::all_of(nodes_, [](const auto& n) { return n.stored().at == formation::phase::member; });
  }

  friend bool operator<(const world& a, const world& b) {
    return std::tie(a.nodes_, a.storing_, a.sent_, a.made_, a.crashes_) <
           std::tie(b.nodes_, b.storing_, b.sent_, b.made_, b.crashes_);
  }

private:
  std::vector<forming::options> options_;
  std::vector<forming> nodes_;
  std::map<node_id, formation> storing_;
  std::set<envelope> sent_;
  std::vector<int> made_;
  int crashes_ = 0;
};

/// Everything that may happen next.
std::vector<world> next_of(const world& w, int most_crashes, int most_proposals) {
  std::vector<world> all;
  const auto add = [&](const auto& change) {
    auto next = w;
    change(next);
    if (next.most_made() <= most_proposals)
      all.push_back(std::move(next));
  };
  for (const auto& e : w.sent())
    add([&](world& x) { x.deliver(e); });
  for (node_id id = 0; id < w.count(); ++id) {
    for (node_id other = 0; other < w.count(); ++other)
      if (other != id)
        add([&](world& x) { x.meet(id, other); });
    add([&](world& x) { x.step(id, input::tick{}); });
    if (w.is_storing(id))
      add([&](world& x) { x.stored(id); });
    if (w.crashes() < most_crashes) {
      add([&](world& x) { x.crash(id, false); });
      if (w.is_storing(id))
        add([&](world& x) { x.crash(id, true); });
    }
  }
  return all;
}

/// Without faults: all that is sent comes, in some order; ticks bring what was lost before.
bool ends(world w, uint64_t seed) {
  std::mt19937_64 random{seed};
  for (int round = 0; round < 60 && !w.all_are_members(); ++round) {
    w.all_meet();
    for (node_id id = 0; id < w.count(); ++id) {
      if (w.is_storing(id))
        w.stored(id);
      w.step(id, input::tick{});
    }
    std::vector<envelope> todo(w.sent().begin(), w.sent().end());
    std::shuffle(todo.begin(), todo.end(), random);
    for (const auto& e : todo) {
      w.deliver(e);
      if (random() % 2 == 0 && w.is_storing(e.to))
        w.stored(e.to);
    }
  }
  return w.all_are_members() && w.clusters().size() == 1;
}

struct exploration {
  size_t states = 0;
  size_t with_cluster = 0;
};

/// Looks at states breadth first until there are no new ones, or `most` have been seen.
exploration explore(const world& begin, int most_crashes, int most_proposals, size_t most, bool check_end) {
  exploration done;
  std::set<world> seen{begin};
  std::deque<const world*> todo{&*seen.begin()};
  while (!todo.empty() && seen.size() < most) {
    const auto& w = *todo.front();
    todo.pop_front();
    for (auto& next : next_of(w, most_crashes, most_proposals)) {
      const auto [at, is_new] = seen.insert(std::move(next));
      if (!is_new)
        continue;
      ++done.states;
      const auto clusters = at->clusters();
      done.with_cluster += clusters.empty() ? 0 : 1;
      EXPECT_LE(clusters.size(), 1u);
      if (clusters.size() > 1)
        return done;
      if (check_end && done.states % 97 == 0) {
        const bool it_ends = ends(*at, done.states);
        EXPECT_TRUE(it_ends) << "state " << done.states;
        if (!it_ends)
          return done;
      }
      todo.push_back(&*at);
    }
  }
  return done;
}

/// How many of the states of a larger world are looked at.
size_t most_states() {
  const auto* text = std::getenv("CHISME_FORMING_STATES");
  return text ? std::strtoull(text, nullptr, 10) : 4000;
}

TEST(forming_all_ways, two_nodes_one_of_which_crashes_twice) {
  const auto all = explore(world{2, {2, 2}}, 2, 2, 1'000'000, true);
  EXPECT_GT(all.states, 300u);
  EXPECT_GT(all.with_cluster, 200u);
}

/// Each two of them may form a cluster, and all may propose one.
TEST(forming_all_ways, two_of_three_nodes) {
  const auto all = explore(world{3, {2, 2, 2}}, 0, 2, 1'000'000, true);
  EXPECT_GT(all.states, 3000u);
  EXPECT_GT(all.with_cluster, 2000u);
}

TEST(forming_all_ways, three_nodes) {
  EXPECT_GT(explore(world{3, {3, 3, 3}}, 0, 1, 1'000'000, true).with_cluster, 200u);
}

TEST(forming_all_ways, two_of_three_nodes_one_of_which_crashes) {
  EXPECT_GT(explore(world{3, {2, 2, 2}}, 1, 1, most_states(), true).states, 1000u);
}

TEST(forming_all_ways, three_of_four_nodes) {
  EXPECT_GT(explore(world{4, {3, 3, 3, 3}}, 0, 1, most_states(), true).states, 1000u);
}

TEST(forming_all_ways, one_that_only_joins_is_no_hindrance) {
  EXPECT_GT(explore(world{3, {0, 2, 2}}, 1, 1, most_states(), true).with_cluster, 100u);
}

// One node.

class forming_test : public ::testing::Test {
protected:
  forming::outputs tell(const forming::any_input& in) {
    forming::outputs out;
    node_.step(in, out);
    return out;
  }
  forming::outputs hear(node_id from, stage s, std::string cluster = {}, node_id other = -1) {
    return tell(input::message{from, {s, 3, std::move(cluster), {}, {}, other}});
  }
  static output::send send(node_id to, stage s, std::string cluster, node_id other = -1) {
    return {to, {s, 3, std::move(cluster), {}, {}, other}};
  }
  forming::outputs hear_proposal(node_id from, std::string cluster, std::vector<node_id> members) {
    return tell(input::message{from, {stage::propose, 3, std::move(cluster), members, first_voters(members), -1}});
  }
  static formation bound(std::string cluster, node_id proposer) {
    return {formation::phase::bound, std::move(cluster), proposer, {1, 2, 3}, {1, 2, 3}};
  }
  static formation member(std::string cluster) { return {formation::phase::member, std::move(cluster), -1, {}, {}}; }
  void begin(node_id self, formation stored = {}, int32_t expect = 3) {
    node_ = forming{{self, expect, only_, [this] { return "new" + std::to_string(++made_); }}, std::move(stored)};
  }

  std::string only_; ///< cluster that begin()'s node may join
  int made_ = 0;
  forming node_{{2, 3, {}, [this] { return "new" + std::to_string(++made_); }}, {}};
};

TEST_F(forming_test, an_odd_number_votes_and_never_more_than_five) {
  EXPECT_THAT(first_voters({}), IsEmpty());
  EXPECT_THAT(first_voters({7}), ElementsAre(7));
  EXPECT_THAT(first_voters({7, 3}), ElementsAre(3));
  EXPECT_THAT(first_voters({9, 7, 3}), ElementsAre(3, 7, 9));
  EXPECT_THAT(first_voters({4, 3, 2, 1}), ElementsAre(1, 2, 3));
  EXPECT_THAT(first_voters({6, 5, 4, 3, 2, 1}), ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(forming_test, the_lowest_proposes_when_all_are_there_and_says_so_when_it_is_stored) {
  begin(1);
  hear(2, stage::answer);
  EXPECT_THAT(hear(3, stage::answer), ElementsAre(output::store{bound("new1", 1)}));
  EXPECT_THAT(tell(input::tick{}), IsEmpty());
  EXPECT_EQ(tell(input::stored{}).size(), 2u);
  EXPECT_THAT(node_.awaited(), ElementsAre(2, 3));
  EXPECT_THAT(hear(2, stage::promise, "new1"), IsEmpty());
  EXPECT_THAT(hear(2, stage::promise, "new1"), IsEmpty()) << "one promise, twice";
  EXPECT_THAT(hear(3, stage::promise, "old"), IsEmpty());
  const formation formed{formation::phase::member, "new1", -1, {}, {1, 2, 3}, true};
  EXPECT_THAT(hear(3, stage::promise, "new1"), ElementsAre(output::store{formed}));
  const auto done = tell(input::stored{});
  EXPECT_EQ(done.at(0), forming::any_output(output::joined{"new1", {1, 2, 3}, true}));
  EXPECT_EQ(done.size(), 3u) << "and both others are told";
}

TEST_F(forming_test, nobody_proposes_before_a_lower_node_that_may) {
  begin(2);
  hear(3, stage::answer);
  tell(input::seen{1});
  EXPECT_THAT(hear(4, stage::answer), IsEmpty()) << "nobody knows what 1 waits for";
  EXPECT_THAT(tell(input::message{1, {stage::answer, 0, {}, {}, {}, -1}}),
              ElementsAre(output::store{{formation::phase::bound, "new1", 2, {2, 3, 4}, {2, 3, 4}}}))
    << "it only joins";
}

TEST_F(forming_test, who_has_promised_promises_nothing_else_also_after_a_restart) {
  EXPECT_THAT(hear_proposal(1, "a", {1, 2, 3}), ElementsAre(output::store{bound("a", 1)}));
  EXPECT_THAT(tell(input::stored{}), ElementsAre(send(1, stage::promise, "a")));
  EXPECT_THAT(hear_proposal(1, "a", {1, 2, 3}), ElementsAre(send(1, stage::promise, "a"))) << "the first was lost";
  begin(2, bound("a", 1));
  EXPECT_THAT(hear_proposal(0, "b", {0, 2, 4}), ElementsAre(send(0, stage::refuse, "b", 1)));
  EXPECT_THAT(tell(input::tick{}), ElementsAre(send(1, stage::ask, "a")));
  EXPECT_THAT(hear(3, stage::abandoned, "a"), IsEmpty()) << "only the proposer may say so";
  EXPECT_THAT(hear(1, stage::abandoned, "b"), IsEmpty());
  EXPECT_THAT(hear(1, stage::abandoned, "a"), ElementsAre(output::store{formation{}}));
}

TEST_F(forming_test, a_proposal_that_is_not_decided_is_given_up_for_that_of_a_lower_node) {
  begin(2, bound("b", 2));
  EXPECT_THAT(hear_proposal(1, "a", {1, 2, 3}), ElementsAre(output::store{bound("a", 1)}));
  EXPECT_THAT(hear(3, stage::promise, "b"), IsEmpty());
  EXPECT_THAT(hear(3, stage::ask, "b"), IsEmpty()) << "the disk may still say that it stands";
  tell(input::stored{});
  EXPECT_THAT(hear(3, stage::ask, "b"), ElementsAre(send(3, stage::abandoned, "b")));
}

TEST_F(forming_test, who_waits_for_an_outcome_takes_no_other_cluster_for_it) {
  begin(2, bound("a", 1));
  EXPECT_THAT(hear(3, stage::decided, "b"), IsEmpty());
  EXPECT_THAT(hear(3, stage::decided, "a"),
              ElementsAre(output::store{{formation::phase::member, "a", -1, {}, {}, true}}));
  begin(2, bound("a", 1));
  EXPECT_THAT(hear(1, stage::decided, "b"), ElementsAre(output::store{member("b")})) << "it has not decided on a then";
}

TEST_F(forming_test, joins_a_cluster_that_is_there_and_knows_it_after_a_restart) {
  begin(9, {}, 0);
  tell(input::seen{1});
  EXPECT_THAT(hear(1, stage::decided, "a"), ElementsAre(output::store{member("a")}));
  EXPECT_THAT(tell(input::stored{}), ElementsAre(output::joined{"a", {}}));
  EXPECT_THAT(hear(3, stage::decided, "b"), ElementsAre(output::other_cluster{3, "b"}));
  begin(9, member("a"), 0);
  EXPECT_THAT(tell(input::tick{}), ElementsAre(output::joined{"a", {}}));
  EXPECT_THAT(tell(input::tick{}), IsEmpty());
  EXPECT_THAT(hear(5, stage::hail), ElementsAre(output::send{5, {stage::decided, 0, "a", {}, {}, -1}}));
}

/// All voters have promised before a cluster was decided on: one that knows of no promise has lost its disk.
TEST_F(forming_test, who_hears_of_the_cluster_that_it_votes_in_is_no_founder) {
  begin(2);
  const peer::forming told{stage::decided, 3, "a", {}, {1, 2, 3}, -1};
  EXPECT_THAT(tell(input::message{1, told}),
              ElementsAre(output::store{{formation::phase::member, "a", -1, {}, {1, 2, 3}, false}}));
  EXPECT_THAT(tell(input::stored{}), ElementsAre(output::joined{"a", {1, 2, 3}, false}));
}

TEST_F(forming_test, a_node_that_is_meant_for_one_cluster_joins_no_other) {
  only_ = "a";
  begin(9, {}, 0);
  EXPECT_THAT(hear(3, stage::decided, "b"), ElementsAre(output::other_cluster{3, "b"}));
  EXPECT_THAT(hear(1, stage::decided, "a"), ElementsAre(output::store{member("a")}));
}

TEST_F(forming_test, who_waits_for_another_number_is_left_out) {
  begin(1, bound("a", 1));
  EXPECT_THAT(tell(input::message{2, {stage::refuse, 5, "a", {}, {}, -1}}), ElementsAre(output::store{formation{}}));
  begin(2, {}, 5);
  EXPECT_THAT(hear_proposal(1, "a", {1, 2, 3}), ElementsAre(output::send{1, {stage::refuse, 5, "a", {}, {}, -1}}));
}

TEST_F(forming_test, a_proposal_that_makes_no_sense_is_not_promised) {
  EXPECT_THAT(hear_proposal(1, "a", {1, 3, 4}), IsEmpty()) << "this node is not in it";
  EXPECT_THAT(hear_proposal(1, "a", {2, 1, 3}), IsEmpty());
  EXPECT_THAT(hear_proposal(1, "a", {1, 2, 2}), IsEmpty());
  EXPECT_THAT(hear_proposal(4, "a", {1, 2, 3}), IsEmpty()) << "whoever proposes it is not in it";
  EXPECT_THAT(hear_proposal(1, "", {1, 2, 3}), IsEmpty());
  EXPECT_THAT(tell(input::message{1, {stage::propose, 3, "a", {1, 2, 3}, {1}, -1}}), IsEmpty());
}

TEST_F(forming_test, one_that_expects_nobody_else_forms_a_cluster_alone) {
  begin(4, {}, 1);
  EXPECT_EQ(tell(input::tick{}).size(), 1u);
  EXPECT_EQ(tell(input::stored{}).size(), 1u);
  EXPECT_THAT(tell(input::stored{}), ElementsAre(output::joined{"new1", {4}, true}));
}

} // namespace
} // namespace chisme::coordinator
