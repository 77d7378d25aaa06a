// The supervisor with real replicas on a simulated disk: what it publishes, whom it starts again, and how it ends.
#include "actors/cleaner/cleaner_actor.hpp"
#include "actors/disk_worker/disk_worker_actor.hpp"
#include "actors/flusher/flusher_actor.hpp"
#include "actors/log/partition_metadata.hpp"
#include "actors/remover/remover_actor.hpp"
#include "actors/supervisor/supervisor_actor.hpp"
#include "tests/support/log_fixture.hpp"
#include "tests/support/shell_fixture.hpp"
#include "tests/support/throwing_files.hpp"

#include <gmock/gmock.h>

namespace chisme::supervisor {
namespace {

using namespace std::chrono_literals;

class supervisor_actor_test : public test::shell_test {
protected:
  supervisor_actor_test() {
    EXPECT_TRUE(disk_->make_directories("/data"));
    supervisor_config c;
    c.self = 1;
    c.cluster_id = "c";
    c.brokers = {{1, "localhost", 9092, std::nullopt}};
    c.data_dir = "/data";
    c.wall_clock = c.steady_clock = [this] { return timestamp_ms{1000} + now(); };
    c.flusher = spawn<flusher::flusher>(disk_->open_filesystem("/data").value());
    c.cleaner = spawn<cleaner::cleaner>(disk_);
    c.remover = spawn<remover::remover>(disk_, "/data");
    c.disk_workers = {spawn<disk_worker::disk_worker>(disk_)};
    worker_ = caf::actor_cast<caf::strong_actor_ptr>(c.disk_workers.front());
    c.settings = settings_;
    c.publish = [this](std::shared_ptr<const broker_image> i) { image_ = std::move(i); };
    c.metadata_log_role = [this](result<coordinator::log_role> r) { opened_.push_back(std::move(r)); };
    supervisor_ = spawn<supervisor>(std::move(c));
    run();
  }
  ~supervisor_actor_test() override {
    opened_.clear();
    image_.reset();
  }

  void add(const std::string& name, size_t partitions = 1) {
    const uuid id{{static_cast<uint8_t>(++last_id_), 9}};
    cluster_.apply(coordinator::topic_record{
      id, coordinator::topic_state{name, id, std::vector<std::vector<node_id>>(partitions, {1}), {}}});
  }
  void remove(const std::string& name) {
    cluster_.apply(coordinator::topic_record{cluster_.find(name)->id, std::nullopt});
  }
  test::answer<completed> tell(std::shared_ptr<const topic_ids> deleted = nullptr) {
    auto [reply, answered] = test::owed<completed>();
    caf::anon_send(supervisor_, cluster_changed{std::make_shared<coordinator::cluster_state>(cluster_), settings_,
                                                reply, std::move(deleted)});
    run();
    return answered;
  }
  test::answer<completed> end() {
    auto [reply, answered] = test::owed<completed>();
    caf::anon_send(supervisor_, shut_down{reply});
    run();
    return answered;
  }
  void folder(const std::string& name, const uuid& topic) {
    EXPECT_TRUE(disk_->make_directories("/data/" + name));
    EXPECT_TRUE(log::write_partition_metadata(*disk_, "/data/" + name, topic, true));
  }
  bool is_there(const std::string& folder) { return disk_->exists("/data/" + folder + "/partition.metadata").value(); }
  const partition_image& published(const std::string& topic, size_t partition = 0) const {
    return image_->find(topic)->partitions.at(partition);
  }
  bool serves(const std::string& topic, size_t partition = 0) const {
    const auto& p = published(topic, partition);
    return p.port && p.state == error_code::none && p.leader == 1;
  }

  caf::strong_actor_ptr worker_;
  std::shared_ptr<test::throwing_files> disk_ = std::make_shared<test::throwing_files>();
  std::shared_ptr<const node_settings> settings_ = std::make_shared<node_settings>();
  coordinator::cluster_state cluster_;
  std::vector<result<coordinator::log_role>> opened_;
  std::shared_ptr<const broker_image> image_;
  int last_id_ = 0;
  supervisor_actor supervisor_;
};

TEST_F(supervisor_actor_test, tells_once_that_the_metadata_log_serves) {
  tell();
  ASSERT_EQ(opened_.size(), 1u);
  ASSERT_TRUE(opened_[0]);
  EXPECT_TRUE(opened_[0]->log);
  EXPECT_TRUE(opened_[0]->leads);
}

TEST_F(supervisor_actor_test, answers_a_change_when_all_replicas_serve_in_the_published_image) {
  add("t", 3);
  const auto applied = tell();
  ASSERT_TRUE(*applied);
  for (size_t i = 0; i < 3; ++i)
    EXPECT_TRUE(serves("t", i));
  EXPECT_EQ(image_->controller, 1);
  EXPECT_EQ(image_->cluster_id, "c");
}

TEST_F(supervisor_actor_test, a_replica_that_dies_is_started_again) {
  disk_->throw_at_open("/data/t-1/", 1);
  add("t", 2);
  const auto applied = tell();
  pass(1min);
  EXPECT_EQ(disk_->opens_left(), 0);
  EXPECT_TRUE(*applied);
  EXPECT_TRUE(serves("t", 0));
  EXPECT_TRUE(serves("t", 1));
}

TEST_F(supervisor_actor_test, a_topic_that_is_deleted_goes_and_one_of_its_name_starts_anew) {
  add("t");
  tell();
  const auto before = published("t").port;
  remove("t");
  const auto removed = tell();
  pass(1min);
  EXPECT_TRUE(*removed);
  EXPECT_FALSE(image_->find("t"));
  EXPECT_FALSE(disk_->exists("/data/t-0/partition.metadata").value());
  add("t");
  const auto made = tell();
  pass(1min);
  EXPECT_TRUE(*made);
  EXPECT_TRUE(serves("t"));
  EXPECT_NE(published("t").port, before);
}

/// Of an earlier start: "gone" was deleted, "foreign" is of another cluster, and a folder is on its way out.
class supervisor_leftovers_test : public supervisor_actor_test {
protected:
  supervisor_leftovers_test() {
    folder("gone-0", gone_);
    folder("foreign-0", uuid{{6}});
    folder(doomed_, uuid{{7}});
  }

