#include "actors/log/batch_validator.hpp"

#include "actors/log/batch_builder.hpp"

#include <gtest/gtest.h>

namespace chisme::log {
namespace {

constexpr timestamp_ms now = 1'000'000'000;

class batch_validator_test : public ::testing::Test {
protected:
  buffer batch(codec c = codec::none, int count = 3, timestamp_ms time = now) {
    batch_builder b{c};
    b.header = header;
    for (int i = 0; i < count; ++i)
      b.add("key", "value", time + i);
    return b.finish().value();
  }
  /// Changes fields of a batch and makes the CRC right again.
  template <class F>
  buffer with(const buffer& original, F change) {
    auto h = batch_header::parse(original.data());
    change(h);
    h.crc = h.compute_crc(original.view().subspan(batch_header_size));
    auto copy = std::string{as_chars(original)};
    h.store(reinterpret_cast<std::byte*>(copy.data()));
    return buffer::copy_of(copy);
  }
  error_code code(bytes_view bytes) {
    auto verdict = validate(bytes, rules, now);
    return verdict ? error_code::none : verdict.error().why.code;
  }

  batch_header header;
  topic_settings settings;
  validation_rules rules{&settings, 13, false, default_decompressed_limit};
};

TEST_F(batch_validator_test, a_good_batch_passes_unchanged_with_every_codec) {
  for (auto c : {codec::none, codec::gzip, codec::snappy, codec::lz4, codec::zstd})
    for (bool strict : {false, true}) {
      rules.strict = strict;
      const auto b = batch(c);
      auto info = validate(b, rules, now);
      ASSERT_TRUE(info) << info.error().why.message;
      EXPECT_EQ(info->header, batch_header::parse(b.data()));
      EXPECT_EQ(info->body.data(), b.data() + batch_header_size);
      EXPECT_EQ(info->log_append_time, -1);
    }
}

TEST_F(batch_validator_test, exactly_one_whole_batch_is_demanded) {
  const auto b = batch();
  const auto two = std::string{as_chars(b)} + std::string{as_chars(b)};
  EXPECT_EQ(code({}), error_code::invalid_record);
  EXPECT_EQ(code(as_bytes(two)), error_code::invalid_record);
  for (size_t n = 1; n < b.size(); ++n)
    EXPECT_EQ(code(b.view().first(n)), error_code::corrupt_message) << n;
}

TEST_F(batch_validator_test, each_rule_has_its_code) {
  const auto b = batch();
  const auto after = [&](auto change) { return code(with(b, change)); };
  EXPECT_EQ(after([](batch_header& h) { h.magic = 1; }), error_code::invalid_record);
  EXPECT_EQ(after([](batch_header& h) { h.base_offset = 1; }), error_code::invalid_record);
  EXPECT_EQ(after([](batch_header& h) { h.batch_length = 10; }), error_code::corrupt_message);
  EXPECT_EQ(after([](batch_header& h) { h.record_count = 2; }), error_code::invalid_record);
  EXPECT_EQ(after([](batch_header& h) { h.record_count = 0; }), error_code::invalid_record);
  EXPECT_EQ(after([](batch_header& h) { h.last_offset_delta = 3; }), error_code::invalid_record);
  EXPECT_EQ(after([](batch_header& h) { h.record_count = h.last_offset_delta = 3; }), error_code::invalid_record);
  EXPECT_EQ(after([](batch_header& h) { h.last_offset_delta = 3, h.record_count = 4; }),
            error_code::invalid_record);
  EXPECT_EQ(after([](batch_header& h) { h.attributes = control_bit; }), error_code::invalid_record);
  EXPECT_EQ(after([](batch_header& h) { h.attributes = log_append_time_bit; }), error_code::invalid_timestamp);
  EXPECT_EQ(after([](batch_header& h) { h.attributes = 7; }), error_code::invalid_record);
  EXPECT_EQ(after([](batch_header& h) { h.producer_id = 1; }), error_code::invalid_record);
}

TEST_F(batch_validator_test, any_flipped_bit_behind_the_crc_is_found) {
  const auto b = std::string{as_chars(batch())};
  for (size_t i = crc_covers_from; i < b.size(); ++i) {
    auto flipped = b;
    flipped[i] = static_cast<char>(flipped[i] ^ 4);
    EXPECT_EQ(code(as_bytes(flipped)), error_code::corrupt_message) << i;
  }
}

TEST_F(batch_validator_test, sizes_are_bounded) {
  const auto b = batch();
  settings.max_message_bytes = static_cast<int64_t>(b.size());
  EXPECT_EQ(code(b), error_code::none);
  settings.segment_bytes = static_cast<int64_t>(b.size()) - 1;
  EXPECT_EQ(code(b), error_code::record_list_too_large);
  settings.max_message_bytes -= 1;
  EXPECT_EQ(code(b), error_code::message_too_large);
}

TEST_F(batch_validator_test, zstd_needs_version_seven) {
  rules.produce_version = 6;
  EXPECT_EQ(code(batch(codec::zstd)), error_code::unsupported_compression_type);
  EXPECT_EQ(code(batch(codec::lz4)), error_code::none);
}

TEST_F(batch_validator_test, compacted_topics_name_the_records_without_key) {
  settings.cleanup_compact = true;
  batch_builder b{codec::gzip};
  b.add("k", "v", now).add(record_in{std::nullopt, "v", now, {}}).add("k", "v", now);
  auto verdict = validate(b.finish().value(), rules, now);
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().why.code, error_code::invalid_record);
  ASSERT_EQ(verdict.error().records.size(), 1u);
  EXPECT_EQ(verdict.error().records[0].index, 1);
}

TEST_F(batch_validator_test, timestamps_are_bounded_on_both_sides) {
  settings.timestamp_after_max_ms = 10;
  settings.timestamp_before_max_ms = 100;
  for (auto c : {codec::none, codec::lz4}) {
    EXPECT_EQ(code(batch(c, 1, now + 10)), error_code::none);
    EXPECT_EQ(code(batch(c, 1, now + 11)), error_code::invalid_timestamp);
    EXPECT_EQ(code(batch(c, 1, now - 100)), error_code::none);
    EXPECT_EQ(code(batch(c, 1, now - 101)), error_code::invalid_timestamp);
  }
  auto verdict = validate(batch(codec::none, 3, now + 9), rules, now);
  ASSERT_FALSE(verdict);
  ASSERT_EQ(verdict.error().records.size(), 1u);
  EXPECT_EQ(verdict.error().records[0].index, 2);
}

TEST_F(batch_validator_test, append_time_is_stamped_and_the_crc_follows) {
  settings.timestamps = timestamp_type::log_append_time;
  const auto b = batch(codec::snappy, 2, 5);
  auto info = validate(b, rules, now);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->log_append_time, now);
  EXPECT_EQ(info->header.max_timestamp, now);
  EXPECT_TRUE(info->header.is_log_append_time());
  EXPECT_EQ(info->header.crc, info->header.compute_crc(info->body));
}

