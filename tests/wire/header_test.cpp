// Header versions and the quirks that real clients depend on.
#include "messages/kafka/header.hpp"
#include "tests/wire/bytes.hpp"
#include "tests/wire/message_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme::test {
namespace {

using namespace kafka;

int16_t number(api_key key) { return static_cast<int16_t>(key); }

TEST(header, request_and_response_versions_follow_flexibility) {
  EXPECT_EQ(request_header_version(number(api_key::produce), 8), 1);
  EXPECT_EQ(request_header_version(number(api_key::produce), 9), 2);
  EXPECT_EQ(response_header_version(number(api_key::produce), 8), 0);
  EXPECT_EQ(response_header_version(number(api_key::produce), 9), 1);
  EXPECT_EQ(request_header_version(12345, 0), std::nullopt);
  EXPECT_EQ(response_header_version(-1, 0), std::nullopt);
}

TEST(header, api_versions_is_always_answered_with_header_0) {
  for (int16_t version = 0; version <= 5; ++version)
    EXPECT_EQ(response_header_version(18, version), 0);
  EXPECT_EQ(request_header_version(18, 2), 1);
  EXPECT_EQ(request_header_version(18, 3), 2);
}

TEST(header, offset_delete_is_never_flexible) {
  EXPECT_EQ(request_header_version(number(api_key::offset_delete), 0), 1);
  EXPECT_EQ(response_header_version(number(api_key::offset_delete), 0), 0);
}

TEST(header, the_table_and_the_messages_agree) {
  size_t requests = 0;
  each_message([&]<class M>() {
    if constexpr (requires { M::api; }) {
      const auto* api = find_api(number(M::api));
      ASSERT_NE(api, nullptr) << M::type_name;
      EXPECT_EQ(api->min_version, M::min_version) << M::type_name;
      EXPECT_EQ(api->max_version, M::max_version) << M::type_name;
      EXPECT_EQ(api->flexible_since, M::flexible_since) << M::type_name;
      EXPECT_EQ(api->name, to_string(M::api));
      requests += M::type_name.ends_with("_request");
    }
  });
  EXPECT_EQ(requests, described_apis().size());
  EXPECT_EQ(find_api(number(api_key::produce))->advertised_minimum, 0) << "KAFKA-18659";
}

TEST(header, client_id_is_a_plain_string_in_flexible_requests_too) {
  const request_header header{.key = 18, .version = 3, .correlation_id = 7, .client_id = "kc"};
  const auto whole = flatten(encode_request(header, buffer::copy_of("body")));
  EXPECT_EQ(to_hex(whole), to_hex(from_hex("00000011 0012 0003 00000007 0002 6b63 00 626f6479")));
  const auto frame = decode_request_header(whole.slice(4));
  ASSERT_TRUE(frame) << frame.error().message;
  EXPECT_EQ(frame->header, header);
  EXPECT_TRUE(frame->supported);
  EXPECT_EQ(as_chars(frame->body), "body");
}

TEST(header, version_1_has_no_tagged_fields_and_the_client_id_may_be_null) {
  const auto frame = decode_request_header(from_hex("0003 0001 00000001 ffff ffffffff"));
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->header.client_id, std::nullopt);
  EXPECT_EQ(to_hex(frame->body), "ffffffff");
}

TEST(header, tagged_fields_of_a_header_are_skipped) {
  const auto frame = decode_request_header(from_hex("0003 000c 00000001 0000 01 63 02 aabb 00"));
  ASSERT_TRUE(frame) << frame.error().message;
  EXPECT_EQ(frame->header.client_id, "");
  EXPECT_EQ(to_hex(frame->body), "00");
}

TEST(header, unknown_keys_and_versions_are_read_as_far_as_the_client_id) {
  for (auto hex :
       {"7fff 0000 00000005 0001 78 0102", "0012 0063 00000005 0001 78 0102", "0000 0002 00000005 0001 78 0102"}) {
    const auto frame = decode_request_header(from_hex(hex));
    ASSERT_TRUE(frame) << hex;
    EXPECT_FALSE(frame->supported);
    EXPECT_EQ(frame->header.correlation_id, 5);
    EXPECT_EQ(frame->header.client_id, "x");
    EXPECT_EQ(to_hex(frame->body), "0102");
  }
}

TEST(header, what_is_no_header_is_an_error) {
  const auto whole = from_hex("0003 000c 00000001 0002 6869 01 63 02 aabb");
  for (size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(decode_request_header(whole.slice(0, length))) << length;
  EXPECT_FALSE(decode_request_header(from_hex("0003 0001 00000001 fffe")));
  EXPECT_THAT(decode_request_header(buffer{}).error().message, testing::HasSubstr("header: api_key"));
}

TEST(header, responses_carry_size_and_correlation_id) {
  EXPECT_EQ(to_hex(flatten(encode_response(258, 0, buffer::copy_of("b")))), "000000050000010262");
  EXPECT_EQ(to_hex(flatten(encode_response(258, 1, buffer::copy_of("b")))), "00000006000001020062");
  const auto frame = decode_response_header(from_hex("00000102 00 62"), 1);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->correlation_id, 258);
  EXPECT_EQ(as_chars(frame->body), "b");
  EXPECT_FALSE(decode_response_header(from_hex("000001"), 0));
  EXPECT_FALSE(decode_response_header(from_hex("00000102"), 1));
}

} // namespace
} // namespace chisme::test
