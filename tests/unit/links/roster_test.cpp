#include "actors/links/roster.hpp"

#include "tests/unit/links/processes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme::links {
namespace {

using peer::lane;
using peer::refusal_code;
using test::process;
using testing::ElementsAre;

class roster_test : public testing::Test {
protected:
  template <class F>
  actions after(F ask) {
    actions out;
    ask(out);
    return out;
  }
  actions set_peer(node_id id) { return set_peer(id, process(id, 0).at); }
  actions set_peer(node_id id, peer::address at) {
    return after([&](auto& out) { r_.set_peer(id, at, out); });
  }
  actions answered(dial_id id, const peer::process& from, refusal_code code = refusal_code::none) {
    return after([&](auto& out) { r_.answered(now_, id, {from, code, code == refusal_code::none ? "" : "no"}, out); });
  }
  actions failed(dial_id id, const std::string& words = "gone") {
    return after([&](auto& out) { r_.failed(now_, id, words, out); });
  }
  actions heard(const peer::process& p) {
    return after([&](auto& out) { r_.heard(p, out); });
  }
  actions seed(peer::address at) {
    return after([&](auto& out) { r_.dial_seed(at, out); });
  }
  actions tick() {
    return after([&](auto& out) { r_.tick(now_, out); });
  }
  /// Node 2 is up, as process 20, with both lanes: attempts 1 and 2.
  void bring_up() {
    set_peer(2);
    answered(1, process(2, 20));
    answered(2, process(2, 20));
  }

