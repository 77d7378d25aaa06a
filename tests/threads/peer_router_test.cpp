#include "actors/peers/peer_router.hpp"
#include "tests/threads/together.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace chisme::test {
namespace {

/// Counts what is for its group, and what is not.
class counting final : public peers::arrival_port {
public:
  explicit counting(peer::raft_group mine) : mine_(mine) {}
  void send(peers::arrival a) override {
    const auto* m = std::get_if<peer::raft_follow>(&a.message);
    ++(m && m->group == mine_ ? right : wrong);
  }
  std::atomic<int> right{0};
  std::atomic<int> wrong{0};

private:
  peer::raft_group mine_;
};

peer::raft_group group(int32_t partition) { return {uuid{{9}}, partition}; }

/// Groups that stay get every message, whoever opens and closes others around them.
TEST(peer_router_test, replicas_that_stay_miss_nothing_while_others_come_and_go) {
  constexpr int32_t staying = 200;
  constexpr int rounds = 20;
  peers::peer_router router{{}};
  std::vector<std::shared_ptr<counting>> ports;
  for (int32_t g = 0; g < staying; ++g) {
    ports.push_back(std::make_shared<counting>(group(g)));
    router.open(group(g), ports.back());
  }
  const auto send_all = [&] {
    for (int i = 0; i < rounds; ++i)
      for (int32_t g = 0; g < staying; ++g) {
        peer::raft_follow m;
        m.group = group(g);
        router.arrived(2, std::move(m));
      }
  };
  const auto churn = [&](int32_t first) {
    for (int i = 0; i < rounds; ++i)
      for (int32_t g = first; g < first + staying; ++g) {
        const auto port = std::make_shared<counting>(group(g));
        router.open(group(g), port);
        peer::raft_follow m;
        m.group = group(g);
        router.arrived(3, std::move(m));
        router.close(group(g), port);
        EXPECT_EQ(port->right, 1);
        EXPECT_EQ(port->wrong, 0);
      }
  };
  together(4, [&](int i) { i < 2 ? send_all() : churn(1'000 * i); });
  for (const auto& p : ports) {
    EXPECT_EQ(p->right, 2 * rounds);
    EXPECT_EQ(p->wrong, 0);
  }
  EXPECT_EQ(router.dropped(), 0u);
}

/// Each unwanted message is counted, whichever thread it came on.
TEST(peer_router_test, drops_are_counted_on_all_threads) {
  peers::peer_router router{{}};
  together(3, [&](int) {
    for (int i = 0; i < 1'000; ++i)
      router.arrived(i % 10, peer::swim_ping{});
  });
  EXPECT_EQ(router.dropped(), 3'000u);
}

} // namespace
} // namespace chisme::test
