// Requests that name a partition again and again: it is asked once, whatever a few bytes more would ask for.

#include "tests/support/session_fixture.hpp"

#include "messages/kafka/02_list_offsets.hpp"
#include "messages/kafka/21_delete_records.hpp"
#include "messages/kafka/23_offset_for_leader_epoch.hpp"
#include "messages/kafka/35_describe_log_dirs.hpp"

#include <gmock/gmock.h>

namespace chisme::testing {
namespace {

using ::testing::SizeIs;
using error = error_code;

class repeated_partitions : public session_test {
protected:
  repeated_partitions() : ports_(add_topic("t", 2)) {}
  std::vector<partition_ptr> ports_;
};

TEST_F(repeated_partitions, list_offsets_searches_once_and_refuses_the_rest) {
  kafka::list_offsets_request r;
  for (int i = 0; i < 100; ++i) {
    auto& t = r.topics.emplace_back();
    t.name = "t";
    t.partitions.resize(2);
    t.partitions[0].partition_index = 0;
    t.partitions[1].partition_index = i == 0 ? 1 : 0;
  }
  ask(r, 5);
  settle();
  ASSERT_THAT(ports_[0]->list_offsets, SizeIs(1));
  ASSERT_THAT(ports_[1]->list_offsets, SizeIs(1));
  ports_[0]->list_offsets[0].done({error::none, 7, 70, 0});
  ports_[1]->list_offsets[0].done({error::none, 8, 80, 0});
  loop_.drain();
  const auto a = answer<kafka::list_offsets_response>(5);
  ASSERT_THAT(a.topics, SizeIs(100)) << "each mention has its answer";
  EXPECT_EQ(a.topics[0].partitions[0].offset, 7);
  EXPECT_EQ(a.topics[0].partitions[1].offset, 8);
  for (size_t i = 1; i < 100; ++i)
    EXPECT_EQ(a.topics[i].partitions[0].error, error::invalid_request);
}

TEST_F(repeated_partitions, delete_records_deletes_once) {
  kafka::delete_records_request r;
  auto& t = r.topics.emplace_back();
  t.name = "t";
  t.partitions.resize(3);
  ask(r, 2);
  settle();
  EXPECT_THAT(ports_[0]->delete_records, SizeIs(1));
}

TEST_F(repeated_partitions, describe_log_dirs_tells_once) {
  kafka::describe_log_dirs_request r;
  r.topics.emplace();
  for (int i = 0; i < 2; ++i) {
    auto& t = r.topics->emplace_back();
    t.topic = "t";
    t.partitions = {1, 0, 1, 1};
  }
  ask(r, 4);
  settle();
  ASSERT_THAT(ports_[0]->describes, SizeIs(1));
  ASSERT_THAT(ports_[1]->describes, SizeIs(1));
  ports_[0]->describes[0].done({error::none, 10, 0, 1});
  ports_[1]->describes[0].done({error::none, 11, 0, 1});
  loop_.drain();
  const auto a = answer<kafka::describe_log_dirs_response>(4);
  size_t partitions = 0;
  for (const auto& topic : a.results.at(0).topics)
    partitions += topic.partitions.size();
  EXPECT_EQ(partitions, 2u);
}

/// Nobody composes what nobody will read.
TEST_F(repeated_partitions, what_is_gathered_for_a_client_that_has_gone_is_not_wanted) {
  kafka::list_offsets_request r;
  auto& t = r.topics.emplace_back();
  t.name = "t";
  t.partitions.resize(1);
  ask(r, 5);
  settle();
  ASSERT_THAT(ports_[0]->list_offsets, SizeIs(1));
  EXPECT_TRUE(ports_[0]->list_offsets[0].done.wanted());
  disconnect();
  EXPECT_FALSE(ports_[0]->list_offsets[0].done.wanted());
}

} // namespace
} // namespace chisme::testing
