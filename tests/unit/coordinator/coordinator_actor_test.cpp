// The coordinator's life: what it appends when, and when it answers. What is decided is tested by itself.
#include "actors/coordinator/coordinator_actor.hpp"
#include "actors/log/record_batch.hpp"
#include "tests/support/journal_words.hpp"
#include "tests/support/log_fixture.hpp"
#include "tests/support/shell_fixture.hpp"

#include <gmock/gmock.h>

#include <deque>

namespace chisme::coordinator {
namespace {

using ::testing::HasSubstr;

/// A log whose answers the test gives.
struct held_log final : partition::port {
  void send(partition::append_batch b) override { appends.push_back(std::move(b)); }
  void send(partition::read_request r) override { reads.push_back(std::move(r)); }
  void send(partition::list_offset_request) override {}
  void send(partition::epoch_end_request) override {}
  void send(partition::delete_records_request) override {}
  void send(partition::describe_request) override {}

  std::deque<partition::read_request> reads;
  std::deque<partition::append_batch> appends;
};

class coordinator_actor_test : public test::shell_test {
protected:
  coordinator_actor_test() {
    coordinator_config c;
    c.settings = std::make_shared<node_settings>();
    c.role = {log_, true, 0, 1};
    c.supervisor = fake<supervisor::supervisor_actor>(
      [this](const supervisor::cluster_changed& changed) { applying_.push_back(changed); });
    c.new_id = [this] { return uuid{{static_cast<uint8_t>(++last_id_)}}; };
    c.wall_clock = [] { return timestamp_ms{5}; };
    c.ready = [this](result<void> r) { ready_.push_back(std::move(r)); };
    coordinator_ = spawn<coordinator>(std::move(c));
    port_ = make_port(coordinator_);
    run();
  }
  ~coordinator_actor_test() override {
    port_.reset();
    coordinator_ = nullptr;
    log_->reads.clear();
    log_->appends.clear();
    applying_.clear();
    run();
  }

  template <class Queue>
  static auto take(Queue& q) {
    auto first = std::move(q.front());
    q.pop_front();
    return first;
  }

  /// The log is read, and empty.
  void replay() {
    ASSERT_FALSE(log_->reads.empty());
    partition::read_result r;
    r.high_watermark = 0;
    take(log_->reads).done(std::move(r));
    run();
  }
  /// The log is read, and has node configs.
  static void replay(held_log& log, std::map<std::string, std::string> configs) {
    ASSERT_FALSE(log.reads.empty());
    take(log.reads).done(test::found({test::batch_at(0, {encode(node_configs_record{std::move(configs)})})}, 1));
  }
  /// The supervisor has acted by what it was told last.
  void apply() {
    ASSERT_FALSE(applying_.empty());
    take(applying_).applied({});
    run();
  }
  void be_ready() {
    replay();
    apply();
    ASSERT_EQ(ready_.size(), 1u);
    ASSERT_TRUE(ready_[0]);
  }
  void commit(partition::append_result r = {}) {
    ASSERT_FALSE(log_->appends.empty());
    take(log_->appends).requests.front().done(std::move(r));
    run();
  }
  test::answer<change_result> ask(change_request what) {
    auto [reply, answered] = test::owed<change_result>();
    port_->send({std::move(what), reply});
    return answered;
  }
  static kafka::create_topics_request create(const std::string& name) {
    kafka::create_topics_request r;
    auto& t = r.topics.emplace_back();
    t.name = name;
    t.num_partitions = 1;
    t.replication_factor = 1;
    return r;
  }
  static error_code code_of(const test::answer<change_result>& a) {
    return std::get<kafka::create_topics_response>(a->value().response).topics.at(0).error;
  }
  static int64_t producer_id(const test::answer<change_result>& a) {
    return std::get<kafka::init_producer_id_response>(a->value().response).producer_id;
  }

