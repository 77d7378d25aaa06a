#include "actors/partition/append_stage.hpp"
#include "tests/support/log_fixture.hpp"

#include <map>

namespace chisme::partition {
namespace {

constexpr timestamp_ms now = 1'700'000'000'000;
constexpr log::codec all_codecs[] = {log::codec::none, log::codec::gzip, log::codec::snappy, log::codec::lz4,
                                     log::codec::zstd};

class answers : public reply_sink<append_result> {
public:
  bool wanted() const override { return anybody; }
  bool anybody = true;
  void deliver(size_t index, append_result value) override { all[index] = std::move(value); }
  std::map<size_t, append_result> all;
};

class append_stage_test : public test::log_fixture {
protected:
  append_stage_test() { open(); }

  append_stage stage() {
    return append_stage{{settings, log->producers(), 0, log->end_offset(), log->start_offset(), now}};
  }
  void add(append_stage& to, const buffer& batch) {
    append_request request;
    request.records = batch;
    request.produce_version = 13;
    request.done = {sink, asked++};
    to.add(request);
  }
  /// Writes what was staged, and answers.
  void write(append_stage& from) {
    ASSERT_TRUE(log->append(from.batches(), now));
    for (auto& x : from.take_owed())
      x.done(std::move(x.answer));
  }
  /// Compressed batches as Sarama 1.43 sends them have no largest timestamp.
  static buffer without_max_timestamp(log::codec c, timestamp_ms time) {
    log::batch_builder b{c};
    b.add("k", "v", time).add("k", "v", time + 10).add("k", "v", time + 5);
    auto batch = b.finish().value();
    auto h = log::batch_header::parse(batch.data());
    h.max_timestamp = -1;
    h.crc = h.compute_crc(batch.view().subspan(log::batch_header_size));
    std::string bytes{as_chars(batch)};
    h.store(reinterpret_cast<std::byte*>(bytes.data()));
    return buffer::copy_of(bytes);
  }
  static buffer from_producer(int32_t sequence, timestamp_ms time = now) {
    log::batch_builder b;
    b.header.producer_id = 7;
    b.header.producer_epoch = 0;
    b.header.base_sequence = sequence;
    b.add("k", "v", time).add("k", "v", time);
    return b.finish().value();
  }

