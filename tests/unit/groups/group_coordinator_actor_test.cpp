// The coordinator of a partition of `__consumer_offsets` before it has its partition: what it answers meanwhile.
#include "actors/groups/group_coordinator_actor.hpp"
#include "actors/log/record_batch.hpp"
#include "tests/support/group_conversation.hpp"
#include "tests/support/shell_fixture.hpp"

#include <gmock/gmock.h>

namespace chisme::groups {
namespace {

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

class group_coordinator_actor_test : public test::shell_test {
protected:
  group_coordinator_actor_test() {
    group_coordinator_config c;
    c.name = "__consumer_offsets-0";
    c.log = log_;
    c.epoch = 4;
    c.new_id = [] { return uuid{}; };
    c.topics = topics_;
    c.clock = [now = now_] { return *now; };
    c.wall_clock = [] { return timestamp_ms{5}; };
    coordinator_ = spawn<group_coordinator>(std::move(c));
    run();
  }
  /// What the log says to the read that waits.
  void read_gives(partition::read_result r) {
    ASSERT_EQ(log_->reads.size(), 1u);
    const auto done = log_->reads.front().done;
    log_->reads.pop_front();
    done(std::move(r));
    run();
  }
  void read_fails() {
    read_gives(partition::read_result::failed(error_code::corrupt_message, "its CRC does not match"));
  }
  void read_is_empty() {
    partition::read_result nothing;
    nothing.high_watermark = 0;
    read_gives(std::move(nothing));
  }

  /// None until it is answered.
  using answered = std::shared_ptr<std::optional<error_code>>;
  answered ask(group_request what, int16_t version = 0) {
    auto code = std::make_shared<std::optional<error_code>>();
    group_call call;
    call.request = std::move(what);
    call.version = version;
    call.done = reply_with<group_answer>([code](group_answer a) { *code = a.code; });
    caf::anon_send(coordinator_, std::move(call));
    run();
    return code;
  }
  void append_gives(partition::append_result r) {
    ASSERT_EQ(log_->appends.size(), 1u);
    const auto done = log_->appends.front().requests.front().done;
    log_->appends.pop_front();
    done(std::move(r));
    run();
  }
  static kafka::consumer_group_heartbeat_request a_join() {
    kafka::consumer_group_heartbeat_request join;
    join.group_id = "g";
    join.member_id = "m";
    join.rebalance_timeout_ms = 10'000;
    join.subscribed_topic_names.emplace();
    join.topic_partitions.emplace();
    return join;
  }
  /// What somebody is told who asks for something that is answered at once.
  std::optional<error_code> ask() { return *ask(kafka::heartbeat_request{}); }

  /// How many messages were handled meanwhile.
  size_t pass(std::chrono::milliseconds time) {
    *now_ += time.count();
    steps().advance_time(time);
    return run();
  }
  /// An id is given out that is forgotten after so much time.
  void an_id_is_given_out(std::chrono::milliseconds session) {
    kafka::join_group_request join;
    join.group_id = "g" + std::to_string(session.count());
    join.session_timeout_ms = static_cast<int32_t>(session.count());
    join.protocol_type = "consumer";
    join.protocols.push_back({"range", {}});
    EXPECT_EQ(*ask(std::move(join), 4), error_code::none);
  }

  static constexpr int32_t many = 20'000;

  std::shared_ptr<test::made_up_topics> topics_ = [] {
    auto topics = std::make_shared<test::made_up_topics>();
    topics->add("t", many);
    return topics;
  }();
  std::shared_ptr<timestamp_ms> now_ = std::make_shared<timestamp_ms>(1);
  std::shared_ptr<held_log> log_ = std::make_shared<held_log>();
  group_coordinator_actor coordinator_;
};

using namespace std::chrono_literals;

TEST_F(group_coordinator_actor_test, while_it_loads_clients_are_to_wait) {
  EXPECT_EQ(ask(), error_code::coordinator_load_in_progress);
  read_is_empty();
  EXPECT_EQ(ask(), error_code::none);
}

TEST_F(group_coordinator_actor_test, what_cannot_load_is_no_coordinator_until_a_later_attempt_succeeds) {
  read_fails();
  EXPECT_EQ(ask(), error_code::not_coordinator);
  EXPECT_TRUE(log_->reads.empty());
  pass(500ms);
  EXPECT_EQ(ask(), error_code::not_coordinator) << "while it tries again";
  read_fails();
  pass(999ms);
  EXPECT_TRUE(log_->reads.empty()) << "the second pause is longer";
  pass(1ms);
  read_is_empty();
  EXPECT_EQ(ask(), error_code::none);
}

TEST_F(group_coordinator_actor_test, what_could_not_write_loads_again_and_clients_are_to_wait) {
  read_is_empty();
  const auto joined = ask(a_join());
  EXPECT_EQ(*joined, std::nullopt);
  append_gives(partition::append_result::failed(error_code::kafka_storage_error, "the disk is full"));
  EXPECT_EQ(*joined, error_code::coordinator_not_available);
  EXPECT_EQ(ask(), error_code::coordinator_load_in_progress);
  pass(500ms);
  read_is_empty();
  EXPECT_EQ(ask(), error_code::none);
}

/// Each deadline before all others needs a timer, but what one finds undone needs one more only.
TEST_F(group_coordinator_actor_test, timers_do_not_multiply) {
  read_is_empty();
  an_id_is_given_out(20min);
  for (auto session = 60s; session > 10s; session -= 1s)
    an_id_is_given_out(session);
  EXPECT_GE(pass(60s), 50u);
  EXPECT_LE(pass(20min), 5u);
}

/// A group that is converted, or thousands of offsets: half of it would be something that nobody decided.
TEST_F(group_coordinator_actor_test, what_is_decided_together_is_one_batch_however_much_it_is) {
  read_is_empty();
  kafka::offset_commit_request r;
  r.group_id = "g";
  r.generation_id_or_member_epoch = -1;
  r.topics.push_back({"t", {}, {}});
  for (int32_t i = 0; i < many; ++i)
    r.topics.back().partitions.push_back({i, 7, -1, std::string(100, 'x')});
  const auto committed = ask(std::move(r));
  ASSERT_EQ(log_->appends.size(), 1u);
  EXPECT_EQ(log_->appends.front().requests.front().decided_in, 4) << "what it has read is of this epoch";
  const auto& bytes = log_->appends.front().requests.front().records;
  EXPECT_GT(bytes.size(), size_t{many} * 100);
  EXPECT_EQ(log::batch_header::parse(bytes.data()).record_count, many);
  EXPECT_EQ(*committed, std::nullopt);
}

} // namespace
} // namespace chisme::groups
