// What is encoded is decoded again: every message, every version, random values from fixed seeds.
#include "tests/wire/bytes.hpp"
#include "tests/wire/message_list.hpp"
#include "tests/wire/random_value.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chisme::test {
namespace {

constexpr uint32_t seeds = 20;

TEST(round_trip, every_message_comes_back_in_every_version) {
  each_version([]<class M>(int16_t version) {
    for (uint32_t seed = 0; seed < seeds; ++seed) {
      const auto sent = random_message<M>(seed, version);
      const auto bytes = flatten(encode(sent, version));
      const auto received = decode<M>(bytes, version);
      ASSERT_TRUE(received) << received.error().message << " seed " << seed;
      ASSERT_EQ(to_json(*received), to_json(sent)) << M::type_name << " " << version << " seed " << seed;
      ASSERT_EQ(to_hex(flatten(encode(*received, version))), to_hex(bytes)) << M::type_name << " " << version;
    }
  });
}

TEST(round_trip, a_new_message_comes_back_with_its_defaults) {
  each_version([]<class M>(int16_t version) {
    const auto bytes = flatten(encode(M{}, version));
    const auto received = decode<M>(bytes, version);
    ASSERT_TRUE(received) << received.error().message;
    EXPECT_EQ(to_hex(flatten(encode(*received, version))), to_hex(bytes)) << M::type_name << " " << version;
  });
}

TEST(round_trip, fields_that_a_version_lacks_are_left_out) {
  each_version([]<class M>(int16_t version) {
    for (uint32_t seed = 0; seed < seeds; ++seed) {
      M full;
      random_filler::of_all_fields(seed).record(full);
      const auto bytes = flatten(encode(full, version));
      const auto received = decode<M>(bytes, version);
      ASSERT_TRUE(received) << received.error().message << " seed " << seed;
      ASSERT_EQ(to_hex(flatten(encode(*received, version))), to_hex(bytes)) << M::type_name << " " << version;
    }
  });
}

TEST(round_trip, a_field_of_a_newer_version_reads_as_its_default) {
  kafka::fetch_request sent;
  sent.session_epoch = 5;
  sent.rack_id = "cellar";
  const auto old = decode<kafka::fetch_request>(flatten(encode(sent, 6)), 6);
  ASSERT_TRUE(old);
  EXPECT_EQ(old->session_epoch, -1);
  EXPECT_EQ(old->rack_id, "");
  const auto recent = decode<kafka::fetch_request>(flatten(encode(sent, 11)), 11);
  ASSERT_TRUE(recent);
  EXPECT_EQ(recent->session_epoch, 5);
  EXPECT_EQ(recent->rack_id, "cellar");
}

TEST(round_trip, records_are_neither_copied_in_nor_out) {
  kafka::produce_request sent;
  auto& topic = sent.topics.emplace_back();
  topic.name = "t";
  const auto first = buffer::copy_of(std::string(100'000, 'x'));
  const auto second = buffer::copy_of(std::string(50'000, 'y'));
  topic.partitions.resize(2);
  topic.partitions[0].records = first;
  topic.partitions[1].records = second;

  const auto out = encode(sent, 9);
  ASSERT_EQ(out.parts().size(), 5u);
  EXPECT_EQ(std::get<buffer>(out.parts()[1]).data(), first.data());
  EXPECT_EQ(std::get<buffer>(out.parts()[3]).data(), second.data());

  const auto frame = flatten(out);
  const auto received = decode<kafka::produce_request>(frame, 9);
  ASSERT_TRUE(received);
  const auto& records = received->topics[0].partitions[1].records;
  ASSERT_EQ(records.parts().size(), 1u);
  const auto& slice = std::get<buffer>(records.parts()[0]);
  EXPECT_EQ(slice, second);
  EXPECT_GT(slice.data(), frame.data());
  EXPECT_LE(slice.data() + slice.size(), frame.data() + frame.size());
}

TEST(round_trip, file_ranges_pass_through_the_encoder) {
  kafka::fetch_response answer;
  auto& partition = answer.responses.emplace_back().partitions.emplace_back();
  partition.records.append(file_slice{.owner = {}, .fd = 7, .position = 4096, .length = 1000});
  const auto out = encode(answer, 12);
  ASSERT_EQ(out.parts().size(), 3u);
  const auto& range = std::get<file_slice>(out.parts()[1]);
  EXPECT_EQ(range.fd, 7);
  EXPECT_EQ(range.position, 4096u);
  const auto& before = std::get<buffer>(out.parts()[0]);
  const auto& after = std::get<buffer>(out.parts()[2]);
  EXPECT_EQ(to_hex(before.slice(before.size() - 2)), "e907") << "the compact length 1001 stands before the range";
  EXPECT_EQ(to_hex(after), "000000") << "sections of tagged fields of partition, topic and answer";
  EXPECT_EQ(out.size(), before.size() + 1000 + 3);
}

} // namespace
} // namespace chisme::test
