// Groups that change their protocol: nobody loses a partition, and numbers go on.
#include "actors/groups/group_conversion.hpp"
#include "messages/kafka/consumer_protocol.hpp"
#include "messages/wire/codec.hpp"
#include "tests/support/consumer_group_fixture.hpp"

namespace chisme::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <class T>
buffer embedded(const T& message, int16_t version) {
  const auto fields = chisme::encode(message, version);
  std::string bytes{'\0', static_cast<char>(version)};
  bytes += as_chars(std::get<buffer>(fields.parts().front()));
  return buffer::copy_of(bytes);
}

class group_conversion_test : public consumer_group_test {
protected:
  static classic_group_members::member consumer(const std::string& id, std::vector<std::string> topics,
                                                std::vector<int32_t> partitions, std::vector<int32_t> owned = {}) {
    kafka::consumer_protocol_subscription subscription;
    subscription.topics = std::move(topics);
    subscription.owned_partitions = {{"t", std::move(owned)}};
    kafka::consumer_protocol_assignment assignment;
    assignment.assigned_partitions = {{"t", std::move(partitions)}};
    return {
      id, std::nullopt, "client", "/h", 5'000, 45'000, {{"range", embedded(subscription, 1)}}, embedded(assignment, 1),
      7};
  }
  static classic_group_members two_consumers() {
    return {7, "consumer", "range", {consumer("a", {"t", "t"}, {0, 1}), consumer("b", {"t"}, {2, 3})}};
  }
  void load(const std::vector<consumer_group_record>& records) {
    for (const auto& r : records)
      group_->apply(r);
    log_ = records;
    group_->loaded(now_);
  }
};

TEST_F(group_conversion_test, a_classic_group_goes_on_as_a_consumer_group) {
  const auto records = to_consumer_group("g", two_consumers(), catalog_);
  ASSERT_TRUE(records) << records.error().message;
  load(*records);
  const auto& a = *group_->persisted().find("a");
  EXPECT_TRUE(a.is_classic());
  EXPECT_EQ(a.current.epoch, 7);
  EXPECT_EQ(show(a.current.assigned), "t0 t1");
  EXPECT_EQ(a.target, a.current.assigned);
  EXPECT_THAT(a.metadata.subscribed_topic_names, ElementsAre("t"));
  EXPECT_EQ(group_->status(), consumer_group_status::stable);
  EXPECT_EQ(group_->check_commit("b", 7, 2), error_code::none);
  // A consumer of the new protocol joins: what it is to get waits for the classic ones.
  joins("c");
  EXPECT_EQ(trace(), R"(
c joins                 | epoch 8 []
)");
}

TEST_F(group_conversion_test, and_back_when_the_last_consumer_of_the_new_protocol_leaves) {
  load(*to_consumer_group("g", two_consumers(), catalog_));
  EXPECT_TRUE(to_classic_group(group_->persisted(), catalog_));
  joins("c");
  EXPECT_FALSE(to_classic_group(group_->persisted(), catalog_)) << "c is still there";
  leaves("c");
  const auto classic = to_classic_group(group_->persisted(), catalog_);
  ASSERT_TRUE(classic) << classic.error().message;
  EXPECT_EQ(classic->generation, 9);
  EXPECT_EQ(classic->protocol, "range");
  ASSERT_EQ(classic->members.size(), 2u);
  EXPECT_EQ(classic->members[0].session_timeout_ms, 45'000);
}

TEST_F(group_conversion_test, there_and_back_changes_nothing) {
  const auto before = two_consumers();
  load(*to_consumer_group("g", before, catalog_));
  const auto after = to_classic_group(group_->persisted(), catalog_);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->generation, before.generation);
  ASSERT_EQ(after->members.size(), before.members.size());
  for (size_t i = 0; i < before.members.size(); ++i) {
    EXPECT_EQ(after->members[i].id, before.members[i].id);
    EXPECT_EQ(after->members[i].protocols, before.members[i].protocols);
    EXPECT_EQ(after->members[i].assignment, before.members[i].assignment);
    EXPECT_EQ(after->members[i].rebalance_timeout_ms, before.members[i].rebalance_timeout_ms);
  }
}

TEST_F(group_conversion_test, a_partition_that_a_leader_gave_twice_is_held_once) {
  auto classic = two_consumers();
  classic.members[1] = consumer("b", {"t"}, {1, 2});
  load(*to_consumer_group("g", classic, catalog_));
  EXPECT_EQ(show(group_->persisted().find("a")->current.assigned), "t0 t1");
  EXPECT_EQ(show(group_->persisted().find("b")->current.assigned), "t2");
}

TEST_F(group_conversion_test, what_a_cooperative_member_has_not_given_up_yet_is_still_its_own) {
  auto classic = two_consumers();
  classic.members[0] = consumer("a", {"t"}, {0, 1, 2});
  // When it joined it had all of these; whether it has heard by now that one is to go, only it knows.
  classic.members[1] = consumer("b", {"t"}, {}, {2, 3});
  load(*to_consumer_group("g", classic, catalog_));
  EXPECT_EQ(show(group_->persisted().find("a")->current.assigned), "t0 t1 t2") << "what is assigned comes first";
  EXPECT_EQ(show(group_->persisted().find("b")->current.assigned), "t3");
}

TEST_F(group_conversion_test, what_are_no_consumers_cannot_change) {
  auto connect = two_consumers();
  connect.protocol_type = "connect";
  EXPECT_EQ(to_consumer_group("g", connect, catalog_).error().code, error_code::inconsistent_group_protocol);
  auto strange = two_consumers();
  strange.members[0].protocols[0].metadata = buffer::copy_of("x");
  EXPECT_THAT(to_consumer_group("g", strange, catalog_).error().message, HasSubstr("not those of a consumer"));
  strange = two_consumers();
  strange.members[0].assignment = buffer::copy_of(std::string_view{"\0\1\x7f\x7f", 4});
  EXPECT_FALSE(to_consumer_group("g", strange, catalog_));
  strange = two_consumers();
  strange.members[0].protocols.clear();
  EXPECT_FALSE(to_consumer_group("g", strange, catalog_));
}

TEST_F(group_conversion_test, members_of_a_classic_group_need_an_assignor_in_common) {
  auto classic = two_consumers();
  classic.members[1].protocols.push_back({"sticky", classic.members[1].protocols[0].metadata});
  load(*to_consumer_group("g", classic, catalog_));
  auto b = group_->persisted().find("b")->metadata;
  b.classic->supported_protocols.erase(b.classic->supported_protocols.begin());
  group_->apply(member_metadata_record{"g", "b", b});
  EXPECT_THAT(to_classic_group(group_->persisted(), catalog_).error().message, HasSubstr("in common"));
}

} // namespace
} // namespace chisme::testing
