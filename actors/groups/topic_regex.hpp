// A regular expression over topic names, in RE2's syntax: its time is linear in the text, whatever a client
// sends.
#pragma once

#include "messages/errors.hpp"

#include <memory>
#include <string_view>

namespace re2 {
class RE2;
}

namespace chisme::groups {

class topic_regex {
public:
  /// INVALID_REGULAR_EXPRESSION for what does not compile, or only into a program that is too large.
  static result<topic_regex> compile(std::string_view pattern);

  /// Whether it matches the whole name.
  bool matches(std::string_view topic) const;

private:
  explicit topic_regex(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}

  std::shared_ptr<const re2::RE2> compiled_;
};

} // namespace chisme::groups
