// Names that others chose, for terminals and logs.
#pragma once

#include <string>
#include <string_view>

namespace chisme {

/// Control characters as \x1b: a name must neither begin another line nor command a terminal. UTF-8 stays as it is.
inline std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f)
      out += c;
    else
      (((out += "\\x") += digits[byte >> 4]) += digits[byte & 15]);
  }
  return out;
}

} // namespace chisme
