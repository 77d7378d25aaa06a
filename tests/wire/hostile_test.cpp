// Bytes that are no message: each ends in an error, none takes memory that the bytes do not pay for. (P6)
#include "tests/wire/bytes.hpp"
#include "tests/wire/message_list.hpp"
#include "tests/wire/random_value.hpp"

#include "messages/wire/decoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme::test {
namespace {

using testing::HasSubstr;

template <class M>
std::string failure(std::string_view hex, int16_t version) {
  const auto r = decode<M>(from_hex(hex), version);
  return r ? "accepted" : r.error().message;
}

TEST(hostile, every_truncation_is_an_error) {
  each_version([]<class M>(int16_t version) {
    for (uint32_t seed = 0; seed < 3; ++seed) {
      const auto bytes = flatten(encode(random_message<M>(seed, version), version));
      for (size_t length = 0; length < bytes.size(); ++length) {
        const auto r = decode<M>(bytes.slice(0, length), version);
        ASSERT_FALSE(r) << M::type_name << " " << version << " cut to " << length << " of " << bytes.size();
        ASSERT_EQ(r.error().code, error_code::invalid_request);
      }
    }
  });
}

TEST(hostile, bytes_behind_the_message_are_an_error_unless_allowed) {
  each_version([]<class M>(int16_t version) {
    auto bytes = flatten(encode(random_message<M>(1, version), version));
    const auto longer = buffer::copy_of(std::string{as_chars(bytes)} + "?");
    const auto r = decode<M>(longer, version);
    ASSERT_FALSE(r) << M::type_name << " " << version;
    EXPECT_THAT(r.error().message, HasSubstr("1 bytes too many at the end"));
    EXPECT_TRUE(decode<M>(longer, version, behind::anything)) << M::type_name << " " << version;
  });
}

/// Whatever is accepted is a message like any other: it can be written and read again.
template <class M>
void accept_or_refuse(const buffer& bytes, int16_t version) {
  const auto r = decode<M>(bytes, version);
  if (!r) {
    EXPECT_EQ(r.error().code, error_code::invalid_request);
    return;
  }
  const auto again = flatten(encode(*r, version));
  const auto second = decode<M>(again, version);
  ASSERT_TRUE(second) << M::type_name << " " << version << " " << to_hex(bytes);
  EXPECT_EQ(to_hex(flatten(encode(*second, version))), to_hex(again));
}

TEST(hostile, random_bytes_are_refused_or_read_consistently) {
  std::mt19937 random{42};
  each_version([&]<class M>(int16_t version) {
    for (int round = 0; round < 100; ++round) {
      std::string bytes(random() % 60, '\0');
      for (auto& c : bytes)
        c = static_cast<char>(random() % 3 == 0 ? random() : random() % 4);
      accept_or_refuse<M>(buffer::copy_of(bytes), version);
    }
  });
}

TEST(hostile, changed_bytes_are_refused_or_read_consistently) {
  std::mt19937 random{43};
  each_version([&]<class M>(int16_t version) {
    const std::string good{as_chars(flatten(encode(random_message<M>(2, version), version)))};
    for (int round = 0; round < 100 && !good.empty(); ++round) {
      auto bytes = good;
      bytes[random() % bytes.size()] = static_cast<char>(random());
      accept_or_refuse<M>(buffer::copy_of(bytes), version);
    }
  });
}

TEST(hostile, a_version_that_the_message_lacks_is_named) {
  const auto r = decode<kafka::produce_request>(buffer{}, 2);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error(), (error{error_code::unsupported_version, "produce_request has no version 2"}));
  EXPECT_FALSE(decode<kafka::produce_request>(buffer{}, 14));
  EXPECT_FALSE(decode<kafka::metadata_request>(buffer{}, -1));
}

TEST(hostile, array_lengths_are_held_against_the_bytes_left) {
  EXPECT_EQ(failure<kafka::metadata_request>("7fffffff 0000 0000", 1),
            "metadata_request version 1: topics: an array of 2147483647 elements does not fit in the 4 bytes left");
  EXPECT_THAT(failure<kafka::metadata_request>("ffffffff0f 00", 12), HasSubstr("an array of 4294967294 elements"));
  EXPECT_THAT(failure<kafka::metadata_request>("fffffffe", 1), HasSubstr("topics: a negative length"));
  EXPECT_THAT(failure<kafka::metadata_request>("80000000", 1), HasSubstr("topics: a negative length"));
}

