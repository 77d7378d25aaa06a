// That the auditor of a cluster finds what it is there to find, and nothing else.
#include "tests/sim/leader_watch.hpp"
#include "tests/sim/ledger.hpp"

#include <gtest/gtest.h>

namespace chisme::test {
namespace {

const topic_partition a0{"a", 0};

/// As a client does: it remembers what was told before it asks.
void ask_and_be_told(ledger& told, leader_epoch_t epoch, offset_t high_watermark) {
  told.committed(a0, epoch, told.committed_before(a0, epoch), high_watermark);
}

TEST(ledger_test, a_high_watermark_goes_back_in_no_epoch_and_from_none_to_the_next) {
  ledger in_one, over_two;
  ask_and_be_told(in_one, 3, 10);
  ask_and_be_told(in_one, 3, 9);
  EXPECT_NE(in_one.broken(), "");
  ask_and_be_told(over_two, 3, 10);
  ask_and_be_told(over_two, 5, 9);
  EXPECT_NE(over_two.broken(), "");
}

TEST(ledger_test, an_older_leader_may_not_know_yet_what_a_newer_one_has_told) {
  ledger told;
  ask_and_be_told(told, 3, 10);
  ask_and_be_told(told, 5, 20);
  ask_and_be_told(told, 3, 10);
  EXPECT_EQ(told.broken(), "");
  EXPECT_EQ(told.known_end(a0), 20);
}

TEST(ledger_test, answers_that_were_under_way_together_may_overtake) {
  ledger told;
  const auto floor = told.committed_before(a0, 3);
  ask_and_be_told(told, 3, 10);
  told.committed(a0, 3, floor, 8);
  EXPECT_EQ(told.broken(), "");
}

TEST(ledger_test, an_epoch_has_one_leader) {
  ledger told;
  told.leader_told(a0, 1, 2);
  told.leader_told(a0, 2, 3);
  told.leader_told(a0, 1, 2);
  EXPECT_EQ(told.broken(), "");
  told.leader_told(a0, 2, 1);
  EXPECT_EQ(told.broken(), "a-0 is led in epoch 2 by node 3 and by node 1");
}

/// A node that leads "a", or follows.
broker_image image_of(node_id leader, leader_epoch_t epoch, bool has_port) {
  struct some_port final : partition::port {
    void send(partition::append_batch) override {}
    void send(partition::read_request) override {}
    void send(partition::list_offset_request) override {}
    void send(partition::epoch_end_request) override {}
    void send(partition::delete_records_request) override {}
    void send(partition::describe_request) override {}
  };
  auto record = std::make_shared<coordinator::topic_state>();
  record->name = "a";
  auto topic = std::make_shared<topic_image>();
  topic->topic = record;
  auto& p = topic->partitions.emplace_back();
  p.leader = leader;
  p.leader_epoch = epoch;
  if (has_port)
    p.port = std::make_shared<some_port>();
  broker_image out;
  out.put(topic);
  return out;
}

TEST(leader_watch_test, two_nodes_that_lead_in_one_epoch_are_found) {
  leader_watch watch;
  EXPECT_EQ(watch.look(1, image_of(1, 4, true)), "");
  EXPECT_EQ(watch.look(2, image_of(1, 4, false)), "");
  EXPECT_EQ(watch.look(2, image_of(2, 5, true)), "");
  EXPECT_EQ(watch.look(3, image_of(3, 4, true)), "a-0 is led in epoch 4 by node 1 and by node 3");
}

TEST(leader_watch_test, a_node_goes_back_to_an_older_epoch_only_by_a_restart) {
  leader_watch watch;
  EXPECT_EQ(watch.look(1, image_of(2, 4, false)), "");
  watch.restarted(1);
  EXPECT_EQ(watch.look(1, image_of(2, 3, false)), "");
  EXPECT_NE(watch.look(1, image_of(2, 2, false)), "");
}

} // namespace
} // namespace chisme::test
