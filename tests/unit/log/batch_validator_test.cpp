#include "actors/log/batch_validator.hpp"

#include "actors/log/batch_builder.hpp"
#include "actors/log/varint.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace chisme::log {
namespace {

constexpr timestamp_ms now = 1'000'000'000;
constexpr codec all_codecs[] = {codec::none, codec::gzip, codec::snappy, codec::lz4, codec::zstd};
constexpr codec real_codecs[] = {codec::gzip, codec::snappy, codec::lz4, codec::zstd};

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
  /// Three records as they lie in an uncompressed block, with these offset deltas.
  std::vector<std::byte> block(std::vector<int32_t> deltas = {0, 1, 2}) {
    std::vector<std::byte> out;
    for (auto delta : deltas)
      append_record(out, {"key", "value", now, {}}, delta, delta);
    return out;
  }
  /// A batch of three records by its header, with these bytes behind it.
  buffer around(codec c, bytes_view body) {
    auto h = batch_header::parse(batch(c).data());
    h.batch_length = static_cast<int32_t>(batch_header_size - batch_prefix_size + body.size());
    h.crc = h.compute_crc(body);
    std::string bytes(batch_header_size, '\0');
    h.store(reinterpret_cast<std::byte*>(bytes.data()));
    return buffer::copy_of(bytes + std::string{as_chars(body)});
  }
  error_code code(bytes_view bytes) {
    auto verdict = validate(bytes, rules, now);
    return verdict ? error_code::none : verdict.error().why.code;
  }

  batch_header header;
  topic_settings settings;
  validation_rules rules{&settings, 13};
};

