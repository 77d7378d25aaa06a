#include "actors/groups/consumer_group_records.hpp"

#include <gmock/gmock.h>

#include <random>

namespace chisme::groups {
namespace {

uuid id(uint8_t n) {
  uuid made;
  made.bytes[15] = n;
  return made;
}

std::string hex(const buffer& bytes) {
  std::string out;
  for (auto b : bytes.view()) {
    constexpr auto digits = "0123456789abcdef";
    out += digits[std::to_integer<int>(b) >> 4];
    out += digits[std::to_integer<int>(b) & 15];
  }
  return out;
}

/// Hexadecimal digits without the blanks that show the fields.
std::string joined(std::string fields) {
  std::erase(fields, ' ');
  return fields;
}

/// As whoever reads a partition of __consumer_offsets does it.
result<consumer_group_record> read(const journal::entry& r) {
  const auto type =
    static_cast<int16_t>(std::to_integer<int>(r.key.data()[0]) << 8 | std::to_integer<int>(r.key.data()[1]));
  EXPECT_TRUE(is_consumer_group_record(type));
  return decode_consumer_group_record(type, r.key.slice(2), r.value);
}

std::vector<consumer_group_record> samples() {
  member_metadata_value member{"i", std::nullopt, "client", "/127.0.0.1", {"t", "u"}, "t.*", 300'000, "range", {}};
  auto classic = member;
  classic.classic = classic_member_metadata{45'000, {{"range", buffer::copy_of("metadata")}}};
  partition_metadata_value partitions{{{id(1), "t", 2, {{0, {"r1", "r2"}}, {1, {}}}}}};
  return {
    group_metadata_record{"g", group_metadata_value{7, -5}},
    group_metadata_record{"g", group_metadata_value{7, 0}},
    partition_metadata_record{"g", partitions},
    member_metadata_record{"g", "m", member},
    member_metadata_record{"g", "m", classic},
    target_epoch_record{"g", target_assignment_metadata_value{6}},
    target_assignment_record{"g", "m", target_assignment_member_value{{{id(1), {0, 2}}}}},
    current_assignment_record{"g", "m", current_member_assignment_value{6, 5, 1, {{id(1), {0}}}, {{id(2), {1, 2}}}}},
    regular_expression_record{"g", "t.*", regular_expression_value{{"t", "tt"}, 12, 1'700'000'000'000}},
    group_metadata_record{"g", std::nullopt},
    partition_metadata_record{"g", std::nullopt},
    member_metadata_record{"g", "m", std::nullopt},
    target_epoch_record{"g", std::nullopt},
    target_assignment_record{"g", "m", std::nullopt},
    current_assignment_record{"g", "m", std::nullopt},
    regular_expression_record{"g", "t.*", std::nullopt},
  };
}

TEST(consumer_group_records_test, what_is_written_is_read) {
  for (const auto& record : samples()) {
    const auto found = read(encode(record));
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(*found, record);
    EXPECT_EQ(group_of(*found), "g");
  }
}

// Written out by hand from the schemas: keys in the old encoding, values in the flexible one.
TEST(consumer_group_records_test, the_bytes_are_kafkas) {
  const auto group = encode(group_metadata_record{"g", group_metadata_value{7, 0}});
  EXPECT_EQ(hex(group.key), joined("0003 000167"));
  EXPECT_EQ(hex(*group.value), joined("0000 00000007 00"));

  const auto current =
    encode(current_assignment_record{"g", "m", current_member_assignment_value{6, 5, 1, {{id(1), {2}}}, {}}});
  EXPECT_EQ(hex(current.key), joined("0008 000167 00016d"));
  EXPECT_EQ(hex(*current.value), joined("0000 00000006 00000005 01 02 00000000000000000000000000000001 "
                                        "02 00000002 00 01 00"));

  member_metadata_value member;
  member.client_id = "c";
  member.client_host = "/h";
  member.rebalance_timeout_ms = 5;
  member.classic = classic_member_metadata{1, {{"r", buffer::copy_of("x")}}};
  EXPECT_EQ(hex(*encode(member_metadata_record{"g", "m", member}).value),
            joined("0000 00 00 0263 032f68 01 00 00000005 00 01 00 0c 01 00000001 02 0272 0278 00 00"));

  const auto regex = encode(regular_expression_record{"g", "t.", std::nullopt});
  EXPECT_EQ(hex(regex.key), joined("0010 000167 0002742e"));
  EXPECT_FALSE(regex.value);
}

TEST(consumer_group_records_test, other_keys_and_versions_are_refused) {
  EXPECT_FALSE(is_consumer_group_record(2));
  EXPECT_FALSE(is_consumer_group_record(9));
  EXPECT_FALSE(decode_consumer_group_record(2, buffer::copy_of("g"), std::nullopt));
  auto record = encode(group_metadata_record{"g", group_metadata_value{7, 0}});
  EXPECT_FALSE(decode_consumer_group_record(3, record.key.slice(2), buffer::copy_of("x")));
  EXPECT_FALSE(decode_consumer_group_record(3, record.key.slice(2), buffer{}));
}

TEST(consumer_group_records_test, broken_bytes_are_an_error_or_something_else_never_a_crash) {
  std::mt19937 random{1};
  for (int round = 0; round < 300; ++round)
    for (const auto& record : samples()) {
      auto bytes = encode(record);
      auto& part = bytes.value && random() % 2 ? *bytes.value : bytes.key;
      std::string text{as_chars(part)};
      if (random() % 2)
        text.resize(2 + random() % (text.size() - 2));
      else
        text[2 + random() % (text.size() - 2)] = static_cast<char>(random());
      part = buffer::copy_of(text);
      if (const auto found = read(bytes)) {
        EXPECT_LE(group_of(*found).size(), 1u);
      }
    }
}

} // namespace
} // namespace chisme::groups
