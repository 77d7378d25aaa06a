// JSON as text for stdout. What a server or a disk says need not be UTF-8: such bytes become the replacement
// character instead of an exception.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace chisme::cli {

/// Whether the bytes are UTF-8; nlohmann's writer is the judge, as it is the one that would choke on them.
inline bool is_utf8(const std::string& text) {
  const nlohmann::json value = text;
  return nlohmann::json::parse(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::ignore)) == value;
}

/// DEL and U+0080 to U+009F as \u009b: the writer lets them through, and terminals obey them. Only strings have them.
inline std::string without_controls(std::string_view json) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < json.size(); ++i) {
    const bool is_c1 = json[i] == '\xc2' && i + 1 < json.size() && static_cast<unsigned char>(json[i + 1]) < 0xa0;
    if (!is_c1 && json[i] != '\x7f') {
      out += json[i];
      continue;
    }
    const auto code = static_cast<unsigned char>(is_c1 ? json[++i] : json[i]);
    ((out += "\\u00") += digits[code >> 4]) += digits[code & 15];
  }
  return out;
}

/// One line.
inline std::string json_line(const nlohmann::json& value) {
  return without_controls(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

/// Indented by two.
inline std::string json_page(const nlohmann::json& value) {
  return without_controls(value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

} // namespace chisme::cli
