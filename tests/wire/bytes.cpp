#include "tests/wire/bytes.hpp"

namespace chisme::test {

buffer flatten(const payload& p) {
  buffer_builder out{p.size()};
  auto* at = out.data();
  for (const auto& part : p.parts()) {
    const auto& bytes = std::get<buffer>(part);
    at = std::copy_n(bytes.data(), bytes.size(), at);
  }
  return std::move(out).freeze();
}

buffer from_hex(std::string_view digits) {
  std::string text;
  for (char c : digits)
    if (c != ' ' && c != '\n')
      text += c;
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  return buffer::copy_of(bytes);
}

std::string to_hex(bytes_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (auto b : bytes) {
    out += digits[std::to_integer<unsigned>(b) >> 4];
    out += digits[std::to_integer<unsigned>(b) & 15];
  }
  return out;
}

} // namespace chisme::test
