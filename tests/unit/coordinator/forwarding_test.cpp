// Changes on their way to the node that decides them, and their answers.
#include "actors/coordinator/forwarding.hpp"
#include "messages/wire/codec.hpp"

#include <gmock/gmock.h>

namespace chisme::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

kafka::create_topics_request creation(const std::string& name) {
  kafka::create_topics_request r;
  auto& t = r.topics.emplace_back();
  t.name = name;
  t.num_partitions = 3;
  t.assignments.push_back({0, {1, 2}});
  t.configs.push_back({"retention.ms", "5"});
  r.validate_only = true;
  return r;
}

TEST(forwarding, every_change_comes_as_it_was_asked) {
  const auto asked = creation("t");
  const auto wire = to_wire(7, asked).value();
  EXPECT_EQ(wire.correlation, 7);
  EXPECT_EQ(wire.api, 19);
  EXPECT_EQ(wire.version, kafka::create_topics_request::max_version);
  const auto read = from_wire(wire).value();
  const auto& t = std::get<kafka::create_topics_request>(read).topics.at(0);
  EXPECT_EQ(t.name, "t");
  EXPECT_EQ(t.num_partitions, 3);
  EXPECT_THAT(t.assignments.at(0).broker_ids, ElementsAre(1, 2));
  EXPECT_EQ(t.configs.at(0).value, "5");
  EXPECT_TRUE(std::get<kafka::create_topics_request>(read).validate_only);
  const std::vector<change_request> others{kafka::delete_topics_request{}, kafka::create_partitions_request{},
                                           kafka::alter_configs_request{}, kafka::incremental_alter_configs_request{},
                                           kafka::init_producer_id_request{}};
  for (const auto& other : others)
    EXPECT_EQ(from_wire(to_wire(1, other).value()).value().index(), other.index());
}

TEST(forwarding, what_changes_nothing_or_is_no_request_is_refused) {
  auto wire = to_wire(7, creation("t")).value();
  auto other = wire;
  other.api = 3;
  EXPECT_EQ(from_wire(other).error().code, error_code::invalid_request);
  other = wire;
  other.version = 99;
  EXPECT_EQ(from_wire(other).error().code, error_code::unsupported_version);
  for (size_t size = 0; size < wire.request.size(); ++size) {
    other.version = wire.version;
    other.request = wire.request.slice(0, size);
    EXPECT_FALSE(from_wire(other)) << size;
  }
}

TEST(forwarding, what_is_too_large_is_not_sent) {
  const auto large = creation(std::string(30'000, 'x'));
  kafka::create_topics_request many;
  for (int i = 0; i < 40; ++i)
    many.topics.push_back(large.topics.front());
  EXPECT_EQ(to_wire(1, many).error().code, error_code::message_too_large);
}

TEST(forwarding, an_answer_comes_as_it_was_given) {
  kafka::create_topics_response made;
  auto& t = made.topics.emplace_back();
  t.name = "t";
  t.error = error_code::topic_already_exists;
  t.error_message = "it is there";
  const auto wire = to_wire(9, change_result{error_code::none, {}, made});
  EXPECT_EQ(wire.correlation, 9);
  const auto read = from_wire(wire, creation("t")).value();
  EXPECT_EQ(std::get<kafka::create_topics_response>(read).topics.at(0).error_message, "it is there");
  EXPECT_EQ(from_wire(wire, kafka::delete_topics_request{}).error().code, error_code::invalid_request)
    << "it answers something else";
  const auto refused = to_wire(9, change_result::failed(error_code::not_controller, "no"));
  EXPECT_EQ(from_wire(refused, creation("t")).error().code, error_code::not_controller);
}

/// What was decided is told, whatever else there would be to say.
TEST(forwarding, an_answer_that_is_too_large_comes_without_words) {
  const std::string words(30'000, 'x');
  kafka::delete_topics_response gone;
  for (int i = 0; i < 600; ++i) {
    auto& x = gone.responses.emplace_back();
    x.name = "t" + std::to_string(i);
    x.error_message = words;
  }
  const auto wire = to_wire(1, change_result{error_code::none, {}, gone});
  EXPECT_LE(wire.response.size(), peer::change_answer::most_bytes);
  const auto read = from_wire(wire, kafka::delete_topics_request{}).value();
  EXPECT_THAT(std::get<kafka::delete_topics_response>(read).responses, SizeIs(600));
}

TEST(forwarding, both_messages_are_read_as_they_are_written_and_never_half) {
  const peer::change_forward f{1, 19, 7, buffer::copy_of("abc")};
  const auto bytes = std::get<buffer>(encode(f, 0).parts().front());
  EXPECT_EQ(decode<peer::change_forward>(bytes, 0).value(), f);
  const peer::change_answer a{2, error_code::not_controller, "no", 19, 7, buffer::copy_of("abc")};
  const auto answer = std::get<buffer>(encode(a, 0).parts().front());
  EXPECT_EQ(decode<peer::change_answer>(answer, 0).value(), a);
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode<peer::change_forward>(bytes.slice(0, size), 0)) << size;
  for (size_t size = 0; size < answer.size(); ++size)
    EXPECT_FALSE(decode<peer::change_answer>(answer.slice(0, size), 0)) << size;
}

// Those that wait.

change wanted(const std::string& name) { return {creation(name), {}}; }

TEST(forwarded_changes, only_who_was_asked_answers_and_once) {
  forwarded_changes waiting{100};
  auto c = wanted("a");
  const auto sent = waiting.add(c, 2).value();
  EXPECT_EQ(sent.peer, 2);
  EXPECT_EQ(sent.what.correlation, 100);
  EXPECT_FALSE(waiting.answered(3, 100)) << "another node";
  EXPECT_FALSE(waiting.answered(2, 99)) << "of a process before this one";
  EXPECT_TRUE(waiting.answered(2, 100));
  EXPECT_FALSE(waiting.answered(2, 100));
  EXPECT_FALSE(waiting.overdue(100));
}

TEST(forwarded_changes, those_of_a_node_that_does_not_lead_any_more_wait_no_longer) {
  forwarded_changes waiting{0};
  auto a = wanted("a"), b = wanted("b");
  ASSERT_TRUE(waiting.add(a, 2));
  ASSERT_TRUE(waiting.add(b, 3));
  EXPECT_THAT(waiting.not_with(3), SizeIs(1));
  EXPECT_FALSE(waiting.answered(2, 0));
  EXPECT_TRUE(waiting.answered(3, 1));
  EXPECT_THAT(waiting.not_with(-1), IsEmpty());
}

} // namespace
} // namespace chisme::coordinator
