// The architecture is a rule about includes, and this test is what makes it one. Each rule is also tried on
// files that break it, so that a rule that finds nothing is known to look.
#include "tests/tidy/rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme::tidy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<source>& repository() {
  static const auto sources = read_sources(CHISME_SOURCE_DIR);
  return sources;
}

template <class Check>
violations everywhere(Check check) {
  violations all;
  for (auto& file : repository())
    for (auto& v : check(file))
      all.push_back(v);
  return all;
}

std::string lines_of(const violations& all) {
  std::string text;
  for (auto& v : all)
    text += v + "\n";
  return text;
}

TEST(include_rule, the_repository_was_read) {
  auto has = [](std::string_view path) {
    return std::ranges::any_of(repository(), [&](auto& file) { return file.path == path; });
  };
  for (auto path : {"messages/errors.hpp", "config/options.hpp", "actors/log/files.hpp", "nodes/main.cpp", "README.md",
                    "tests/tidy/include_rule_test.cpp"})
    EXPECT_TRUE(has(path)) << path;
}

TEST(include_rule, arrows_go_down) { EXPECT_EQ(lines_of(everywhere(check_layers)), ""); }
TEST(include_rule, the_outside_world_stays_outside) { EXPECT_EQ(lines_of(everywhere(check_headers)), ""); }
TEST(include_rule, time_and_randomness_are_parameters) { EXPECT_EQ(lines_of(everywhere(check_clocks)), ""); }
TEST(include_rule, files_are_short_and_finished) { EXPECT_EQ(lines_of(everywhere(check_shape)), ""); }
TEST(include_rule, links_lead_somewhere) {
  EXPECT_EQ(lines_of(everywhere([](auto& file) { return check_links(file, CHISME_SOURCE_DIR); })), "");
}

TEST(planted, an_arrow_that_points_up_is_found) {
  EXPECT_THAT(
    check_layers({"messages/a.hpp", "#pragma once\n#include \"config/options.hpp\"\n"}),
    ElementsAre("messages/a.hpp:2: includes config/options.hpp: arrows go messages <- config <- actors <- nodes"));
  EXPECT_THAT(check_layers({"actors/a.cpp", "  #  include \"nodes/node.hpp\"\n"}),
              ElementsAre(HasSubstr("nodes/node")));
  EXPECT_THAT(check_layers({"nodes/a.cpp", "#include \"tests/support/x.hpp\"\n"}), ElementsAre(HasSubstr("tests/")));
  EXPECT_THAT(check_layers({"nodes/a.cpp", "#include \"actors/x.hpp\"\n#include \"messages/y.hpp\"\n"}), IsEmpty());
  EXPECT_THAT(check_layers({"tests/a.cpp", "#include \"nodes/x.hpp\"\n"}), IsEmpty());
}

TEST(planted, caf_is_found_outside_the_shells) {
  auto include = "#include <caf/all.hpp>\n";
  for (auto path : {"actors/log/segment.cpp", "actors/actor.hpp", "messages/ids.hpp", "config/load.cpp",
                    "actors/groups/interfaces.hpp"})
    EXPECT_THAT(check_headers({path, include}), ElementsAre(HasSubstr("CAF belongs"))) << path;
  for (auto path : {"actors/partition/partition_actor.cpp", "actors/supervisor_actor.hpp", "actors/interfaces.hpp",
                    "messages/type_ids.cpp", "nodes/node.cpp", "tests/unit/x.cpp"})
    EXPECT_THAT(check_headers({path, include}), IsEmpty()) << path;
}

TEST(planted, asio_posix_and_threads_are_found_outside_nodes) {
  for (auto header : {"<boost/asio.hpp>", "<boost/asio/ip/tcp.hpp>", "<boost/beast.hpp>", "<unistd.h>", "<sys/stat.h>",
                      "<fcntl.h>", "<netinet/in.h>", "<poll.h>", "<thread>", "<mutex>", "<condition_variable>"}) {
    source file{"actors/log/a.cpp", "#include " + std::string{header} + "\n"};
    EXPECT_EQ(check_headers(file).size(), 1u) << header;
    file.path = "nodes/a.cpp";
    EXPECT_THAT(check_headers(file), IsEmpty()) << header;
  }
}

TEST(planted, clocks_and_entropy_are_found_in_code_but_not_in_comments_and_texts) {
  for (auto code : {"auto t = std::chrono::steady_clock::now();", "system_clock :: now()", "std::random_device d;",
                    "clock_gettime(CLOCK_REALTIME, &t);", "int r = rand();", "auto t = std::time(nullptr);"}) {
    EXPECT_EQ(check_clocks({"actors/a.cpp", code}).size(), 1u) << code;
    EXPECT_THAT(check_clocks({"actors/a.cpp", "// " + std::string{code}}), IsEmpty()) << code;
    EXPECT_THAT(check_clocks({"actors/a.cpp", "auto s = \"" + std::string{code} + "\";"}), IsEmpty()) << code;
    EXPECT_THAT(check_clocks({"nodes/a.cpp", code}), IsEmpty()) << code;
  }
  EXPECT_THAT(check_clocks({"actors/x_actor.cpp", "auto t = self->clock().now();"}), IsEmpty());
}

TEST(planted, long_and_unfinished_files_are_found) {
  std::string lines;
  for (int i = 0; i < 601; ++i)
    lines += "\n";
  EXPECT_THAT(check_shape({"a.cpp", lines}), ElementsAre(HasSubstr("more than 600 lines")));
  EXPECT_THAT(check_shape({"a.cpp", lines.substr(1)}), IsEmpty());
  std::string widths(242, '/');
  widths[120] = '\n';
  EXPECT_THAT(check_shape({"a.cpp", widths}), ElementsAre(HasSubstr("a.cpp:2: more than 120 columns")));
  EXPECT_THAT(check_shape({"a.md", std::string(121, 'x')}), IsEmpty());
  EXPECT_THAT(check_shape({"a.cpp", std::string{"ok\n// TO"} + "DO: later\n"}), ElementsAre(HasSubstr("a.cpp:2: ")));
}

TEST(planted, broken_links_are_found) {
  source file{"README.md", "[a](LICENSE) [b](messages/errors.hpp#L3) [c](#top) [d](https://x.org/y)\n[e](gone.md)\n"};
  EXPECT_THAT(check_links(file, CHISME_SOURCE_DIR), ElementsAre("README.md:2: the link to gone.md leads nowhere"));
}

TEST(code_only, blanks_comments_and_literals_and_keeps_lines) {
  EXPECT_EQ(code_only("a // b\nc /* d\ne */ f"), "a     \nc     \n     f");
  EXPECT_EQ(code_only("x(\"a\\\"b\", 'c', 1'000);"), "x(      ,    , 1'000);");
  EXPECT_EQ(code_only("#include \"a.hpp\" // why"), "#include \"a.hpp\"       ");
  EXPECT_EQ(code_only("R\"(a\"b)\" c"), "         c");
  EXPECT_EQ(code_only("R\"x(a)\")x\" c"), "           c");
}

} // namespace
} // namespace chisme::tidy