TEST_F(batch_validator_test, a_good_batch_passes_unchanged_with_every_codec) {
  for (auto c : all_codecs) {
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
  EXPECT_EQ(after([](batch_header& h) { h.last_offset_delta = 3, h.record_count = 4; }), error_code::invalid_record);
  EXPECT_EQ(after([](batch_header& h) { h.attributes = control_bit; }), error_code::invalid_record);
  EXPECT_EQ(after([](batch_header& h) { h.attributes = log_append_time_bit; }), error_code::invalid_timestamp);
  EXPECT_EQ(after([](batch_header& h) { h.attributes = 7; }), error_code::invalid_record);
  EXPECT_EQ(after([](batch_header& h) { h.attributes = delete_horizon_bit; }), error_code::invalid_record);
  EXPECT_EQ(after([](batch_header& h) { h.producer_id = 1; }), error_code::invalid_record);
  auto nothing = batch_header::parse(b.data());
  nothing.record_count = 0;
  nothing.last_offset_delta = -1;
  nothing.batch_length = static_cast<int32_t>(batch_header_size - batch_prefix_size);
  nothing.crc = nothing.compute_crc({});
  EXPECT_EQ(code(nothing.stamp()), error_code::invalid_record);
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

TEST_F(batch_validator_test, the_count_of_the_header_is_that_of_the_records_with_every_codec) {
  for (auto c : all_codecs) {
    const auto b = batch(c);
    const auto counts = [&](int32_t count, int32_t last_delta) {
      return code(with(b, [&](batch_header& h) { h.record_count = count, h.last_offset_delta = last_delta; }));
    };
    for (auto [count, last_delta] : {std::pair{2, 1}, {4, 3}, {1, 0}, {1000, 999}, {2, 2}, {3, 3}, {0, -1}, {-1, -2}})
      EXPECT_EQ(counts(count, last_delta), error_code::invalid_record) << to_string(c) << " " << count;
    EXPECT_EQ(counts(std::numeric_limits<int32_t>::max(), std::numeric_limits<int32_t>::max() - 1),
              error_code::invalid_record);
    EXPECT_EQ(counts(3, 2), error_code::none) << to_string(c);
  }
}

/// Three records with wrong offset deltas: some begin wrong, some end so.
std::vector<std::vector<std::byte>> blocks_with_wrong_deltas() {
  std::vector<std::vector<std::byte>> all;
  for (const auto& deltas : {std::vector{0, 0, 0}, {1, 2, 3}, {2, 1, 0}, {0, 1, 9}, {-1, 0, 1}}) {
    auto& wrong = all.emplace_back();
    for (int32_t i = 0; i < 3; ++i)
      append_record(wrong, {"key", "value", now, {}}, i, deltas[static_cast<size_t>(i)]);
  }
  return all;
}

TEST_F(batch_validator_test, offset_deltas_are_put_right_without_compression) {
  const auto right = buffer::copy_of(bytes_view{block()});
  for (const auto& wrong : blocks_with_wrong_deltas()) {
    auto info = validate(around(codec::none, wrong), rules, now);
    ASSERT_TRUE(info) << info.error().why.message;
    EXPECT_EQ(buffer::copy_of(info->body), right);
    EXPECT_EQ(info->header.compression(), codec::none);
    EXPECT_EQ(info->header.crc, info->header.compute_crc(info->body));
    EXPECT_EQ(info->header.size(), batch_header_size + info->body.size());
    EXPECT_EQ(info->header.max_timestamp, now + 2);
  }
}

/// As in Kafka: "Inner record ... does not have incremental offsets".
TEST_F(batch_validator_test, wrong_offset_deltas_are_refused_where_either_side_compresses) {
  for (const auto& wrong : blocks_with_wrong_deltas()) {
    for (auto c : real_codecs)
      EXPECT_EQ(code(around(c, compress(c, wrong).value())), error_code::invalid_record) << to_string(c);
    settings.compression = topic_compression::lz4;
    EXPECT_EQ(code(around(codec::none, wrong)), error_code::invalid_record);
    settings.compression = topic_compression::producer;
  }
}

TEST_F(batch_validator_test, a_wrong_largest_timestamp_is_put_right_with_every_codec) {
  for (auto c : all_codecs)
    for (timestamp_ms lie : {timestamp_ms{-1}, timestamp_ms{0}, timestamp_ms{1}, now + 3, timestamp_ms{1} << 62}) {
      const auto b = with(batch(c), [&](batch_header& h) { h.max_timestamp = lie; });
      auto info = validate(b, rules, now);
      ASSERT_TRUE(info) << info.error().why.message;
      EXPECT_EQ(info->header.max_timestamp, now + 2) << to_string(c);
      EXPECT_EQ(info->header.crc, info->header.compute_crc(info->body));
      EXPECT_EQ(info->body.data(), b.data() + batch_header_size) << "the records stay where they are";
    }
}

TEST_F(batch_validator_test, records_without_a_timestamp_have_no_largest_one) {
  settings.timestamp_before_max_ms = 1000;
  for (auto c : all_codecs) {
    batch_builder b{c};
    b.add("k", "v", -1).add("k", "v", -1);
    auto info = validate(with(b.finish().value(), [](batch_header& h) { h.max_timestamp = now; }), rules, now);
    ASSERT_TRUE(info) << info.error().why.message;
    EXPECT_EQ(info->header.max_timestamp, -1);
  }
}

TEST_F(batch_validator_test, timestamps_are_those_of_the_records_whatever_the_header_says) {
  settings.timestamp_after_max_ms = 1000;
  settings.timestamp_before_max_ms = 1000;
  for (auto c : all_codecs) {
    // A record far away hides behind a largest timestamp that is fine, and the other way round.
    for (timestamp_ms far : {now + 5000, now - 5000}) {
      batch_builder b{c};
      b.add("k", "v", now).add("k", "v", far).add("k", "v", now);
      auto verdict = validate(with(b.finish().value(), [](batch_header& h) { h.max_timestamp = now; }), rules, now);
      ASSERT_FALSE(verdict) << to_string(c);
      EXPECT_EQ(verdict.error().why.code, error_code::invalid_timestamp);
      ASSERT_EQ(verdict.error().records.size(), 1u);
      EXPECT_EQ(verdict.error().records[0].index, 1);
    }
    EXPECT_EQ(code(with(batch(c), [](batch_header& h) { h.max_timestamp = now + 5000; })), error_code::none);
    // Times are relative to the base timestamp: where it lies, all of them do.
    for (timestamp_ms base :
         {now + 5000, now - 5000, std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()})
      EXPECT_EQ(code(with(batch(c), [&](batch_header& h) { h.base_timestamp = base; })), error_code::invalid_timestamp)
        << to_string(c) << " " << base;
  }
}

TEST_F(batch_validator_test, a_time_out_of_bounds_outweighs_a_missing_key_and_both_are_named) {
  settings.cleanup_compact = true;
  settings.timestamp_after_max_ms = 10;
  for (auto c : all_codecs) {
    batch_builder b{c};
    b.add("k", "v", now).add(record_in{std::nullopt, "v", now, {}}).add("k", "v", now + 11);
    auto verdict = validate(b.finish().value(), rules, now);
    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error().why.code, error_code::invalid_timestamp);
    ASSERT_EQ(verdict.error().records.size(), 2u);
    EXPECT_EQ(verdict.error().records[0].index, 1);
    EXPECT_EQ(verdict.error().records[1].index, 2);
  }
}

TEST_F(batch_validator_test, lengths_inside_records_are_checked_with_every_codec) {
  const auto good = std::string{as_chars(bytes_view{block()})};
  const auto changed = [&](size_t at, char byte) {
    auto bytes = good;
    bytes[at] = byte;
    return bytes;
  };
  // length:0 attributes:1 timestamp:2 offset:3 key length:4 key:5 value length:8 value:9 header count:14
  std::vector<std::byte> large;
  append_record(large, {"key", std::string(200'000, 'v'), now, {}}, 0, 0);
  constexpr size_t large_length = 3; // bytes of the number that says how long it is
  write_varint(large.data(), static_cast<int64_t>(large.size() - large_length + 15));
  const std::string covering{as_chars(bytes_view{large})};
  const std::pair<const char*, std::string> bad[] = {
    {"record too short", changed(0, 2)},
    {"record too long", changed(0, 60)},
    {"record of negative length", changed(0, 1)},
    {"key too long", changed(4, 80)},
    {"key shorter than null", changed(4, 3)},
    {"value too long", changed(8, 80)},
    {"value shorter", changed(8, 2)},
    {"a header that is not there", changed(14, 2)},
    {"many headers", changed(14, 126)},
    {"headers fewer than none", changed(14, 1)},
    {"one byte more", good + '\0'},
    {"one byte less", good.substr(0, good.size() - 1)},
    {"one record more", good + good.substr(0, 15)},
    {"one record less", good.substr(0, 15) + good.substr(15, 15)},
    {"a byte behind the headers", changed(0, 30).insert(15, 1, '\0')},
    {"a large record that covers the next", covering + good.substr(15)},
    {"an endless number", std::string(40, '\xff')},
    {"nothing", ""},
  };
  for (auto c : all_codecs)
    for (const auto& [name, bytes] : bad)
      EXPECT_EQ(code(around(c, compress(c, as_bytes(bytes)).value())), error_code::invalid_record)
        << to_string(c) << ": " << name;
}

TEST_F(batch_validator_test, a_compressed_stream_must_be_whole_and_end_with_the_batch) {
  const auto records = block();
  for (auto c : real_codecs) {
    const auto packed = compress(c, records).value();
    for (size_t n = 0; n < packed.size(); ++n)
      EXPECT_EQ(code(around(c, packed.view().first(n))), error_code::invalid_record) << to_string(c) << " " << n;
    const auto text = std::string{as_chars(packed)};
    for (const auto& behind : {std::string(1, '\0'), std::string(8, '\0'), std::string("garbage that follows"), text})
      EXPECT_EQ(code(around(c, as_bytes(text + behind))), error_code::invalid_record) << to_string(c);
  }
}

TEST_F(batch_validator_test, a_block_may_be_made_of_several_frames_where_java_reads_them) {
  const auto records = block();
  const auto first = bytes_view{records}.first(20);
  const auto rest = bytes_view{records}.subspan(20);
  for (auto c : real_codecs) {
    const auto body =
      std::string{as_chars(compress(c, first).value())} + std::string{as_chars(compress(c, rest).value())};
    EXPECT_EQ(code(around(c, as_bytes(body))), c == codec::lz4 ? error_code::invalid_record : error_code::none)
      << to_string(c);
  }
}

TEST_F(batch_validator_test, garbage_is_refused_with_every_codec) {
  std::mt19937 random{11};
  for (auto c : all_codecs)
    for (size_t size : {0u, 1u, 7u, 16u, 100u, 1000u, 70'000u}) {
      std::string bytes(size, '\0');
      EXPECT_EQ(code(around(c, as_bytes(bytes))), error_code::invalid_record) << to_string(c) << " zeros " << size;
      for (auto& b : bytes)
        b = static_cast<char>(random());
      EXPECT_EQ(code(around(c, as_bytes(bytes))), error_code::invalid_record) << to_string(c) << " " << size;
      bytes.assign(size, '\xff');
      EXPECT_EQ(code(around(c, as_bytes(bytes))), error_code::invalid_record) << to_string(c) << " ones " << size;
    }
}

TEST_F(batch_validator_test, records_may_lie_across_the_pieces_of_a_stream) {
  const std::string small(3, 's');
  for (auto c : all_codecs)
    for (size_t size : {65'500u, 65'520u, 65'536u, 200'000u}) {
      const std::string large(size, 'l');
      const record_header_in headers[] = {{"header", small}, {"another", std::nullopt}, {"large", large}};
      batch_builder b{c};
      for (int i = 0; i < 40; ++i)
        b.add(record_in{small, i % 9 ? small : large, now + i, std::span{headers}.first(i % 13 ? 2 : 3)});
      settings.max_message_bytes = 100 << 20;
      auto info = validate(b.finish().value(), rules, now);
      ASSERT_TRUE(info) << to_string(c) << " " << size << ": " << info.error().why.message;
      EXPECT_EQ(info->header.max_timestamp, now + 39);
    }
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
  const auto size = [&](topic_compression wanted, compression_levels levels) {
    settings.compression = wanted;
    settings.levels = levels;
    return validate(plain, rules, now)->header.size();
  };
  EXPECT_GT(size(topic_compression::gzip, {.gzip = 1}), size(topic_compression::gzip, {.gzip = 9}));
  EXPECT_GT(size(topic_compression::lz4, {.lz4 = 3}), size(topic_compression::lz4, {.lz4 = 12}));
  EXPECT_GT(size(topic_compression::zstd, {.zstd = -100}), size(topic_compression::zstd, {.zstd = 19}));
}

TEST_F(batch_validator_test, a_batch_that_grows_when_it_is_rebuilt_is_measured_again) {
  settings.compression = topic_compression::none;
  const auto packed = batch(codec::zstd, 200);
  settings.max_message_bytes = static_cast<int64_t>(packed.size());
  EXPECT_EQ(code(packed), error_code::message_too_large);
  settings.compression = topic_compression::producer;
  EXPECT_EQ(code(packed), error_code::none);
}

TEST_F(batch_validator_test, a_bomb_is_refused_before_it_costs_memory) {
  settings.max_decompressed_bytes = 1 << 20;
  const std::string zeros(2 << 20, '\0');
  for (auto c : real_codecs) {
    batch_builder b{c};
    b.add("k", zeros, now);
    const auto bomb = b.finish().value();
    EXPECT_EQ(code(bomb), error_code::message_too_large) << to_string(c);
    EXPECT_LE(validate(bomb, rules, now).error().cost, settings.max_decompressed_bytes + bomb.size()) << to_string(c);
    settings.max_decompressed_bytes = 3 << 20;
    EXPECT_EQ(code(bomb), error_code::none) << to_string(c);
    settings.max_decompressed_bytes = 1 << 20;
  }
}

TEST_F(batch_validator_test, what_a_batch_may_become_follows_from_what_it_may_be) {
  EXPECT_EQ(most_decompressed(settings), 32u * 1048588);
  settings.max_message_bytes = 100;
  EXPECT_EQ(most_decompressed(settings), 1u << 20) << "zeros of a small topic";
  for (auto large : {int64_t{100} << 20, std::numeric_limits<int64_t>::max()}) {
    settings.max_message_bytes = large;
    EXPECT_EQ(most_decompressed(settings), default_decompressed_limit) << "more would not be read back";
  }
  settings.max_decompressed_bytes = 5000;
  EXPECT_EQ(most_decompressed(settings), 5000u);
}

/// The first record tells that nothing of the rest need be looked at.
TEST_F(batch_validator_test, a_bomb_of_wrong_offset_deltas_costs_nothing) {
  std::vector<std::byte> records;
  for (int32_t i = 0; i < 1'000'000; ++i)
    append_record(records, {std::nullopt, std::nullopt, now, {}}, 0, 0);
  for (auto c : real_codecs) {
    settings.max_message_bytes = 10 << 20;
    batch_header h;
    h.record_count = 1'000'000;
    h.last_offset_delta = 999'999;
    const auto bomb = assemble_batch(h, c, records).value();
    auto verdict = validate(bomb, rules, now);
    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error().why.code, error_code::invalid_record);
    EXPECT_LE(verdict.error().cost, bomb.size() + 64 * 1024) << to_string(c);
  }
}

TEST_F(batch_validator_test, what_a_batch_costs_is_what_comes_out_of_it) {
  for (auto c : all_codecs) {
    batch_builder b{c};
    b.add("k", std::string(500'000, 'z'), now);
    const auto bytes = b.finish().value();
    settings.compression = topic_compression::producer;
    const auto walked = validate(bytes, rules, now)->cost;
    EXPECT_GE(walked, 500'000u) << to_string(c);
    EXPECT_LE(walked, 500'100u * 2) << to_string(c);
    settings.compression = c == codec::zstd ? topic_compression::gzip : topic_compression::zstd;
    EXPECT_GE(validate(bytes, rules, now)->cost, 4 * walked) << "the topic's codec " << to_string(c);
  }
}

} // namespace
} // namespace chisme::log
