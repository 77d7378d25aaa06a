#include "actors/log/record_batch.hpp"

#include "actors/log/batch_builder.hpp"
#include "actors/log/crc32c.hpp"
#include "actors/log/varint.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace chisme::log {
namespace {

TEST(crc32c_test, known_values) {
  EXPECT_EQ(crc32c_of({}), 0u);
  EXPECT_EQ(crc32c_of(as_bytes("123456789")), 0xe3069283u); // RFC 3720's polynomial, the usual check value
  EXPECT_EQ(crc32c{}.add(as_bytes("1234")).add(as_bytes("56789")).value(), 0xe3069283u);
}

TEST(varint_test, every_size_survives_and_truncation_is_noticed) {
  for (int64_t v : {int64_t{0}, int64_t{-1}, int64_t{63}, int64_t{-64}, int64_t{64}, int64_t{1} << 31,
                    std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()}) {
    std::byte bytes[max_varint];
    const auto* end = write_varint(bytes, v);
    int64_t back = 0;
    const std::byte* at = bytes;
    ASSERT_TRUE(read_varint(at, end, back));
    EXPECT_EQ(back, v);
    EXPECT_EQ(at, end);
    at = bytes;
    EXPECT_FALSE(read_varint(at, end - 1, back)) << v;
  }
}

TEST(varint_test, numbers_that_do_not_fit_are_refused) {
  std::byte bytes[max_varint];
  const auto* end = write_varint(bytes, int64_t{1} << 31);
  int32_t small = 0;
  const std::byte* at = bytes;
  EXPECT_FALSE(read_varint(at, end, small));
  const std::string endless(11, '\xff');
  int64_t large = 0;
  at = as_bytes(endless).data();
  EXPECT_FALSE(read_varint(at, at + endless.size(), large));
}

TEST(batch_header_test, fields_survive_and_lie_where_kafka_has_them) {
  batch_header h;
  h.base_offset = 0x0102030405060708;
  h.batch_length = 0x11121314;
  h.leader_epoch = 7;
  h.crc = 0xdeadbeef;
  h.attributes = 0x0041;
  h.last_offset_delta = 9;
  h.base_timestamp = 10;
  h.max_timestamp = 11;
  h.producer_id = 12;
  h.producer_epoch = 13;
  h.base_sequence = 14;
  h.record_count = 15;
  const auto bytes = h.stamp();
  EXPECT_EQ(batch_header::parse(bytes.data()), h);
  EXPECT_EQ(bytes[7], std::byte{8});
  EXPECT_EQ(bytes[11], std::byte{0x14});
  EXPECT_EQ(bytes[16], std::byte{2});
  EXPECT_EQ(bytes[17], std::byte{0xde});
  EXPECT_EQ(bytes[60], std::byte{15});
  EXPECT_EQ(h.compression(), codec::gzip);
  EXPECT_TRUE(h.has_delete_horizon());
}

TEST(batch_header_test, sequence_numbers_wrap_behind_the_largest) {
  batch_header h;
  h.base_sequence = std::numeric_limits<int32_t>::max() - 1;
  h.last_offset_delta = 3;
  EXPECT_EQ(h.last_sequence(), 1);
  EXPECT_EQ(add_sequence(std::numeric_limits<int32_t>::max(), 1), 0);
}

TEST(batch_header_test, senseless_headers_are_named) {
  batch_header good;
  EXPECT_EQ(good.insane(), nullptr);
  const auto after = [&](auto change) {
    auto h = good;
    change(h);
    return h.insane() != nullptr;
  };
  EXPECT_TRUE(after([](batch_header& h) { h.magic = 1; }));
  EXPECT_TRUE(after([](batch_header& h) { h.batch_length = 48; }));
  EXPECT_TRUE(after([](batch_header& h) { h.batch_length = -1; }));
  EXPECT_TRUE(after([](batch_header& h) { h.last_offset_delta = -1; }));
  EXPECT_TRUE(after([](batch_header& h) { h.record_count = -1; }));
  EXPECT_TRUE(after([](batch_header& h) { h.base_offset = -1; }));
  EXPECT_TRUE(after([](batch_header& h) { h.base_offset = std::numeric_limits<int64_t>::max(); }));
}

TEST(batch_reader_test, batches_are_walked_and_a_tail_is_reported) {
  batch_builder b;
  b.add("k", "v", 1);
  const auto one = b.finish().value();
  const auto all = std::string{as_chars(one)} + std::string{as_chars(one)} + "tail";
  batch_reader batches{as_bytes(all)};
  int count = 0;
  while (auto batch = batches.next()) {
    EXPECT_TRUE(batch->crc_matches());
    ++count;
  }
  EXPECT_EQ(count, 2);
  EXPECT_EQ(batches.remaining(), 4u);
  EXPECT_STREQ(batches.problem(), "truncated");
}

TEST(record_reader_test, records_with_nulls_and_headers_come_back) {
  const record_header_in headers[] = {{"h1", "x"}, {"h2", std::nullopt}, {"", ""}};
  batch_builder b;
  b.add(record_in{std::nullopt, "value", 100, {}});
  b.add(record_in{"key", std::nullopt, 90, headers});
  const auto bytes = b.finish().value();
  const auto h = batch_header::parse(bytes.data());
  EXPECT_EQ(h.record_count, 2);
  EXPECT_EQ(h.base_timestamp, 100);
  EXPECT_EQ(h.max_timestamp, 100);
  record_reader records{bytes.view().subspan(batch_header_size)};
  auto first = records.next();
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->key.is_null);
  EXPECT_EQ(as_chars(first->value.bytes), "value");
  auto second = records.next();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->timestamp_delta, -10);
  EXPECT_EQ(second->offset_delta, 1);
  EXPECT_TRUE(second->value.is_null);
  EXPECT_EQ(second->header_count, 3);
  record_header_reader in{second->headers};
  auto header = in.next();
  EXPECT_EQ(header->key, "h1");
  EXPECT_EQ(as_chars(header->value.bytes), "x");
  EXPECT_TRUE(in.next()->value.is_null);
  EXPECT_EQ(in.next()->key, "");
  EXPECT_FALSE(in.next());
  EXPECT_FALSE(records.next());
  EXPECT_TRUE(records.at_end());
}

TEST(record_reader_test, any_truncation_of_a_block_is_noticed) {
  const record_header_in headers[] = {{"header", "value"}};
  batch_builder b;
  b.add(record_in{"key", "value", 1, headers});
  const auto bytes = b.finish().value();
  const auto block = bytes.view().subspan(batch_header_size);
  for (size_t n = 1; n < block.size(); ++n) {
    record_reader records{block.first(n)};
    EXPECT_FALSE(records.next());
    EXPECT_TRUE(records.failed()) << n;
  }
}

} // namespace
} // namespace chisme::log
