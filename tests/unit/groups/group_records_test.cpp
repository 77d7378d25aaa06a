// The records of `__consumer_offsets`, and which partition of it a group belongs to.
#include "actors/groups/coordinator_partition.hpp"
#include "actors/groups/group_records.hpp"
#include "actors/groups/versioned_bytes.hpp"

#include <gtest/gtest.h>

// One string for each field of a record.
// clang-format off
namespace chisme::groups {
namespace {

std::string hex(const buffer& bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (auto b : bytes.view()) {
    text += digits[std::to_integer<int>(b) >> 4];
    text += digits[std::to_integer<int>(b) & 15];
  }
  return text;
}

buffer from_hex(std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string{text.substr(i, 2)}, nullptr, 16));
  return buffer::copy_of(bytes);
}

group_record read(std::string_view key, std::optional<std::string_view> value) {
  auto record = decode({from_hex(key), value ? std::optional{from_hex(*value)} : std::nullopt});
  EXPECT_TRUE(record) << record.error().message;
  return **record;
}

const offset_record an_offset{"g", "t", 2, committed_offset{7, 3, "m", 9, -1}};

classic_group_record a_group() {
  kafka::group_metadata_value v{"consumer", 4, "range", "a", 5, {}};
  v.members.push_back({"a", "i", "c", "/h", 6, 7, buffer::copy_of("S"), buffer::copy_of("A")});
  return {"g", v};
}

TEST(group_records, offsets_look_as_kafka_writes_them) {
  const auto bytes = encode(an_offset);
  EXPECT_EQ(hex(bytes.key), "0001" "000167" "000174" "00000002");
  EXPECT_EQ(hex(*bytes.value), "0003" "0000000000000007" "00000003" "00016d" "0000000000000009");
  EXPECT_EQ(read(hex(bytes.key), hex(*bytes.value)), group_record{an_offset});
}

/// In a header: not all tools know the version of the value that has a place for it.
TEST(group_records, an_offset_says_beside_its_value_of_which_topic_it_is) {
  auto record = an_offset;
  record.value->topic_id = uuid{{1, 2, 3}};
  const auto bytes = encode(record);
  EXPECT_EQ(hex(*bytes.value), hex(*encode(an_offset).value)) << "any tool reads it";
  ASSERT_EQ(bytes.headers.size(), 1u);
  EXPECT_EQ(bytes.headers[0].key, "topic-id");
  EXPECT_EQ(hex(bytes.headers[0].value), "01020300000000000000000000000000");
  EXPECT_EQ(**decode(bytes), group_record{record});
  record.value->leader_epoch = -1; // from clients that do not say it
  record.value->expire_timestamp = 11;
  EXPECT_EQ(**decode(encode(record)), group_record{record});
}

TEST(group_records, a_newer_kafkas_offset_says_it_in_its_value) {
  auto record = an_offset;
  record.value->topic_id = uuid{{1, 2, 3}};
  EXPECT_EQ(read(hex(encode(record).key), "0004" "0000000000000007" "00000003" "026d" "0000000000000009" "01" "0010"
                                          "01020300000000000000000000000000"),
            group_record{record});
}

TEST(group_records, groups_look_as_kafka_writes_them) {
  const auto bytes = encode(a_group());
  EXPECT_EQ(hex(bytes.key), "0002" "000167");
  EXPECT_EQ(hex(*bytes.value), "0003" "0008636f6e73756d6572" "00000004" "000572616e6765" "000161" "0000000000000005"
                               "00000001" "000161" "000169" "000163" "00022f68" "00000006" "00000007" "0000000153"
                               "0000000141");
  EXPECT_EQ(read(hex(bytes.key), hex(*bytes.value)), group_record{a_group()});
}

TEST(group_records, no_value_removes) {
  EXPECT_EQ(read("0001" "000167" "000174" "00000002", std::nullopt), (group_record{offset_record{"g", "t", 2, {}}}));
  EXPECT_EQ(read("0002" "000167", std::nullopt), (group_record{classic_group_record{"g", {}}}));
  EXPECT_FALSE(encode(offset_record{"g", "t", 2, {}}).value);
  EXPECT_FALSE(encode(classic_group_record{"g", {}}).value);
}

