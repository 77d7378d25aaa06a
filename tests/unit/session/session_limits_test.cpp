// What one connection may have in flight, and requests that cannot be served at all.

#include "tests/support/session_fixture.hpp"

#include "messages/kafka/01_fetch.hpp"
#include "messages/kafka/02_list_offsets.hpp"
#include "messages/kafka/15_describe_groups.hpp"
#include "messages/kafka/18_api_versions.hpp"

#include <gmock/gmock.h>

namespace chisme::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class session_limits_test : public session_test {
protected:
  session_limits_test() { partition_ = add_topic("t", 1).front(); }

  static kafka::list_offsets_request list() {
    kafka::list_offsets_request r;
    r.topics.emplace_back().name = "t";
    r.topics.back().partitions.emplace_back();
    return r;
  }

  partition_ptr partition_;
};

TEST_F(session_limits_test, saturated_by_the_number_of_requests) {
  connect({3, 1 << 20});
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(session_->saturated());
    ask(list(), 5);
  }
  EXPECT_TRUE(session_->saturated());
  settle();
  partition_->list_offsets[1].done({});
  loop_.drain();
  EXPECT_TRUE(session_->saturated()) << "its answer has not left";
  partition_->list_offsets[0].done({});
  loop_.drain();
  EXPECT_FALSE(session_->saturated());
}

TEST_F(session_limits_test, saturated_by_bytes) {
  const auto bytes = frame_of(list(), 5).size();
  connect({100, 2 * bytes});
  ask(list(), 5);
  EXPECT_FALSE(session_->saturated());
  EXPECT_EQ(broker_.memory->held(), static_cast<int64_t>(bytes));
  ask(list(), 5);
  EXPECT_TRUE(session_->saturated());
  EXPECT_EQ(broker_.memory->held(), static_cast<int64_t>(2 * bytes));
  EXPECT_FALSE(session_->idle());
  settle();
  for (auto& x : partition_->list_offsets)
    x.done({});
  loop_.drain();
  EXPECT_FALSE(session_->saturated());
  EXPECT_TRUE(session_->idle());
  EXPECT_EQ(broker_.open_requests, 0);
}

/// One small request of these can be answered with megabytes: sixty-four at a time would be more than a node has.
TEST_F(session_limits_test, saturated_by_one_answer_of_any_size) {
  kafka::describe_groups_request describe;
  describe.groups = {"g"};
  EXPECT_FALSE(session_->saturated());
  ask(describe, 5);
  EXPECT_TRUE(session_->saturated());
  settle();
  EXPECT_FALSE(session_->saturated()) << "it has left";
  ask(describe, 5);
  connect();
  EXPECT_FALSE(session_->saturated());
}

/// What a client that follows many partitions is answered is large as well.
TEST_F(session_limits_test, saturated_by_a_fetch_of_many_partitions) {
  for (int32_t partitions : {100, 101}) {
    kafka::fetch_request r;
    auto& t = r.topics.emplace_back();
    t.topic = "t";
    for (int32_t i = 0; i < partitions; ++i)
      t.partitions.emplace_back().partition = i + 1; // there is none of these: nothing is waited for
    ask(r, 12);
    EXPECT_EQ(session_->saturated(), partitions > 100);
    settle();
    EXPECT_FALSE(session_->saturated()) << "it has left";
  }
}

buffer raw_frame(int16_t key, int16_t version, std::string_view rest) {
  std::string out{static_cast<char>(key >> 8), static_cast<char>(key), static_cast<char>(version >> 8),
                  static_cast<char>(version)};
  return buffer::copy_of(out + std::string{rest});
}

constexpr std::string_view correlation_and_client{"\0\0\0\x07\0\4evil", 10};

TEST_F(session_limits_test, an_unknown_api_closes) {
  session_->on_frame(raw_frame(999, 0, correlation_and_client));
  EXPECT_THAT(transport_.closed, ElementsAre("unsupported request 999 v0 from client evil"));
  EXPECT_EQ(broker_.memory->held(), 0);
  loop_.drain();
  EXPECT_FALSE(answered());
}

TEST_F(session_limits_test, an_unknown_version_closes) {
  session_->on_frame(raw_frame(3, 99, correlation_and_client));
  EXPECT_THAT(transport_.closed, ElementsAre("unsupported request Metadata v99 from client evil"));
}

/// Produce is advertised from version 0 (KAFKA-18659) and served from 3.
TEST_F(session_limits_test, an_advertised_version_that_is_not_served_closes) {
  session_->on_frame(raw_frame(0, 2, correlation_and_client));
  EXPECT_THAT(transport_.closed, ElementsAre("unsupported request Produce v2 from client evil"));
}

TEST_F(session_limits_test, bytes_that_are_no_header_close) {
  session_->on_frame(buffer::copy_of("ab"));
  EXPECT_THAT(transport_.closed, ElementsAre(HasSubstr("request header: ")));
  EXPECT_EQ(broker_.memory->held(), 0);
}

TEST_F(session_limits_test, a_body_that_does_not_parse_closes) {
  session_->on_frame(raw_frame(2, 1, std::string{correlation_and_client} + "\x7f\xff\xff\xff\x7f"));
  EXPECT_THAT(transport_.closed, ElementsAre(HasSubstr("ListOffsets v1: ")));
  EXPECT_EQ(broker_.memory->held(), 0);
}

/// KIP-511: the answer to a version that is too new has version 0, the error, and what ApiVersions itself
/// offers.
TEST_F(session_limits_test, an_unknown_version_of_api_versions_is_answered_in_version_0) {
  session_->on_frame(raw_frame(18, 77, correlation_and_client));
  settle();
  EXPECT_FALSE(closed());
  auto r = answer<kafka::api_versions_response>(0, 7);
  EXPECT_EQ(r.error, error_code::unsupported_version);
  ASSERT_EQ(r.api_keys.size(), 1u);
  EXPECT_EQ(r.api_keys[0].api_key, 18);
  EXPECT_EQ(r.api_keys[0].min_version, 0);
  EXPECT_EQ(r.api_keys[0].max_version, 4);
}

} // namespace
} // namespace chisme::testing
