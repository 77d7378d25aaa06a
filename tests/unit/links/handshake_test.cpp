#include "actors/links/handshake.hpp"

#include "tests/unit/links/processes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme::links {
namespace {

using peer::refusal_code;
using test::process;
using testing::AllOf;
using testing::HasSubstr;

refusal_code code_of(const agreement& a) { return a ? refusal_code::none : a.error().code; }

TEST(handshake, the_newest_version_of_both_is_agreed_upon) {
  auto self = process(1, 10);
  auto other = process(2, 20);
  self.min_version = 1, self.max_version = 4;
  other.min_version = 0, other.max_version = 3;
  EXPECT_EQ(check(self, other), 3);
  EXPECT_EQ(check(other, self), 3);
  other.max_version = 1;
  EXPECT_EQ(check(self, other), 1) << "the only one that both have";
}

TEST(handshake, versions_that_do_not_overlap_are_refused_by_both) {
  auto self = process(1, 10);
  auto other = process(2, 20);
  self.min_version = 2, self.max_version = 4;
  other.min_version = 0, other.max_version = 1;
  EXPECT_EQ(code_of(check(self, other)), refusal_code::other_versions);
  EXPECT_EQ(code_of(check(other, self)), refusal_code::other_versions);
  EXPECT_THAT(check(self, other).error().words,
              AllOf(HasSubstr("node 2 at h2:1 speaks versions 0 to 1"),
                    HasSubstr("node 1 at h1:1 speaks versions 2 to 4"), HasSubstr("a release between")));
}

TEST(handshake, a_member_of_another_cluster_is_refused_and_one_of_none_is_not) {
  auto self = process(1, 10);
  auto other = process(2, 20);
  other.cluster_id = "d";
  EXPECT_EQ(code_of(check(self, other)), refusal_code::other_cluster);
  EXPECT_THAT(check(self, other).error().words, AllOf(HasSubstr("the cluster d"), HasSubstr("the cluster c"),
                                                      HasSubstr("seeds of its own"), HasSubstr("--log.dir")));
  other.cluster_id = "";
  EXPECT_TRUE(check(self, other));
  EXPECT_TRUE(check(other, self));
}

TEST(handshake, its_own_node_id_from_elsewhere_is_refused) {
  auto other = process(1, 20);
  other.at = {"elsewhere", 7};
  const auto r = check(process(1, 10), other);
  ASSERT_EQ(code_of(r), refusal_code::own_node_id);
  EXPECT_THAT(r.error().words, AllOf(HasSubstr("elsewhere:7"), HasSubstr("h1:1"), HasSubstr("--node.id")));
}

TEST(handshake, a_process_knows_itself) {
  auto other = process(1, 10);
  other.at = {"another.name", 1};
  EXPECT_EQ(code_of(check(process(1, 10), other)), refusal_code::itself);
}

TEST(handshake, what_could_not_be_dialled_is_malformed) {
  const auto refused = [](auto change) {
    auto other = process(2, 20);
    change(other);
    return code_of(check(process(1, 10), other)) == refusal_code::malformed;
  };
  EXPECT_FALSE(refused([](auto&) {}));
  EXPECT_TRUE(refused([](auto& p) { p.id = -1; }));
  EXPECT_TRUE(refused([](auto& p) { p.at.host = ""; }));
  EXPECT_TRUE(refused([](auto& p) { p.at.host = std::string(254, 'h'); }));
  EXPECT_TRUE(refused([](auto& p) { p.at.port = 0; }));
  EXPECT_TRUE(refused([](auto& p) { p.cluster_id = std::string(65, 'c'); }));
  EXPECT_TRUE(refused([](auto& p) { p.min_version = 1, p.max_version = 0; }));
  EXPECT_TRUE(refused([](auto& p) { p.min_version = -1; }));
}

TEST(handshake, the_answers_own_words_are_kept_but_cannot_command_a_terminal) {
  peer::hello_answer answer{process(2, 20), refusal_code::node_id_taken, "taken\n\x1b[2J" + std::string(5000, 'x')};
  const auto r = check_answer(process(1, 10), 2, answer);
  ASSERT_EQ(code_of(r), refusal_code::node_id_taken);
  EXPECT_THAT(r.error().words, testing::StartsWith("taken\\x0a\\x1b[2J"));
  EXPECT_LT(r.error().words.size(), 1100u);
}

TEST(handshake, the_answer_is_checked_as_the_hello_is) {
  auto other = process(2, 20);
  EXPECT_EQ(check_answer(process(1, 10), 2, {other, refusal_code::none, {}}), 0);
  EXPECT_EQ(check_answer(process(1, 10), std::nullopt, {other, refusal_code::none, {}}), 0);
  EXPECT_EQ(code_of(check_answer(process(1, 10), 3, {other, refusal_code::none, {}})), refusal_code::unexpected_node);
  other.cluster_id = "d";
  EXPECT_EQ(code_of(check_answer(process(1, 10), 2, {other, refusal_code::none, {}})), refusal_code::other_cluster);
}

} // namespace
} // namespace chisme::links
