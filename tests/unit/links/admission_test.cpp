#include "actors/links/admission.hpp"

#include "tests/unit/links/processes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chisme::links {
namespace {

using peer::lane;
using peer::refusal_code;
using test::process;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class admission_test : public testing::Test {
protected:
  tl::expected<admitted, refusal> admit(connection_id c, const peer::process& p, lane via = lane::control,
                                        const peer::process* reached = nullptr) {
    return in_.admit(process(1, 10), c, {p, via}, reached);
  }

  admission in_{3};
};

TEST_F(admission_test, each_lane_has_a_connection_and_a_new_one_of_the_same_process_replaces_it) {
  EXPECT_EQ(admit(1, process(2, 20)), (admitted{0, {}}));
  EXPECT_EQ(admit(2, process(2, 20), lane::bulk), (admitted{0, {}}));
  EXPECT_EQ(admit(3, process(2, 20)), (admitted{0, {1}}));
  EXPECT_THAT(in_.of(2), UnorderedElementsAre(2, 3));
  EXPECT_EQ(in_.closed(1), std::nullopt) << "it was replaced";
}

TEST_F(admission_test, a_second_process_from_the_same_address_replaces_all_of_the_first) {
  EXPECT_TRUE(admit(1, process(2, 20)));
  EXPECT_TRUE(admit(2, process(2, 20), lane::bulk));
  const auto again = admit(3, process(2, 21));
  ASSERT_TRUE(again);
  EXPECT_THAT(again->replaced, UnorderedElementsAre(1, 2));
  EXPECT_THAT(in_.of(2), ElementsAre(3));
}

TEST_F(admission_test, a_second_process_from_elsewhere_is_refused_while_the_first_one_is_connected) {
  EXPECT_TRUE(admit(1, process(2, 20)));
  auto other = process(2, 21);
  other.at = {"elsewhere", 1};
  const auto r = admit(2, other);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, refusal_code::node_id_taken);
  EXPECT_THAT(r.error().words, AllOf(HasSubstr("h2:1"), HasSubstr("elsewhere:1"), HasSubstr("--node.id")));
  EXPECT_EQ(in_.closed(1), (admission::ended{2, true}));
  EXPECT_TRUE(admit(3, other));
}

TEST_F(admission_test, one_that_this_node_has_reached_holds_its_id_too) {
  const auto reached = process(2, 20);
  auto other = process(2, 21);
  other.at = {"elsewhere", 1};
  const auto r = admit(1, other, lane::control, &reached);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, refusal_code::node_id_taken);
  EXPECT_TRUE(admit(1, process(2, 21), lane::control, &reached)) << "started anew where it was";
}

TEST_F(admission_test, the_last_connection_of_a_node_is_told_from_others) {
  EXPECT_TRUE(admit(1, process(2, 20)));
  EXPECT_TRUE(admit(2, process(2, 20), lane::bulk));
  EXPECT_EQ(in_.closed(2), (admission::ended{2, false}));
  EXPECT_EQ(in_.closed(1), (admission::ended{2, true}));
  EXPECT_EQ(in_.closed(1), std::nullopt);
}

TEST_F(admission_test, nodes_are_bounded) {
  for (node_id id = 2; id < 5; ++id)
    EXPECT_TRUE(admit(static_cast<connection_id>(id), process(id, 20)));
  const auto r = admit(9, process(5, 20));
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, refusal_code::too_many_nodes);
  EXPECT_TRUE(admit(9, process(4, 20), lane::bulk)) << "one of those that are there";
}

TEST_F(admission_test, what_does_not_fit_leaves_nothing) {
  auto other = process(2, 20);
  other.cluster_id = "d";
  EXPECT_FALSE(admit(1, other));
  EXPECT_FALSE(admit(1, process(2, 20), static_cast<lane>(7)));
  EXPECT_THAT(in_.of(2), ElementsAre());
  EXPECT_EQ(in_.closed(1), std::nullopt);
}

} // namespace
} // namespace chisme::links
