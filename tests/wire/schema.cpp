#include "tests/wire/schema.hpp"

#include "messages/wire/versions.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace chisme::test {

using nlohmann::json;

namespace {

std::string camel_case(std::string_view snake) {
  std::string out;
  bool capital = true;
  for (char c : snake) {
    if (c != '_')
      out += capital ? static_cast<char>(std::toupper(c)) : c;
    capital = c == '_';
  }
  return out;
}

/// LastKnownElr is last_known_elr: a capital starts a word unless it follows one.
std::string snake_case(std::string_view camel) {
  std::string out;
  for (size_t i = 0; i < camel.size(); ++i) {
    if (std::isupper(camel[i]) && i > 0 && !std::isupper(camel[i - 1]))
      out += '_';
    out += static_cast<char>(std::tolower(camel[i]));
  }
  return out;
}

/// "3+", "0-14", "2", "none".
wire::field_versions range(const std::string& text) {
  if (text == "none")
    return {wire::never, wire::never, 0};
  auto first = static_cast<int16_t>(std::stoi(text));
  if (text.ends_with('+'))
    return {first, wire::never, 0};
  auto dash = text.find('-');
  return {first, dash == text.npos ? first : static_cast<int16_t>(std::stoi(text.substr(dash + 1))), 0};
}

wire::field_versions range(const json& field, const char* name) { return range(field.value(name, "none")); }

class printer {
public:
  printer(const json& schema, int16_t version) : version_(version) {
    for (const auto& s : schema.value("commonStructs", json::array()))
      common_[s.at("name")] = s.at("fields");
    fields("", schema.at("fields"));
  }

  std::vector<std::string> lines;

private:
  void fields(const std::string& prefix, const json& list) {
    for (const auto& field : list) {
      const bool tagged = field.contains("tag");
      if (range(field, "versions").contain(version_) && (!tagged || range(field, "taggedVersions").contain(version_)))
        one(prefix, field);
    }
  }

  void one(const std::string& prefix, const json& field) {
    const std::string type = field.at("type");
    const bool array = type.starts_with("[]");
    const auto base = array ? type.substr(2) : type;
    const bool is_struct = std::isupper(base[0]);
    const auto path = prefix + snake_case(field.at("name").get<std::string>());
    lines.push_back(path + " " + (array ? "[]" : "") + (is_struct ? "struct" : base) +
                    (range(field, "nullableVersions").contain(version_) ? "?" : "") + default_of(field, type) +
                    (field.contains("tag") ? " tag " + std::to_string(field.at("tag").get<int>()) : ""));
    if (is_struct)
      fields(path + (array ? "[]." : "."), field.contains("fields") ? field.at("fields") : common_.at(base));
  }

  /// Fields that may be null have none here: the structs start them as null, Kafka sometimes as empty.
  static std::string default_of(const json& field, const std::string& type) {
    if (field.contains("nullableVersions"))
      return {};
    std::string text;
    if (field.contains("default"))
      text = field["default"].is_string() ? field["default"].get<std::string>() : field["default"].dump();
    if (type == "bool")
      return text == "true" ? " =true" : " =false";
    if (type == "string")
      return " ='" + text + "'";
    if (type.starts_with("int") || type.starts_with("uint"))
      return " =" + std::to_string(text.empty() ? 0 : std::stoll(text, nullptr, 0));
    return {};
  }

  int16_t version_;
  std::map<std::string, json> common_;
};

json parse(const std::string& text) { return json::parse(text, nullptr, true, true); }

} // namespace

message_schema load_schema(const std::filesystem::path& folder, std::string_view type_name) {
  const auto path = folder / (camel_case(type_name) + ".json");
  std::ifstream in{path};
  if (!in)
    throw std::runtime_error{"no schema " + path.string()};
  message_schema out;
  out.text.assign(std::istreambuf_iterator<char>{in}, {});
  const auto schema = parse(out.text);
  const auto versions = range(schema.at("validVersions").get<std::string>());
  out.min_version = versions.first;
  out.max_version = versions.last;
  out.flexible_since = range(schema, "flexibleVersions").first;
  return out;
}

std::vector<std::string> schema_lines(const message_schema& schema, int16_t version) {
  return printer{parse(schema.text), version}.lines;
}

} // namespace chisme::test
