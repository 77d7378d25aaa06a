#include "actors/log/compaction.hpp"

#include "actors/log/compression.hpp"
#include "tests/support/log_fixture.hpp"

namespace chisme::test {
namespace {

class compaction_test : public log_fixture {
protected:
  compaction_test() {
    settings.cleanup_compact = true;
    settings.cleanup_delete = false;
    settings.segment_bytes = 1000;
    settings.delete_retention_ms = 100;
    settings.min_cleanable_dirty_ratio = 0;
  }
  void put(std::string_view key, std::optional<std::string_view> value, timestamp_ms time = 1000,
           log::codec c = log::codec::none) {
    log::batch_builder b{c};
    b.header.base_offset = log->end_offset();
    b.add(log::record_in{key, value, time, {}});
    ASSERT_TRUE(append(*log, b.finish().value()));
  }
  void compact(timestamp_ms now) {
    ASSERT_TRUE(log->roll(now));
    ASSERT_TRUE(log->sync());
    ASSERT_TRUE(log->checkpoint());
    auto plan = log->plan_compaction(now, log->end_offset());
    ASSERT_TRUE(plan) << plan.error().message;
    ASSERT_TRUE(*plan);
    auto outcome = log::compact(disk, **plan);
    ASSERT_TRUE(outcome) << outcome.error().message;
    last = *outcome;
    auto swapped = log->swap_in(*outcome);
    ASSERT_TRUE(swapped) << swapped.error().message;
  }
  /// "offset:key=value" of all records; "!" for a null value.
  std::string contents() {
    std::string out;
    const auto bytes = read_from(log->start_offset());
    log::batch_reader batches{as_bytes(bytes)};
    while (auto b = batches.next()) {
      auto block = log::decompress(b->header.compression(), b->body()).value_or(buffer{});
      log::record_reader records{b->header.record_count == 0 ? bytes_view{} : bytes_view{block}};
      while (auto r = records.next())
        out += std::to_string(b->header.base_offset + r->offset_delta) + ":" + std::string{as_chars(r->key.bytes)} +
               "=" + (r->value.is_null ? "!" : std::string{as_chars(r->value.bytes)}) + " ";
    }
    return out;
  }
  /// How many records lie in the answer to a read.
  static int records_in(const log::read_result& r) {
    const auto bytes = bytes_of(r.data);
    log::batch_reader batches{as_bytes(bytes)};
    int n = 0;
    while (auto b = batches.next())
      n += b->header.record_count;
    return n;
  }
  log::compaction_result last;
};

TEST_F(compaction_test, the_newest_record_of_each_key_stays_at_its_offset) {
  open();
  for (auto c : {log::codec::none, log::codec::gzip, log::codec::lz4})
    for (auto key : {"a", "b"})
      put(key, log::to_string(c), 1000, c);
  put("c", "x");
  compact(2000);
  EXPECT_EQ(contents(), "4:a=lz4 5:b=lz4 6:c=x ");
  EXPECT_LT(last.bytes_after, last.bytes_before);
  open();
  EXPECT_EQ(contents(), "4:a=lz4 5:b=lz4 6:c=x ");
  EXPECT_EQ(log->end_offset(), 7);
  EXPECT_EQ(log->read(1, 1 << 20, 7)->first_offset, 4);
}

TEST_F(compaction_test, the_active_segment_is_not_touched) {
  open();
  put("a", "1");
  ASSERT_TRUE(log->roll(1));
  put("a", "2");
  put("a", "3");
  compact(2000);
  put("a", "4");
  put("a", "5");
  EXPECT_EQ(contents(), "2:a=3 3:a=4 4:a=5 ");
}

TEST_F(compaction_test, a_tombstone_stays_until_its_horizon) {
  open();
  put("a", "1");
  put("a", std::nullopt);
  put("b", "1");
  compact(2000);
  EXPECT_EQ(contents(), "1:a=! 2:b=1 ");
  const auto first = log->read(0, 1, 3);
  const auto h = log::batch_header::parse(std::get<buffer>(first->data.parts()[0]).data());
  EXPECT_TRUE(h.has_delete_horizon());
  EXPECT_EQ(h.base_timestamp, 2100);
  EXPECT_EQ(h.max_timestamp, 1000);
  put("b", "2");
  compact(2099);
  EXPECT_EQ(contents(), "1:a=! 3:b=2 ");
  put("b", "3");
  compact(2100);
  EXPECT_EQ(contents(), "4:b=3 ");
}

TEST_F(compaction_test, small_segments_are_joined) {
  settings.segment_bytes = 300;
  open();
  for (int i = 0; i < 40; ++i)
    put("k" + std::to_string(i % 4), "v");
  const auto before = log->segments().size();
  compact(2000);
  put("k0", "w");
  compact(2000); // now that they are small
  EXPECT_LT(log->segments().size(), before);
  EXPECT_EQ(contents(), "37:k1=v 38:k2=v 39:k3=v 40:k0=w ");
}

TEST_F(compaction_test, keys_that_do_not_fit_into_memory_are_left_for_the_next_time) {
  open();
  for (int i = 0; i < 60; ++i)
    put("key" + std::to_string(i % 20), "v");
  ASSERT_TRUE(log->roll(1));
  ASSERT_TRUE(log->sync());
  for (int round = 0; round < 10; ++round) {
    auto plan = log->plan_compaction(2000, log->end_offset());
    ASSERT_TRUE(plan);
    if (!*plan)
      break;
    (*plan)->memory_limit = 700;
    auto outcome = log::compact(disk, **plan);
    ASSERT_TRUE(outcome);
    EXPECT_GT(outcome->compacted_upto, (*plan)->dirty_from);
    ASSERT_TRUE(log->swap_in(*outcome));
  }
  EXPECT_EQ(log->compacted_upto(), 60);
  EXPECT_EQ(contents().substr(0, 10), "40:key0=v ");
}

TEST_F(compaction_test, nothing_is_planned_without_need) {
  open();
  put("a", "1");
  EXPECT_FALSE(log->plan_compaction(1, 1).value());
  compact(2000);
  EXPECT_FALSE(log->plan_compaction(3000, 1).value());
}

TEST_F(compaction_test, an_answer_within_a_limit_is_empty_where_the_first_record_does_not_fit) {
  open();
  put("a", "1");
  ASSERT_TRUE(log->roll(1));
  put("a", std::string(300, 'x'));
  compact(2000);
  const auto r = log->read(0, 100, 2, false);
  ASSERT_TRUE(r);
  EXPECT_TRUE(r->data.empty());
  EXPECT_EQ(r->next_offset, 0);
}

TEST_F(compaction_test, the_last_committed_record_stays_whatever_it_is) {
  settings.delete_retention_ms = 0;
  open();
  put("a", "1");
  put("b", "1");
  put("a", std::nullopt);
  compact(2000);
  EXPECT_EQ(contents(), "1:b=1 2:a=! ");
  put("b", "2");
  compact(3000);
  put("b", "3");
  compact(4000);
  EXPECT_EQ(contents(), "4:b=3 ") << "a tombstone that is no longer the last one goes at its time";
}

// Logs that were compacted before the last record was kept.
TEST_F(compaction_test, what_is_left_of_batches_brings_a_reader_to_the_end) {
  open();
  for (int i = 0; i < 2; ++i) {
    log::batch_builder without_key;
    without_key.header.base_offset = i;
    without_key.add(log::record_in{std::nullopt, "v", 1000, {}});
    ASSERT_TRUE(append(*log, without_key.finish().value()));
    ASSERT_TRUE(log->roll(1));
  }
  ASSERT_TRUE(log->sync());
  auto plan = log->plan_compaction(2000, 2);
  ASSERT_TRUE(plan && *plan);
  (*plan)->last_committed = 2;
  auto outcome = log::compact(disk, **plan);
  ASSERT_TRUE(outcome && log->swap_in(*outcome));
  const auto r = log->read(0, 1 << 20, 2);
  ASSERT_TRUE(r) << r.error().message;
  EXPECT_EQ(records_in(*r), 0);
  EXPECT_EQ(r->next_offset, 2);
  put("c", "1");
  EXPECT_EQ(records_in(log->read(0, 1, 3).value()), 1);
}

TEST_F(compaction_test, a_time_is_that_of_a_record_which_is_there) {
  settings.segment_bytes = 100;
  open();
  put("a", "1", 1000);
  put("a", "2", 9000);
  put("b", "3", 2000);
  put("a", "4", 3000);
  put("c", "5", 500);
  compact(10'000);
  EXPECT_EQ(contents(), "2:b=3 3:a=4 4:c=5 ");
  EXPECT_EQ(log->max_timestamp(log->end_offset()).value(), (log::timestamp_and_offset{3000, 3, -1}));
  EXPECT_EQ(log->offset_for_timestamp(1500, 5).value(), (log::timestamp_and_offset{2000, 2, -1}));
  EXPECT_EQ(log->offset_for_timestamp(4000, 5).value(), std::nullopt);
}

TEST_F(compaction_test, a_segment_larger_than_what_is_written_at_once_has_each_batch_once) {
  settings.segment_bytes = 16 << 20;
  open();
  const std::string value(400'000, 'x');
  std::string all;
  for (int i = 0; i < 8; ++i)
    put("k" + std::to_string(i), i % 2 ? std::string(i, 'y') : value);
  put("k0", "new");
  compact(2000);
  for (int i = 1; i < 8; ++i)
    all += std::to_string(i) + ":k" + std::to_string(i) + "=" + (i % 2 ? std::string(i, 'y') : value) + " ";
  EXPECT_TRUE(contents() == all + "8:k0=new ") << "not shown: it is large";
  EXPECT_GT(last.bytes_after, 1u << 20);
  EXPECT_EQ(last.bytes_after, read_from(1).size());
  open();
  for (offset_t offset = 1; offset < 9; ++offset)
    EXPECT_EQ(log->read(offset, 1, 9)->first_offset, offset);
}

TEST_F(compaction_test, an_older_record_of_the_same_batch_goes) {
  open();
  put("x", "0");
  log::batch_builder b;
  b.header.base_offset = 1;
  b.add("a", "1", 1000).add("a", "2", 1000).add("b", "3", 1000);
  ASSERT_TRUE(append(*log, b.finish().value()));
  put("c", "4");
  compact(2000);
  EXPECT_EQ(contents(), "0:x=0 2:a=2 3:b=3 4:c=4 ");
}

TEST_F(compaction_test, the_last_committed_record_stays_within_its_batch) {
  open();
  log::batch_builder b;
  b.add("a", "1", 1000).add("a", "2", 1000).add(log::record_in{std::nullopt, "without a key", 1000, {}});
  ASSERT_TRUE(append(*log, b.finish().value()));
  compact(2000);
  EXPECT_EQ(contents(), "1:a=2 2:=without a key ");
}

TEST_F(compaction_test, nothing_is_planned_without_the_policy_or_above_the_high_watermark) {
  open();
  for (int i = 0; i < 2; ++i) {
    put("a", "1");
    ASSERT_TRUE(log->roll(1000));
  }
  ASSERT_TRUE(log->sync());
  ASSERT_TRUE(log->checkpoint());
  const auto plan = log->plan_compaction(2000, 1).value();
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->segments.size(), 1u);
  EXPECT_EQ(plan->segments[0].end_offset, 1);
  settings.cleanup_compact = false;
  log->update_settings(settings);
  EXPECT_FALSE(log->plan_compaction(2000, 2).value());
}

/// Its sequence numbers must not be forgotten.
TEST_F(compaction_test, a_producers_last_batch_stays_without_records_until_it_is_not_the_last) {
  open();
  const auto put_as_producer = [&](int32_t sequence) {
    log::batch_builder b{log::codec::gzip};
    b.header.base_offset = log->end_offset();
    b.header.producer_id = 7;
    b.header.producer_epoch = 0;
    b.header.base_sequence = sequence;
    b.add("a", "1", 1000);
    ASSERT_TRUE(append(*log, b.finish().value()));
  };
  const auto first_batch = [&] {
    const auto bytes = disk.content(file(0, ".log"));
    return log::batch_header::parse(as_bytes(bytes).data());
  };
  put_as_producer(0);
  put("a", "2");
  put("b", "3");
  compact(2000);
  EXPECT_EQ(contents(), "1:a=2 2:b=3 ");
  EXPECT_EQ(first_batch().producer_id, 7);
  EXPECT_EQ(first_batch().record_count, 0);
  EXPECT_EQ(first_batch().compression(), log::codec::none);
  put_as_producer(1);
  put("c", "4");
  compact(2000);
  EXPECT_EQ(contents(), "2:b=3 3:a=1 4:c=4 ");
  EXPECT_EQ(first_batch().base_offset, 2);
}

/// Records' times as they are read, and the largest of them as the header has it.
class rebuilt_batch_test : public compaction_test {
protected:
  struct found {
    log::batch_header header;
    std::vector<timestamp_ms> times;
  };
  /// "a" at 9000, "b" at 3000, "c" at 4000; what comes behind replaces "a".
  found rebuilt(std::optional<std::string_view> b_value, int16_t attributes = 0) {
    open();
    log::batch_builder b;
    b.header.base_offset = 0;
    b.header.attributes = attributes;
    b.add(log::record_in{"a", "1", 9000, {}}).add(log::record_in{"b", b_value, 3000, {}});
    b.add(log::record_in{"c", "3", 4000, {}});
    EXPECT_TRUE(append(*log, b.finish().value()));
    put("a", "2");
    compact(10'000);
    const auto bytes = bytes_of(log->read(0, 1, 4)->data);
    log::batch_reader batches{as_bytes(bytes)};
    const auto batch = batches.next();
    EXPECT_TRUE(batch && batch->crc_matches());
    found out{batch->header, {}};
    log::record_reader records{batch->body()};
    while (const auto r = records.next())
      out.times.push_back(batch->header.base_timestamp + r->timestamp_delta);
    return out;
  }
  using times = std::vector<timestamp_ms>;
};

TEST_F(rebuilt_batch_test, keeps_count_times_and_offsets_of_what_stays) {
  const auto left = rebuilt("2");
  EXPECT_EQ(left.header.record_count, 2);
  EXPECT_EQ(left.header.last_offset(), 2);
  EXPECT_EQ(left.times, (times{3000, 4000}));
  EXPECT_EQ(left.header.max_timestamp, 4000);
  EXPECT_EQ(contents(), "1:b=2 2:c=3 3:a=2 ");
}

TEST_F(rebuilt_batch_test, keeps_the_times_where_the_horizon_takes_their_base) {
  const auto left = rebuilt(std::nullopt);
  EXPECT_TRUE(left.header.has_delete_horizon());
  EXPECT_EQ(left.header.base_timestamp, 10'100);
  EXPECT_EQ(left.times, (times{3000, 4000}));
  EXPECT_EQ(left.header.max_timestamp, 4000);
}

TEST_F(rebuilt_batch_test, keeps_the_time_of_the_append) {
  const auto left = rebuilt("2", log::log_append_time_bit);
  EXPECT_TRUE(left.header.is_log_append_time());
  EXPECT_EQ(left.header.max_timestamp, 9000);
}

TEST_F(compaction_test, a_swap_that_fails_anywhere_brings_no_old_value_back) {
  settings.segment_bytes = 100;
  for (uint64_t failing = 0, done = 0; done == 0; ++failing) {
    log.reset();
    ASSERT_TRUE(disk.remove_all(dir));
    open();
    put("a", "1");
    put("b", "1");
    put("a", "2");
    put("b", std::nullopt);
    put("c", "1");
    ASSERT_TRUE(log->roll(1000));
    ASSERT_TRUE(log->sync());
    ASSERT_TRUE(log->checkpoint());
    auto outcome = log::compact(disk, log->plan_compaction(1000, log->end_offset()).value().value());
    ASSERT_TRUE(outcome) << outcome.error().message;
    ASSERT_GT(outcome->groups.size(), 2u);
    disk.fail_operation(failing, disk_fault::io_error);
    done = log->swap_in(*outcome).has_value();
    disk.cancel_fault();
    if (disk.is_read_only()) {
      std::mt19937_64 random{failing};
      disk.crash(random);
    }
    // The first pass stamps the tombstone, the second one drops it.
    for (timestamp_ms now : {2000, 5000, 9000}) {
      open();
      put("d", "1", now);
      compact(now);
    }
    EXPECT_EQ(contents().find("b=1"), std::string::npos) << failing << ": " << contents();
    EXPECT_NE(contents().find("2:a=2 "), std::string::npos) << failing << ": " << contents();
    EXPECT_NE(contents().find("4:c=1 "), std::string::npos) << failing << ": " << contents();
  }
}

TEST_F(compaction_test, an_outcome_is_refused_when_the_log_was_cut_meanwhile) {
  open();
  put("a", "1");
  put("a", "2");
  ASSERT_TRUE(log->roll(1));
  ASSERT_TRUE(log->sync());
  auto plan = log->plan_compaction(2000, 2);
  auto outcome = log::compact(disk, **plan);
  ASSERT_TRUE(log->reset_to(10));
  EXPECT_EQ(log->swap_in(*outcome).error().code, error_code::operation_not_attempted);
  open();
  EXPECT_EQ(log->end_offset(), 10);
}

} // namespace
} // namespace chisme::test
