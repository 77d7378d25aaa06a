#include "nodes/start_outcome.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace chisme::nodes {
namespace {

using namespace std::chrono_literals;

struct silent_port final : coordinator::port {
  void send(coordinator::change) override {}
};

class start_outcome_test : public ::testing::Test {
protected:
  std::shared_ptr<silent_port> port_ = std::make_shared<silent_port>();
  start_outcome outcome_;
};

TEST_F(start_outcome_test, the_first_one_counts) {
  EXPECT_FALSE(outcome_.wait_for(0ms));
  std::thread actors{[this] {
    outcome_.set(fail(error_code::kafka_storage_error, "no disk"));
    outcome_.set(port_);
  }};
  EXPECT_TRUE(outcome_.wait_for(1min));
  actors.join();
  EXPECT_EQ(outcome_.take().error().message, "no disk");
  outcome_.begin();
  EXPECT_FALSE(outcome_.wait_for(0ms)) << "another start has none yet";
}

/// The port is a handle of an actor, which would keep all others and their threads: the node would not end.
TEST_F(start_outcome_test, one_that_is_given_up_keeps_nothing_whichever_comes_first) {
  outcome_.set(port_);
  outcome_.give_up();
  EXPECT_EQ(port_.use_count(), 1);
  outcome_.set(port_);
  EXPECT_EQ(port_.use_count(), 1);
  EXPECT_TRUE(outcome_.wait_for(0ms));
  EXPECT_FALSE(outcome_.take());
}

} // namespace
} // namespace chisme::nodes
