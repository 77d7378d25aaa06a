#include "config/assignment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme {
namespace {

using testing::ElementsAre;

std::vector<std::pair<std::string, std::string>> pairs(const assignments& read) {
  std::vector<std::pair<std::string, std::string>> all;
  for (auto& a : read.list)
    all.emplace_back(a.name, a.text);
  return all;
}

TEST(properties, forms_that_java_reads) {
  auto read = read_properties("a=1\n  b : 2\nc 3\r\nd\n# e=4\n! f=5\n\n g = x = y \n", "p");
  EXPECT_THAT(read.mistakes, ElementsAre());
  using p = std::pair<std::string, std::string>;
  EXPECT_THAT(pairs(read), ElementsAre(p{"a", "1"}, p{"b", "2"}, p{"c", "3"}, p{"d", ""}, p{"g", "x = y"}));
}

TEST(properties, a_backslash_joins_lines_and_numbers_stay_right) {
  auto read = read_properties("list=a,\\\n     b\nnext=1", "p");
  EXPECT_THAT(read.list, ElementsAre(assignment{"list", "a,b", "p:1"}, assignment{"next", "1", "p:3"}));
}

TEST(properties, escapes) {
  auto read = read_properties("na\\=me=a\\tb\\\\\nu=\\u00e9\\u20ac", "p");
  using p = std::pair<std::string, std::string>;
  EXPECT_THAT(pairs(read), ElementsAre(p{"na=me", "a\tb\\"}, p{"u", "\xc3\xa9\xe2\x82\xac"}));
}

TEST(properties, broken_lines_are_mistakes_and_the_others_still_count) {
  auto read = read_properties("=x\nu=\\u12\nu2=\\ud800\nok=1\nok=2", "p");
  EXPECT_THAT(read.mistakes,
              ElementsAre("p:1: expected name=value", "p:2: expected name=value, and four digits after \\u",
                          "p:3: expected name=value, and four digits after \\u", "p:5: ok was already set at p:4"));
}

TEST(properties, a_backslash_at_the_very_end_ends_the_value) {
  EXPECT_THAT(read_properties("a=1\\", "p").list, ElementsAre(assignment{"a", "1", "p:1"}));
}

} // namespace
} // namespace chisme
