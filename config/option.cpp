#include "config/option.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace chisme {

namespace {

constexpr size_t max_text_length = 4096;

std::string joined(std::span<const std::string_view> words) {
  std::string text;
  for (auto word : words)
    text += (text.empty() ? "" : ", ") + std::string{word};
  return text;
}

/// Integers without a decimal point, so that bounds read as they are written.
std::string number(double value) {
  if (value == std::floor(value) && std::abs(value) < 9e15)
    return std::to_string(static_cast<int64_t>(value));
  auto text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

std::string range_text(const option& o, std::string what) {
  bool has_min = o.min > std::numeric_limits<double>::lowest();
  bool has_max = o.max < std::numeric_limits<double>::max() || o.type == option_type::int32;
  auto max = o.type == option_type::int32 ? std::min(o.max, double{std::numeric_limits<int32_t>::max()}) : o.max;
  if (has_min && has_max)
    return what + " from " + number(o.min) + " to " + number(max);
  if (has_min)
    return what + " of at least " + number(o.min);
  return has_max ? what + " of at most " + number(max) : what;
}

tl::unexpected<error> unsuitable(const option& o, std::string_view text) {
  auto shown = o.sensitive ? std::string{"the value"} : "\"" + std::string{text} + "\"";
  return fail(error_code::invalid_config, shown + " is not " + expectation(o));
}

bool allowed(const option& o, std::string_view word) {
  return o.choices.empty() || std::ranges::find(o.choices, word) != o.choices.end();
}

bool within(const option& o, double value) { return value >= o.min && value <= o.max; }

result<option_value> parse_boolean(const option& o, std::string_view text) {
  if (text == "true" || text == "TRUE" || text == "True")
    return option_value{true};
  if (text == "false" || text == "FALSE" || text == "False")
    return option_value{false};
  return unsuitable(o, text);
}

result<option_value> parse_integer(const option& o, std::string_view text) {
  int64_t value = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool whole = failure == std::errc{} && end == text.data() + text.size();
  bool fits = o.type == option_type::int64 || value == static_cast<int32_t>(value);
  if (!whole || !fits || !within(o, static_cast<double>(value)))
    return unsuitable(o, text);
  return option_value{value};
}

result<option_value> parse_real(const option& o, std::string_view text) {
  double value = 0;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool whole = failure == std::errc{} && end == text.data() + text.size();
  if (!whole || !std::isfinite(value) || !within(o, value))
    return unsuitable(o, text);
  return option_value{value};
}

std::string_view trimmed(std::string_view text) {
  auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

result<option_value> parse_list(const option& o, std::string_view text) {
  std::vector<std::string> words;
  if (text.empty() && o.may_be_empty)
    return option_value{std::move(words)};
  for (size_t from = 0; from <= text.size();) {
    auto comma = std::min(text.find(',', from), text.size());
    auto word = trimmed(text.substr(from, comma - from));
    bool repeated = std::ranges::find(words, word) != words.end();
    if (word.empty() || repeated || !allowed(o, word))
      return unsuitable(o, text);
    words.emplace_back(word);
    from = comma + 1;
  }
  return option_value{std::move(words)};
}

} // namespace

std::string expectation(const option& o) {
  switch (o.type) {
    case option_type::boolean:
      return "true or false";
    case option_type::int32:
    case option_type::int64:
      return range_text(o, "an integer");
    case option_type::real:
      return range_text(o, "a number");
    case option_type::string:
      return o.choices.empty() ? "a text" : "one of " + joined(o.choices);
    case option_type::list:
      return "a list separated by commas" + (o.choices.empty() ? "" : " of " + joined(o.choices)) +
             (o.may_be_empty ? ", or nothing" : "");
  }
  return {};
}

result<option_value> parse_value(const option& o, std::string_view text) {
  if (text.size() > max_text_length)
    return fail(error_code::invalid_config,
                "the value has more than " + std::to_string(max_text_length) + " characters");
  text = trimmed(text);
  switch (o.type) {
    case option_type::boolean:
      return parse_boolean(o, text);
    case option_type::int32:
    case option_type::int64:
      return parse_integer(o, text);
    case option_type::real:
      return parse_real(o, text);
    case option_type::list:
      return parse_list(o, text);
    case option_type::string:
      break;
  }
  if (!allowed(o, text))
    return unsuitable(o, text);
  return option_value{std::string{text}};
}

} // namespace chisme
