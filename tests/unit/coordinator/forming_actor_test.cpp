#include "actors/coordinator/forming_actor.hpp"
#include "tests/support/fake_links.hpp"
#include "tests/support/shell_fixture.hpp"

#include <gmock/gmock.h>

namespace chisme::test {
namespace {

using coordinator::formation;
using coordinator::forming_shell;
using phase = formation::phase;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Shells of several nodes, disks that may fail, and links that the test carries messages over.
class forming_actor_test : public shell_test {
protected:
  struct node {
    coordinator::forming_actor actor;
    std::shared_ptr<fake_links> links = std::make_shared<fake_links>();
    formation disk;
    bool disk_fails = false;
    std::vector<std::string> joined;
  };

  node& start(node_id id, int32_t expect) {
    auto& n = nodes_[id];
    coordinator::forming_config c;
    c.options = {id, expect, {}, [id] { return "c" + std::to_string(id); }};
    c.stored = n.disk;
    c.links = n.links;
    c.keep = [&n](const formation& what) {
      if (n.disk_fails)
        return result<void>{fail(error_code::kafka_storage_error, "the disk is full")};
      n.disk = what;
      return result<void>{};
    };
    c.joined = [&n](coordinator::joined_cluster x) { n.joined.push_back(x.cluster_id); };
    n.actor = spawn<forming_shell>(std::move(c));
    run();
    return n;
  }
  void tell_alive(node_id to, std::vector<node_id> alive) {
    brokers_changed news;
    for (auto id : alive) {
      news.alive.push_back({id, "host", 9092, std::nullopt});
      if (id != to)
        nodes_.at(to).links->up.insert(id);
    }
    caf::anon_send(nodes_.at(to).actor, std::move(news));
    run();
  }
  /// Until nobody has anything to say.
  void carry() {
    for (bool is_more = true; is_more;) {
      is_more = false;
      for (auto& [id, n] : nodes_) {
        for (auto& [to, message] : std::exchange(n.links->sent_messages, {})) {
          is_more = true;
          if (nodes_.contains(to))
            caf::anon_send(nodes_.at(to).actor, peers::arrival{id, std::move(message)});
        }
      }
      run();
    }
  }

  std::map<node_id, node> nodes_;
};

TEST_F(forming_actor_test, three_nodes_become_one_cluster_and_a_fourth_joins) {
  for (node_id id : {3, 1, 2})
    start(id, 3);
  for (node_id id : {1, 2, 3})
    tell_alive(id, {1, 2, 3});
  carry();
  for (node_id id : {1, 2, 3}) {
    EXPECT_THAT(nodes_.at(id).joined, ElementsAre("c1")) << id;
    EXPECT_EQ(nodes_.at(id).disk, (formation{phase::member, "c1", -1, {}, {1, 2, 3}, true})) << id;
  }
  start(4, 0);
  EXPECT_THAT(nodes_.at(4).joined, IsEmpty());
  nodes_.at(2).links->up.insert(4);
  tell_alive(4, {2, 4});
  carry();
  EXPECT_EQ(nodes_.at(4).disk, (formation{phase::member, "c1", -1, {}, {1, 2, 3}, false}));
}

TEST_F(forming_actor_test, what_the_disk_does_not_take_is_not_said_and_tried_again) {
  for (node_id id : {1, 2})
    start(id, 2);
  nodes_.at(1).disk_fails = true;
  for (node_id id : {1, 2})
    tell_alive(id, {1, 2});
  carry();
  EXPECT_EQ(nodes_.at(2).disk, formation{}) << "a proposal that is not on the disk was sent";
  nodes_.at(1).disk_fails = false;
  pass(forming_shell::tick_interval);
  carry();
  EXPECT_THAT(nodes_.at(2).joined, ElementsAre("c1"));
}

TEST_F(forming_actor_test, a_member_says_so_at_its_start_and_has_no_timer) {
  nodes_[1].disk = {phase::member, "c", -1, {}, {1}, true};
  start(1, 0);
  EXPECT_THAT(nodes_.at(1).joined, ElementsAre("c"));
  EXPECT_TRUE(steps().clock().schedule().empty());
}

} // namespace
} // namespace chisme::test