TEST(group_records, all_versions_of_offsets_are_read) {
  auto value = [](std::string_view bytes) {
    return *std::get<offset_record>(read("0000" "000167" "000174" "00000002", bytes)).value;
  };
  EXPECT_EQ(value("0000" "0000000000000007" "00016d" "0000000000000009"), (committed_offset{7, -1, "m", 9, -1}));
  EXPECT_EQ(value("0001" "0000000000000007" "00016d" "0000000000000009" "000000000000000b"),
            (committed_offset{7, -1, "m", 9, 11}));
  EXPECT_EQ(value("0002" "0000000000000007" "00016d" "0000000000000009"), (committed_offset{7, -1, "m", 9, -1}));
  EXPECT_EQ(value("0004" "0000000000000007" "00000003" "026d" "0000000000000009" "00"),
            (committed_offset{7, 3, "m", 9, -1}));
  EXPECT_EQ(value("0004" "0000000000000007" "00000003" "026d" "0000000000000009"
                  "01" "0010" "000102030405060708090a0b0c0d0e0f"),
            (committed_offset{7, 3, "m", 9, -1, uuid{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}}}));
}

TEST(group_records, all_versions_of_groups_are_read) {
  auto value = [](std::string_view bytes) {
    return *std::get<classic_group_record>(read("0002" "000167", bytes)).value;
  };
  const auto v0 = value("0000" "0008636f6e73756d6572" "00000004" "ffff" "ffff"
                        "00000001" "000161" "000163" "00022f68" "00000007" "0000000153" "0000000141");
  EXPECT_EQ(v0.current_state_timestamp, -1);
  EXPECT_FALSE(v0.protocol);
  EXPECT_FALSE(v0.leader);
  EXPECT_EQ(v0.members.at(0).rebalance_timeout, 7) << "as the session timeout";
  EXPECT_FALSE(v0.members.at(0).group_instance_id);
  EXPECT_EQ(value("0002" "0008636f6e73756d6572" "00000004" "ffff" "ffff" "0000000000000005" "00000000")
              .current_state_timestamp,
            5);
  EXPECT_EQ(value("0004" "09636f6e73756d6572" "00000004" "0672616e6765" "0261" "0000000000000005"
                  "02" "0261" "0269" "0263" "032f68" "00000006" "00000007" "0253" "0241" "00" "00"),
            *a_group().value);
}

TEST(group_records, an_offset_with_its_own_expiry_keeps_it) {
  offset_record record{"g", "t", 0, committed_offset{7, -1, "", 9, 11}};
  const auto bytes = encode(record);
  EXPECT_EQ(version_of(*bytes.value), 1);
  EXPECT_EQ(read(hex(bytes.key), hex(*bytes.value)), group_record{record});
}

TEST(group_records, other_kinds_are_passed_over) {
  for (auto kind : {"0009", "000f", "ffff", "7fff"}) {
    auto record = decode({from_hex(std::string{kind} + "00"), std::nullopt});
    ASSERT_TRUE(record) << kind;
    EXPECT_FALSE(*record) << kind;
  }
}

TEST(group_records, bytes_that_are_no_record_are_errors) {
  EXPECT_FALSE(decode({from_hex(""), std::nullopt}));
  EXPECT_FALSE(decode({from_hex("00"), std::nullopt}));
  EXPECT_FALSE(decode({from_hex("0002"), std::nullopt}));
  EXPECT_FALSE(decode({from_hex("0002" "000167"), from_hex("")}));
  EXPECT_FALSE(decode({from_hex("0002" "000167"), from_hex("0005")})) << "a version to come";
  for (const auto& whole : {encode(an_offset), encode(a_group())}) {
    for (size_t n = 0; n < whole.value->size(); ++n)
      EXPECT_FALSE(decode({whole.key, whole.value->slice(0, n)})) << n;
    for (size_t n = 2; n < whole.key.size(); ++n)
      EXPECT_FALSE(decode({whole.key.slice(0, n), whole.value})) << n;
  }
}

TEST(coordinator_partition, is_javas_hash) {
  EXPECT_EQ(partition_for("", 50), 0);
  EXPECT_EQ(partition_for("a", 50), 47) << 97;
  EXPECT_EQ(partition_for("hello", 1'000'000'000), 99'162'322);
  EXPECT_EQ(partition_for("Hello World", 50), 862'545'276 % 50);
  EXPECT_EQ(partition_for("my-group", 50), 12) << "-1906497762";
  EXPECT_EQ(partition_for("my-group", 1), 0);
  EXPECT_EQ(partition_for("polygenelubricants", 50), 0) << "the one whose absolute value is no number";
  EXPECT_EQ(partition_for("zzzzzzz", 1'000'000'000), 215'481'018) << "wraps";
}

TEST(coordinator_partition, is_over_utf16) {
  EXPECT_EQ(partition_for("\xc3\xa9", 1000), 0xe9);
  EXPECT_EQ(partition_for("\xe2\x82\xac", 1'000'000), 0x20ac);
  EXPECT_EQ(partition_for("\xf0\x9f\x98\x80", 100'000'000), 0xd83d * 31 + 0xde00);
  EXPECT_EQ(partition_for("\xff", 1'000'000), 0xfffd) << "no UTF-8";
}

} // namespace
} // namespace chisme::groups
