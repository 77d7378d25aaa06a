// The gateway's threads with real sockets, without CAF: sessions ask partitions that answer from threads of their own,
// while the image is replaced, connections come and go, and in the end the gateway stops with requests under way.
#include "messages/kafka/00_produce.hpp"
#include "messages/kafka/01_fetch.hpp"
#include "messages/kafka/03_metadata.hpp"
#include "nodes/cli/kafka_client.hpp"
#include "nodes/gateway.hpp"
#include "tests/support/log_fixture.hpp"
#include "tests/support/session_fixture.hpp"
#include "tests/threads/together.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <sys/socket.h>
#include <unistd.h>

namespace chisme::nodes {
namespace {

/// What a partition is without CAF: a thread with a mailbox, and batches in memory.
class thread_partition final : public partition::port {
public:
  thread_partition() : thread_([this] { run(); }) {}
  ~thread_partition() override {
    post(nullptr);
    thread_.join();
  }

  void send(partition::append_batch x) override {
    post([this, x = std::move(x)] {
      for (const auto& r : x.requests)
        append(r);
      std::erase_if(waiters_, [](const auto& w) { return w->expired() || !w->committed(100); });
    });
  }
  void send(partition::read_request x) override {
    post([this, x = std::move(x)] { read(x); });
  }
  void send(partition::list_offset_request) override {}
  void send(partition::epoch_end_request) override {}
  void send(partition::delete_records_request) override {}
  void send(partition::describe_request) override {}

private:
  void post(std::function<void()> f) {
    {
      std::lock_guard lock{mutex_};
      mailbox_.push_back(std::move(f));
    }
    come_.notify_one();
  }

  void run() {
    for (;;) {
      std::unique_lock lock{mutex_};
      come_.wait(lock, [this] { return !mailbox_.empty(); });
      auto next = std::move(mailbox_.front());
      mailbox_.pop_front();
      lock.unlock();
      if (!next)
        break;
      next();
    }
    waiters_.clear();
  }

  void append(const partition::append_request& r) {
    partition::append_result answer;
    answer.base_offset = static_cast<offset_t>(batches_.size());
    answer.log_start_offset = 0;
    batches_.push_back(r.records);
    r.done(std::move(answer));
  }

  void read(const partition::read_request& r) {
    partition::read_result answer;
    const auto end = static_cast<offset_t>(batches_.size());
    answer.high_watermark = answer.last_stable_offset = end;
    answer.log_start_offset = 0;
    answer.current_leader_epoch = 0;
    for (auto i = r.offset; i < end && i < r.offset + 10; ++i)
      answer.records.append(batches_[static_cast<size_t>(i)]);
    if (r.waiter && r.offset + 10 >= end)
      waiters_.push_back(r.waiter);
    r.done(std::move(answer));
  }

  std::mutex mutex_;
  std::condition_variable come_;
  std::deque<std::function<void()>> mailbox_; // under mutex_; an empty one ends the thread
  // The thread's own.
  std::vector<buffer> batches_;
  std::vector<std::shared_ptr<partition::read_waiter>> waiters_;
  std::thread thread_;
};

/// A partition that owes all its answers, as one does whose disk does not come back.
class stuck_partition final : public partition::port {
public:
  void send(partition::append_batch) override {}
  void send(partition::read_request x) override {
    std::lock_guard lock{mutex_};
    reads_.push_back(std::move(x));
    come_.notify_all();
  }
  void send(partition::list_offset_request) override {}
  void send(partition::epoch_end_request) override {}
  void send(partition::delete_records_request) override {}
  void send(partition::describe_request) override {}

  /// Waits until so many reads have come; what is returned tells whether the last of them is wanted.
  std::function<bool()> await_reads(size_t n) {
    std::unique_lock lock{mutex_};
    come_.wait(lock, [&] { return reads_.size() >= n; });
    return reads_[n - 1].done.watch();
  }
  /// What it owes refers to the image, and with it to this partition.
  void end() {
    std::unique_lock lock{mutex_};
    const auto owed = std::exchange(reads_, {});
    lock.unlock();
  }

private:
  std::mutex mutex_;
  std::condition_variable come_;
  std::vector<partition::read_request> reads_; // under mutex_
};

/// A client that says what it has to say and then closes its half of the connection.
class half_closed_client {
public:
  explicit half_closed_client(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval guard{60, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &guard, sizeof guard);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
  }
  ~half_closed_client() { ::close(fd_); }

