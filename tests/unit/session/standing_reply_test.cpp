// Heartbeats that a session answers by itself, and those for which it asks the coordinator.
#include "actors/groups/port.hpp"
#include "messages/kafka/12_heartbeat.hpp"
#include "tests/support/session_fixture.hpp"

#include <gtest/gtest.h>

namespace chisme::testing {
namespace {

using kafka::heartbeat_request;
using kafka::heartbeat_response;
using burst = session::session::burst;

struct fake_groups final : groups::port {
  void send(groups::group_call call) override { calls.push_back(std::move(call)); }
  std::vector<groups::group_call> calls;
};

constexpr int16_t newest = 4;

class standing_reply_test : public session_test {
protected:
  standing_reply_test() {
    broker_.clock = [this] { return now_; };
    add_topic(std::string{groups::offsets_topic}, 1);
    change_image([this](broker_image& image) {
      auto led = std::make_shared<topic_image>(*image.find(groups::offsets_topic));
      led->partitions.at(0).groups = groups_;
      image.put(led);
    });
  }
  ~standing_reply_test() override { groups_->calls.clear(); }

  static heartbeat_request a_heartbeat(int32_t generation = 3) { return {"g", generation, "m-1", std::nullopt}; }

  /// Asks the coordinator, whose answer stands.
  groups::standing_answer_ptr begin() {
    const auto id = ask(a_heartbeat(), newest);
    settle();
    auto right = std::make_shared<groups::standing_answer>();
    give(right);
    answer<heartbeat_response>(newest, id);
    return right;
  }
  void give(groups::standing_answer_ptr right = nullptr) {
    ASSERT_EQ(groups_->calls.size(), 1u) << "the coordinator is not asked";
    auto call = std::move(groups_->calls.back());
    groups_->calls.clear();
    heartbeat_response response;
    response.throttle_time_ms = 5; // to be known by
    call.done({error_code::none, response, std::move(right)});
    loop_.drain();
  }
  bool answers_by_itself(const heartbeat_request& r, int16_t version = newest,
                         std::optional<std::string> client = "test") {
    const auto id = ask(r, version, std::move(client));
    settle();
    if (!groups_->calls.empty()) {
      give();
      answer<heartbeat_response>(version, id);
      return false;
    }
    EXPECT_EQ(answer<heartbeat_response>(version, id).throttle_time_ms, 5);
    return true;
  }

