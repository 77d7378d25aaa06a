// What three nodes say to each other, word by word, in the ordinary cases. The traces are under tests/traces: to be
// read by a person, and to show what a change does. CHISME_WRITE_TRACES=1 writes them anew.
#include "tests/support/gossip_world.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace chisme::test {
namespace {

const auto one = gossip_world::address_of(1), two = gossip_world::address_of(2), three = gossip_world::address_of(3);

class membership_trace : public testing::Test {
protected:
  membership_trace() {
    for (node_id id = 1; id <= 3; ++id)
      world.start(id, {1, 2, 3});
  }

  /// What happens from now on is traced.
  void begin(int64_t after_ms) {
    world.run_for(after_ms);
    world.trace = &lines;
  }
  void compare(const std::string& name) {
    EXPECT_EQ(world.failure(), "");
    std::string text;
    for (const auto& line : lines)
      text += line + "\n";
    const auto path = std::filesystem::path{CHISME_SOURCE_DIR} / "tests" / "traces" / (name + ".txt");
    if (std::getenv("CHISME_WRITE_TRACES")) {
      std::ofstream{path} << text;
      return;
    }
    std::ifstream in{path};
    std::stringstream expected;
    expected << in.rdbuf();
    EXPECT_EQ(text, expected.str()) << path << ": CHISME_WRITE_TRACES=1 writes it anew";
  }
  void expect_said(const std::string& what) const {
    EXPECT_TRUE(std::ranges::any_of(lines, [&](const auto& line) { return line.find(what) != std::string::npos; }))
      << what;
  }

  gossip_world world{1, {}};
  std::vector<std::string> lines;
};

TEST_F(membership_trace, join) {
  world.crash(three, false);
  world.crash(two, false);
  begin(10'000);
  world.start(2, {1, 2, 3});
  world.run_for(300);
  expect_said("n1 says n2 joined @1");
  expect_said("n2 says n1 joined @1");
  compare("membership_join");
}

TEST_F(membership_trace, loss_of_one_node) {
  begin(5'000);
  world.crash(three, true);
  world.run_for(500);
  expect_said("n1 says n3 dead @1");
  expect_said("n2 says n3 dead @1");
  compare("membership_loss");
}

TEST_F(membership_trace, refutation) {
  begin(5'000);
  world.close_links(one, three);
  world.run_for(400);
  expect_said("n1 says n3 suspect @1");
  expect_said("n1 says n3 alive @2");
  compare("membership_refutation");
}

TEST_F(membership_trace, leave) {
  begin(5'000);
  world.feed(three, membership::input::leave{});
  world.run_for(300);
  expect_said("n1 says n3 left @2");
  compare("membership_leave");
}

TEST_F(membership_trace, restart_before_anybody_has_noticed) {
  begin(5'000);
  world.crash(three, false);
  world.start(3, {1, 2, 3});
  world.run_for(300);
  expect_said("n1 says n3 changed @2");
  expect_said("n2 says n3 changed @2");
  compare("membership_restart");
}

} // namespace
} // namespace chisme::test
