#include "messages/printable.hpp"

#include <gtest/gtest.h>

namespace chisme {
namespace {

TEST(printable, text_stays_as_it_is) {
  EXPECT_EQ(printable(""), "");
  EXPECT_EQ(printable("orders \\x1b ~"), "orders \\x1b ~");
  const std::string utf8 = "\xc2\xa0 \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80";
  EXPECT_EQ(printable(utf8), utf8);
}

TEST(printable, control_characters_become_visible) {
  EXPECT_EQ(printable("a\x1b[2J\n\x7f"), R"(a\x1b[2J\x0a\x7f)");
  EXPECT_EQ(printable(std::string_view{"\0", 1}), R"(\x00)");
  EXPECT_EQ(printable("\xc2\x80 \xc2\x9b \xc2\x9f"), R"(\xc2\x80 \xc2\x9b \xc2\x9f)");
}

TEST(printable, what_is_no_utf8_becomes_visible) {
  EXPECT_EQ(printable("\x9b"), R"(\x9b)");
  EXPECT_EQ(printable("\xc3"), R"(\xc3)");
  EXPECT_EQ(printable("\xe2\x82"), R"(\xe2\x82)");
  EXPECT_EQ(printable("\xe2\x82x\xff"), R"(\xe2\x82x\xff)");
  EXPECT_EQ(printable("\xc0\x9b"), R"(\xc0\x9b)") << "ESC in too many bytes";
  EXPECT_EQ(printable("\xc2\x1b"), R"(\xc2\x1b)") << "ESC where a character should go on";
}

TEST(printable, twice_is_as_once) {
  const auto once = printable("a\x1b\xc2\x9b\xff");
  EXPECT_EQ(printable(once), once);
}

} // namespace
} // namespace chisme
