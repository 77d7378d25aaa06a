// A supervisor with replicas of its own on a simulated disk, under CAF's deterministic scheduler: time is the test's.
#pragma once

#include "actors/cleaner/cleaner_actor.hpp"
#include "actors/disk_worker/disk_worker_actor.hpp"
#include "actors/flusher/flusher_actor.hpp"
#include "actors/remover/remover_actor.hpp"
#include "actors/supervisor/supervisor_actor.hpp"
#include "tests/support/log_fixture.hpp"
#include "tests/support/shell_fixture.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

namespace chisme::test {

class supervisor_fixture : public ::testing::Test {
protected:
  ~supervisor_fixture() override {
    if (supervisor_)
      stop();
  }

  /// A node with one topic "t" of one partition.
  void start(const std::map<std::string, std::string>& topic_configs = {}) {
    configs_ = topic_configs;
    EXPECT_TRUE(disk_->make_directories("/d"));
    flusher_ = system_.spawn<flusher::flusher>(disk_->open_filesystem("/d").value());
    cleaner_ = system_.spawn<cleaner::cleaner>(disk_);
    supervisor::supervisor_config c;
    c.self = 1;
    c.cluster_id = "test";
    c.data_dir = "/d";
    c.wall_clock = c.steady_clock = [this] { return now(); };
    c.flusher = flusher_;
    c.cleaner = cleaner_;
    remover_ = system_.spawn<remover::remover>(disk_, "/d");
    c.remover = remover_;
    disk_worker_ = system_.spawn<disk_worker::disk_worker>(disk_);
    c.disk_workers = {disk_worker_};
    c.settings = std::make_shared<const node_settings>(settings);
    c.publish = [this](std::shared_ptr<const broker_image> image) { image_ = std::move(image); };
    supervisor_ = system_.spawn<supervisor::supervisor>(std::move(c));
    steps().run();
    apply();
  }
  /// Every replica syncs and closes its log.
  void stop() {
    caf::anon_send(supervisor_, supervisor::shut_down{});
    steps().run();
    image_ = nullptr;
    for (const auto& actor : {caf::actor_cast<caf::actor>(supervisor_), caf::actor_cast<caf::actor>(flusher_),
                              caf::actor_cast<caf::actor>(cleaner_), caf::actor_cast<caf::actor>(remover_),
                              caf::actor_cast<caf::actor>(disk_worker_)})
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    supervisor_ = nullptr;
    flusher_ = nullptr;
    cleaner_ = nullptr;
    remover_ = nullptr;
    disk_worker_ = nullptr;
    steps().clock().cancel_all();
    steps().run();
  }
  /// The supervisor is told `settings` and the topic, as after a change of either.
  void apply() {
    auto cluster = std::make_shared<coordinator::cluster_state>();
    coordinator::topic_state topic;
    topic.name = "t";
    topic.id.bytes.back() = 7;
    topic.replicas = {{1}};
    topic.configs = configs_;
    cluster->apply(coordinator::topic_record{topic.id, topic});
    caf::anon_send(supervisor_,
                   supervisor::cluster_changed{cluster, std::make_shared<const node_settings>(settings), {}});
    steps().run();
  }

  caf::scheduler::test_coordinator& steps() {
    return static_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }
  /// Milliseconds of the test's clock.
  timestamp_ms now() {
    return 1'000'000 +
           std::chrono::duration_cast<std::chrono::milliseconds>(steps().clock().now().time_since_epoch()).count();
  }
  /// Lets time pass; returns how many timers ran out.
  size_t pass(std::chrono::milliseconds time, std::chrono::milliseconds step = std::chrono::milliseconds{100}) {
    size_t timers = 0;
    for (; time.count() > 0; time -= step) {
      timers += steps().clock().advance_time(std::min(time, step));
      steps().run();
    }
    return timers;
  }

  partition::port& port() { return *image_->find("t")->partitions.at(0).port; }
  /// A batch with one record; how the append ended.
  partition::append_result append(std::string_view key, std::string_view value,
                                  partition::acks required = partition::acks::all) {
    log::batch_builder b;
    b.add(log::record_in{key, value, now(), {}});
    return append(b.finish().value(), required);
  }
  partition::append_result append(buffer batch_bytes, partition::acks required = partition::acks::all) {
    auto answer = std::make_shared<partition::append_result>(partition::append_result::lost());
    partition::append_request one;
    one.records = std::move(batch_bytes);
    one.required = required;
    one.done = reply_with<partition::append_result>([answer](partition::append_result r) { *answer = std::move(r); });
    partition::append_batch batch;
    batch.requests.push_back(std::move(one));
    port().send(std::move(batch));
    steps().run();
    return *answer;
  }
  partition::describe_result describe() {
    auto answer = std::make_shared<partition::describe_result>(partition::describe_result::lost());
    partition::describe_request request;
    request.done = reply_with<partition::describe_result>([answer](partition::describe_result r) { *answer = r; });
    port().send(std::move(request));
    steps().run();
    return *answer;
  }

  node_settings settings;
  std::shared_ptr<sim_files> disk_ = std::make_shared<sim_files>();

private:
  std::map<std::string, std::string> configs_;
  testing_config config_;
  caf::actor_system system_{config_};
  flusher::flusher_actor flusher_;
  cleaner::cleaner_actor cleaner_;
  remover::remover_actor remover_;
  disk_worker::disk_worker_actor disk_worker_;
  supervisor::supervisor_actor supervisor_;
  std::shared_ptr<const broker_image> image_;
};

} // namespace chisme::test
