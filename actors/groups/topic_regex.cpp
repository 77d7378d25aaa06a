#include "actors/groups/topic_regex.hpp"

#include <re2/re2.h>

namespace chisme::groups {

namespace {

/// Memory for a compiled expression and its caches.
constexpr int64_t max_memory = 1 << 20;
/// Longer ones are refused before anything is compiled.
constexpr size_t max_pattern_size = 4096;

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

} // namespace

result<topic_regex> topic_regex::compile(std::string_view pattern) {
  if (pattern.size() > max_pattern_size)
    return fail(error_code::invalid_regular_expression,
                "the regular expression is longer than " + std::to_string(max_pattern_size) + " bytes");
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(max_memory);
  auto compiled = std::make_shared<const RE2>(piece(pattern), options);
  if (!compiled->ok())
    return fail(error_code::invalid_regular_expression,
                "the regular expression `" + std::string{pattern} + "` is not valid: " + compiled->error());
  return topic_regex{std::move(compiled)};
}

bool topic_regex::matches(std::string_view topic) const { return RE2::FullMatch(piece(topic), *compiled_); }

} // namespace chisme::groups
