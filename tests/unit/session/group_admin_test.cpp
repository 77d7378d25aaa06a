// What administrators ask about groups, on its way to the coordinators of several groups and back as one answer.
#include "messages/kafka/69_consumer_group_describe.hpp"
#include "tests/support/groups_fixture.hpp"

#include <gmock/gmock.h>

namespace chisme::testing {
namespace {

using groups::delete_group_request;
using groups::describe_consumer_group_request;
using groups::describe_group_request;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

template <class Elements>
std::vector<std::string> errors_of(const Elements& groups) {
  std::vector<std::string> all;
  for (const auto& g : groups)
    all.push_back(g.group_id + " " + to_string(g.error));
  return all;
}

// What the three requests about several groups have in common: how they name them, what a coordinator is asked and
// answers about one, and where the answers stand.

struct described {
  using request = kafka::describe_groups_request;
  using response = kafka::describe_groups_response;
  using asked = describe_group_request;
  using told = response::described_group;
  static std::vector<std::string>& names(request& r) { return r.groups; }
  static const std::vector<told>& places(const response& r) { return r.groups; }
};
struct deleted {
  using request = kafka::delete_groups_request;
  using response = kafka::delete_groups_response;
  using asked = delete_group_request;
  using told = response::deletable_group_result;
  static std::vector<std::string>& names(request& r) { return r.groups_names; }
  static const std::vector<told>& places(const response& r) { return r.results; }
};
struct consumers_described {
  using request = kafka::consumer_group_describe_request;
  using response = kafka::consumer_group_describe_response;
  using asked = describe_consumer_group_request;
  using told = response::described_group;
  static std::vector<std::string>& names(request& r) { return r.group_ids; }
  static const std::vector<told>& places(const response& r) { return r.groups; }
};

template <class Api>
class group_list_test : public groups_session_test {
protected:
  static typename Api::request about(std::vector<std::string> names) {
    typename Api::request r;
    Api::names(r) = std::move(names);
    return r;
  }
  static typename Api::told told(const std::string& group, error_code code = error_code::none) {
    typename Api::told t;
    t.group_id = group;
    t.error = code;
    return t;
  }
  std::string group_of(const groups::group_call& call) { return asked<typename Api::asked>(call).group_id; }
};

using apis = ::testing::Types<described, deleted, consumers_described>;
TYPED_TEST_SUITE(group_list_test, apis);

TYPED_TEST(group_list_test, each_group_is_asked_for_at_its_coordinator) {
  using response = typename TypeParam::response;
  for (int16_t version = response::min_version; version <= response::max_version; ++version) {
    const auto id = this->ask(this->about({"b", "a", "c", "e"}), version);
    this->settle();
    const auto a = this->take_call(1), b = this->take_call(2), e = this->take_call(2);
    EXPECT_TRUE(this->nobody_is_asked()) << "another node has c";
    EXPECT_EQ(this->group_of(a), "a");
    EXPECT_EQ(this->group_of(b), "b");
    EXPECT_EQ(this->group_of(e), "e");
    EXPECT_EQ(a.version, version);
    this->give(e, this->told("e", error_code::non_empty_group));
    this->refuse(a, error_code::coordinator_load_in_progress);
    EXPECT_FALSE(this->answered()) << "one is still out";
    this->give(b, this->told("b"));
    EXPECT_THAT(errors_of(TypeParam::places(this->template answer<response>(version, id))),
                ElementsAre("b NONE", "a COORDINATOR_LOAD_IN_PROGRESS", "c NOT_COORDINATOR", "e NON_EMPTY_GROUP"));
  }
}

TYPED_TEST(group_list_test, a_group_that_is_named_twice_is_answered_once) {
  using response = typename TypeParam::response;
  const auto id = this->ask(this->about({"a", "c", "a", "c"}), response::max_version);
  this->settle();
  this->give(this->take_call(1), this->told("a"));
  EXPECT_TRUE(this->nobody_is_asked());
  EXPECT_THAT(errors_of(TypeParam::places(this->template answer<response>(response::max_version, id))),
              ElementsAre("a NONE", "c NOT_COORDINATOR"));
}

TYPED_TEST(group_list_test, a_coordinator_that_dies_with_the_question_is_none) {
  using response = typename TypeParam::response;
  const auto id = this->ask(this->about({"a", "b"}), response::max_version);
  this->settle();
  this->give(this->take_call(2), this->told("b"));
  this->coordinators_[1]->calls.clear();
  this->loop_.drain();
  EXPECT_THAT(errors_of(TypeParam::places(this->template answer<response>(response::max_version, id))),
              ElementsAre("a NOT_COORDINATOR", "b NONE"));
}

TYPED_TEST(group_list_test, while_nobody_leads_the_partition_nobody_is_available) {
  using response = typename TypeParam::response;
  this->change_partitions([](std::vector<partition_image>& partitions) { partitions.at(0).leader = -1; });
  const auto all = this->template ask_and_answer<response>(this->about({"c"}), response::max_version);
  EXPECT_THAT(errors_of(TypeParam::places(all)), ElementsAre("c COORDINATOR_NOT_AVAILABLE"));
}

TYPED_TEST(group_list_test, no_group_at_all_is_an_answer) {
  using response = typename TypeParam::response;
  const auto all = this->template ask_and_answer<response>(this->about({}), response::max_version);
  EXPECT_THAT(TypeParam::places(all), IsEmpty());
}

class group_admin_test : public groups_session_test {};

/// From version 3 on.
TEST_F(group_admin_test, whether_the_operations_are_asked_for_gets_to_the_coordinator) {
  for (int16_t version = 2; version <= 6; ++version) {
    kafka::describe_groups_request r;
    r.groups = {"a"};
    r.include_authorized_operations = version >= 3;
    const auto id = ask(r, version);
    settle();
    const auto call = take_call(1);
    EXPECT_EQ(asked<describe_group_request>(call).include_authorized_operations, version >= 3);
    kafka::describe_groups_response::described_group told;
    told.group_id = "a";
    told.group_state = "Stable";
    give(call, told);
    EXPECT_EQ(answer<kafka::describe_groups_response>(version, id).groups.at(0).group_state, "Stable");
  }
}

TEST_F(group_admin_test, the_list_is_that_of_all_coordinators_here) {
  for (int16_t version = 0; version <= 5; ++version) {
    const auto id = ask(kafka::list_groups_request{}, version);
    settle();
    kafka::list_groups_response first, second;
    first.groups = {{"a", "consumer", "Stable", "classic"}};
    second.groups = {{"b", "consumer", "Empty", "consumer"}, {"e", "connect", "Stable", "classic"}};
    give(take_call(2), second);
    EXPECT_FALSE(answered());
    give(take_call(1), first);
    const auto all = answer<kafka::list_groups_response>(version, id);
    EXPECT_EQ(all.error, error_code::none);
    ASSERT_EQ(all.groups.size(), 3u);
    EXPECT_EQ(all.groups.at(0).group_id, "a");
    EXPECT_EQ(all.groups.at(1).group_state, version < 4 ? "" : "Empty");
    EXPECT_EQ(all.groups.at(1).group_type, version < 5 ? "" : "consumer");
  }
}

TEST_F(group_admin_test, the_filters_of_a_list_get_to_the_coordinators) {
  kafka::list_groups_request r;
  r.states_filter = {"Stable"};
  r.types_filter = {"classic"};
  ask(r, 5);
  settle();
  for (size_t partition : {1, 2}) {
    const auto call = take_call(partition);
    EXPECT_THAT(asked<kafka::list_groups_request>(call).states_filter, ElementsAre("Stable"));
    EXPECT_THAT(asked<kafka::list_groups_request>(call).types_filter, ElementsAre("classic"));
  }
}

TEST_F(group_admin_test, a_list_that_is_not_complete_says_so) {
  const auto id = ask(kafka::list_groups_request{}, 5);
  settle();
  refuse(take_call(1), error_code::coordinator_load_in_progress);
  kafka::list_groups_response second;
  second.groups = {{"b", "consumer", "Empty", "consumer"}};
  give(take_call(2), second);
  const auto all = answer<kafka::list_groups_response>(5, id);
  EXPECT_EQ(all.error, error_code::coordinator_load_in_progress);
  EXPECT_EQ(all.groups.size(), 1u);
}

/// As in Kafka: nobody would see the groups of the others.
TEST_F(group_admin_test, groups_that_could_not_be_loaded_are_left_out) {
  const auto id = ask(kafka::list_groups_request{}, 5);
  settle();
  refuse(take_call(1), error_code::not_coordinator);
  kafka::list_groups_response second;
  second.groups = {{"b", "consumer", "Empty", "consumer"}};
  give(take_call(2), second);
  const auto all = answer<kafka::list_groups_response>(5, id);
  EXPECT_EQ(all.error, error_code::none);
  EXPECT_EQ(all.groups.size(), 1u);
}

TEST_F(group_admin_test, before_there_was_any_group_the_list_is_empty) {
  change_image([](broker_image& image) { image.topics.clear(); });
  const auto all = ask_and_answer<kafka::list_groups_response>(kafka::list_groups_request{}, 5);
  EXPECT_EQ(all.error, error_code::none);
  EXPECT_THAT(all.groups, IsEmpty());
}

} // namespace
} // namespace chisme::testing