  template <class Request>
  void send(const Request& r, int16_t version) {
    const auto bytes = testing::flat(
      kafka::encode_request({static_cast<int16_t>(Request::api), version, 1, "leaves"}, encode(r, version)));
    EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  }
  void close_half() { ::shutdown(fd_, SHUT_WR); }
  /// Waits for the node to close the connection, which sends nothing before; false: it did not for a minute.
  bool is_closed() { return receive(0) == 0; }
  bool is_open_now() { return receive(MSG_DONTWAIT) < 0 && errno == EAGAIN; }

private:
  ssize_t receive(int flags) {
    char some[4096];
    return ::recv(fd_, some, sizeof some, flags);
  }

  int fd_;
};

class gateway_threads : public ::testing::Test {
protected:
  static constexpr int partitions = 2;

  explicit gateway_threads(int network_threads = 2, std::optional<int64_t> drain_timeout_ms = {}) {
    settings_.drain_timeout_ms = drain_timeout_ms.value_or(settings_.drain_timeout_ms);
    settings_.listeners = {{"PLAINTEXT", "127.0.0.1", 0}};
    settings_.network_threads = network_threads;
    broker_.settings = &settings_;
    broker_.clock = [] { return timestamp_ms{1}; };
    gate_.emplace(settings_, broker_);
    auto listening = gate_->listen();
    if (!listening)
      throw std::runtime_error{listening.error().message};
    for (int i = 0; i < partitions; ++i)
      ports_.push_back(std::make_shared<thread_partition>());
    publish();
    gate_->start_loops();
    gate_->start();
  }
  ~gateway_threads() override { stop(); }

  /// As a node does: the gateway first, then those who still owe it answers, then what they posted.
  void stop() {
    if (!gate_)
      return;
    gate_->stop_reading();
    gate_->stop();
    broker_.image.set(std::make_shared<broker_image>());
    if (stuck_)
      stuck_->end();
    ports_.clear();
    stuck_ = nullptr;
    gate_->run_leftovers();
    gate_.reset();
  }

  void publish() {
    auto image = std::make_shared<broker_image>();
    image->settings = std::make_shared<node_settings>(settings_);
    image->cluster_id = "c";
    image->controller = 1;
    image->brokers = {{1, "127.0.0.1", gate_->bound().front().port, std::nullopt}};
    auto topic = std::make_shared<topic_image>();
    topic->topic = std::make_shared<coordinator::topic_state>(
      coordinator::topic_state{"t", uuid{{1}}, std::vector<std::vector<node_id>>(partitions, {1}), {}});
    for (const auto& p : ports_)
      topic->partitions.push_back({1, 0, error_code::none, p, nullptr});
    if (stuck_)
      topic->partitions[0].port = stuck_;
    image->put(topic);
    broker_.image.set(std::move(image));
  }

  cli::kafka_client client() const {
    return std::move(cli::kafka_client::open(gate_->bound().front(), std::chrono::minutes{5}).value());
  }

  static kafka::produce_request write(int32_t partition) {
    kafka::produce_request r;
    r.acks = -1;
    r.timeout_ms = 60'000;
    auto& t = r.topics.emplace_back();
    t.name = "t";
    t.partitions.push_back({partition, payload{test::make_batch(0, 1)}});
    return r;
  }
  static kafka::fetch_request read(int32_t partition, offset_t from, int32_t max_wait_ms) {
    kafka::fetch_request r;
    r.max_wait_ms = max_wait_ms;
    r.min_bytes = 1;
    r.max_bytes = 1 << 20;
    auto& t = r.topics.emplace_back();
    t.topic = "t";
    auto& p = t.partitions.emplace_back();
    p.partition = partition;
    p.fetch_offset = from;
    p.partition_max_bytes = 1 << 20;
    return r;
  }

  static void write_some(cli::kafka_client& to, int n) {
    for (int i = 0; i < n; ++i) {
      auto answer = to.call<kafka::produce_response>(write(i % partitions), 12);
      ASSERT_TRUE(answer) << answer.error().message;
      EXPECT_EQ(answer->responses.at(0).partition_responses.at(0).error, error_code::none);
    }
  }

