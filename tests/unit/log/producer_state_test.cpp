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
  void add(int32_t sequence, int32_t count, int16_t epoch = 0) {
    state.update(batch(sequence, count, end, epoch));
    end += count;
  }
  producer_state state;
  offset_t end = 0;
};

TEST_F(producer_state_test, an_unknown_producer_may_begin_anywhere) {
  EXPECT_TRUE(appends(state.check(batch(0, 1))));
  EXPECT_TRUE(appends(state.check(batch(77, 1))));
  batch_header plain;
  EXPECT_TRUE(appends(state.check(plain)));
}

TEST_F(producer_state_test, sequences_must_follow) {
  add(0, 3);
  EXPECT_TRUE(appends(state.check(batch(3, 2))));
  EXPECT_EQ(code(state.check(batch(4, 1))), error_code::out_of_order_sequence_number);
  EXPECT_EQ(code(state.check(batch(2, 2))), error_code::out_of_order_sequence_number);
}

TEST_F(producer_state_test, the_last_five_batches_are_recognised_an_older_one_is_out_of_order) {
  for (int i = 0; i < 6; ++i)
    add(i * 2, 2);
  EXPECT_EQ(code(state.check(batch(0, 2))), error_code::out_of_order_sequence_number);
  for (int i = 1; i < 6; ++i)
    EXPECT_EQ(duplicate_at(state.check(batch(i * 2, 2))), i * 2);
}

TEST_F(producer_state_test, epochs_fence_and_begin_anew_at_zero) {
  add(0, 3, 1);
  EXPECT_EQ(code(state.check(batch(3, 1, 0, 0))), error_code::invalid_producer_epoch);
  EXPECT_EQ(code(state.check(batch(3, 1, 0, 2))), error_code::out_of_order_sequence_number);
  EXPECT_TRUE(appends(state.check(batch(0, 1, 0, 2))));
  add(0, 1, 2);
  EXPECT_EQ(state.find(42)->batches().size(), 1u);
}

TEST_F(producer_state_test, sequences_wrap) {
  constexpr auto largest = std::numeric_limits<int32_t>::max();
  add(largest - 1, 2);
  EXPECT_TRUE(appends(state.check(batch(0, 1))));
  EXPECT_EQ(code(state.check(batch(1, 1))), error_code::out_of_order_sequence_number);
  add(0, 1);
  EXPECT_EQ(duplicate_at(state.check(batch(largest - 1, 2))), 0);
}

TEST_F(producer_state_test, batches_staged_for_the_same_write_count) {
  const batch_header staged[] = {batch(0, 2, 10), batch(2, 1, 12)};
  EXPECT_TRUE(appends(state.check(batch(3, 1), staged)));
  EXPECT_EQ(duplicate_at(state.check(batch(2, 1), staged)), 12);
  EXPECT_EQ(code(state.check(batch(5, 1), staged)), error_code::out_of_order_sequence_number);
}

TEST_F(producer_state_test, a_plain_batch_inside_a_transaction_is_refused) {
  auto first = batch(0, 1);
  first.attributes = transactional_bit;
  state.update(first);
  EXPECT_EQ(code(state.check(batch(1, 1))), error_code::invalid_txn_state);
  auto marker = batch(no_sequence, 1, 1);
  marker.attributes = transactional_bit | control_bit;
  state.update(marker);
  EXPECT_TRUE(appends(state.check(batch(1, 1))));
}

TEST_F(producer_state_test, idle_producers_expire_but_not_in_a_transaction) {
  add(0, 1);
  EXPECT_EQ(state.expire(1099, 100), 0u);
  EXPECT_EQ(state.expire(1100, 100), 1u);
  auto open = batch(0, 1);
  open.attributes = transactional_bit;
  state.update(open);
  EXPECT_EQ(state.expire(100000, 100), 0u);
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
