// Reading a journal back, and writing it.
#include "actors/journal/batch.hpp"
#include "actors/journal/replay.hpp"
#include "tests/support/journal_words.hpp"

#include <gmock/gmock.h>

namespace chisme::journal {
namespace {

using test::batch_at;
using test::found;
using test::put;
using testing::ElementsAre;
using testing::HasSubstr;

class journal_replay : public testing::Test {
protected:
  /// "done", "on from 3", or the error.
  std::string take(replay& to, const partition::read_result& r) {
    const auto whole = to.take(r, [this](const entry& e) -> result<void> {
      const std::string key{as_chars(e.key)};
      if (key == "bad")
        return fail(error_code::corrupt_message, "a bad one");
      seen_.push_back(key + (e.value ? "=" + std::string{as_chars(*e.value)} : " is gone"));
      return {};
    });
    if (!whole)
      return to_string(whole.error().code) + " " + whole.error().message;
    return *whole ? "done" : "on from " + std::to_string(to.next().offset);
  }

  std::vector<std::string> seen_;
  replay strict_{damage::fails};
  replay lenient_{damage::is_left_out};
};

TEST_F(journal_replay, goes_on_from_where_each_read_ended) {
  EXPECT_EQ(strict_.next().offset, 0);
  EXPECT_EQ(take(strict_, found({batch_at(0, {put("a", "1"), put("b", "2")}), batch_at(2, {put("a", "3")})}, 4)),
            "on from 3");
  EXPECT_EQ(take(strict_, found({batch_at(3, {{buffer::copy_of("b"), std::nullopt}})}, 4)), "done");
  EXPECT_THAT(seen_, ElementsAre("a=1", "b=2", "a=3", "b is gone"));
  EXPECT_EQ(strict_.offset(), 4);
}

TEST_F(journal_replay, an_empty_log_is_whole) { EXPECT_EQ(take(strict_, found({}, 0)), "done"); }

TEST_F(journal_replay, offsets_that_compaction_took_are_passed_over) {
  EXPECT_EQ(take(strict_, found({batch_at(7, {put("a", "1")})}, 8)), "done");
  EXPECT_EQ(strict_.offset(), 8);
}

TEST_F(journal_replay, errors_of_the_read_are_told) {
  EXPECT_EQ(take(lenient_, partition::read_result::failed(error_code::corrupt_message, "its CRC does not match")),
            "CORRUPT_MESSAGE its CRC does not match");
}

TEST_F(journal_replay, nothing_where_there_should_be_something_is_no_end) {
  EXPECT_EQ(take(lenient_, found({}, 5)), "CORRUPT_MESSAGE nothing lies at offset 0, the log goes to 5");
}

TEST_F(journal_replay, what_must_be_whole_fails_at_the_first_damage) {
  EXPECT_EQ(take(strict_, found({batch_at(0, {put("a", "1"), put("bad", ""), put("c", "3")})}, 3)),
            "CORRUPT_MESSAGE at offset 0: a bad one");
  EXPECT_THAT(seen_, ElementsAre("a=1"));
}

TEST_F(journal_replay, what_need_not_be_whole_leaves_damage_out_and_counts_it) {
  EXPECT_EQ(take(lenient_, found({batch_at(0, {put("a", "1"), put("bad", ""), put("c", "3")})}, 3)), "done");
  EXPECT_THAT(seen_, ElementsAre("a=1", "c=3"));
  EXPECT_EQ(lenient_.left_out(), 1u);
}

TEST_F(journal_replay, records_that_do_not_parse_are_damage) {
  std::string bytes{as_chars(batch_at(0, {put("a", "1")}))};
  bytes[log::batch_header_size] = 0x7e; // a length that the batch does not have
  EXPECT_EQ(take(lenient_, found({buffer::copy_of(bytes)}, 1)), "done");
  EXPECT_EQ(lenient_.left_out(), 1u);
  EXPECT_THAT(take(strict_, found({buffer::copy_of(bytes)}, 1)), HasSubstr("a record that does not parse"));
}

TEST_F(journal_replay, a_record_without_a_key_is_damage) {
  log::batch_builder b;
  b.add(log::record_in{std::nullopt, "1", 0, {}});
  EXPECT_EQ(take(strict_, found({*b.finish()}, 1)), "CORRUPT_MESSAGE at offset 0: a record without a key");
}

TEST_F(journal_replay, compressed_batches_are_read) {
  log::batch_builder b{log::codec::gzip};
  b.add("a", "1", 1000);
  EXPECT_EQ(take(strict_, found({*b.finish()}, 1)), "done");
  EXPECT_THAT(seen_, ElementsAre("a=1"));
}

/// Of the metadata log nothing may be missing.
TEST_F(journal_replay, only_what_need_not_be_whole_begins_where_the_log_does) {
  auto moved = partition::read_result::failed(error_code::offset_out_of_range, "begins at 6");
  moved.log_start_offset = 6;
  EXPECT_EQ(take(lenient_, moved), "on from 6");
  EXPECT_EQ(take(strict_, moved), "OFFSET_OUT_OF_RANGE begins at 6");
  EXPECT_EQ(take(lenient_, moved), "OFFSET_OUT_OF_RANGE begins at 6");
}

/// Committed offsets have their topic's id there.
TEST_F(journal_replay, headers_come_back_with_their_entry) {
  auto with = put("a", "1");
  with.headers = {{"topic-id", buffer::copy_of("0123456789abcdef")}, {"empty", {}}};
  const entries written{with, put("b", "2"), {buffer::copy_of("c"), std::nullopt, {{"why", buffer::copy_of("gone")}}}};
  entries read;
  const auto whole = strict_.take(found({batch_at(0, written)}, 3), [&](const entry& e) -> result<void> {
    read.push_back(e);
    return {};
  });
  ASSERT_TRUE(whole && *whole);
  EXPECT_EQ(read, written);
}

TEST(journal_batch, has_the_time_that_it_was_made_at) {
  batch b{1234};
  b.add(put("k", "v"));
  const auto header = log::batch_header::parse(b.finish().records.data());
  EXPECT_EQ(header.base_timestamp, 1234);
  EXPECT_EQ(header.max_timestamp, 1234);
}

TEST(journal_batch, is_committed_before_it_is_answered) {
  batch b{0};
  b.add(put("k", "v"));
  b.add(put("l", "w"));
  const auto request = b.finish();
  EXPECT_EQ(request.required, partition::acks::all);
  EXPECT_EQ(log::batch_header::parse(request.records.data()).record_count, 2);
}

} // namespace
} // namespace chisme::journal