TEST_F(batch_validator_test, a_wrong_largest_timestamp_is_put_right) {
  auto info = validate(with(batch(), [](batch_header& h) { h.max_timestamp = 1; }), rules, now);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->header.max_timestamp, now + 2);
}

TEST_F(batch_validator_test, a_batch_is_rebuilt_with_the_topics_codec) {
  settings.compression = topic_compression::zstd;
  const auto plain = batch();
  auto info = validate(plain, rules, now);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->header.compression(), codec::zstd);
  EXPECT_EQ(info->header.crc, info->header.compute_crc(info->body));
  EXPECT_EQ(decompress(codec::zstd, info->body).value(), plain.slice(batch_header_size));
}

TEST_F(batch_validator_test, a_batch_is_rebuilt_with_the_topics_level) {
  batch_builder b;
  for (int i = 0; i < 2000; ++i)
    b.add("key" + std::to_string(i % 7), "value " + std::to_string(i * i), now);
  const auto plain = b.finish().value();
  settings.compression = topic_compression::gzip;
  const auto size = [&](int level) {
    settings.levels.gzip = level;
    return validate(plain, rules, now)->header.size();
  };
  EXPECT_GT(size(1), size(9));
}

TEST_F(batch_validator_test, a_bomb_is_refused_before_it_costs_memory) {
  rules.strict = true;
  rules.decompressed_limit = 1 << 20;
  const std::string zeros(2 << 20, '\0');
  for (auto c : {codec::gzip, codec::snappy, codec::lz4, codec::zstd}) {
    batch_builder b{c};
    b.add("k", zeros, now);
    EXPECT_EQ(code(b.finish().value()), error_code::message_too_large) << to_string(c);
  }
}

} // namespace
} // namespace chisme::log