TEST(hostile, three_elements_of_two_bytes_do_not_fit_in_five) {
  EXPECT_THAT(failure<kafka::metadata_request>("00000003 0000000000", 1), HasSubstr("does not fit in the 5 bytes"));
}

TEST(hostile, string_lengths_are_held_against_the_bytes_left) {
  EXPECT_EQ(failure<kafka::heartbeat_request>("7fff 61", 0),
            "heartbeat_request version 0: group_id: needs 32767 bytes, 1 are left");
  EXPECT_THAT(failure<kafka::heartbeat_request>("8000", 0), HasSubstr("group_id: a negative length"));
  EXPECT_THAT(failure<kafka::heartbeat_request>("ffff", 0), HasSubstr("group_id: a string must not be null"));
  EXPECT_THAT(failure<kafka::heartbeat_request>("00", 4), HasSubstr("group_id: a string must not be null"));
}

TEST(hostile, null_is_refused_where_the_version_knows_none) {
  EXPECT_THAT(failure<kafka::metadata_request>("ffffffff", 0), HasSubstr("topics: must not be null in this version"));
  EXPECT_EQ(failure<kafka::metadata_request>("ffffffff", 1), "accepted");
}

TEST(hostile, varints_end_after_five_bytes_and_fit_in_32_bits) {
  EXPECT_THAT(failure<kafka::heartbeat_request>("8080808080 8000", 4), HasSubstr("a varint does not fit in 32 bits"));
  EXPECT_THAT(failure<kafka::heartbeat_request>("ffffffff 1f", 4), HasSubstr("a varint does not fit in 32 bits"));
  EXPECT_THAT(failure<kafka::heartbeat_request>("8080", 4), HasSubstr("needs 1 bytes, 0 are left"));
}

TEST(hostile, unknown_tagged_fields_are_skipped) {
  EXPECT_EQ(failure<kafka::list_groups_request>("01 01 02 05 03 616263 f001 00", 5), "accepted");
}

TEST(hostile, tagged_fields_are_ascending_and_keep_to_their_size) {
  using m = kafka::list_groups_request;
  EXPECT_THAT(failure<m>("01 01 02 05 01 61 05 01 62", 5), HasSubstr("or one is there twice"));
  EXPECT_THAT(failure<m>("01 01 02 05 00 04 00", 5), HasSubstr("not in ascending order"));
  EXPECT_THAT(failure<m>("01 01 01 05 09 00", 5), HasSubstr("a tagged field is longer than the message"));
  EXPECT_THAT(failure<m>("01 01 ffffffff0f", 5), HasSubstr("needs 1 bytes, 0 are left"));
  // ApiVersions: tag 1 is an int64, sent here with nine bytes, and then with seven.
  const std::string head = "0000 01 00000000 01 01";
  EXPECT_THAT(failure<kafka::api_versions_response>(head + "09 000000000000000100", 3),
              HasSubstr("shorter than its size says"));
  EXPECT_THAT(failure<kafka::api_versions_response>(head + "07 00000000000001", 3),
              HasSubstr("finalized_features_epoch: needs 8 bytes, 7 are left"));
}

TEST(hostile, memory_for_array_elements_has_a_bound_of_its_own) {
  constexpr size_t count = wire::max_array_memory / sizeof(std::string) + 1;
  buffer_builder body{4 + 2 * count + 4};
  std::fill_n(body.data(), body.size(), std::byte{0});
  wire::store_big_endian(body.data(), static_cast<int32_t>(count));
  const auto r = decode<kafka::delete_topics_request>(std::move(body).freeze(), 1);
  ASSERT_FALSE(r);
  EXPECT_THAT(r.error().message, HasSubstr("topic_names: too many array elements in one message"));
}

} // namespace
} // namespace chisme::test
