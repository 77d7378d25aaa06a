// A conversation with one group of the classic protocol, to try a rule at a time.
#pragma once

#include "tests/support/group_conversation.hpp"

#include <gtest/gtest.h>

namespace chisme::test {

using groups::group_settings;
using error = error_code;

class classic_rules : public testing::Test {
protected:
  explicit classic_rules(group_settings settings = {}) : talk(settings) {}

  /// What the client is told at once, without the line of its request.
  std::string answer() {
    auto text = talk.said();
    const auto line = text.find(" < ");
    return line == std::string::npos ? "" : text.substr(line + 3, text.find('\n', line) - line - 3);
  }
  std::string join(const std::string& name, const group_conversation::join_options& o) {
    talk.said();
    talk.join(name, o);
    return answer();
  }
  void stable(const std::vector<std::string>& names) {
    for (const auto& name : names)
      talk.enter(name);
    talk.wait(6000);
    sync(names);
  }
  /// The first leads and gives to each its name.
  void sync(const std::vector<std::string>& names) {
    std::map<std::string, std::string> parts;
    for (const auto& name : names)
      parts[talk.of(name).id] = name;
    for (auto i = names.rbegin(); i != names.rend(); ++i)
      talk.sync(*i, *i == names.front() ? parts : std::map<std::string, std::string>{});
    talk.said();
  }
  kafka::consumer_group_describe_response::described_group consumers() {
    groups::describe_consumer_group_request r;
    r.group_id = "g";
    return talk.ask<kafka::consumer_group_describe_response::described_group>(r, 1);
  }
  /// A member of a consumer group that was a classic one.
  void convert(const std::string& name, const std::optional<std::string>& instance = std::nullopt) {
    if (instance)
      talk.join(name, {.instance = instance});
    else
      talk.enter(name);
    talk.wait(6000);
    talk.sync(name, {{talk.of(name).id, part_of_t({0, 1, 2, 3})}});
    talk.consume("c");
    ASSERT_EQ(consumers().members.size(), 2u);
    talk.said();
  }

  group_conversation talk;
};

} // namespace chisme::test