  /// Reads one partition until so many batches have come, waiting for more where there are none.
  static void read_until(cli::kafka_client& from, int32_t partition, offset_t end) {
    for (offset_t next = 0; next < end;) {
      auto answer = from.call<kafka::fetch_response>(read(partition, next, 60'000), 12);
      ASSERT_TRUE(answer) << answer.error().message;
      const auto& told = answer->responses.at(0).partitions.at(0);
      ASSERT_EQ(told.error, error_code::none);
      next += static_cast<offset_t>(told.records.size() / test::make_batch(0, 1).size());
    }
  }

  node_settings settings_;
  session::broker broker_;
  std::optional<gateway> gate_;
  std::vector<std::shared_ptr<thread_partition>> ports_;
  std::shared_ptr<stuck_partition> stuck_; ///< in the place of the first
};

TEST_F(gateway_threads, writers_and_waiting_readers_on_two_loops_while_the_image_is_replaced) {
  constexpr int each = 100;
  std::atomic<int> writing{2};
  test::together(6, [&](int role) {
    if (role == 5) {
      while (writing > 0) {
        publish();
        auto asked = client().call<kafka::metadata_response>(kafka::metadata_request{}, 9);
        EXPECT_TRUE(asked) << asked.error().message;
      }
      return;
    }
    auto own = client();
    if (role < 2) {
      write_some(own, each);
      --writing;
    } else {
      read_until(own, role % partitions, 2 * each / partitions);
    }
  });
}

/// Answers come for connections that are gone, or are given up by partitions that are.
TEST_F(gateway_threads, stops_while_requests_wait) {
  constexpr int clients = 4;
  constexpr int enough = 40;
  std::atomic<int> asked{0};
  std::atomic<int> answered{0};
  std::jthread stopper{[&] {
    while (asked < enough)
      std::this_thread::yield();
    stop();
  }};
  const auto at = gate_->bound().front();
  test::together(clients, [&](int role) {
    for (;;) {
      auto own = cli::kafka_client::open(at, std::chrono::minutes{5});
      if (!own)
        return;
      for (int i = 0; i < 5; ++i) {
        ++asked;
        const bool is_reader = role % 2 == 0;
        // From beyond the end: nothing comes, so it waits until its time is up or the gateway ends.
        const bool is_answered = is_reader ? bool{own->call<kafka::fetch_response>(read(0, 1'000'000, 5), 12)}
                                           : bool{own->call<kafka::produce_response>(write(1), 12)};
        if (!is_answered)
          break;
        ++answered;
      }
    }
  });
  EXPECT_GE(answered, enough - clients) << "each has one under way when the gateway stops, and lost none before";
}

class departures : public gateway_threads {
protected:
  /// One thread, which sweeps often.
  departures() : gateway_threads(1, 200) {
    stuck_ = std::make_shared<stuck_partition>();
    publish();
  }
  /// With so many partitions that nothing else is read from the client meanwhile; all but the first are unknown.
  void read_what_is_stuck(half_closed_client& c, size_t reads_so_far) {
    auto r = read(0, 0, 0);
    auto& asked = r.topics.front().partitions;
    for (int32_t i = 1; i <= 100; ++i) {
      asked.push_back(asked.front());
      asked.back().partition = partitions + i;
    }
    c.send(r, 12);
    wanted_ = stuck_->await_reads(reads_so_far + 1);
    EXPECT_TRUE(wanted_());
  }
  uint16_t port() const { return gate_->bound().front().port; }

  std::function<bool()> wanted_; ///< whether the last read is
};

TEST_F(departures, of_a_client_whose_read_waits_for_the_disk_end_that) {
  half_closed_client leaves{port()};
  read_what_is_stuck(leaves, 0);
  leaves.close_half();
  EXPECT_TRUE(leaves.is_closed());
  EXPECT_FALSE(wanted_()) << "whoever reads for it can know";
}

TEST_F(departures, are_not_seen_in_a_client_that_only_waits) {
  half_closed_client waits{port()}, leaves{port()};
  read_what_is_stuck(waits, 0);
  const auto wanted = wanted_;
  read_what_is_stuck(leaves, 1);
  leaves.close_half();
  EXPECT_TRUE(leaves.is_closed());
  EXPECT_TRUE(waits.is_open_now());
  EXPECT_TRUE(wanted());
}

/// It may be a write for which no answer is wanted.
TEST_F(departures, leave_what_was_sent_before_to_be_done) {
  half_closed_client writes{port()};
  read_what_is_stuck(writes, 0);
  const auto wanted = wanted_;
  writes.send(write(1), 12);
  writes.close_half();
  // Each of them takes two sweeps.
  for (size_t i = 1; i <= 2; ++i) {
    half_closed_client leaves{port()};
    read_what_is_stuck(leaves, i);
    leaves.close_half();
    EXPECT_TRUE(leaves.is_closed());
  }
  EXPECT_TRUE(writes.is_open_now());
  EXPECT_TRUE(wanted());
}

} // namespace
} // namespace chisme::nodes
