// What a leader answers from a real log.
#include "actors/partition/log_queries.hpp"
#include "tests/support/log_fixture.hpp"

namespace chisme::partition {
namespace {

class log_queries_test : public test::log_fixture {
protected:
  /// Epoch 1: offsets 0 to 5, epoch 4: 6 to 8.
  log_queries_test() {
    open();
    for (leader_epoch_t epoch : {1, 1, 4})
      EXPECT_TRUE(test::append(*log, test::make_batch(log->end_offset(), 3, 1000, epoch)));
  }
  read_result read_at(offset_t offset, leader_epoch_t last_fetched = -1) {
    read_request r;
    r.offset = offset;
    r.last_fetched_epoch = last_fetched;
    return read(*log, {5, log->end_offset()}, r);
  }
};

TEST_F(log_queries_test, a_reader_of_the_same_history_goes_on) {
  EXPECT_EQ(read_at(6, 1).code, error_code::none);
  EXPECT_EQ(read_at(6, 1).diverging_end_offset, -1);
  EXPECT_EQ(read_at(9, 4).next_offset, 9);
  EXPECT_GT(read_at(6, 1).records.size(), 0u);
}

/// KIP-320: it cuts off what it has behind the end of its last epoch here.
TEST_F(log_queries_test, a_reader_of_another_history_is_told_where_they_part) {
  for (const auto& r : {read_at(8, 1), read_at(8, 3)}) {
    EXPECT_EQ(r.code, error_code::none);
    EXPECT_EQ(r.diverging_epoch, 1);
    EXPECT_EQ(r.diverging_end_offset, 6);
    EXPECT_EQ(r.records.size(), 0u);
  }
}

TEST_F(log_queries_test, of_an_epoch_that_the_log_does_not_know_nothing_can_be_told) {
  EXPECT_EQ(read_at(3, 7).code, error_code::offset_out_of_range);
  EXPECT_EQ(read_at(3, 0).code, error_code::none);
  EXPECT_EQ(read_at(3, 0).diverging_end_offset, 0);
}

TEST_F(log_queries_test, offsets_outside_are_refused_and_the_end_is_not) {
  EXPECT_EQ(read_at(10).code, error_code::offset_out_of_range);
  EXPECT_EQ(read_at(-1).code, error_code::offset_out_of_range);
  EXPECT_EQ(read_at(9).code, error_code::none);
  ASSERT_TRUE(log->delete_records(3));
  EXPECT_EQ(read_at(2).code, error_code::offset_out_of_range);
  EXPECT_EQ(read_at(3).log_start_offset, 3);
}

TEST_F(log_queries_test, the_epoch_under_way_ends_at_the_end_of_the_log) {
  EXPECT_EQ(find_epoch_end(*log, {5, 9}, 5).end_offset, 9);
  EXPECT_EQ(find_epoch_end(*log, {5, 9}, 1).end_offset, 6);
  EXPECT_EQ(find_epoch_end(*log, {5, 9}, 3).leader_epoch, 1);
}

TEST_F(log_queries_test, special_times) {
  using special = list_offset_request;
  const standing now{5, 9};
  EXPECT_EQ(find_offset(*log, now, special::latest).offset, 9);
  EXPECT_EQ(find_offset(*log, now, special::latest).timestamp, -1);
  EXPECT_EQ(find_offset(*log, now, special::earliest).offset, 0);
  EXPECT_EQ(find_offset(*log, now, special::max_timestamp).offset, 2) << "the first record that has it";
  EXPECT_EQ(find_offset(*log, now, special::latest_tiered).offset, -1);
}

/// Code, offset, timestamp and epoch of the answer.
TEST_F(log_queries_test, nothing_is_found_above_the_high_watermark) {
  ASSERT_TRUE(test::append(*log, test::make_batch(9, 1, 5000, 5)));
  const standing now{5, 9};
  const auto find = [&](timestamp_ms time) {
    const auto r = find_offset(*log, now, time);
    return std::tuple{r.code, r.offset, r.timestamp, r.leader_epoch};
  };
  using special = list_offset_request;
  using found = std::tuple<error_code, offset_t, timestamp_ms, leader_epoch_t>;
  EXPECT_EQ(find(5000), (found{error_code::none, -1, -1, -1}));
  EXPECT_EQ(find(1002), (found{error_code::none, 2, 1002, 1}));
  EXPECT_EQ(find(special::latest), (found{error_code::none, 9, -1, 5}));
  EXPECT_EQ(find(special::earliest), (found{error_code::none, 0, -1, 1}));
  EXPECT_EQ(find(special::max_timestamp), (found{error_code::none, 2, 1002, 1}));
  EXPECT_EQ(find(special::latest_tiered), (found{error_code::none, -1, -1, -1}));
}

} // namespace
} // namespace chisme::partition