  std::shared_ptr<held_log> log_ = std::make_shared<held_log>();
  std::deque<supervisor::cluster_changed> applying_; // told and not answered
  std::vector<result<void>> ready_;
  coordinator_actor coordinator_;
  port_ptr port_;
  int last_id_ = 0;
};

TEST_F(coordinator_actor_test, is_ready_when_its_log_is_replayed_and_the_supervisor_has_acted) {
  EXPECT_TRUE(ready_.empty());
  replay();
  EXPECT_TRUE(ready_.empty());
  apply();
  ASSERT_EQ(ready_.size(), 1u);
  EXPECT_TRUE(ready_[0]);
}

TEST_F(coordinator_actor_test, a_log_that_cannot_be_read_is_told) {
  take(log_->reads).done(partition::read_result::failed(error_code::corrupt_message, "its CRC does not match"));
  run();
  ASSERT_EQ(ready_.size(), 1u);
  ASSERT_FALSE(ready_[0]);
  EXPECT_THAT(ready_[0].error().message, HasSubstr("its CRC does not match"));
}

TEST_F(coordinator_actor_test, answers_when_the_records_are_committed_and_acted_on) {
  be_ready();
  const auto made = ask(create("t"));
  run();
  ASSERT_EQ(log_->appends.size(), 1u);
  EXPECT_TRUE(applying_.empty()) << "nobody acts by what is not committed";
  commit();
  ASSERT_EQ(applying_.size(), 1u);
  EXPECT_TRUE(applying_[0].cluster->find("t"));
  EXPECT_FALSE(*made);
  apply();
  EXPECT_EQ(code_of(made), error_code::none);
}

TEST_F(coordinator_actor_test, what_is_asked_while_it_loads_is_decided_upon_what_was_loaded) {
  const auto early = ask(create("t"));
  run();
  EXPECT_TRUE(log_->appends.empty());
  be_ready();
  commit();
  apply();
  EXPECT_EQ(code_of(early), error_code::none);
}

TEST_F(coordinator_actor_test, what_waits_is_one_batch_and_each_change_sees_the_ones_before_it) {
  be_ready();
  const auto a = ask(create("a")), b = ask(create("b")), again = ask(create("a"));
  run();
  ASSERT_EQ(log_->appends.size(), 1u);
  EXPECT_EQ(log::batch_header::parse(log_->appends[0].requests[0].records.data()).record_count, 2);
  commit();
  apply();
  EXPECT_EQ(code_of(a), error_code::none);
  EXPECT_EQ(code_of(b), error_code::none);
  EXPECT_EQ(code_of(again), error_code::topic_already_exists);
}

TEST_F(coordinator_actor_test, what_comes_while_changes_are_under_way_waits_for_them) {
  be_ready();
  const auto first = ask(create("t"));
  run();
  const auto again = ask(create("t"));
  run();
  EXPECT_EQ(log_->appends.size(), 1u);
  EXPECT_FALSE(*again);
  commit();
  EXPECT_FALSE(*again);
  apply();
  EXPECT_EQ(code_of(first), error_code::none);
  EXPECT_EQ(code_of(again), error_code::topic_already_exists);
}

TEST_F(coordinator_actor_test, the_node_is_told_of_nothing_that_is_decided_and_not_committed) {
  be_ready();
  ask(create("a"));
  run();
  const auto b = ask(create("b"));
  run();
  commit();
  ASSERT_EQ(applying_.size(), 1u);
  EXPECT_TRUE(applying_[0].cluster->find("a"));
  EXPECT_FALSE(applying_[0].cluster->find("b"));
  apply();
  EXPECT_FALSE(*b);
  commit();
  EXPECT_TRUE(applying_.at(0).cluster->find("b"));
  apply();
  EXPECT_EQ(code_of(b), error_code::none);
}

TEST_F(coordinator_actor_test, settings_of_all_nodes_count_for_the_node_when_they_are_committed) {
  be_ready();
  ask(create("a"));
  run();
  kafka::incremental_alter_configs_request alter;
  auto& all_nodes = alter.resources.emplace_back();
  all_nodes.resource_type = 4;
  all_nodes.configs.push_back({"log.retention.ms", 0, "1000"});
  const auto altered = ask(std::move(alter));
  run();
  commit();
  EXPECT_NE(applying_.at(0).settings->topic_defaults.retention_ms, 1000);
  apply();
  commit();
  EXPECT_EQ(applying_.at(0).settings->topic_defaults.retention_ms, 1000);
  apply();
  EXPECT_EQ(std::get<kafka::incremental_alter_configs_response>((*altered)->response).responses.at(0).error,
            error_code::none);
}

TEST_F(coordinator_actor_test, settings_of_all_nodes_outlive_a_restart) {
  replay(*log_, {{"log.retention.ms", "1000"}});
  run();
  ASSERT_EQ(applying_.size(), 1u);
  EXPECT_EQ(applying_[0].settings->topic_defaults.retention_ms, 1000);
  apply();
  ASSERT_EQ(ready_.size(), 1u);
  EXPECT_TRUE(ready_[0]);
}

TEST_F(coordinator_actor_test, settings_of_all_nodes_are_those_of_the_log_that_was_loaded_last) {
  be_ready();
  ask(create("t"));
  run();
  commit();
  const auto reopened = std::make_shared<held_log>();
  caf::anon_send(coordinator_, log_role{reopened, true, 1, 1});
  run();
  apply();
  replay(*reopened, {{"log.retention.ms", "1000"}});
  run();
  ASSERT_EQ(applying_.size(), 1u);
  EXPECT_EQ(applying_[0].settings->topic_defaults.retention_ms, 1000);
}

/// A newer or older node may have allowed them.
TEST_F(coordinator_actor_test, stored_settings_that_do_not_fit_are_ignored) {
  replay(*log_, {{"log.retention.ms", "never"}, {"log.segment.bytes", "12345678"}});
  run();
  ASSERT_EQ(applying_.size(), 1u);
  EXPECT_EQ(applying_[0].settings->topic_defaults, node_settings{}.topic_defaults);
  apply();
  ASSERT_EQ(ready_.size(), 1u);
  EXPECT_TRUE(ready_[0]);
  const auto made = ask(create("t"));
  run();
  commit();
  apply();
  EXPECT_EQ(code_of(made), error_code::none);
}

TEST_F(coordinator_actor_test, a_change_that_is_refused_writes_nothing) {
  be_ready();
  const auto refused = ask(create("a/b"));
  run();
  EXPECT_EQ(code_of(refused), error_code::invalid_topic_exception);
  EXPECT_TRUE(log_->appends.empty());
  EXPECT_TRUE(applying_.empty());
}

TEST_F(coordinator_actor_test, producers_get_different_ids_and_most_of_them_without_a_record) {
  be_ready();
  const auto first = ask(kafka::init_producer_id_request{});
  run();
  ASSERT_EQ(log_->appends.size(), 1u);
  EXPECT_FALSE(*first) << "an id of a block that is not committed could be given out again";
  commit();
  apply();
  for (int64_t i = 1; i <= 100; ++i) {
    const auto next = ask(kafka::init_producer_id_request{});
    run();
    ASSERT_TRUE(*next);
    EXPECT_EQ(producer_id(next), producer_id(first) + i);
  }
  EXPECT_TRUE(log_->appends.empty());
}

/// As if it had started with what it wrote itself.
TEST_F(coordinator_actor_test, another_one_replays_what_it_wrote) {
  be_ready();
  ask(create("t"));
  run();
  const auto written = log_->appends.at(0).requests.at(0).records;
  auto log = std::make_shared<held_log>();
  std::shared_ptr<const cluster_state> seen;
  coordinator_config c;
  c.settings = std::make_shared<node_settings>();
  c.role = {log, true, 0, 1};
  c.supervisor =
    fake<supervisor::supervisor_actor>([&seen](const supervisor::cluster_changed& changed) { seen = changed.cluster; });
  c.new_id = [] { return uuid{}; };
  c.wall_clock = [] { return timestamp_ms{5}; };
  c.ready = [](const result<void>&) {};
  spawn<coordinator>(std::move(c));
  run();
  partition::read_result r;
  r.records = payload{written};
  r.high_watermark = 1;
  take(log->reads).done(std::move(r));
  run();
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->find("t"));
}

} // namespace
} // namespace chisme::coordinator
