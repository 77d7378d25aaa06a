// What a Fetch answers, without waiting and without sessions.

#include "tests/support/fetch_fixture.hpp"

#include <gmock/gmock.h>

namespace chisme::testing {
namespace {

using ::testing::ElementsAre;
using error = error_code;

TEST_F(fetch_test, every_version_by_name_or_by_id) {
  auto port = add_topic("t", 1).front();
  for (int16_t version = 4; version <= 18; ++version) {
    auto r = one("t");
    r.topics[0].partitions[0].fetch_offset = 42;
    r.topics[0].partitions[0].current_leader_epoch = 4;
    r.topics[0].partitions[0].last_fetched_epoch = 2;
    ask(r, version);
    settle();
    const auto& asked = port->reads.back();
    EXPECT_EQ(asked.offset, 42);
    EXPECT_EQ(asked.max_bytes, 1 << 20);
    EXPECT_EQ(asked.current_leader_epoch, version >= 9 ? 4 : -1);
    EXPECT_EQ(asked.last_fetched_epoch, version >= 12 ? 2 : -1);
    give(port, found("batch"));
    loop_.drain();
    auto a = answer<response>(version, correlation_);
    EXPECT_EQ(a.error, error::none);
    EXPECT_EQ(a.session_id, 0);
    EXPECT_THAT(all_of(a), ElementsAre(told{version >= 13 ? "" : "t", 0, error::none, 100, "batch"})) << version;
    EXPECT_EQ(a.responses[0].topic_id, version >= 13 ? id_of("t") : uuid{});
    const auto& p = a.responses[0].partitions[0];
    EXPECT_EQ(p.last_stable_offset, 100);
    EXPECT_EQ(p.log_start_offset, version >= 5 ? 3 : -1);
    EXPECT_FALSE(p.aborted_transactions);
  }
}

TEST_F(fetch_test, committed_readers_get_an_empty_list_of_aborted_transactions) {
  auto port = add_topic("t", 1).front();
  auto r = one("t");
  r.isolation_level = 1;
  ask_and_settle(r);
  give(port, found("batch"));
  loop_.drain();
  auto a = answer<response>(12);
  ASSERT_TRUE(a.responses.at(0).partitions.at(0).aborted_transactions);
  EXPECT_TRUE(a.responses[0].partitions[0].aborted_transactions->empty());
}

TEST_F(fetch_test, partitions_share_the_memory_of_an_answer_until_it_has_been_read) {
  auto ports = add_topic("t", 2);
  auto r = fetch();
  ask_and_settle(want(want(r, "t", 0, 0, 1000), "t", 1, 0, 1000));
  auto memory = ports.at(0)->reads.at(0).memory;
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory, ports.at(1)->reads.at(0).memory);
  ASSERT_TRUE(memory->take(512 << 10));
  EXPECT_FALSE(memory->take(1));
  EXPECT_EQ(broker_.answers->held(), 512u << 10);
  memory = nullptr;
  for (const auto& port : ports) {
    give(port, found("batch"));
    port->reads.clear();
  }
  loop_.drain();
  ASSERT_TRUE(answered());
  EXPECT_EQ(broker_.answers->held(), 0u);
}

TEST_F(fetch_test, what_cannot_be_asked_is_answered_at_once_beside_the_rest) {
  auto port = add_topic("t", 1).front();
  add_topic("zstd", 1, {{"compression.type", "zstd"}});
  auto r = fetch(60'000, 1'000'000);
  want(want(want(want(r, "t", 0), "nobody", 0), "t", 7), "zstd", 0);
  ask_and_settle(r, 9);
  give(port, found(""));
  loop_.drain();
  EXPECT_THAT(all_of(answer<response>(9)), ElementsAre(told{"t", 0, error::none, 100, ""},
                                                       told{"nobody", 0, error::unknown_topic_or_partition, -1, ""},
                                                       told{"t", 7, error::unknown_topic_or_partition, -1, ""},
                                                       told{"zstd", 0, error::unsupported_compression_type, -1, ""}));
  EXPECT_EQ(loop_.timers(), 0u);
}

TEST_F(fetch_test, an_unknown_id_is_told_as_such) {
  ask_and_settle(one("nobody"), 13);
  EXPECT_THAT(all_of(answer<response>(13)), ElementsAre(told{"", 0, error::unknown_topic_id, -1, ""}));
}

TEST_F(fetch_test, errors_of_a_partition_are_answered_at_once) {
  auto ports = add_topic("t", 2);
  auto r = fetch(60'000, 1'000'000);
  ask_and_settle(want(want(r, "t", 0), "t", 1));
  give(ports[0], partition::read_result::failed(error::offset_out_of_range));
  give(ports[1], found(""));
  loop_.drain();
  EXPECT_THAT(all_of(answer<response>(12)),
              ElementsAre(told{"t", 0, error::offset_out_of_range, -1, ""}, told{"t", 1, error::none, 100, ""}));
}

/// KIP-320: where the reader's log diverges it is told so at once.
TEST_F(fetch_test, a_diverging_epoch_is_answered_at_once) {
  auto port = add_topic("t", 1).front();
  ask_and_settle(one("t", 60'000));
  auto diverging = found("");
  diverging.diverging_epoch = 2;
  diverging.diverging_end_offset = 17;
  give(port, diverging);
  loop_.drain();
  auto a = answer<response>(12);
  EXPECT_EQ(a.responses.at(0).partitions.at(0).diverging_epoch, (response::epoch_end_offset{2, 17}));
}

TEST_F(fetch_test, a_partition_that_ends_is_answered_for) {
  auto port = add_topic("t", 1).front();
  ask_and_settle(one("t", 60'000));
  port->reads.clear();
  loop_.drain();
  EXPECT_THAT(all_of(answer<response>(12)), ElementsAre(told{"t", 0, error::not_leader_or_follower, -1, ""}));
}

TEST_F(fetch_test, nothing_asked_nothing_told) {
  ask_and_settle(fetch(60'000));
  EXPECT_TRUE(answer<response>(12).responses.empty());
}

// -- sizes
// -----------------------------------------------------------------------------------------------------------

/// KIP-74: the first batch goes out whatever its size, or a reader could never get past it.
TEST_F(fetch_test, the_first_batch_may_be_larger_than_all_limits) {
  auto ports = add_topic("t", 2);
  auto r = fetch();
  r.max_bytes = 100;
  want(want(r, "t", 0, 0, 10), "t", 1, 0, 10);
  ask_and_settle(r);
  EXPECT_EQ(ports[0]->reads.at(0).max_bytes, 10);
  EXPECT_TRUE(ports[0]->reads.at(0).min_one_batch);
  const std::string huge(5000, 'x');
  give(ports[0], found(huge));
  give(ports[1], found(huge));
  loop_.drain();
  EXPECT_THAT(all_of(answer<response>(12)),
              ElementsAre(told{"t", 0, error::none, 100, huge}, told{"t", 1, error::none, 100, ""}));
}

/// Only what comes first is read whatever its size: each of the others would be a batch that is read and not sent.
TEST_F(fetch_test, an_empty_partition_in_front_does_not_take_the_first_batchs_place) {
  auto ports = add_topic("t", 3);
  auto r = fetch();
  want(want(want(r, "t", 0, 100, 10), "t", 1, 0, 10), "t", 2, 0, 10);
  ask_and_settle(r);
  const std::string huge(5000, 'x');
  for (size_t i = 0; i < 3; ++i)
    EXPECT_EQ(ports[i]->reads.at(0).min_one_batch, i == 0);
  give(ports[0], found(""));
  give(ports[1], found("")); // its batch does not fit
  give(ports[2], found("fits"));
  ASSERT_EQ(ports[1]->reads.size(), 2u);
  EXPECT_TRUE(ports[1]->reads[1].min_one_batch);
  give(ports[1], found(huge));
  loop_.drain();
  EXPECT_EQ(ports[0]->reads.size(), 1u);
  EXPECT_EQ(ports[2]->reads.size(), 1u);
  EXPECT_THAT(all_of(answer<response>(12)),
              ElementsAre(told{"t", 0, error::none, 100, ""}, told{"t", 1, error::none, 100, huge},
                          told{"t", 2, error::none, 100, "fits"}));
}

TEST_F(fetch_test, a_large_batch_behind_data_is_left_for_the_next_fetch) {
  auto ports = add_topic("t", 2);
  auto r = fetch();
  ask_and_settle(want(want(r, "t", 0, 0, 10), "t", 1, 0, 10));
  give(ports[0], found("fits"));
  give(ports[1], found(""));
  loop_.drain();
  EXPECT_THAT(all_of(answer<response>(12)),
              ElementsAre(told{"t", 0, error::none, 100, "fits"}, told{"t", 1, error::none, 100, ""}));
  EXPECT_EQ(ports[1]->reads.size(), 1u);
}

/// What a partition has may go between two reads: then each is asked for its large batch once.
TEST_F(fetch_test, a_large_batch_that_has_gone_is_looked_for_once) {
  auto ports = add_topic("t", 3);
  auto r = fetch(0);
  ask_and_settle(want(want(want(r, "t", 0, 0, 10), "t", 1, 0, 10), "t", 2, 0, 10));
  for (int round = 0; round < 5; ++round)
    for (auto& p : ports)
      give(p, found(""));
  loop_.drain();
  EXPECT_TRUE(answered());
  EXPECT_EQ(ports[0]->reads.size(), 1u);
  EXPECT_EQ(ports[1]->reads.size(), 2u);
  EXPECT_EQ(ports[2]->reads.size(), 2u);
}

// -- work
// ------------------------------------------------------------------------------------------------------------------

/// As in Kafka: in the first place, with what is said last.
TEST_F(fetch_test, a_partition_that_is_named_often_is_read_and_answered_once) {
  auto ports = add_topic("t", 2);
  auto r = fetch(500);
  r.max_bytes = 1;
  for (int i = 0; i < 1000; ++i)
    want(want(r, "t", 0, i, 1), "t", 1, 100, 1);
  ask_and_settle(r);
  ASSERT_EQ(ports[0]->reads.size(), 1u);
  EXPECT_EQ(ports[0]->reads[0].offset, 999);
  give(ports[0], found("", 999));
  ASSERT_EQ(ports[1]->reads.size(), 1u);
  give(ports[1], found(""));
  loop_.drain();
  EXPECT_EQ(broker_.awaited_partitions, 2);
  loop_.advance(std::chrono::milliseconds{500});
  EXPECT_THAT(all_of(answer<response>(12)),
              ElementsAre(told{"t", 0, error::none, 999, ""}, told{"t", 1, error::none, 100, ""}));
  EXPECT_EQ(ports[0]->reads.size() + ports[1]->reads.size(), 2u);
}

TEST_F(fetch_test, rounds_of_a_client_that_has_gone_end) {
  auto ports = add_topic("t", 3);
  auto r = fetch();
  r.max_bytes = 1;
  for (int32_t i = 0; i < 3; ++i)
    want(r, "t", i, 100, 1);
  ask_and_settle(r);
  give(ports[0], found(""));
  ASSERT_EQ(ports[1]->reads.size(), 1u);
  disconnect();
  give(ports[1], found(""));
  loop_.drain();
  EXPECT_EQ(ports[2]->reads.size(), 0u);
}

/// Answers at once, as a port does whose actor has ended.
struct prompt_partition final : partition::port {
  void send(partition::append_batch) override {}
  void send(partition::read_request r) override {
    ++reads;
    r.done(partition::read_result::failed(error::not_leader_or_follower));
  }
  void send(partition::list_offset_request) override {}
  void send(partition::epoch_end_request) override {}
  void send(partition::delete_records_request) override {}
  void send(partition::describe_request) override {}
  int reads = 0;
};

/// Each round would need its place on the stack otherwise.
TEST_F(fetch_test, a_hundred_thousand_rounds_that_are_answered_at_once) {
  constexpr int32_t count = 100'000;
  add_topic("t", count);
  const auto port = std::make_shared<prompt_partition>();
  change_image([&](broker_image& image) {
    auto topic = std::make_shared<topic_image>(*image.find("t"));
    for (auto& p : topic->partitions)
      p.port = port;
    image.topics.put("t", topic);
  });
  auto r = fetch();
  r.max_bytes = 1;
  auto& t = want(r, "t", 0).topics[0];
  t.partitions.resize(count, t.partitions[0]);
  for (int32_t i = 0; i < count; ++i)
    t.partitions[static_cast<size_t>(i)].partition = i;
  ask_and_settle(r);
  EXPECT_EQ(port->reads, count);
  EXPECT_EQ(all_of(answer<response>(12)).size(), static_cast<size_t>(count));
}

TEST_F(fetch_test, what_does_not_fit_is_left_for_the_next_fetch) {
  auto ports = add_topic("t", 3);
  auto r = fetch();
  r.max_bytes = 1000;
  want(want(want(r, "t", 0, 0, 400), "t", 1, 0, 400), "t", 2, 0, 400);
  ask_and_settle(r);
  give(ports[0], found(std::string(400, 'a')));
  give(ports[1], found(std::string(500, 'b'))); // an oversized first batch
  give(ports[2], found(std::string(400, 'c')));
  loop_.drain();
  EXPECT_THAT(all_of(answer<response>(12)),
              ElementsAre(told{"t", 0, error::none, 100, std::string(400, 'a')}, told{"t", 1, error::none, 100, ""},
                          told{"t", 2, error::none, 100, std::string(400, 'c')}));
}

/// Partitions are asked as far as they can fill the answer, and further where the first ones had little.
TEST_F(fetch_test, partitions_are_asked_in_rounds) {
  auto ports = add_topic("t", 4);
  auto r = fetch();
  r.max_bytes = 1000;
  for (int32_t i = 0; i < 4; ++i)
    want(r, "t", i, 0, 600);
  ask_and_settle(r);
  EXPECT_EQ(ports[0]->reads.size(), 1u);
  EXPECT_EQ(ports[1]->reads.size(), 1u);
  EXPECT_TRUE(ports[2]->reads.empty()) << "two can fill the answer";
  give(ports[0], found(""));
  give(ports[1], found(std::string(300, 'b')));
  EXPECT_EQ(ports[2]->reads.size(), 1u);
  EXPECT_EQ(ports[3]->reads.size(), 1u);
  give(ports[2], found(std::string(600, 'c')));
  give(ports[3], found(std::string(100, 'd')));
  loop_.drain();
  EXPECT_THAT(all_of(answer<response>(12)),
              ElementsAre(told{"t", 0, error::none, 100, ""}, told{"t", 1, error::none, 100, std::string(300, 'b')},
                          told{"t", 2, error::none, 100, std::string(600, 'c')},
                          told{"t", 3, error::none, 100, std::string(100, 'd')}));
}

/// A full answer names all partitions, so the rest are asked how far they are, and for no data.
TEST_F(fetch_test, behind_a_full_answer_partitions_still_tell_their_offsets) {
  auto ports = add_topic("t", 3);
  auto r = fetch();
  r.max_bytes = 1000;
  for (int32_t i = 0; i < 3; ++i)
    want(r, "t", i, 0, 1000);
  ask_and_settle(r);
  give(ports[0], found(std::string(1000, 'a')));
  ASSERT_EQ(ports[1]->reads.size(), 1u);
  ASSERT_EQ(ports[2]->reads.size(), 1u) << "both at once";
  EXPECT_EQ(ports[1]->reads[0].max_bytes, 0);
  EXPECT_FALSE(ports[1]->reads[0].min_one_batch);
  give(ports[1], found("", 77));
  give(ports[2], found("", 78));
  loop_.drain();
  EXPECT_THAT(all_of(answer<response>(12)),
              ElementsAre(told{"t", 0, error::none, 100, std::string(1000, 'a')}, told{"t", 1, error::none, 77, ""},
                          told{"t", 2, error::none, 78, ""}));
}

TEST_F(fetch_test, sizes_below_zero_count_as_zero) {
  auto port = add_topic("t", 1).front();
  auto r = fetch(500, -7);
  r.max_bytes = -5;
  ask_and_settle(want(r, "t", 0, 0, -1));
  EXPECT_EQ(port->reads.at(0).max_bytes, 0);
  give(port, found("batch"));
  loop_.drain();
  EXPECT_THAT(all_of(answer<response>(12)), ElementsAre(told{"t", 0, error::none, 100, "batch"}));
}

TEST_F(fetch_test, the_nodes_own_limit_holds) {
  settings_.fetch_max_bytes = 5000;
  auto port = add_topic("t", 1).front();
  ask_and_settle(one("t"));
  EXPECT_EQ(port->reads.at(0).max_bytes, 5000);
}

} // namespace
} // namespace chisme::testing
