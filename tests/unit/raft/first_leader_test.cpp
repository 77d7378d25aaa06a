// How a new group gets its first leader, whose replicas are opened one after the other.
#include "actors/raft/group.hpp"
#include "tests/support/raft_log.hpp"
#include "tests/support/raft_words.hpp"

#include <gmock/gmock.h>

namespace chisme::test {
namespace {

namespace input = raft::input;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class first_leader : public ::testing::Test {
protected:
  std::vector<std::string> give(raft::group& to, const raft::input_variant& in) {
    raft::outputs out;
    to.step(in, log_.view(), out);
    std::vector<std::string> told;
    wakes_.clear();
    for (const auto& o : out) {
      if (const auto* wake = std::get_if<raft::output::wake>(&o))
        wakes_.push_back(wake->after_ms);
      else
        told.push_back(words(o));
    }
    return told;
  }
  static input::opened anew(node_id first) { return {{}, -1, first}; }
  raft::group replica(node_id id) {
    return {peer::raft_group{}, id, raft::configuration{{1, 2, 3}}, raft::options{}, random_};
  }

  random_source random_{1};
  raft_log log_;
  std::vector<uint32_t> wakes_;
};

TEST_F(first_leader, campaigns_at_once) {
  auto r = replica(2);
  give(r, anew(2));
  EXPECT_THAT(wakes_, ElementsAre(0));
  auto other = replica(1);
  EXPECT_THAT(give(other, anew(2)),
              ElementsAre("follow nobody in epoch -1", "to 2: send me the log, epoch -1 from (-1,0)"));
  EXPECT_THAT(wakes_, ElementsAre(testing::Ge(raft::options{}.election_timeout_ms)));
}

TEST_F(first_leader, asks_those_who_come_after_its_campaign) {
  auto r = replica(2);
  const input::follow here{3, {{}, -1, {-1, 0}}};
  EXPECT_THAT(give(r, anew(2)), ElementsAre("follow nobody in epoch -1"));
  EXPECT_THAT(give(r, here), IsEmpty());
  give(r, input::timer{});
  const std::vector<std::string> asked{"to 3: pre-vote for epoch 0? log ends at (-1,0)"};
  EXPECT_EQ(give(r, here), asked);
  EXPECT_THAT(give(r, input::follow{4, {{}, -1, {-1, 0}}}), IsEmpty()) << "it has no vote";
}

TEST_F(first_leader, is_nobody_for_a_group_that_is_not_new) {
  auto r = replica(2);
  give(r, anew(raft::nobody));
  EXPECT_THAT(wakes_, ElementsAre(testing::Ge(raft::options{}.election_timeout_ms)));
}

/// A new leader knows nothing of those who do not vote.
TEST_F(first_leader, is_looked_for_by_who_does_not_vote) {
  auto observer = replica(4);
  give(observer, anew(raft::nobody));
  EXPECT_EQ(wakes_.size(), 1u);
  const std::vector<std::string> asks{"to 1: send me the log, epoch -1 from (-1,0)",
                                      "to 2: send me the log, epoch -1 from (-1,0)",
                                      "to 3: send me the log, epoch -1 from (-1,0)"};
  EXPECT_EQ(give(observer, input::timer{}), asks);
  EXPECT_EQ(wakes_.size(), 1u) << "until somebody leads";
  give(observer, input::heartbeat{2, 1, 0, true});
  give(observer, input::leader_silent{});
  EXPECT_EQ(give(observer, input::timer{}).size(), 3u) << "and again when that one is gone";
}

} // namespace
} // namespace chisme::test
