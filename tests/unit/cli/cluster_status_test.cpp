// chisme cluster status against a real node in this process.
#include "tests/unit/cli/group_fixture.hpp"

#include <gmock/gmock.h>

namespace chisme {
namespace {

using json = nlohmann::json;
using testing::HasSubstr;

class cluster_status : public test::group_fixture {
protected:
  using group_fixture::group_fixture;
};

TEST_F(cluster_status, of_one_node) {
  const auto told = shell({"cluster", "status"});
  EXPECT_EQ(told.code, 0) << told.out << told.err;
  EXPECT_THAT(told.out, HasSubstr("asked 127.0.0.1:" + std::to_string(port()) + " (node 1)\n"));
  EXPECT_THAT(told.out, HasSubstr("\nhealthy: 1 node, 2 partitions, all in sync\n"));
  const auto status = json::parse(shell({"cluster", "status", "--json"}).out);
  EXPECT_EQ(status["health"], "healthy");
  EXPECT_EQ(status["controller"], 1);
  EXPECT_EQ(status["nodes"][0]["leads"], 2);
  EXPECT_NE(status["id"], "");
}

TEST_F(cluster_status, sees_what_is_below_min_in_sync) {
  shell({"topic", "alter", "orders", "--config", "min.insync.replicas=2"});
  const auto told = shell({"cluster", "status"});
  EXPECT_EQ(told.code, 1);
  EXPECT_EQ(told.err, "");
  EXPECT_THAT(told.out, HasSubstr("\nunavailable: 2 partitions are below min.insync.replicas: orders-0, orders-1\n"));
}

TEST_F(cluster_status, is_shown_again_and_again) {
  const auto told = shell({"cluster", "status", "--watch", "0.1", "--count", "2"});
  EXPECT_EQ(told.code, 0) << told.err;
  const auto first = told.out.find("healthy: ");
  EXPECT_THAT(told.out.substr(first + 1), HasSubstr("\n\ncluster "));
  EXPECT_EQ(shell({"cluster", "status", "--watch", "--count", "1"}).code, 0);
  EXPECT_EQ(shell({"cluster", "status", "--watch=0"}).code, 2);
  EXPECT_EQ(shell({"cluster", "status", "--count", "2"}).code, 2);
}

TEST_F(cluster_status, takes_no_names) { EXPECT_EQ(shell({"cluster", "status", "orders"}).code, 2); }

TEST_F(cluster_status, fails_where_nobody_answers) {
  const auto told = shell({"cluster", "status", "--bootstrap-server", "127.0.0.1:1"});
  EXPECT_EQ(told.code, 1);
  EXPECT_EQ(told.out, "");
  EXPECT_THAT(told.err, HasSubstr("chisme cluster status: connecting to 127.0.0.1:1: Connection refused"));
}

/// Clients are told of a port where nobody listens.
class cluster_status_elsewhere : public cluster_status {
protected:
  cluster_status_elsewhere() : cluster_status(1) {}
};

TEST_F(cluster_status_elsewhere, tells_of_nodes_that_clients_cannot_reach) {
  const auto told = shell({"cluster", "status"});
  EXPECT_EQ(told.code, 1);
  EXPECT_THAT(told.out, HasSubstr("not reached: connecting to 127.0.0.1:1: Connection refused\n"));
  EXPECT_THAT(told.out, HasSubstr("\ndegraded: node 1 is not reached\n"));
}

} // namespace
} // namespace chisme
