// JSON as text for stdout. What a server or a disk says need not be UTF-8: such bytes become the replacement
// character instead of an exception.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace chisme::cli {

/// One line.
inline std::string json_line(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Indented by two.
inline std::string json_page(const nlohmann::json& value) {
  return value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace chisme::cli
