// When the log writes the state of its producers, and how much it writes.
#include "tests/support/log_fixture.hpp"

namespace chisme::test {
namespace {

class producer_snapshots_test : public log_fixture {
protected:
  /// One record of `size` bytes from the producer.
  void send(int64_t producer, size_t size = 1, int32_t sequence = 0) {
    log::batch_builder b;
    b.header.base_offset = log->end_offset();
    b.header.producer_id = producer;
    b.header.producer_epoch = 0;
    b.header.base_sequence = sequence;
    b.add("k", std::string(size, 'v'), 1000);
    ASSERT_TRUE(append(*log, b.finish().value()));
  }
  /// What happens every few seconds.
  void checkpoint() {
    ASSERT_TRUE(log->checkpoint());
    ASSERT_TRUE(log->sync());
    count();
  }
  void count() {
    const auto entries = disk.list(dir).value();
    for (const auto& e : entries)
      if (e.name.ends_with(".snapshot"))
        written[e.name] = e.size;
  }
  uint64_t bytes_written() const {
    uint64_t sum = 0;
    for (const auto& [name, size] : written)
      sum += size;
    return sum;
  }

  std::map<std::string, uint64_t> written; ///< every snapshot that there ever was
};

TEST_F(producer_snapshots_test, invented_producers_and_tiny_appends_write_one_snapshot_of_bounded_size) {
  options.most_producers = 1000;
  open();
  for (int64_t id = 0; id < 15'000; ++id)
    send(id);
  checkpoint();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(bytes_written(), 10u + 1000 * 46);
  for (int i = 0; i < 42; ++i) {
    send(100'000 + i);
    checkpoint();
  }
  EXPECT_EQ(written.size(), 1u);
  EXPECT_EQ(log->producers().size(), 1000u);
}

TEST_F(producer_snapshots_test, what_is_written_is_a_share_of_what_is_appended) {
  options.most_producers = 1000;
  open();
  for (int64_t id = 0; id < 1000; ++id)
    send(id);
  checkpoint();
  const auto at_first = bytes_written();
  const auto before = log->size_bytes();
  for (int i = 0; i < 2000; ++i) {
    send(i % 1000, 1000, i);
    checkpoint();
  }
  EXPECT_GT(written.size(), 5u);
  EXPECT_LE(bytes_written() - at_first, (log->size_bytes() - before) / 4);
}

TEST_F(producer_snapshots_test, the_recovery_point_moves_without_a_snapshot_and_the_state_is_found_again) {
  open();
  send(1);
  checkpoint();
  ASSERT_EQ(written.size(), 1u);
  for (int i = 1; i < 50; ++i) {
    send(i % 7, 10, i);
    checkpoint();
  }
  EXPECT_EQ(written.size(), 1u);
  const auto before = log->producers();
  options.now = 1000;
  open();
  EXPECT_TRUE(report.was_clean) << "nothing behind the point";
  EXPECT_EQ(log->producers(), before);
}

/// The log is long before its first idempotent producer: opening it must not read through all of it.
TEST_F(producer_snapshots_test, the_first_producer_is_written_at_once) {
  open();
  fill(500);
  checkpoint();
  EXPECT_TRUE(written.empty());
  send(1);
  checkpoint();
  EXPECT_EQ(written.size(), 1u);
}

TEST_F(producer_snapshots_test, what_came_after_the_snapshot_is_counted_across_a_restart) {
  open();
  send(1);
  checkpoint();
  for (int i = 1; i < 40; ++i) {
    send(1, 1000, i);
    checkpoint();
  }
  ASSERT_EQ(written.size(), 1u);
  options.now = 1000;
  open();
  for (int i = 40; i < 70; ++i) {
    send(1, 1000, i);
    checkpoint();
  }
  EXPECT_EQ(written.size(), 2u);
}

TEST_F(producer_snapshots_test, each_segment_begins_with_one) {
  open();
  for (int i = 0; i < 3; ++i) {
    send(1, 10, i);
    ASSERT_TRUE(log->roll(1000));
    count();
  }
  EXPECT_EQ(written.size(), 3u);
}

} // namespace
} // namespace chisme::test