  timestamp_ms now_ = 100;
  std::shared_ptr<fake_groups> groups_ = std::make_shared<fake_groups>();
};

TEST_F(standing_reply_test, the_same_request_is_answered_without_the_coordinator_who_hears_of_it) {
  const auto right = begin();
  EXPECT_EQ(right->last_heard(), std::nullopt);
  now_ = 107;
  EXPECT_TRUE(answers_by_itself(a_heartbeat()));
  EXPECT_EQ(right->last_heard(), 107);
  EXPECT_TRUE(answers_by_itself(a_heartbeat()));
}

TEST_F(standing_reply_test, any_other_request_asks_the_coordinator) {
  begin();
  EXPECT_FALSE(answers_by_itself(a_heartbeat(4)));
  EXPECT_FALSE(answers_by_itself(a_heartbeat(), newest - 1));
  EXPECT_FALSE(answers_by_itself(a_heartbeat(), newest, "another client"));
  EXPECT_TRUE(answers_by_itself(a_heartbeat())) << "the first still stands";
}

TEST_F(standing_reply_test, what_was_taken_back_is_asked_for) {
  begin()->revoke();
  EXPECT_FALSE(answers_by_itself(a_heartbeat()));
  EXPECT_FALSE(answers_by_itself(a_heartbeat()));
}

TEST_F(standing_reply_test, an_answer_without_the_right_is_not_repeated) {
  EXPECT_FALSE(answers_by_itself(a_heartbeat()));
  EXPECT_FALSE(answers_by_itself(a_heartbeat()));
}

/// Bytes behind a message are passed over, and a copy of a hundred megabytes would count nowhere.
TEST_F(standing_reply_test, a_large_heartbeat_is_not_kept) {
  kafka::request_header header{12, newest, ++correlation_, "test"};
  auto whole = flat(kafka::encode_request(header, encode(a_heartbeat(), newest)));
  whole.resize(whole.size() + 20'000, '\0');
  const auto frame = buffer::copy_of(whole).slice(4);
  for (int i = 0; i < 2; ++i) {
    session_->on_frame(frame);
    settle();
    give(std::make_shared<groups::standing_answer>());
    answer<heartbeat_response>(newest);
  }
}

TEST_F(standing_reply_test, other_connections_ask_for_themselves) {
  begin();
  connect();
  EXPECT_FALSE(answers_by_itself(a_heartbeat()));
}

/// The right may come when the client has gone.
TEST_F(standing_reply_test, a_connection_that_is_gone_keeps_nothing) {
  ask(a_heartbeat(), newest);
  settle();
  disconnect();
  auto right = std::make_shared<groups::standing_answer>();
  give(right);
  EXPECT_EQ(right.use_count(), 1);
  EXPECT_FALSE(answered());
}

TEST_F(standing_reply_test, answers_keep_their_order) {
  begin();
  const auto slow = ask(a_heartbeat(4), newest);
  const auto quick = ask(a_heartbeat(), newest);
  settle();
  EXPECT_FALSE(answered());
  give();
  EXPECT_EQ(answer<heartbeat_response>(newest, slow).throttle_time_ms, 5);
  EXPECT_EQ(answer<heartbeat_response>(newest, quick).throttle_time_ms, 5);
}

TEST_F(standing_reply_test, answers_without_the_queue_and_with_it_are_the_same) {
  begin();
  ask(a_heartbeat(), newest);
  settle();
  const auto alone = transport_.frames.front();
  transport_.frames.pop_front();
  const auto slow = ask(a_heartbeat(4), newest);
  ask(a_heartbeat(), newest);
  settle();
  give();
  answer<heartbeat_response>(newest, slow);
  ASSERT_EQ(transport_.frames.size(), 1u);
  auto queued = transport_.frames.front();
  ASSERT_EQ(queued.size(), alone.size());
  EXPECT_NE(queued, alone) << "each has its correlation id";
  constexpr size_t header_end = 8; // size and correlation id
  EXPECT_EQ(queued.substr(header_end), alone.substr(header_end));
}

/// By that a connection knows who may wait for others.
TEST_F(standing_reply_test, a_burst_of_one_repeated_heartbeat_is_told_from_others) {
  begin();
  EXPECT_EQ(session_->end_of_burst(), burst::other) << "nothing came";
  ask(a_heartbeat(), newest);
  EXPECT_EQ(session_->end_of_burst(), burst::lone_heartbeat);
  EXPECT_EQ(session_->end_of_burst(), burst::other);
  ask(a_heartbeat(), newest);
  ask(a_heartbeat(), newest);
  EXPECT_EQ(session_->end_of_burst(), burst::other) << "two";
  ask(a_heartbeat(4), newest);
  EXPECT_EQ(session_->end_of_burst(), burst::other) << "another one";
  ask(a_heartbeat(), newest);
  EXPECT_EQ(session_->end_of_burst(), burst::other) << "the one before it is not answered";
  give();
  transport_.frames.clear();
  ask(a_heartbeat(), newest);
  EXPECT_EQ(session_->end_of_burst(), burst::lone_heartbeat);
}

TEST_F(standing_reply_test, one_byte_makes_another_request) {
  const auto whole = frame_of(a_heartbeat(), newest);
  for (size_t i = 0; i < whole.size(); ++i) {
    const bool is_correlation_id = i >= 4 && i < 8;
    auto other = std::string{as_chars(whole)};
    other[i] ^= 1;
    connect();
    begin();
    session_->on_frame(buffer::copy_of(other));
    EXPECT_EQ(session_->end_of_burst(), is_correlation_id ? burst::lone_heartbeat : burst::other) << "byte " << i;
    groups_->calls.clear();
    loop_.drain();
    transport_.frames.clear();
    transport_.closed.clear();
  }
}

} // namespace
} // namespace chisme::testing
