#include "tests/support/session_fixture.hpp"

#include "messages/kafka/00_produce.hpp"

#include <gmock/gmock.h>

namespace chisme::testing {
namespace {

using kafka::produce_request;
using kafka::produce_response;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class produce_test : public session_test {
protected:
  static produce_request request(int16_t acks, const std::string& topic,
                                 const std::vector<std::pair<int32_t, std::string>>& records) {
    produce_request r;
    r.acks = acks;
    auto& t = r.topics.emplace_back();
    t.name = topic;
    t.topic_id = id_of(topic);
    for (const auto& [index, bytes] : records)
      t.partitions.push_back({index, buffer::copy_of(bytes)});
    return r;
  }

  static partition::append_result appended(offset_t base) {
    partition::append_result r;
    r.base_offset = base;
    r.log_start_offset = 3;
    return r;
  }

  /// Error, index and base offset of each partition of an answer.
  static std::vector<std::tuple<error_code, int32_t, int64_t>> outcome(const produce_response& r) {
    std::vector<std::tuple<error_code, int32_t, int64_t>> all;
    for (const auto& t : r.responses)
      for (const auto& p : t.partition_responses)
        all.emplace_back(p.error, p.index, p.base_offset);
    return all;
  }

  /// The answer to a request that no partition is asked for.
  std::vector<std::tuple<error_code, int32_t, int64_t>> refused(const produce_request& r, int16_t version,
                                                                std::optional<std::string> client = "test") {
    ask(r, version, std::move(client));
    settle();
    return outcome(answer<produce_response>(version));
  }
};

TEST_F(produce_test, a_burst_brings_one_batch_to_each_partition) {
  auto ports = add_topic("t", 2);
  ask(request(-1, "t", {{0, "a"}, {1, "b"}}), 9);
  ask(request(1, "t", {{1, "c"}}), 9);
  ask(request(-1, "t", {{0, "d"}, {0, "e"}}), 9);
  EXPECT_TRUE(ports[0]->appends.empty()) << "the burst goes on";
  session_->end_of_burst();
  ASSERT_EQ(ports[0]->appends.size(), 1u);
  ASSERT_EQ(ports[1]->appends.size(), 1u);
  std::vector<std::string> first, second;
  for (auto& r : ports[0]->appends[0].requests)
    first.emplace_back(as_chars(r.records));
  for (auto& r : ports[1]->appends[0].requests)
    second.emplace_back(as_chars(r.records));
  EXPECT_THAT(first, ElementsAre("a", "d", "e"));
  EXPECT_THAT(second, ElementsAre("b", "c"));
  EXPECT_EQ(ports[1]->appends[0].requests[0].required, partition::acks::all);
  EXPECT_EQ(ports[1]->appends[0].requests[1].required, partition::acks::leader);
  EXPECT_EQ(ports[1]->appends[0].requests[1].produce_version, 9);
}

/// The records are a slice of the frame: nothing was copied.
TEST_F(produce_test, records_are_not_copied) {
  auto port = add_topic("t", 1).front();
  auto frame = frame_of(request(-1, "t", {{0, std::string(1000, 'x')}}), 9);
  session_->on_frame(frame);
  settle();
  const auto& records = port->appends.at(0).requests.at(0).records;
  EXPECT_GE(records.data(), frame.data());
  EXPECT_LE(records.data() + records.size(), frame.data() + frame.size());
}

TEST_F(produce_test, answers_when_all_partitions_have) {
  auto ports = add_topic("t", 2);
  for (int16_t version = 3; version <= 13; ++version) {
    const auto id = ask(request(-1, "t", {{1, "b"}, {0, "a"}}), version);
    settle();
    auto failed = partition::append_result::failed(error_code::invalid_record, "no key");
    failed.record_errors.push_back({2, "record 2 has no key"});
    ports[0]->appends.back().requests[0].done(failed);
    loop_.drain();
    EXPECT_FALSE(answered());
    ports[1]->appends.back().requests[0].done(appended(40));
    loop_.drain();
    auto r = answer<produce_response>(version, id);
    EXPECT_THAT(outcome(r),
                ElementsAre(std::tuple(error_code::none, 1, 40), std::tuple(error_code::invalid_record, 0, -1)))
      << version;
    ASSERT_EQ(r.responses.size(), 1u);
    EXPECT_EQ(r.responses[0].name, version >= 13 ? "" : "t");
    EXPECT_EQ(r.responses[0].topic_id, version >= 13 ? id_of("t") : uuid{});
    auto& good = r.responses[0].partition_responses[0];
    EXPECT_EQ(good.log_start_offset, version >= 5 ? 3 : -1);
    EXPECT_EQ(good.error_message, std::nullopt);
    auto& bad = r.responses[0].partition_responses[1];
    if (version >= 8) {
      EXPECT_EQ(bad.error_message, "no key");
      ASSERT_EQ(bad.record_errors.size(), 1u);
      EXPECT_EQ(bad.record_errors[0].batch_index, 2);
      EXPECT_EQ(bad.record_errors[0].batch_index_error_message, "record 2 has no key");
    }
  }
}

TEST_F(produce_test, what_cannot_be_asked_is_answered_at_once) {
  add_topic("t", 1);
  add_topic("__consumer_offsets", 1);
  change_image([](broker_image& image) {
    auto starting = std::make_shared<topic_image>(*image.find("t"));
    starting->partitions[0].port = nullptr;
    starting->partitions[0].leader = -1;
    auto broken = std::make_shared<topic_image>(*starting);
    broken->partitions[0].state = error_code::kafka_storage_error;
    image.topics.put("starting", starting);
    image.topics.put("broken", broken);
  });
  using outcome_type = std::tuple<error_code, int32_t, int64_t>;
  auto expect = [](error_code code, int32_t index = 0) { return ElementsAre(outcome_type{code, index, -1}); };
  EXPECT_THAT(refused(request(-1, "nobody", {{0, "a"}}), 9), expect(error_code::unknown_topic_or_partition));
  EXPECT_THAT(refused(request(-1, "nobody", {{0, "a"}}), 13), expect(error_code::unknown_topic_id));
  EXPECT_THAT(refused(request(-1, "t", {{1, "a"}}), 9), expect(error_code::unknown_topic_or_partition, 1));
  EXPECT_THAT(refused(request(-1, "t", {{-1, "a"}}), 9), expect(error_code::unknown_topic_or_partition, -1));
  EXPECT_THAT(refused(request(-1, "starting", {{0, "a"}}), 9), expect(error_code::not_leader_or_follower));
  EXPECT_THAT(refused(request(-1, "broken", {{0, "a"}}), 9), expect(error_code::kafka_storage_error));
  EXPECT_THAT(refused(request(2, "t", {{0, "a"}}), 9), expect(error_code::invalid_required_acks));
  EXPECT_THAT(refused(request(-2, "t", {{0, "a"}}), 9), expect(error_code::invalid_required_acks));
  EXPECT_THAT(refused(request(-1, "__consumer_offsets", {{0, "a"}}), 9), expect(error_code::invalid_topic_exception));
  auto transactional = request(-1, "t", {{0, "a"}});
  transactional.transactional_id = "tx";
  EXPECT_THAT(refused(transactional, 9), expect(error_code::invalid_txn_state));
  EXPECT_THAT(refused(request(-1, "t", {}), 9), ElementsAre());
}

/// Kafka's own exception: its tools write to internal topics under this name.
TEST_F(produce_test, the_admin_client_may_write_to_internal_topics) {
  auto port = add_topic("__consumer_offsets", 1).front();
  ask(request(-1, "__consumer_offsets", {{0, "a"}}), 9, "__admin_client");
  settle();
  EXPECT_EQ(port->appends.size(), 1u);
}

TEST_F(produce_test, a_partition_that_ends_answers_that_it_leads_no_more) {
  auto port = add_topic("t", 1).front();
  ask(request(-1, "t", {{0, "a"}}), 9);
  settle();
  port->appends.clear();
  loop_.drain();
  EXPECT_THAT(outcome(answer<produce_response>(9)), ElementsAre(std::tuple(error_code::not_leader_or_follower, 0, -1)));
}

TEST_F(produce_test, a_disconnect_in_the_middle_of_a_burst_appends_nothing) {
  auto port = add_topic("t", 1).front();
  ask(request(-1, "t", {{0, "a"}}), 9);
  ask(request(0, "t", {{0, "a"}}), 9);
  session_->disconnected();
  session_->end_of_burst();
  loop_.drain();
  EXPECT_TRUE(port->appends.empty());
  EXPECT_FALSE(answered());
  EXPECT_EQ(broker_.open_requests, 0);
}

// -- acks=0
// ----------------------------------------------------------------------------------------------------------

TEST_F(produce_test, acks_0_sends_nothing) {
  auto ports = add_topic("t", 2);
  ask(request(0, "t", {{0, "a"}, {1, "b"}}), 9);
  settle();
  EXPECT_EQ(ports[0]->appends.at(0).requests.at(0).required, partition::acks::none);
  ports[0]->appends[0].requests[0].done(appended(0));
  ports[0]->appends.clear();
  EXPECT_GT(broker_.memory->held(), 0) << "held until all have appended";
  ports[1]->appends[0].requests[0].done(appended(0));
  ports[1]->appends.clear();
  loop_.drain();
  EXPECT_FALSE(answered());
  EXPECT_FALSE(closed());
  EXPECT_EQ(broker_.open_requests, 0);
  EXPECT_TRUE(session_->idle());
}

TEST_F(produce_test, acks_0_does_not_disturb_the_order_of_other_answers) {
  auto port = add_topic("t", 1).front();
  ask(request(0, "t", {{0, "a"}}), 9);
  const auto second = ask(request(1, "t", {{0, "b"}}), 9);
  settle();
  auto batch = std::move(port->appends.at(0));
  port->appends.clear();
  batch.requests[1].done(appended(1));
  batch.requests[0].done(appended(0));
  batch.requests.clear();
  loop_.drain();
  EXPECT_THAT(outcome(answer<produce_response>(9, second)), ElementsAre(std::tuple(error_code::none, 0, 1)));
  EXPECT_FALSE(answered());
}

TEST_F(produce_test, acks_0_closes_the_connection_when_it_fails) {
  auto port = add_topic("t", 1).front();
  ask(request(0, "t", {{0, "a"}}), 9);
  settle();
  port->appends[0].requests[0].done(partition::append_result::failed(error_code::corrupt_message, "wrong CRC"));
  loop_.drain();
  EXPECT_THAT(transport_.closed, ElementsAre("produce with acks=0 failed: CORRUPT_MESSAGE wrong CRC"));
  EXPECT_EQ(broker_.open_requests, 0);
}

TEST_F(produce_test, acks_0_to_an_unknown_topic_closes_the_connection) {
  ask(request(0, "nobody", {{0, "a"}}), 9);
  settle();
  EXPECT_THAT(transport_.closed, ElementsAre(HasSubstr("UNKNOWN_TOPIC_OR_PARTITION")));
}

} // namespace
} // namespace chisme::testing