  const uuid gone_{{5}};
  const std::string doomed_ = "t-0." + to_string(uuid{{7}}) + "-delete";
  const std::shared_ptr<const topic_ids> deleted_ = std::make_shared<topic_ids>(topic_ids{gone_});
};

TEST_F(supervisor_leftovers_test, go_after_the_replay_and_only_where_they_are_of_deleted_topics) {
  EXPECT_TRUE(*tell(deleted_));
  pass(1min);
  EXPECT_FALSE(is_there("gone-0"));
  EXPECT_FALSE(is_there(doomed_));
  EXPECT_TRUE(is_there("foreign-0"));
}

TEST_F(supervisor_leftovers_test, are_looked_for_again_where_the_folder_could_not_be_listed) {
  disk_->fail_any_operation(0, test::disk_fault::io_error);
  add("t");
  EXPECT_TRUE(*tell(deleted_));
  EXPECT_TRUE(serves("t")) << "nobody waits for the second look";
  EXPECT_TRUE(is_there("gone-0"));
  pass(std::chrono::milliseconds{settings_->retention_check_interval_ms} + 1min);
  EXPECT_FALSE(is_there("gone-0"));
  EXPECT_FALSE(is_there(doomed_));
}

TEST_F(supervisor_leftovers_test, hold_up_a_topic_of_their_name) {
  add("gone");
  EXPECT_TRUE(*tell(deleted_));
  pass(1min);
  EXPECT_TRUE(serves("gone"));
  EXPECT_NE(log::read_partition_metadata(*disk_, "/data/gone-0").value(), gone_);
}

TEST_F(supervisor_actor_test, groups_are_coordinated_where_their_partition_is_led) {
  add("__consumer_offsets", 2);
  add("t");
  tell();
  EXPECT_TRUE(published("__consumer_offsets", 0).groups);
  EXPECT_TRUE(published("__consumer_offsets", 1).groups);
  EXPECT_FALSE(published("t").groups);
}

TEST_F(supervisor_actor_test, a_shut_down_is_answered_when_all_replicas_have_closed_and_so_is_another_one) {
  add("t", 2);
  tell();
  const auto first = end();
  EXPECT_TRUE(*first);
  EXPECT_TRUE(*end());
}

/// What a replica owes may hold whoever asked, and so the replica.
TEST_F(supervisor_actor_test, one_that_ends_without_a_shut_down_ends_its_replicas_and_who_waits_is_told) {
  add("t");
  tell();
  const auto port = published("t").port;
  auto answered = std::make_shared<std::optional<error_code>>();
  partition::append_batch batch;
  batch.requests.push_back(
    {test::make_batch(0, 1), 13, partition::acks::all,
     reply_with<partition::append_result>([answered, port](partition::append_result r) { *answered = r.code; })});
  port->send(std::move(batch));
  caf::anon_send_exit(supervisor_, caf::exit_reason::kill);
  run();
  EXPECT_EQ(*answered, error_code::not_leader_or_follower) << "it was not synced yet";
  auto [reply, read] = test::owed<partition::read_result>();
  partition::read_request r;
  r.done = std::move(reply);
  port->send(std::move(r));
  run();
  ASSERT_TRUE(*read) << "somebody has it in his mailbox";
  EXPECT_EQ((*read)->code, error_code::not_leader_or_follower);
}

TEST_F(supervisor_actor_test, a_shut_down_while_the_disk_fails_is_answered) {
  add("t");
  tell();
  auto [reply, answered] = test::owed<partition::append_result>();
  partition::append_batch batch;
  batch.requests.push_back({test::make_batch(0, 1), 13, partition::acks::all, reply});
  published("t").port->send(std::move(batch));
  disk_->fail_operation(1, test::disk_fault::io_error);
  EXPECT_TRUE(*end());
  EXPECT_TRUE(*answered);
}

/// Its own handle may be kept for longer. Actors with threads end theirs when nobody has a handle of them.
TEST_F(supervisor_actor_test, one_that_has_ended_lets_go_of_the_disk_workers) {
  add("t");
  tell();
  EXPECT_TRUE(end()->has_value());
  caf::anon_send_exit(supervisor_, caf::exit_reason::user_shutdown);
  run();
  constexpr size_t of_this_test = 2; // worker_, and what the fixture spawned
  EXPECT_EQ(worker_->strong_refs.load(), of_this_test);
}

} // namespace
} // namespace chisme::supervisor
