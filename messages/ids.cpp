#include "messages/ids.hpp"

namespace chisme {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

} // namespace

std::string to_string(const uuid& id) {
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (auto b : id.bytes) {
    bits = (bits << 8) | b;
    count += 8;
    while (count >= 6) {
      count -= 6;
      out.push_back(alphabet[(bits >> count) & 63]);
    }
  }
  out.push_back(alphabet[(bits << (6 - count)) & 63]); // 128 bits = 21 characters and 2 bits
  return out;
}

std::optional<uuid> parse_uuid(std::string_view text) {
  if (text.size() != 22)
    return std::nullopt;
  uuid id;
  uint32_t bits = 0;
  int count = 0;
  size_t at = 0;
  for (auto c : text) {
    auto digit = alphabet.find(c);
    if (digit == std::string_view::npos)
      return std::nullopt;
    bits = (bits << 6) | static_cast<uint32_t>(digit);
    count += 6;
    if (count >= 8 && at < id.bytes.size()) {
      count -= 8;
      id.bytes[at++] = static_cast<uint8_t>(bits >> count);
    }
  }
  return id;
}

} // namespace chisme
