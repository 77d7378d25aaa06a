// When a replica answers an append, on CAF's deterministic scheduler: the test is the disk's flusher.
#include "actors/log/batch_builder.hpp"
#include "actors/partition/partition_actor.hpp"
#include "tests/support/sim_files.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gtest/gtest.h>

namespace chisme::partition {
namespace {

struct testing_config : caf::actor_system_config {
  testing_config() { set("scheduler.policy", caf::atom("testing")); }
};

class partition_acks_test : public ::testing::Test {
protected:
  partition_acks_test() {
    using flusher_actor = flusher::flusher_actor;
    using supervisor_actor = supervisor::supervisor_actor;
    surroundings around;
    around.disk = std::make_shared<test::sim_files>();
    around.wall_clock = [] { return timestamp_ms{1000}; };
    around.flusher = system_.spawn([this](flusher_actor::pointer self) -> flusher_actor::behavior_type {
      return {[this, self](const flusher::flush_request&) {
                syncs_.push_back(self->make_response_promise<flusher::flush_result>());
                return syncs_.back();
              },
              [this](drain) {
                for (auto& s : std::exchange(syncs_, {}))
                  s.deliver(flusher::flush_result{});
              }};
    });
    around.supervisor = system_.spawn([](supervisor_actor::pointer) -> supervisor_actor::behavior_type {
      return {[](const supervisor::cluster_changed&) {}, [](const supervisor::replica_opened&) {},
              [](const supervisor::checkpoint_wanted&) {}, [](const supervisor::compaction_wanted&) {},
              [](const supervisor::shut_down&) {}, [](drain) {}, [](tick) {}, [](supervisor::checkpoint_tick) {},
              [](supervisor::compaction_tick) {}, [](supervisor::attempt_due) {},
              [](supervisor::groups_attempt_due) {}};
    });
    around_ = around;
  }

  ~partition_acks_test() override {
    for (const auto& actor : {caf::actor_cast<caf::actor>(partition_), caf::actor_cast<caf::actor>(around_.flusher),
                              caf::actor_cast<caf::actor>(around_.supervisor)})
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    steps().run();
  }

  void open(flush_mode mode) {
    replica_config replica;
    replica.name = {"t", 0};
    replica.directory = "/t-0";
    replica.settings.flush = mode;
    partition_ = system_.spawn<partition>(around_, replica);
    steps().run();
    sync(); // the new folder
  }

  caf::scheduler::test_coordinator& steps() {
    return static_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }

  /// Counts answers; each must find its record readable.
  void append(acks required) {
    log::batch_builder b;
    b.add("k", "v", 1000);
    append_batch batch;
    batch.requests.push_back({b.finish().value(), 13, required, reply_with<append_result>([this](append_result r) {
                                EXPECT_EQ(r.code, error_code::none) << r.message;
                                ++answered_;
                              })});
    caf::anon_send(partition_, std::move(batch));
    steps().run();
  }

  offset_t end_offset() {
    offset_t end = -1;
    caf::anon_send(partition_, list_offset_request{list_offset_request::latest, -1,
                                                   reply_with<offset_result>([&](offset_result r) { end = r.offset; })});
    steps().run();
    return end;
  }

  void sync() {
    ASSERT_FALSE(syncs_.empty()) << "nothing is to be synced";
    caf::anon_send(around_.flusher, drain{});
    steps().run();
  }

  testing_config config_;
  caf::actor_system system_{config_};
  surroundings around_;
  partition_actor partition_;
  std::vector<caf::typed_response_promise<flusher::flush_result>> syncs_;
  int answered_ = 0;
};

/// The record must be there for whoever asks for the end of the log right after the acknowledgement.
TEST_F(partition_acks_test, with_acks_1_a_single_replica_answers_when_the_record_can_be_read) {
  open(flush_mode::sync);
  append(acks::leader);
  EXPECT_EQ(answered_, 0);
  EXPECT_EQ(end_offset(), 0);
  sync();
  EXPECT_EQ(answered_, 1);
  EXPECT_EQ(end_offset(), 1);
}

TEST_F(partition_acks_test, acks_all_does_the_same_in_the_same_sync) {
  open(flush_mode::sync);
  append(acks::leader);
  append(acks::all); // comes while the first one is synced
  sync();
  EXPECT_EQ(answered_, 1);
  sync();
  EXPECT_EQ(answered_, 2);
  EXPECT_EQ(end_offset(), 2);
}

TEST_F(partition_acks_test, a_lazy_topic_waits_for_no_disk) {
  open(flush_mode::lazy);
  append(acks::leader);
  append(acks::all);
  EXPECT_EQ(answered_, 2);
  EXPECT_EQ(end_offset(), 2);
  EXPECT_TRUE(syncs_.empty());
}

/// Nobody is told: the answer only says that the request is no longer in flight.
TEST_F(partition_acks_test, acks_0_is_done_with_as_soon_as_it_is_written) {
  open(flush_mode::sync);
  append(acks::none);
  EXPECT_EQ(answered_, 1);
  EXPECT_EQ(end_offset(), 0);
}

} // namespace
} // namespace chisme::partition
