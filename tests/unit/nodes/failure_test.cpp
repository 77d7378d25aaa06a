// An exception on any thread of a node ends the process with a line that names it, or has somebody who acts; it never
// leaves a node that hangs.
#include "messages/kafka/19_create_topics.hpp"
#include "nodes/cli/kafka_client.hpp"
#include "nodes/io_loop.hpp"
#include "nodes/last_line.hpp"
#include "nodes/node.hpp"
#include "tests/support/throwing_files.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <future>

namespace chisme::nodes {
namespace {

class failure_test : public ::testing::Test {
protected:
  failure_test() : folder_(::testing::TempDir() + "chisme-failure-XXXXXX") {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    if (::mkdtemp(folder_.data()) == nullptr)
      throw std::runtime_error{"no temporary folder"};
    settings_.listeners = {{"PLAINTEXT", "127.0.0.1", 0}};
    settings_.data_dir = folder_;
  }
  ~failure_test() override { std::filesystem::remove_all(folder_); }

  /// As a node's process does.
  static void log_to_stderr() {
    spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("chisme", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  }

  std::string folder_;
  node_settings settings_;
  std::shared_ptr<test::throwing_files> disk_ = std::make_shared<test::throwing_files>();
};

void throw_on_an_io_thread() {
  tell_of_uncaught_exceptions();
  io_loop loop;
  loop.start();
  std::promise<void> done;
  loop.post([] { throw std::runtime_error{"a broken invariant"}; });
  loop.post([&] { done.set_value(); });
  done.get_future().wait();
}

TEST_F(failure_test, an_exception_on_an_io_thread_ends_the_process_and_is_told) {
  EXPECT_DEATH((log_to_stderr(), throw_on_an_io_thread()),
               "node failed thread=chisme.io reason=\"a broken invariant\"");
}

/// Makes a topic on a disk that throws when that is synced.
void throw_in_the_flusher(const node_settings& settings, const std::shared_ptr<test::throwing_files>& disk) {
  node n{settings, disk};
  if (!n.start())
    return;
  disk->throw_at_sync();
  auto client = cli::kafka_client::open(n.listeners().front(), std::chrono::minutes{1});
  kafka::create_topics_request r;
  r.timeout_ms = 60'000;
  auto& topic = r.topics.emplace_back();
  topic.name = "t";
  topic.num_partitions = 1;
  topic.replication_factor = 1;
  static_cast<void>(client->call<kafka::create_topics_response>(r));
  n.stop();
}

TEST_F(failure_test, an_exception_that_ends_the_flusher_ends_the_process_and_is_told) {
  EXPECT_DEATH(
    (log_to_stderr(), throw_in_the_flusher(settings_, disk_)),
    "an exception ended an actor actor=flusher .*reason=\"a broken invariant\"(.|\n)*node failed actor=flusher");
}

TEST_F(failure_test, a_metadata_log_that_dies_once_is_started_again) {
  disk_->throw_at_open(folder_ + "/__cluster-0/", 1);
  node n{settings_, disk_};
  const auto started = n.start();
  EXPECT_TRUE(started) << started.error().message;
  EXPECT_EQ(disk_->opens_left(), 0);
}

} // namespace
} // namespace chisme::nodes
