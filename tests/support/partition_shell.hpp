// A replica under test, between a flusher, a cleaner and a supervisor that keep what they are asked until the test
// answers.
#pragma once

#include "actors/disk_worker/disk_worker_actor.hpp"
#include "actors/partition/partition_actor.hpp"
#include "tests/support/log_fixture.hpp"
#include "tests/support/shell_fixture.hpp"
#include "tests/support/throwing_files.hpp"

namespace chisme::test {

class partition_shell_test : public shell_test {
protected:
  partition_shell_test() {
    around_.self = 1;
    around_.disk_worker = spawn<disk_worker::disk_worker>(disk_);
    around_.wall_clock = [this] { return timestamp_ms{1000} + now(); };
    around_.flusher = flusher_.handle();
    around_.cleaner = cleaner_.handle();
    end_later(flusher_.actor());
    end_later(cleaner_.actor());
    around_.supervisor =
      fake<supervisor::supervisor_actor>([this](const supervisor::replica_opened& o) { told_.push_back(o); },
                                         [this](const supervisor::checkpoint_wanted&) { ++checkpoints_wanted_; },
                                         [this](const supervisor::compaction_wanted&) { ++compactions_wanted_; });
    replica_.name = {"t", 0};
    replica_.key = {uuid{{7}}, 0};
    replica_.directory = "/data/t-0";
    EXPECT_TRUE(disk_->make_directories("/data"));
  }
  /// Opens it (again); the one before must have ended. What it found is synced where it asks for that, its promises
  /// before its log.
  void open() {
    told_.clear();
    partition_ = spawn<partition::partition>(around_, replica_);
    ended_ = watch(partition_);
    run();
    for (int round = 0; round < 2 && told_.empty() && flusher_.is_asked(); ++round)
      sync();
    port_ = partition::make_port(partition_);
  }

  /// The flusher's answer to what it has been asked.
  void sync(const std::string& failure = {}) {
    ASSERT_TRUE(flusher_.is_asked()) << "nothing is to be synced";
    flusher_.give({failure});
    run();
  }
  void sync_all() {
    while (flusher_.is_asked())
      sync();
  }
  void cleaner_gives(cleaner::clean_result r) {
    ASSERT_TRUE(cleaner_.is_asked()) << "nothing is to be cleaned";
    cleaner_.give(std::move(r));
    run();
  }

  answer<partition::append_result> append(partition::acks required = partition::acks::all, int records = 1) {
    auto [reply, answered] = owed<partition::append_result>();
    partition::append_batch batch;
    batch.requests.push_back({make_batch(0, records, 1000 + now()), 13, required, reply});
    port_->send(std::move(batch));
    run();
    return answered;
  }
  answer<partition::read_result> read(offset_t from, std::shared_ptr<partition::read_waiter> waiter = nullptr) {
    auto [reply, answered] = owed<partition::read_result>();
    partition::read_request r;
    r.offset = from;
    r.waiter = std::move(waiter);
    r.done = reply;
    port_->send(std::move(r));
    run();
    return answered;
  }
  offset_t end_offset() {
    auto [reply, answered] = owed<partition::offset_result>();
    port_->send({partition::list_offset_request::latest, -1, reply});
    run();
    return answered->value().offset;
  }
  template <class Message>
  void tell(Message m) {
    caf::anon_send(partition_, std::move(m));
    run();
  }

  std::shared_ptr<throwing_files> disk_ = std::make_shared<throwing_files>();
  partition::node_services around_;
  partition::replica_config replica_;
  partition::partition_actor partition_;
  partition::port_ptr port_;
  answer<caf::error> ended_;
  std::vector<supervisor::replica_opened> told_;
  int checkpoints_wanted_ = 0;
  int compactions_wanted_ = 0;
  held_answers<flusher::flusher_actor, flusher::flush_request, flusher::flush_result> flusher_{system_};
  held_answers<cleaner::cleaner_actor, cleaner::clean_request, cleaner::clean_result> cleaner_{system_};
};

} // namespace chisme::test
