// Bytes put together by hand from the protocol's documentation.
#include "tests/wire/bytes.hpp"
#include "tests/wire/message_list.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chisme::test {
namespace {

template <class M>
std::string hex_of(const M& message, int16_t version) {
  return to_hex(flatten(encode(message, version)));
}

std::string plain(std::string_view hex) { return to_hex(from_hex(hex)); }

TEST(golden, produce_3) {
  kafka::produce_request p;
  p.acks = -1;
  p.timeout_ms = 30000;
  auto& topic = p.topics.emplace_back();
  topic.name = "log";
  topic.partitions.push_back({.index = 2, .records = buffer::copy_of("rec")});
  EXPECT_EQ(hex_of(p, 3), plain("ffff"          // no transactional id
                                "ffff 00007530" // acks, timeout
                                "00000001 0003 6c6f67"
                                "00000001 00000002" // partition 2
                                "00000003 726563"));
}

TEST(golden, produce_9_is_compact) {
  kafka::produce_request p;
  p.acks = 1;
  p.timeout_ms = 1;
  auto& topic = p.topics.emplace_back();
  topic.name = "log";
  topic.partitions.push_back({.index = 2, .records = buffer::copy_of("rec")});
  EXPECT_EQ(hex_of(p, 9), plain("00 0001 00000001"
                                "02 04 6c6f67"
                                "02 00000002 04 726563 00" // one partition, its tags
                                "00 00"));                 // tags of topic and message
}

TEST(golden, a_null_record_set_is_read_as_an_empty_one) {
  const auto p =
    decode<kafka::produce_request>(from_hex("ffff 0001 00000001 00000001 0001 74 00000001 00000000 ffffffff"), 3);
  ASSERT_TRUE(p) << p.error().message;
  EXPECT_TRUE(p->topics.at(0).partitions.at(0).records.empty());
}

TEST(golden, tagged_fields_of_a_produce_answer) {
  kafka::produce_response r;
  auto& partition = r.responses.emplace_back().partition_responses.emplace_back();
  r.responses[0].name = "t";
  partition.error = error_code::not_leader_or_follower;
  partition.current_leader = {.leader_id = 3, .leader_epoch = 9};
  EXPECT_EQ(hex_of(r, 10), plain("02 02 74"
                                 "02 00000000 0006 0000000000000000 ffffffffffffffff ffffffffffffffff 01 00"
                                 "01 00 09 00000003 00000009 00" // one tag: number 0, nine bytes
                                 "00 00000000 00"));
}

TEST(golden, metadata_asks_for_all_with_null_and_in_version_0_with_nothing) {
  kafka::metadata_request all;
  EXPECT_EQ(hex_of(all, 0), "00000000");
  EXPECT_EQ(hex_of(all, 1), "ffffffff");
  EXPECT_EQ(hex_of(all, 4), "ffffffff01");
  EXPECT_EQ(hex_of(all, 12), plain("00 01 00 00"));

  const auto none = decode<kafka::metadata_request>(from_hex("00000000"), 1);
  ASSERT_TRUE(none);
  ASSERT_TRUE(none->topics.has_value());
  EXPECT_TRUE(none->topics->empty());
}

TEST(golden, metadata_12_by_topic_id) {
  kafka::metadata_request m;
  auto& topic = m.topics.emplace().emplace_back();
  for (uint8_t i = 0; i < 16; ++i)
    topic.topic_id.bytes[i] = i;
  m.allow_auto_topic_creation = false;
  EXPECT_EQ(hex_of(m, 12), plain("02 000102030405060708090a0b0c0d0e0f 00 00 00 00 00"));
}

TEST(golden, api_versions_0_and_3) {
  kafka::api_versions_response r;
  r.api_keys.push_back({.api_key = 18, .min_version = 0, .max_version = 4});
  EXPECT_EQ(hex_of(r, 0), plain("0000 00000001 0012 0000 0004"));
  EXPECT_EQ(hex_of(r, 3), plain("0000 02 0012 0000 0004 00 00000000 00"));
  r.finalized_features_epoch = 0;
  EXPECT_EQ(hex_of(r, 3), plain("0000 02 0012 0000 0004 00 00000000 01 01 08 0000000000000000"))
    << "0 is not the default of that tag";
}

TEST(golden, varint_lengths_grow_at_128) {
  kafka::heartbeat_request h;
  h.group_id = std::string(126, 'g');
  EXPECT_EQ(hex_of(h, 4).substr(0, 2), "7f");
  h.group_id = std::string(127, 'g');
  EXPECT_EQ(hex_of(h, 4).substr(0, 4), "8001");
  h.group_id = std::string(299, 'g');
  EXPECT_EQ(hex_of(h, 4).substr(0, 4), "ac02");
}

TEST(golden, a_nullable_struct_has_a_byte_before_it) {
  kafka::describe_topic_partitions_request d;
  EXPECT_EQ(hex_of(d, 0), plain("01 000007d0 ff 00"));
  d.cursor = {.topic_name = "t", .partition_index = 5};
  EXPECT_EQ(hex_of(d, 0), plain("01 000007d0 01 02 74 00000005 00 00"));
}

TEST(golden, strings_are_clipped_to_what_an_int16_can_count) {
  kafka::heartbeat_request h;
  h.group_id = std::string(40000, 'g');
  const auto r = decode<kafka::heartbeat_request>(flatten(encode(h, 0)), 0);
  ASSERT_TRUE(r) << r.error().message;
  EXPECT_EQ(r->group_id.size(), 32767u);
}

TEST(golden, json_shows_names_nulls_ids_and_sizes) {
  kafka::produce_request p;
  auto& topic = p.topics.emplace_back();
  topic.name = "caf\xe9";
  topic.partitions.push_back({.index = 2, .records = buffer::copy_of("rec")});
  EXPECT_EQ(to_json(p).dump(), R"({"acks":0,"timeout_ms":0,"topic_data":[{"name":"caf)"
                               "\xef\xbf\xbd"
                               R"(","partition_data":[{"index":2,"records":"3 bytes of records"}],)"
                               R"("topic_id":"AAAAAAAAAAAAAAAAAAAAAA"}],"transactional_id":null})");
}

} // namespace
} // namespace chisme::test
