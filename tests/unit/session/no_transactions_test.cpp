// There are no transactions: who wants them is told so at once, with codes that no client takes for a passing state.
#include "messages/kafka/00_produce.hpp"
#include "messages/kafka/10_find_coordinator.hpp"
#include "messages/kafka/22_init_producer_id.hpp"
#include "tests/support/session_fixture.hpp"

#include "actors/log/batch_builder.hpp"

#include <gmock/gmock.h>

namespace chisme::testing {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr int16_t first_with_many = 4;
constexpr int8_t for_transactions = 1;

class no_transactions_test : public session_test {
protected:
  static buffer batch(int16_t attributes) {
    log::batch_builder b;
    b.header.attributes = attributes;
    b.header.producer_id = 5;
    b.header.producer_epoch = 0;
    b.header.base_sequence = 0;
    b.add("k", "v", 1);
    return b.finish().value();
  }

  static kafka::produce_request request(std::vector<buffer> batches) {
    kafka::produce_request r;
    r.acks = -1;
    auto& t = r.topics.emplace_back();
    t.name = "t";
    t.topic_id = id_of("t");
    for (auto& b : batches)
      t.partitions.push_back({static_cast<int32_t>(t.partitions.size()), std::move(b)});
    return r;
  }

  std::vector<error_code> codes(const kafka::produce_request& r, int16_t version) {
    std::vector<error_code> all;
    const auto answer = ask_and_answer<kafka::produce_response>(r, version);
    for (const auto& p : answer.responses.at(0).partition_responses)
      all.push_back(p.error);
    return all;
  }
};

TEST_F(no_transactions_test, whoever_looks_for_their_coordinator_is_told_that_there_are_none) {
  for (int16_t version = 1; version <= 6; ++version) {
    kafka::find_coordinator_request r;
    r.key_type = for_transactions;
    r.key = "tx";
    r.coordinator_keys = {"tx", "other"};
    const auto a = ask_and_answer<kafka::find_coordinator_response>(r, version);
    auto places = a.coordinators;
    if (version < first_with_many)
      places = {{"", a.node_id, a.host, a.port, a.error, a.error_message}};
    EXPECT_THAT(places, SizeIs(version < first_with_many ? 1 : 2));
    for (const auto& p : places) {
      EXPECT_EQ(p.error, error_code::cluster_authorization_failed) << version;
      EXPECT_THAT(p.error_message.value_or(""), HasSubstr("no transactions"));
      EXPECT_EQ(p.node_id, -1);
    }
  }
  EXPECT_THAT(coordinator_->changes, SizeIs(0)) << "nor is a topic made";
}

TEST_F(no_transactions_test, a_transactional_producer_gets_no_id) {
  for (int16_t version = 0; version <= 5; ++version) {
    kafka::init_producer_id_request r;
    r.transactional_id = "tx";
    r.transaction_timeout_ms = 60'000;
    const auto a = ask_and_answer<kafka::init_producer_id_response>(r, version);
    EXPECT_EQ(a.error, error_code::transactional_id_authorization_failed) << version;
    EXPECT_EQ(a.producer_id, -1);
  }
  EXPECT_THAT(coordinator_->changes, SizeIs(0));
}

TEST_F(no_transactions_test, an_empty_transactional_id_is_none) {
  kafka::init_producer_id_request r;
  r.transactional_id = "";
  EXPECT_EQ(ask_and_answer<kafka::init_producer_id_response>(r, 5).error, error_code::invalid_request);
}

/// As in Kafka one such batch refuses the whole request.
TEST_F(no_transactions_test, a_transactional_batch_in_a_request_without_a_transactional_id_is_refused) {
  auto ports = add_topic("t", 3);
  for (int16_t version = 3; version <= 13; ++version) {
    const auto r = request({batch(0), batch(log::transactional_bit), batch(0)});
    EXPECT_THAT(codes(r, version), SizeIs(3));
    EXPECT_THAT(codes(r, version), Each(error_code::transactional_id_authorization_failed)) << version;
  }
  for (auto& port : ports)
    EXPECT_TRUE(port->appends.empty());
}

TEST_F(no_transactions_test, without_an_answer_the_connection_ends) {
  add_topic("t", 1);
  auto r = request({batch(log::transactional_bit)});
  r.acks = 0;
  ask(r, 9);
  settle();
  EXPECT_THAT(transport_.closed, ElementsAre(HasSubstr("TRANSACTIONAL_ID_AUTHORIZATION_FAILED")));
}

TEST_F(no_transactions_test, a_transactional_id_is_refused_whatever_its_batches_are) {
  add_topic("t", 1);
  auto r = request({batch(0)});
  r.transactional_id = "tx";
  EXPECT_THAT(codes(r, 9), Each(error_code::invalid_txn_state));
}

/// What is no whole header of the current format is for the partition to refuse: its bits mean something else.
TEST_F(no_transactions_test, only_a_batch_of_the_current_format_can_be_transactional) {
  auto port = add_topic("t", 1).front();
  auto old = std::string{as_chars(batch(log::transactional_bit))};
  old[16] = 1;
  for (const auto& bytes : {old, std::string(60, '\xff'), std::string{}}) {
    ask(request({buffer::copy_of(bytes)}), 9);
    settle();
    EXPECT_EQ(port->appends.size(), 1u) << bytes.size();
    port->appends.clear();
    loop_.drain();
  }
}

} // namespace
} // namespace chisme::testing
