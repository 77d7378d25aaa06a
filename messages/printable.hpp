// Names that others chose, for terminals and logs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace chisme {

/// Bytes of the UTF-8 character that the text begins with; 0 where it begins with none.
inline size_t utf8_character(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto first = byte(0);
  const size_t size = first < 0x80                    ? 1
                      : first >= 0xc2 && first < 0xe0 ? 2
                      : first >= 0xe0 && first < 0xf0 ? 3
                      : first >= 0xf0 && first < 0xf5 ? 4
                                                      : 0;
  if (size > text.size())
    return 0;
  for (size_t i = 1; i < size; ++i)
    if ((byte(i) & 0xc0) != 0x80)
      return 0;
  return size;
}

/// Control characters and what is no UTF-8 byte by byte, as \x1b: a name must neither begin another line nor command a
/// terminal. Some terminals obey U+0080 to U+009F (\xc2\x80 to \xc2\x9f) as they obey ESC. Other UTF-8 stays as it is.
inline std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  while (!text.empty()) {
    auto size = utf8_character(text);
    const auto first = static_cast<unsigned char>(text[0]);
    const bool is_control = (size == 1 && (first < 0x20 || first == 0x7f)) ||
                            (size == 2 && first == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0);
    if (size > 0 && !is_control) {
      out += text.substr(0, size);
    } else {
      size = size == 0 ? 1 : size;
      for (const char c : text.substr(0, size)) {
        const auto byte = static_cast<unsigned char>(c);
        (((out += "\\x") += digits[byte >> 4]) += digits[byte & 15]);
      }
    }
    text.remove_prefix(size);
  }
  return out;
}

} // namespace chisme
