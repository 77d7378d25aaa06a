#include "actors/log/producer_state.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace chisme::log {
namespace {

batch_header batch(int32_t sequence, int32_t count, offset_t base = 0, int16_t epoch = 0) {
  batch_header h;
  h.producer_id = 42;
  h.producer_epoch = epoch;
  h.base_sequence = sequence;
  h.last_offset_delta = count - 1;
  h.record_count = count;
  h.base_offset = base;
  h.max_timestamp = 1000 + base;
  return h;
}

error_code code(const result<producer_verdict>& r) { return r ? error_code::none : r.error().code; }
bool appends(const result<producer_verdict>& r) { return r && std::holds_alternative<append_it>(*r); }
offset_t duplicate_at(const result<producer_verdict>& r) {
  if (!r || !std::holds_alternative<duplicate_of>(*r))
    return -1;
  return std::get<duplicate_of>(*r).batch.first_offset();
}

class producer_state_test : public ::testing::Test {
protected:
  result<producer_verdict> check(const batch_header& h) { return staged_producers{state}.check(h); }
  void add(int32_t sequence, int32_t count, int16_t epoch = 0) {
    state.update(batch(sequence, count, end, epoch));
    end += count;
  }
  producer_state state;
  offset_t end = 0;
};

TEST_F(producer_state_test, an_unknown_producer_may_begin_anywhere) {
  EXPECT_TRUE(appends(check(batch(0, 1))));
  EXPECT_TRUE(appends(check(batch(77, 1))));
  batch_header plain;
  EXPECT_TRUE(appends(check(plain)));
}

TEST_F(producer_state_test, sequences_must_follow) {
  add(0, 3);
  EXPECT_TRUE(appends(check(batch(3, 2))));
  EXPECT_EQ(code(check(batch(4, 1))), error_code::out_of_order_sequence_number);
  EXPECT_EQ(code(check(batch(2, 2))), error_code::out_of_order_sequence_number);
}

TEST_F(producer_state_test, the_last_five_batches_are_recognised_an_older_one_is_out_of_order) {
  for (int i = 0; i < 6; ++i)
    add(i * 2, 2);
  EXPECT_EQ(code(check(batch(0, 2))), error_code::out_of_order_sequence_number);
  for (int i = 1; i < 6; ++i)
    EXPECT_EQ(duplicate_at(check(batch(i * 2, 2))), i * 2);
}

TEST_F(producer_state_test, epochs_fence_and_begin_anew_at_zero) {
  add(0, 3, 1);
  EXPECT_EQ(code(check(batch(3, 1, 0, 0))), error_code::invalid_producer_epoch);
  EXPECT_EQ(code(check(batch(3, 1, 0, 2))), error_code::out_of_order_sequence_number);
  EXPECT_TRUE(appends(check(batch(0, 1, 0, 2))));
  add(0, 1, 2);
  EXPECT_EQ(state.find(42)->batches().size(), 1u);
}

TEST_F(producer_state_test, sequences_wrap) {
  constexpr auto largest = std::numeric_limits<int32_t>::max();
  add(largest - 1, 2);
  EXPECT_TRUE(appends(check(batch(0, 1))));
  EXPECT_EQ(code(check(batch(1, 1))), error_code::out_of_order_sequence_number);
  add(0, 1);
  EXPECT_EQ(duplicate_at(check(batch(largest - 1, 2))), 0);
}

TEST_F(producer_state_test, batches_staged_for_the_same_write_count) {
  staged_producers burst{state};
  burst.stage(batch(0, 2, 10));
  burst.stage(batch(2, 1, 12));
  EXPECT_TRUE(appends(burst.check(batch(3, 1))));
  EXPECT_EQ(duplicate_at(burst.check(batch(2, 1))), 12);
  EXPECT_EQ(code(burst.check(batch(5, 1))), error_code::out_of_order_sequence_number);
  EXPECT_TRUE(state.empty()) << "nothing is in the log yet";
}

TEST_F(producer_state_test, what_is_staged_follows_what_is_in_the_log) {
  add(0, 3);
  add(3, 1);
  staged_producers burst{state};
  burst.stage(batch(4, 1, 4));
  EXPECT_EQ(duplicate_at(burst.check(batch(0, 3))), 0);
  EXPECT_EQ(duplicate_at(burst.check(batch(4, 1))), 4);
  EXPECT_TRUE(appends(burst.check(batch(5, 1))));
  EXPECT_TRUE(appends(check(batch(4, 1)))) << "another burst knows nothing of it";
}

TEST_F(producer_state_test, a_long_burst_of_many_producers_is_checked_batch_by_batch) {
  staged_producers burst{state};
  offset_t base = 0;
  for (int32_t sequence = 0; sequence < 1000; ++sequence)
    for (int64_t id = 0; id < 100; ++id) {
      auto h = batch(sequence, 1, base++);
      h.producer_id = id;
      ASSERT_TRUE(appends(burst.check(h)));
      burst.stage(h);
      ASSERT_EQ(duplicate_at(burst.check(h)), base - 1);
    }
}

TEST_F(producer_state_test, the_producer_that_wrote_longest_ago_gives_way) {
  state = producer_state{3};
  const auto write = [&](int64_t id) {
    auto h = batch(0, 1, end++);
    h.producer_id = id;
    h.base_sequence = static_cast<int32_t>(end);
    state.update(h);
  };
  for (int64_t id : {1, 2, 3, 1, 4, 5})
    write(id);
  EXPECT_EQ(state.size(), 3u);
  for (int64_t id : {1, 4, 5})
    ASSERT_TRUE(state.find(id)) << id;
  EXPECT_EQ(state.find(1)->batches().size(), 2u);
  // In this order across a restart, too.
  state = producer_state::load(state.snapshot(), "f", 3).value();
  write(6);
  EXPECT_FALSE(state.find(1));
  EXPECT_TRUE(state.find(4));
  EXPECT_EQ(producer_state::load(state.snapshot(), "f", 2).value().size(), 2u);
}

TEST_F(producer_state_test, invented_producers_take_no_more_than_the_bound) {
  for (int64_t id = 0; id < 150'000; ++id) {
    auto h = batch(0, 1, id);
    h.producer_id = id;
    state.update(h);
  }
  EXPECT_EQ(state.size(), producer_state::default_most);
  EXPECT_EQ(state.snapshot().size(), 10u + producer_state::default_most * 46);
  EXPECT_TRUE(state.find(149'999));
  EXPECT_FALSE(state.find(0));
}

TEST_F(producer_state_test, a_producer_in_a_transaction_does_not_give_way) {
  state = producer_state{2};
  auto open = batch(0, 1, end++);
  open.attributes = transactional_bit;
  state.update(open);
  for (int64_t id = 100; id < 200; ++id) {
    auto h = batch(0, 1, end++);
    h.producer_id = id;
    state.update(h);
  }
  EXPECT_EQ(state.size(), 2u);
  EXPECT_TRUE(state.find(42));
  EXPECT_TRUE(state.find(199));
}

TEST_F(producer_state_test, a_plain_batch_inside_a_transaction_is_refused) {
  auto first = batch(0, 1);
  first.attributes = transactional_bit;
  state.update(first);
  EXPECT_EQ(code(check(batch(1, 1))), error_code::invalid_txn_state);
  auto marker = batch(no_sequence, 1, 1);
  marker.attributes = transactional_bit | control_bit;
  state.update(marker);
  EXPECT_TRUE(appends(check(batch(1, 1))));
}

/// A coordinator that ends a transaction for a producer raises its epoch, so that the former instance is fenced.
TEST_F(producer_state_test, the_marker_of_a_newer_epoch_fences_and_begins_anew) {
  add(0, 1);
  auto marker = batch(no_sequence, 1, 1, 1);
  marker.attributes = transactional_bit | control_bit;
  state.update(marker);
  EXPECT_EQ(state.find(42)->epoch, 1);
  EXPECT_TRUE(state.find(42)->batches().empty()) << "sequences of the former epoch mean nothing";
  EXPECT_EQ(code(check(batch(1, 1))), error_code::invalid_producer_epoch);
  EXPECT_TRUE(appends(check(batch(5, 1, 0, 1)))) << "no batch of this epoch says what follows";
}

TEST_F(producer_state_test, the_marker_of_the_same_epoch_keeps_the_sequences) {
  add(0, 1);
  auto marker = batch(no_sequence, 1, 1);
  marker.attributes = transactional_bit | control_bit;
  state.update(marker);
  EXPECT_EQ(duplicate_at(check(batch(0, 1))), 0);
  EXPECT_EQ(code(check(batch(5, 1))), error_code::out_of_order_sequence_number);
}

TEST_F(producer_state_test, a_new_epoch_remembers_nothing_of_the_former_one) {
  add(0, 1);
  add(1, 1);
  add(0, 1, 1);
  add(1, 1, 1);
  EXPECT_EQ(duplicate_at(check(batch(0, 1, 0, 1))), 2);
}

TEST_F(producer_state_test, epoch_zero_is_an_epoch) {
  add(0, 3);
  EXPECT_EQ(code(check(batch(3, 1, 0, 1))), error_code::out_of_order_sequence_number);
}

TEST_F(producer_state_test, idle_producers_expire_but_not_in_a_transaction) {
  add(0, 1);
  EXPECT_EQ(state.expire(1099, 100), 0u);
  EXPECT_EQ(state.expire(1100, 100), 1u);
  auto open = batch(0, 1);
  open.attributes = transactional_bit;
  state.update(open);
  EXPECT_EQ(state.expire(100000, 100), 0u);
  EXPECT_EQ(state.snapshot().size(), state.snapshot_size());
}

TEST_F(producer_state_test, the_snapshot_survives_and_damage_is_found) {
  for (int i = 0; i < 7; ++i)
    add(i, 1);
  auto marker_only = batch(no_sequence, 1, 100, 3);
  marker_only.producer_id = 7;
  marker_only.attributes = transactional_bit | control_bit;
  state.update(marker_only);
  const auto bytes = state.snapshot();
  EXPECT_EQ(bytes.size(), 10u + 6 * 46);
  EXPECT_EQ(bytes.size(), state.snapshot_size());
  EXPECT_EQ(producer_state::load(bytes, "f").value(), state);
  for (size_t i = 0; i < bytes.size(); ++i) {
    auto damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(producer_state::load(damaged, "f")) << i;
    EXPECT_FALSE(producer_state::load(bytes.substr(0, i), "f")) << i;
  }
}

} // namespace
} // namespace chisme::log
