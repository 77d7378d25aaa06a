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

/// One line.
inline std::string json_line(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Indented by two.
inline std::string json_page(const nlohmann::json& value) {
  return value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace chisme::cli