  timestamp_ms now_ = 1000;
  roster r_{process(1, 10), random_source{uint64_t{1}}, 3};
};

TEST_F(roster_test, control_is_dialled_first_and_bulk_when_it_is_up) {
  EXPECT_THAT(set_peer(2), ElementsAre(dial{1, lane::control, {"h2", 1}}));
  EXPECT_EQ(r_.up(2), nullptr);
  EXPECT_THAT(answered(1, process(2, 20)),
              ElementsAre(use{1, 2, lane::control, 0}, came_up{2, 20}, dial{2, lane::bulk, {"h2", 1}}));
  EXPECT_EQ(r_.up(2)->process_id, 20u);
  EXPECT_THAT(answered(2, process(2, 20)), ElementsAre(use{2, 2, lane::bulk, 0}));
  EXPECT_EQ(r_.next(), std::nullopt);
}

TEST_F(roster_test, a_lost_connection_is_told_at_once_and_dialled_again_after_a_moment) {
  bring_up();
  EXPECT_THAT(failed(1), ElementsAre(went_down{2, "gone"}, hang_up{2}));
  EXPECT_EQ(r_.up(2), nullptr);
  ASSERT_TRUE(r_.next());
  EXPECT_GE(*r_.next(), now_ + 50);
  EXPECT_LE(*r_.next(), now_ + 100);
  now_ = *r_.next() - 1;
  EXPECT_THAT(tick(), ElementsAre());
  ++now_;
  EXPECT_THAT(tick(), ElementsAre(dial{3, lane::control, {"h2", 1}}));
  EXPECT_THAT(failed(3), ElementsAre(complaint{{"h2", 1}, "gone"}));
  now_ = *r_.next();
  EXPECT_THAT(tick(), ElementsAre(dial{4, lane::control, {"h2", 1}}));
  EXPECT_THAT(failed(4), ElementsAre()) << "the same words are said once";
  EXPECT_THAT(failed(1), ElementsAre()) << "it is long gone";
}

TEST_F(roster_test, lost_bulk_is_dialled_again_and_nobody_is_told) {
  bring_up();
  EXPECT_THAT(failed(2), ElementsAre());
  EXPECT_NE(r_.up(2), nullptr);
  now_ = *r_.next();
  EXPECT_THAT(tick(), ElementsAre(dial{3, lane::bulk, {"h2", 1}}));
}

TEST_F(roster_test, bulk_of_another_process_is_not_used) {
  set_peer(2);
  answered(1, process(2, 20));
  const auto out = answered(2, process(2, 21));
  EXPECT_EQ(out.front(), action{hang_up{2}});
  EXPECT_TRUE(r_.next()) << "and tried again";
}

TEST_F(roster_test, who_is_said_to_be_back_is_dialled_at_once) {
  set_peer(2);
  failed(1);
  EXPECT_THAT(set_peer(2), ElementsAre(dial{2, lane::control, {"h2", 1}}));
  EXPECT_THAT(set_peer(2), ElementsAre()) << "it is under way";
}

TEST_F(roster_test, who_comes_here_is_dialled_back_at_once) {
  EXPECT_THAT(heard(process(2, 20)), ElementsAre(dial{1, lane::control, {"h2", 1}}));
  failed(1);
  EXPECT_THAT(heard(process(2, 20)), ElementsAre(dial{2, lane::control, {"h2", 1}}));
}

TEST_F(roster_test, who_only_came_here_is_forgotten_when_it_leaves) {
  heard(process(2, 20));
  EXPECT_THAT(after([&](auto& out) { r_.unheard(2, out); }), ElementsAre(hang_up{1}));
  EXPECT_EQ(r_.next(), std::nullopt);
  set_peer(3);
  heard(process(3, 30));
  EXPECT_THAT(after([&](auto& out) { r_.unheard(3, out); }), ElementsAre()) << "gossip has named it";
}

TEST_F(roster_test, a_process_that_was_started_anew_replaces_the_one_that_is_up) {
  bring_up();
  EXPECT_THAT(heard(process(2, 21)),
              ElementsAre(hang_up{1}, hang_up{2}, went_down{2, "another process has taken its place"},
                          dial{3, lane::control, {"h2", 1}}));
  EXPECT_THAT(heard(process(2, 21)), ElementsAre()) << "it is under way";
}

TEST_F(roster_test, another_address_ends_what_goes_to_the_old_one) {
  bring_up();
  EXPECT_THAT(set_peer(2, {"new", 2}), ElementsAre(hang_up{1}, hang_up{2}, went_down{2, "it is at another address now"},
                                                   dial{3, lane::control, {"new", 2}}));
}

TEST_F(roster_test, who_is_forgotten_is_hung_up) {
  bring_up();
  EXPECT_THAT(after([&](auto& out) { r_.forget_peer(2, out); }),
              ElementsAre(hang_up{1}, hang_up{2}, went_down{2, "it is not a peer any more"}));
  EXPECT_THAT(answered(1, process(2, 20)), ElementsAre(hang_up{1})) << "an answer that was on its way";
  EXPECT_EQ(r_.next(), std::nullopt);
}

TEST_F(roster_test, a_refusal_is_said_once_and_tried_again_slowly) {
  set_peer(2);
  EXPECT_THAT(answered(1, process(2, 20), refusal_code::node_id_taken),
              ElementsAre(hang_up{1}, complaint{{"h2", 1}, "no"}));
  EXPECT_GE(*r_.next(), now_ + 2500);
  now_ = *r_.next();
  tick();
  EXPECT_THAT(answered(2, process(2, 20), refusal_code::node_id_taken), ElementsAre(hang_up{2}));
}

TEST_F(roster_test, a_seed_becomes_the_node_that_answers) {
  EXPECT_THAT(seed({"s", 9}), ElementsAre(dial{1, lane::control, {"s", 9}}));
  EXPECT_THAT(seed({"s", 9}), ElementsAre()) << "it is under way";
  EXPECT_THAT(answered(1, process(2, 20)),
              ElementsAre(use{1, 2, lane::control, 0}, came_up{2, 20}, dial{2, lane::bulk, {"h2", 1}}));
}

TEST_F(roster_test, a_seed_that_is_up_already_or_is_this_node_is_left) {
  bring_up();
  EXPECT_THAT(seed({"h2", 1}), ElementsAre()) << "it is up under this address";
  EXPECT_THAT(seed({"h1", 1}), ElementsAre()) << "it is this node";
  seed({"alias", 1});
  EXPECT_THAT(answered(3, process(2, 20)), ElementsAre(hang_up{3})) << "it is up";
  seed({"alias.of.self", 1});
  EXPECT_THAT(answered(4, process(1, 10)), ElementsAre(hang_up{4}));
  EXPECT_EQ(r_.next(), std::nullopt) << "neither is tried again";
}

TEST_F(roster_test, a_seed_that_answers_first_takes_over_from_the_attempt_at_the_node) {
  set_peer(2);
  seed({"s", 9});
  EXPECT_THAT(answered(2, process(2, 20)),
              ElementsAre(hang_up{1}, use{2, 2, lane::control, 0}, came_up{2, 20}, dial{3, lane::bulk, {"h2", 1}}));
}

TEST_F(roster_test, there_is_one_attempt_at_a_seed_that_comes_here_itself) {
  seed({"h2", 1});
  EXPECT_THAT(heard(process(2, 20)), ElementsAre()) << "it is dialled already";
  EXPECT_THAT(seed({"h2", 1}), ElementsAre());
  EXPECT_THAT(answered(1, process(2, 20)),
              ElementsAre(use{1, 2, lane::control, 0}, came_up{2, 20}, dial{2, lane::bulk, {"h2", 1}}));
}

TEST_F(roster_test, a_seed_that_waits_for_its_next_attempt_is_dialled_when_it_comes_here) {
  seed({"h2", 1});
  failed(1);
  EXPECT_THAT(heard(process(2, 20)), ElementsAre(dial{2, lane::control, {"h2", 1}}));
  now_ += 10'000;
  EXPECT_THAT(tick(), ElementsAre()) << "the seed's own attempt is gone";
}

TEST_F(roster_test, a_seed_is_tried_until_it_answers) {
  seed({"s", 9});
  EXPECT_THAT(failed(1, "refused"), ElementsAre(complaint{{"s", 9}, "refused"}));
  now_ = *r_.next();
  EXPECT_THAT(tick(), ElementsAre(dial{2, lane::control, {"s", 9}}));
}

TEST_F(roster_test, what_was_only_a_seed_is_forgotten_with_its_connection) {
  seed({"s", 9});
  answered(1, process(2, 20));
  EXPECT_THAT(failed(1), ElementsAre(went_down{2, "gone"}, hang_up{2}));
  EXPECT_EQ(r_.next(), std::nullopt);
}

TEST_F(roster_test, nodes_are_bounded) {
  for (node_id id = 2; id < 5; ++id)
    set_peer(id);
  EXPECT_THAT(set_peer(5), ElementsAre(complaint{{"h5", 1}, "more than 3 nodes: it is not dialled"}));
  EXPECT_THAT(heard(process(6, 60)), ElementsAre());
  EXPECT_THAT(set_peer(1), ElementsAre()) << "nobody dials itself";
}

TEST_F(roster_test, members_of_another_cluster_go_when_this_node_becomes_one) {
  set_peer(2);
  set_peer(3);
  answered(1, process(2, 20));
  auto unborn = process(3, 30);
  unborn.cluster_id = "";
  answered(2, unborn);
  const auto out = after([&](auto& o) { r_.set_cluster_id(now_, "d", o); });
  ASSERT_EQ(out.size(), 4u);
  EXPECT_EQ(out[0], action{hang_up{1}});
  EXPECT_EQ(std::get<went_down>(out[2]).node, 2);
  EXPECT_NE(r_.up(3), nullptr) << "it is a member of none";
  EXPECT_EQ(r_.self().cluster_id, "d");
}

} // namespace
} // namespace chisme::links
