// Options of topics, and of nodes for their topics, whose effect shows at a whole replica.
#include "tests/support/supervisor_fixture.hpp"

namespace chisme::test {
namespace {

using namespace std::chrono_literals;

class topic_options_test : public supervisor_fixture {
protected:
  void write(int times) {
    for (int i = 0; i < times; ++i)
      ASSERT_EQ(append("key" + std::to_string(i), "value").code, error_code::none);
  }
};

TEST_F(topic_options_test, old_segments_go_with_the_next_retention_check) {
  settings.retention_check_interval_ms = 10'000;
  start({{"retention.ms", "1000"}, {"segment.bytes", "300"}});
  write(20);
  pass(9s);
  EXPECT_EQ(describe().start_offset, 0);
  pass(2s);
  EXPECT_EQ(describe().start_offset, 20);
}

TEST_F(topic_options_test, records_are_acknowledged_when_they_are_synced) {
  start();
  write(1);
  const auto before = disk_->syncs();
  write(1);
  EXPECT_GT(disk_->syncs(), before);
}

TEST_F(topic_options_test, lazy_ones_are_acknowledged_without_a_sync) {
  start({{"log.flush", "lazy"}});
  write(1);
  const auto before = disk_->syncs();
  write(10);
  EXPECT_EQ(disk_->syncs(), before);
}

/// There is one replica of each partition so far: who insists on two gets none.
TEST_F(topic_options_test, a_write_to_all_is_refused_where_too_few_replicas_have_it) {
  start({{"min.insync.replicas", "2"}});
  EXPECT_EQ(append("key", "value").code, error_code::not_enough_replicas);
  EXPECT_EQ(describe().end_offset, 0);
  EXPECT_EQ(append("key", "value", partition::acks::leader).code, error_code::none);
  EXPECT_EQ(describe().end_offset, 1);
}

TEST_F(topic_options_test, the_producer_that_wrote_longest_ago_is_forgotten_at_the_bound) {
  settings.producer_ids_per_partition = 2;
  start();
  const auto first_batch_of = [this](int64_t producer_id) {
    log::batch_builder b;
    b.header.producer_id = producer_id;
    b.header.producer_epoch = 0;
    b.header.base_sequence = 0;
    b.add("key", "value", now());
    return append(b.finish().value()).base_offset;
  };
  EXPECT_EQ(first_batch_of(1), 0);
  EXPECT_EQ(first_batch_of(2), 1);
  EXPECT_EQ(first_batch_of(1), 0) << "known: it is a repetition";
  EXPECT_EQ(first_batch_of(3), 2);
  EXPECT_EQ(first_batch_of(3), 2);
  EXPECT_EQ(first_batch_of(1), 3) << "forgotten: it is a new producer";
}

TEST_F(topic_options_test, a_producer_that_is_silent_for_longer_than_the_option_says_is_forgotten) {
  settings.retention_check_interval_ms = 10'000;
  start();
  const auto first_batch = [this] {
    log::batch_builder b;
    b.header.producer_id = 1;
    b.header.producer_epoch = 0;
    b.header.base_sequence = 0;
    b.add("key", "value", now());
    return append(b.finish().value()).base_offset;
  };
  EXPECT_EQ(first_batch(), 0);
  pass(80s);
  EXPECT_EQ(first_batch(), 0);
  settings.producer_id_expiration_ms = 100'000;
  apply();
  pass(15s);
  EXPECT_EQ(first_batch(), 0);
  pass(20s);
  EXPECT_EQ(first_batch(), 1);
}

} // namespace
} // namespace chisme::test
