// How a process ends. Each in a process of its own.

#include "nodes/end_at_once.hpp"
#include "nodes/end_signals.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <unistd.h>

namespace chisme::nodes {
namespace {

using namespace std::chrono_literals;
using ::testing::ExitedWithCode;

/// In another process: of this one's threads any could take a signal.
class end_signals_test : public ::testing::Test {
protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

  static end_signals watching(std::chrono::milliseconds at_most) {
    return {at_most, [] { std::fputs("asked to end\n", stderr); }, [](const std::string& why) { end_at_once(why); }};
  }
  static void send(int signal) { ::kill(::getpid(), signal); }
  [[noreturn]] static void hang() {
    for (;;)
      ::pause();
  }
};

TEST_F(end_signals_test, one_that_stops_in_time_is_left_alone) {
  EXPECT_EXIT(
    {
      {
        auto signals = watching(60s);
        send(SIGINT);
        if (signals.wait() != SIGINT)
          end_at_once("another signal than was sent");
      }
      ::_exit(0);
    },
    ExitedWithCode(0), "asked to end");
}

TEST_F(end_signals_test, nothing_is_forced_before_the_first_signal) {
  EXPECT_EXIT(
    {
      { auto signals = watching(1ms); }
      ::_exit(0);
    },
    ExitedWithCode(0), "");
}

TEST_F(end_signals_test, a_second_signal_ends_at_once) {
  EXPECT_EXIT(
    {
      auto signals = watching(60s);
      send(SIGTERM);
      signals.wait();
      send(SIGTERM);
      hang();
    },
    ExitedWithCode(ended_without_order), "node ends at once reason=\"another signal while it stopped: SIGTERM\"");
}

TEST_F(end_signals_test, one_that_does_not_stop_in_time_is_ended) {
  EXPECT_EXIT(
    {
      auto signals = watching(20ms);
      send(SIGTERM);
      hang();
    },
    ExitedWithCode(ended_without_order), "error node ends at once reason=\"it has not stopped in time .*=20");
}

} // namespace
} // namespace chisme::nodes