  std::shared_ptr<answers> sink = std::make_shared<answers>();
  size_t asked = 0;
};

TEST_F(append_stage_test, a_batch_without_largest_timestamp_is_found_by_time_and_ages_out) {
  settings.retention_ms = 1000;
  for (auto c : all_codecs) {
    SCOPED_TRACE(to_string(c));
    log.reset();
    dir = "/data/" + std::string{to_string(c)};
    open();
    auto s = stage();
    add(s, without_max_timestamp(c, now - 500));
    write(s);
    EXPECT_EQ(log->offset_for_timestamp(now - 499, log->end_offset()).value(),
              (log::timestamp_and_offset{now - 490, 1, 0}));
    EXPECT_EQ(log->max_timestamp(log->end_offset()).value(), (log::timestamp_and_offset{now - 490, 1, 0}));
    ASSERT_TRUE(log->sync());
    EXPECT_EQ(log->apply_retention(now + 510, log->end_offset()).value(), 0u);
    EXPECT_EQ(log->apply_retention(now + 511, log->end_offset()).value(), 1u);
    EXPECT_EQ(log->start_offset(), 3);
  }
}

TEST_F(append_stage_test, what_is_stored_is_what_was_put_right) {
  for (auto c : all_codecs) {
    // A leader puts offset deltas right where nothing is compressed.
    const bool is_plain = c == log::codec::none;
    std::vector<std::byte> block;
    log::append_record(block, {"k", "a", now, {}}, 0, is_plain ? 4 : 0);
    log::append_record(block, {"k", "b", now, {}}, 1, is_plain ? 4 : 1);
    log::batch_header h;
    h.record_count = 2;
    h.last_offset_delta = 1;
    h.base_timestamp = now;
    auto s = stage();
    const auto first = log->end_offset();
    add(s, log::assemble_batch(h, c, block).value());
    write(s);
    EXPECT_EQ(sink->all[asked - 1].base_offset, first);
    const auto bytes = read_from(first);
    log::batch_reader batches{as_bytes(bytes)};
    const auto stored = batches.next();
    ASSERT_TRUE(stored && stored->crc_matches()) << to_string(c);
    EXPECT_EQ(stored->header.max_timestamp, now + 1);
    EXPECT_EQ(log->offset_for_timestamp(now + 1, log->end_offset()).value()->offset, 1) << "the first of all";
  }
}

TEST_F(append_stage_test, what_nobody_waits_for_any_more_is_not_looked_at) {
  sink->anybody = false;
  auto s = stage();
  add(s, from_producer(0));
  EXPECT_TRUE(s.batches().empty());
  append_request untold;
  untold.records = from_producer(0);
  untold.produce_version = 13;
  untold.required = acks::none;
  untold.done = {sink, asked++};
  s.add(untold);
  EXPECT_EQ(s.batches().size(), 1u) << "whoever sends with acks=0 may have gone when it is written";
}

TEST_F(append_stage_test, what_was_decided_in_another_epoch_is_refused) {
  append_stage s{{settings, log->producers(), 3, log->end_offset(), log->start_offset(), now}};
  for (const leader_epoch_t epoch : {2, 4, 3, -1}) {
    append_request request;
    request.records = from_producer(0);
    request.decided_in = epoch;
    request.done = {sink, asked++};
    s.add(request);
  }
  EXPECT_EQ(sink->all[0].code, error_code::not_leader_or_follower);
  EXPECT_EQ(sink->all[1].code, error_code::not_leader_or_follower);
  EXPECT_EQ(s.batches().size(), 1u) << "the last one repeats the one before it";
  write(s);
  EXPECT_EQ(sink->all[2].code, error_code::none);
  EXPECT_EQ(sink->all[3].code, error_code::none);
}

TEST_F(append_stage_test, is_full_when_looking_has_cost_enough_whatever_came_of_it) {
  settings.timestamp_before_max_ms = 1;
  auto s = stage();
  add(s, from_producer(0));
  EXPECT_FALSE(s.is_full());
  log::batch_builder bomb{log::codec::zstd};
  bomb.add("k", std::string(20 << 20, '\0'), now - 100);
  add(s, bomb.finish().value());
  EXPECT_EQ(sink->all[1].code, error_code::invalid_timestamp);
  EXPECT_TRUE(s.is_full());
}

TEST_F(append_stage_test, records_to_blame_are_named_in_the_answer) {
  settings.cleanup_compact = true;
  log::batch_builder b{log::codec::zstd};
  b.add("k", "v", now).add(log::record_in{std::nullopt, "v", now, {}});
  auto s = stage();
  add(s, b.finish().value());
  EXPECT_TRUE(s.batches().empty());
  const auto& answer = sink->all[0];
  EXPECT_EQ(answer.code, error_code::invalid_record);
  ASSERT_EQ(answer.record_errors.size(), 1u);
  EXPECT_EQ(answer.record_errors[0].batch_index, 1);
}

TEST_F(append_stage_test, a_repeated_batch_gets_the_answer_of_the_first_one) {
  auto s = stage();
  add(s, from_producer(0));
  add(s, from_producer(2));
  add(s, from_producer(0));
  add(s, from_producer(9));
  write(s);
  EXPECT_EQ(log->end_offset(), 4);
  EXPECT_EQ(sink->all[0].base_offset, 0);
  EXPECT_EQ(sink->all[1].base_offset, 2);
  EXPECT_EQ(sink->all[2].base_offset, 0);
  EXPECT_EQ(sink->all[3].code, error_code::out_of_order_sequence_number);
  auto again = stage();
  add(again, from_producer(2));
  EXPECT_TRUE(again.batches().empty());
  write(again);
  EXPECT_EQ(sink->all[4].base_offset, 2);
  EXPECT_EQ(sink->all[4].log_append_time, -1);
}

TEST_F(append_stage_test, too_few_replicas_in_sync_refuse_those_only_who_wait_for_all) {
  settings.min_insync_replicas = 2;
  const auto asked_with = [&](acks required, int32_t in_sync) {
    append_stage s{{settings, log->producers(), 0, log->end_offset(), log->start_offset(), now, in_sync}};
    append_request request;
    request.records = from_producer(0);
    request.produce_version = 13;
    request.required = required;
    request.done = {sink, asked++};
    s.add(request);
    return s.batches().size();
  };
  EXPECT_EQ(asked_with(acks::all, 1), 0u);
  EXPECT_EQ(sink->all[0].code, error_code::not_enough_replicas);
  EXPECT_EQ(asked_with(acks::leader, 1), 1u);
  EXPECT_EQ(asked_with(acks::all, 2), 1u);
}

TEST_F(append_stage_test, answers_tell_the_start_of_the_log_and_wait_for_the_end_of_their_batch) {
  auto first = stage();
  add(first, from_producer(0));
  add(first, from_producer(2));
  write(first);
  append_stage s{{settings, log->producers(), 0, log->end_offset(), 1, now}};
  add(s, from_producer(4));
  add(s, from_producer(0)); // again
  const auto owed = s.take_owed();
  ASSERT_EQ(owed.size(), 2u);
  EXPECT_EQ(owed[0].end_offset, 6);
  EXPECT_EQ(owed[0].answer.log_start_offset, 1);
  EXPECT_EQ(owed[1].end_offset, 2);
  EXPECT_EQ(owed[1].answer.log_start_offset, 1);
}

TEST_F(append_stage_test, a_repeated_batch_has_the_append_time_of_the_first_one) {
  settings.timestamps = timestamp_type::log_append_time;
  auto s = stage();
  add(s, from_producer(0, now - 100));
  write(s);
  append_stage later{{settings, log->producers(), 0, log->end_offset(), log->start_offset(), now + 50}};
  add(later, from_producer(0, now - 100));
  write(later);
  EXPECT_EQ(sink->all[0].log_append_time, now);
  EXPECT_EQ(sink->all[1].log_append_time, now);
}

} // namespace
} // namespace chisme::partition
