// The messages between nodes: what holds for each row of their table.
#include "messages/peer/peer_message.hpp"
#include "messages/wire/codec.hpp"
#include "tests/wire/bytes.hpp"
#include "tests/wire/random_value.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chisme::peer {
namespace {

using testing::HasSubstr;

template <class F, class... Rows>
void each_row(table<Rows...>, F f) {
  (f.template operator()<Rows>(), ...);
}

/// Calls f for each message of the table with random values.
template <class F>
void each_message(F f) {
  each_row(all{}, [&]<class Row>() {
    for (uint32_t seed = 0; seed < 20; ++seed)
      f(peer_message{test::random_message<typename Row::body>(seed, Row::body::max_version)}, Row::kind);
  });
}

buffer without_size(const payload& frame) { return test::flatten(frame).slice(size_prefix); }

TEST(peer_message, every_message_comes_back) {
  each_message([](const peer_message& m, uint8_t kind) {
    const auto frame = test::flatten(encode_frame(m, newest_version));
    ASSERT_EQ(test::to_hex(frame.slice(0, 4)), [&] {
      char digits[9];
      std::snprintf(digits, sizeof digits, "%08zx", frame.size() - 4);
      return std::string{digits};
    }());
    EXPECT_EQ(std::to_integer<uint8_t>(frame.data()[4]), kind);
    const auto back = decode_frame(frame.slice(size_prefix), newest_version);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(to_json(*back), to_json(m));
    EXPECT_EQ(to_json(*back)["message"], std::string{name_of(m)});
    EXPECT_EQ(test::to_hex(test::flatten(encode_frame(*back, newest_version))), test::to_hex(frame));
  });
}

TEST(peer_message, every_truncation_is_an_error) {
  each_message([](const peer_message& m, uint8_t) {
    const auto frame = without_size(encode_frame(m, newest_version));
    for (size_t length = 0; length < frame.size(); ++length) {
      const auto r = decode_frame(frame.slice(0, length), newest_version);
      ASSERT_FALSE(r) << name_of(m) << " cut to " << length << " of " << frame.size();
      ASSERT_EQ(r.error().code, error_code::invalid_request);
    }
    const auto longer = buffer::copy_of(std::string{as_chars(frame)} + "?");
    EXPECT_THAT(decode_frame(longer, newest_version).error().message, HasSubstr("1 bytes too many"));
  });
}

TEST(peer_message, what_is_not_known_can_be_told_from_what_is_broken) {
  const auto code = [](std::string_view hex, int16_t agreed) {
    const auto r = decode_frame(test::from_hex(hex), agreed);
    return r ? error_code::none : r.error().code;
  };
  EXPECT_EQ(code("03 00 0000000000000007 01 00", 0), error_code::none);
  EXPECT_EQ(code("00 00", 0), error_code::unsupported_version) << "no kind has this number";
  EXPECT_EQ(code("ff 00 1234", 0), error_code::unsupported_version);
  EXPECT_EQ(code("03 01 0000000000000007 01 00", 0), error_code::unsupported_version) << "not agreed upon";
  EXPECT_EQ(code("03 01 0000000000000007 01 00", 9), error_code::unsupported_version) << "agreed upon, and not known";
  EXPECT_EQ(code("03 00 00", 0), error_code::invalid_request);
  EXPECT_EQ(code("03", 0), error_code::invalid_request);
  EXPECT_EQ(code("", 0), error_code::invalid_request);
}

/// Two nodes must be able to tell each other that they do not fit, whatever became of the protocol meanwhile.
TEST(peer_message, a_hello_is_the_same_for_ever) {
  process p{0, 3, "c1", 2, 0x0102030405060708, {"h", 9093}};
  const std::string from = "0000 0003 03 6331 00000002 0102030405060708 02 68 2385 00 00";
  const auto bytes = [](std::string_view hex) { return test::to_hex(test::from_hex(hex)); };
  EXPECT_EQ(test::to_hex(without_size(encode_frame(hello{p, lane::bulk}, 0))), bytes("01 00" + from + "01 00"));
  EXPECT_EQ(test::to_hex(without_size(encode_frame(hello_answer{p, refusal_code::node_id_taken, "no"}, 0))),
            bytes("02 00" + from + "03 03 6e6f 00"));
}

TEST(peer_message, records_are_neither_copied_in_nor_out) {
  bulk_ping sent;
  sent.number = 1;
  const auto records = buffer::copy_of(std::string(100'000, 'x'));
  sent.records = records;
  const auto frame = encode_frame(sent, newest_version);
  ASSERT_EQ(frame.parts().size(), 2u) << "nothing comes behind the records";
  EXPECT_EQ(std::get<buffer>(frame.parts()[1]).data(), records.data());
  const auto flat = without_size(frame);
  const auto back = decode_frame(flat, newest_version);
  ASSERT_TRUE(back);
  const auto& slice = std::get<buffer>(std::get<bulk_ping>(*back).records.parts().front());
  EXPECT_EQ(slice, records);
  EXPECT_EQ(slice.data() + slice.size(), flat.data() + flat.size());
}

TEST(peer_message, ranges_of_files_pass_through) {
  bulk_ping sent;
  sent.records.append(file_slice{nullptr, 7, 4096, 1000});
  const auto frame = encode_frame(sent, newest_version);
  ASSERT_EQ(frame.parts().size(), 2u);
  EXPECT_EQ(std::get<file_slice>(frame.parts()[1]).position, 4096u);
  const auto& head = std::get<buffer>(frame.parts()[0]);
  EXPECT_EQ(test::to_hex(head.slice(0, 4)), "000003f6") << "1000 and what is in front of them";
}

TEST(peer_message, each_has_its_lane) {
  EXPECT_EQ(lane_of(ping{}), lane::control);
  EXPECT_EQ(lane_of(bulk_ping{}), lane::bulk);
  EXPECT_EQ(lane_of(hello{}), lane::control);
}

} // namespace
} // namespace chisme::peer
