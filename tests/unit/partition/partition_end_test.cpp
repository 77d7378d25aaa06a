// Readers who wait at a partition that ends, on CAF's deterministic scheduler.

#include "actors/cleaner/cleaner_actor.hpp"
#include "actors/disk_worker/disk_worker_actor.hpp"
#include "actors/flusher/flusher_actor.hpp"
#include "actors/partition/partition_actor.hpp"
#include "tests/support/shell_fixture.hpp"
#include "tests/support/sim_files.hpp"

#include <gmock/gmock.h>

namespace chisme::partition {
namespace {

using ::testing::ElementsAre;

struct waiter final : read_waiter {
  bool committed(uint64_t) override { return true; }
  void failed(error_code why) override { failures.push_back(why); }
  bool expired() const override { return false; }
  std::vector<error_code> failures;
};

class partition_end : public test::shell_test {
protected:
  partition_end() {
    EXPECT_TRUE(disk_->make_directories("/d"));
    node_services around;
    around.disk_worker = spawn<disk_worker::disk_worker>(disk_);
    around.wall_clock = [] { return timestamp_ms{1000}; };
    around.flusher = system_.spawn<flusher::flusher>(nullptr);
    around.cleaner = system_.spawn<cleaner::cleaner>(disk_, hash_key{}, std::make_shared<std::atomic<bool>>(false));
    around.supervisor = fake<supervisor::supervisor_actor>([](const supervisor::replica_opened&) {});
    flusher_ = caf::actor_cast<caf::weak_actor_ptr>(around.flusher);
    actor_ = system_.spawn<partition>(std::move(around), replica_config{{"t", 0}, {}, "/d/t-0", {}, false});
    port_ = make_port(actor_);
    run();
  }

  /// What the read found at once.
  read_result read(std::shared_ptr<read_waiter> w) {
    auto found = std::make_shared<read_result>();
    read_request r;
    r.waiter = std::move(w);
    r.done = reply_with<read_result>([found](read_result x) { *found = std::move(x); });
    port_->send(std::move(r));
    run();
    return *found;
  }

  std::shared_ptr<test::sim_files> disk_ = std::make_shared<test::sim_files>();
  caf::weak_actor_ptr flusher_;
  partition_actor actor_;
  port_ptr port_;
};

TEST_F(partition_end, of_a_deleted_topic_is_told_to_those_who_wait) {
  auto w = std::make_shared<waiter>();
  EXPECT_EQ(read(w).code, error_code::none);
  EXPECT_THAT(w->failures, ElementsAre());
  caf::anon_send(actor_, stop_request{true});
  run();
  EXPECT_THAT(w->failures, ElementsAre(error_code::unknown_topic_or_partition));
  EXPECT_EQ(read(w).code, error_code::not_leader_or_follower);
}

TEST_F(partition_end, by_a_stop_is_told_to_those_who_wait) {
  auto w = std::make_shared<waiter>();
  read(w);
  caf::anon_send(actor_, stop_request{false});
  run();
  EXPECT_THAT(w->failures, ElementsAre(error_code::not_leader_or_follower));
}

/// A client's long poll holds a port. The flusher's thread, which the node waits for, must not hang on that.
TEST_F(partition_end, lets_go_of_the_actors_that_it_knew_whoever_holds_a_port) {
  EXPECT_TRUE(flusher_.lock());
  caf::anon_send(actor_, stop_request{false});
  run();
  EXPECT_FALSE(flusher_.lock());
  EXPECT_TRUE(port_);
}

/// A read whose client has gone costs nothing.
TEST_F(partition_end, who_is_gone_is_not_read_for) {
  struct gone final : reply_sink<read_result> {
    void deliver(size_t, read_result value) override { code = value.code; }
    bool wanted() const override { return false; }
    error_code code = error_code::none;
  };
  const auto sink = std::make_shared<gone>();
  read_request r;
  r.done = reply<read_result>{sink, 0};
  port_->send(std::move(r));
  run();
  EXPECT_EQ(sink->code, error_code::not_leader_or_follower) << "dropped, not read";
}

} // namespace
} // namespace chisme::partition
