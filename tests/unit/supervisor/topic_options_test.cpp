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

} // namespace
} // namespace chisme::test
