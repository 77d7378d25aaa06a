#include "messages/wire/json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace chisme::wire {

using nlohmann::json;

namespace {

/// A message may hold any bytes in a string, while printing JSON that is no UTF-8 throws: repaired here,
/// once.
json clean(std::string_view value) {
  json text = std::string{value};
  if (std::all_of(value.begin(), value.end(), [](unsigned char c) { return c < 0x80; }))
    return text;
  return json::parse(text.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::string hexadecimal(bytes_view value) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * value.size());
  for (auto b : value) {
    out += digits[std::to_integer<unsigned>(b) >> 4];
    out += digits[std::to_integer<unsigned>(b) & 15];
  }
  return out;
}

} // namespace

json& json_builder::slot(std::string_view name) {
  if (at_->is_array())
    return at_->emplace_back();
  return (*at_)[std::string{name}];
}

void json_builder::number(std::string_view name, int64_t value) { slot(name) = value; }
void json_builder::real(std::string_view name, double value) { slot(name) = value; }
void json_builder::flag(std::string_view name, bool value) { slot(name) = value; }
void json_builder::null(std::string_view name) { slot(name) = nullptr; }
void json_builder::text(std::string_view name, std::string_view value) { slot(name) = clean(value); }
void json_builder::bytes(std::string_view name, bytes_view value) { slot(name) = hexadecimal(value); }
void json_builder::id(std::string_view name, const uuid& value) { slot(name) = to_string(value); }
void json_builder::record_set(std::string_view name, uint64_t size) {
  slot(name) = std::to_string(size) + " bytes of records";
}

json_builder json_builder::object(std::string_view name) {
  auto& at = slot(name);
  at = json::object();
  return json_builder{at};
}

json_builder json_builder::array(std::string_view name) {
  auto& at = slot(name);
  at = json::array();
  return json_builder{at};
}

} // namespace chisme::wire
