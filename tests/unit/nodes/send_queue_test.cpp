#include "nodes/send_queue.hpp"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <fcntl.h>
#include <random>
#include <sys/socket.h>
#include <unistd.h>

namespace chisme::nodes {
namespace {

std::string bytes_of(size_t size, unsigned seed) {
  std::string s(size, '\0');
  for (size_t i = 0; i < size; ++i)
    s[i] = static_cast<char>((i * 7 + seed * 31 + (i >> 9)) & 0xff);
  return s;
}

class send_queue_test : public ::testing::Test {
protected:
  void SetUp() override {
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_.data()), 0);
    const int small = 4096;
    ASSERT_EQ(::setsockopt(ends_[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
    std::string name = ::testing::TempDir() + "send_queue_XXXXXX";
    file_ = ::mkstemp(name.data());
    ASSERT_GE(file_, 0);
    ::unlink(name.c_str());
    in_file_ = bytes_of(1 << 20, 99);
    ASSERT_EQ(::pwrite(file_, in_file_.data(), in_file_.size(), 0), static_cast<ssize_t>(in_file_.size()));
  }
  void TearDown() override {
    for (int fd : ends_)
      ::close(fd);
    ::close(file_);
  }

  /// What has arrived until now.
  std::string received() {
    std::string out;
    char chunk[65536];
    for (ssize_t n; (n = ::read(ends_[1], chunk, sizeof chunk)) > 0;)
      out.append(chunk, static_cast<size_t>(n));
    return out;
  }

  /// Writes and reads in turn until nothing is left.
  std::string sent_by(send_queue& queue) {
    std::string out;
    for (;;) {
      auto progress = queue.write_to(ends_[0]);
      EXPECT_TRUE(progress) << progress.error().message;
      out += received();
      if (!progress || *progress == send_queue::progress::done)
        return out;
    }
  }

  file_slice slice(uint64_t position, uint64_t length) { return {nullptr, file_, position, length}; }

  std::array<int, 2> ends_{-1, -1};
  int file_ = -1;
  std::string in_file_;
};

TEST_F(send_queue_test, memory_and_files_leave_in_order_through_a_small_socket) {
  std::mt19937 random{3};
  send_queue queue;
  std::string expected;
  for (unsigned i = 0; i < 300; ++i) {
    payload p;
    for (unsigned j = 0; j < 1 + random() % 4; ++j) {
      const size_t size = random() % 3 == 0 ? random() % 40'000 : random() % 40;
      if (random() % 2) {
        const uint64_t at = random() % (in_file_.size() - size);
        p.append(slice(at, size));
        expected += in_file_.substr(at, size);
      } else {
        p.append(buffer::copy_of(bytes_of(size, i)));
        expected += bytes_of(size, i);
      }
    }
    queue.push(std::move(p));
  }
  EXPECT_TRUE(sent_by(queue) == expected);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.sent(), expected.size());
  EXPECT_EQ(queue.memory(), 0u);
}

TEST_F(send_queue_test, more_pieces_of_memory_than_one_call_takes) {
  send_queue queue;
  std::string expected;
  for (unsigned i = 0; i < 1000; ++i) {
    queue.push(buffer::copy_of(bytes_of(5, i)));
    expected += bytes_of(5, i);
  }
  EXPECT_TRUE(sent_by(queue) == expected);
}

TEST_F(send_queue_test, a_full_socket_blocks_and_what_waits_is_counted) {
  send_queue queue;
  const auto big = bytes_of(1 << 20, 1);
  queue.push(buffer::copy_of(big));
  queue.push(payload{});
  payload from_file;
  from_file.append(slice(0, 1000));
  queue.push(std::move(from_file));
  EXPECT_EQ(queue.memory(), big.size()) << "files cost no memory";
  EXPECT_EQ(*queue.write_to(ends_[0]), send_queue::progress::blocked);
  const auto first = queue.sent();
  EXPECT_GT(first, 0u);
  EXPECT_LT(first, big.size());
  EXPECT_EQ(*queue.write_to(ends_[0]), send_queue::progress::blocked);
  EXPECT_EQ(queue.sent(), first) << "nobody read";
  EXPECT_EQ(queue.memory(), big.size()) << "a part that is partly written is held whole";
  EXPECT_TRUE(sent_by(queue) == big + in_file_.substr(0, 1000));
}

/// The client reads a little less than it is sent: the queue never gets empty, and hardly ever ends with a piece.
TEST_F(send_queue_test, places_of_what_has_left_are_used_again) {
  send_queue queue;
  std::string expected, got;
  const auto push = [&](unsigned i) {
    queue.push(buffer::copy_of(bytes_of(1001, i)));
    expected += bytes_of(1001, i);
  };
  for (unsigned i = 0; i < 200; ++i)
    push(i);
  for (unsigned i = 0; i < 5000; ++i) {
    push(i);
    ASSERT_TRUE(queue.write_to(ends_[0]));
    std::string some(1001, '\0');
    const auto n = ::read(ends_[1], some.data(), some.size());
    got += some.substr(0, n > 0 ? static_cast<size_t>(n) : 0);
    ASSERT_FALSE(queue.empty());
  }
  EXPECT_LT(queue.capacity(), 2000u);
  EXPECT_TRUE(got + sent_by(queue) == expected);
  EXPECT_EQ(queue.memory(), 0u);
}

TEST_F(send_queue_test, a_long_queue_gives_its_memory_back) {
  send_queue queue;
  const auto at_first = queue.capacity();
  for (unsigned i = 0; i < 1000; ++i)
    queue.push(buffer::copy_of(bytes_of(5, i)));
  EXPECT_GE(queue.capacity(), 1000u);
  sent_by(queue);
  EXPECT_EQ(queue.capacity(), at_first);
  queue.push(buffer::copy_of("again"));
  EXPECT_EQ(queue.capacity(), at_first);
  EXPECT_EQ(sent_by(queue), "again");
}

/// No signal ends the node when the client is gone.
TEST_F(send_queue_test, a_closed_connection_is_an_error) {
  ::close(ends_[1]);
  send_queue queue;
  queue.push(buffer::copy_of("hello"));
  auto progress = queue.write_to(ends_[0]);
  ASSERT_FALSE(progress);
  EXPECT_EQ(progress.error().code, error_code::network_exception);
  ends_[1] = ::dup(ends_[0]);
}

/// The same for a piece of a file: sendfile knows no flag against SIGPIPE, so the process ignores the signal.
TEST_F(send_queue_test, a_closed_connection_under_a_file_is_an_error) {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  ::close(ends_[1]);
  send_queue queue;
  payload p;
  p.append(slice(0, 10));
  queue.push(std::move(p));
  auto progress = queue.write_to(ends_[0]);
  ASSERT_FALSE(progress);
  EXPECT_EQ(progress.error().code, error_code::network_exception);
  ends_[1] = ::dup(ends_[0]);
  std::signal(SIGPIPE, before);
}

TEST_F(send_queue_test, a_file_that_became_shorter_is_an_error) {
  send_queue queue;
  payload p;
  p.append(slice(in_file_.size() - 10, 20));
  queue.push(std::move(p));
  auto progress = queue.write_to(ends_[0]);
  ASSERT_FALSE(progress);
  EXPECT_EQ(progress.error().code, error_code::kafka_storage_error);
  EXPECT_TRUE(received() == in_file_.substr(in_file_.size() - 10)) << "what there was has left";
}

TEST_F(send_queue_test, an_empty_queue_is_done) {
  send_queue queue;
  EXPECT_EQ(*queue.write_to(ends_[0]), send_queue::progress::done);
}

} // namespace
} // namespace chisme::nodes
