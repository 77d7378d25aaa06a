#include "nodes/lingering_reads.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <functional>
#include <sys/socket.h>
#include <unistd.h>

namespace chisme::nodes {
namespace {

using namespace std::chrono_literals;
using clock = linger_rule::time_point::clock;

/// One end of a stream; what comes is taken.
struct stream final : lingering_reads::reader {
  stream() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0); }
  ~stream() override {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  void say(const char* text) { ASSERT_EQ(::write(ends[1], text, std::strlen(text)), static_cast<ssize_t>(std::strlen(text))); }

  void read() override {
    char buffer[100];
    const auto n = ::read(ends[0], buffer, sizeof buffer);
    heard.emplace_back(buffer, n > 0 ? static_cast<size_t>(n) : 0);
    if (then)
      then();
  }
  void wait_alone() override { is_alone = true; }

  int ends[2] = {-1, -1};
  std::vector<std::string> heard;
  std::function<void()> then;
  bool is_alone = false;
};

class lingering_reads_test : public ::testing::Test {
protected:
  lingering_reads_test() {
    // A second of many heartbeats passes, and the next one does not within the test, however slow.
    for (int i = 0; i < 10'000; ++i)
      reads_.heartbeat(later_);
    EXPECT_TRUE(reads_.heartbeat(later_ + 1s));
  }

  void TearDown() override {
    for (auto* s : {&a_, &b_})
      reads_.remove(*s);
  }

  void add(stream& s) { ASSERT_TRUE(reads_.add(s.ends[0], s)); }

  /// The next look has been taken.
  void look() {
    context_.restart();
    ASSERT_EQ(context_.run_one(), 1u);
  }
  bool is_looking() {
    context_.restart();
    return context_.poll() > 0 || !context_.stopped();
  }

  const clock::time_point later_ = clock::now() + 1h;
  boost::asio::io_context context_{1};
  lingering_reads reads_{context_, 1ms};
  stream a_, b_;
};

TEST_F(lingering_reads_test, what_came_is_read_at_the_next_look) {
  add(a_);
  add(b_);
  a_.say("one");
  EXPECT_TRUE(a_.heard.empty());
  look();
  EXPECT_EQ(a_.heard, (std::vector<std::string>{"one"}));
  EXPECT_TRUE(b_.heard.empty());
  look();
  EXPECT_EQ(a_.heard.size(), 1u) << "nothing else has come";
  b_.say("two");
  a_.say("three");
  look();
  EXPECT_EQ(a_.heard.back(), "three");
  EXPECT_EQ(b_.heard.back(), "two");
}

TEST_F(lingering_reads_test, what_was_there_before_is_read) {
  a_.say("early");
  add(a_);
  look();
  EXPECT_EQ(a_.heard, (std::vector<std::string>{"early"}));
}

TEST_F(lingering_reads_test, an_end_is_read) {
  add(a_);
  ::shutdown(a_.ends[1], SHUT_WR);
  look();
  EXPECT_EQ(a_.heard, (std::vector<std::string>{""}));
}

TEST_F(lingering_reads_test, who_left_is_not_read) {
  add(a_);
  add(b_);
  reads_.remove(a_);
  EXPECT_FALSE(a_.lingers());
  reads_.remove(a_);
  a_.say("late");
  look();
  EXPECT_TRUE(a_.heard.empty());
}

/// The system has told of both by then.
TEST_F(lingering_reads_test, who_leaves_while_others_are_read_is_not_read) {
  add(a_);
  add(b_);
  a_.then = [this] { reads_.remove(b_); };
  b_.then = [this] { reads_.remove(a_); };
  a_.say("x");
  b_.say("y");
  look();
  EXPECT_EQ(a_.heard.size() + b_.heard.size(), 1u);
}

TEST_F(lingering_reads_test, who_leaves_may_come_back) {
  add(a_);
  a_.then = [this] {
    reads_.remove(a_);
    add(a_);
  };
  a_.say("x");
  look();
  a_.say("y");
  look();
  EXPECT_EQ(a_.heard, (std::vector<std::string>{"x", "y"}));
}

TEST_F(lingering_reads_test, all_are_sent_away_where_it_does_not_pay) {
  add(a_);
  add(b_);
  a_.say("x");
  reads_.heartbeat(later_ + 10s); // nothing has come until then
  look();
  EXPECT_TRUE(a_.is_alone);
  EXPECT_TRUE(b_.is_alone);
  EXPECT_FALSE(a_.lingers());
  EXPECT_TRUE(a_.heard.empty()) << "that is for whoever watches it now";
  EXPECT_FALSE(is_looking());
}

TEST_F(lingering_reads_test, nobody_looks_for_nobody) {
  EXPECT_FALSE(is_looking());
  add(a_);
  reads_.remove(a_);
  look();
  EXPECT_FALSE(is_looking());
}

TEST_F(lingering_reads_test, a_descriptor_that_cannot_be_watched_is_refused) {
  EXPECT_FALSE(reads_.add(-1, a_));
  EXPECT_FALSE(a_.lingers());
  EXPECT_FALSE(is_looking());
}

TEST_F(lingering_reads_test, more_than_one_call_tells) {
  std::deque<stream> many(300);
  for (auto& s : many) {
    add(s);
    s.say("x");
  }
  look();
  for (auto& s : many) {
    EXPECT_EQ(s.heard.size(), 1u);
    reads_.remove(s);
  }
}

} // namespace
} // namespace chisme::nodes
