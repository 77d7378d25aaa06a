// Incremental fetch sessions (KIP-227) through whole requests.

#include "tests/support/fetch_fixture.hpp"

#include <gmock/gmock.h>

namespace chisme::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using error = error_code;

class fetch_session_test : public fetch_test {
protected:
  fetch_session_test() { ports_ = add_topic("t", 3); }

  static request with_session(int32_t id, int32_t epoch) {
    auto r = fetch(0);
    r.session_id = id;
    r.session_epoch = epoch;
    return r;
  }

  /// Asks; each partition that is read answers what `finds` says, empty otherwise.
  response exchange(const request& r, int16_t version, std::map<size_t, partition::read_result> finds = {}) {
    read_order_.clear();
    ask(r, version);
    settle();
    for (bool more = true; more;) {
      more = false;
      for (size_t i = 0; i < ports_.size(); ++i) {
        for (auto reads = std::exchange(ports_[i]->reads, {}); auto& read : reads) {
          more = true;
          read_order_.push_back(i);
          offsets_[i] = read.offset;
          read.done(finds.contains(i) ? finds[i] : found("", 10));
        }
      }
    }
    loop_.drain();
    return answer<response>(version, correlation_);
  }

  /// Opens a session with all three partitions and returns its id.
  int32_t open(int16_t version = 12) {
    auto r = with_session(0, 0);
    for (int32_t i = 0; i < 3; ++i)
      want(r, "t", i, 10 + i);
    auto a = exchange(r, version);
    EXPECT_EQ(all_of(a).size(), 3u) << "a full answer names all";
    return a.session_id;
  }

  std::vector<partition_ptr> ports_;
  std::vector<size_t> read_order_;
  std::map<size_t, int64_t> offsets_;
};

TEST_F(fetch_session_test, an_incremental_answer_tells_only_what_changed) {
  const auto id = open();
  ASSERT_GT(id, 0);
  auto a = exchange(with_session(id, 1), 12);
  EXPECT_EQ(a.session_id, id);
  EXPECT_THAT(all_of(a), IsEmpty());
  EXPECT_THAT(offsets_, ElementsAre(std::pair(0u, 10), std::pair(1u, 11), std::pair(2u, 12))) << "all were read";
  a = exchange(with_session(id, 2), 12, {{1, found("", 11)}});
  EXPECT_THAT(all_of(a), ElementsAre(told{"t", 1, error::none, 11, ""})) << "the high watermark moved";
  a = exchange(with_session(id, 3), 12, {{1, found("", 11)}});
  EXPECT_THAT(all_of(a), IsEmpty());
  a = exchange(with_session(id, 4), 12, {{1, found("data", 11)}});
  EXPECT_THAT(all_of(a), ElementsAre(told{"t", 1, error::none, 11, "data"}));
}

TEST_F(fetch_session_test, a_moved_log_start_is_told) {
  const auto id = open();
  auto moved = found("", 10);
  moved.log_start_offset = 4;
  EXPECT_THAT(all_of(exchange(with_session(id, 1), 12, {{2, moved}})), ElementsAre(told{"t", 2, error::none, 10, ""}));
}

TEST_F(fetch_session_test, an_error_is_told_each_time_and_its_end_once) {
  const auto id = open();
  const auto failed = partition::read_result::failed(error::offset_out_of_range);
  for (int32_t epoch : {1, 2})
    EXPECT_THAT(all_of(exchange(with_session(id, epoch), 12, {{0, failed}})),
                ElementsAre(told{"t", 0, error::offset_out_of_range, -1, ""}));
  EXPECT_THAT(all_of(exchange(with_session(id, 3), 12)), ElementsAre(told{"t", 0, error::none, 10, ""}));
  EXPECT_THAT(all_of(exchange(with_session(id, 4), 12)), IsEmpty());
}

TEST_F(fetch_session_test, partitions_are_changed_added_and_forgotten) {
  auto first = with_session(0, 0);
  const auto id = exchange(want(want(first, "t", 0, 5), "t", 1, 6), 12).session_id;
  auto change = with_session(id, 1);
  want(want(change, "t", 0, 50), "t", 2, 70);
  change.forgotten_topics_data.push_back({"t", id_of("t"), {1}});
  offsets_.clear();
  EXPECT_THAT(all_of(exchange(change, 12)), ElementsAre(told{"t", 2, error::none, 10, ""}))
    << "a new partition is news";
  EXPECT_THAT(offsets_, ElementsAre(std::pair(0u, 50), std::pair(2u, 70)));
}

/// A name that no topic can have would be kept with each partition.
TEST_F(fetch_session_test, impossible_names_are_not_kept) {
  const std::string longest(session::fetch_session::longest_name, 'n');
  auto r = with_session(0, 0);
  EXPECT_GT(exchange(want(r, longest, 0), 12).session_id, 0);
  r = with_session(0, 0);
  auto a = exchange(want(want(r, longest + 'n', 0), "t", 0), 12);
  EXPECT_EQ(a.session_id, 0);
  EXPECT_EQ(all_of(a).size(), 2u) << "it is answered all the same";
  const auto id = open();
  r = with_session(id, 1);
  EXPECT_EQ(exchange(want(r, longest + 'n', 0), 12).error, error::fetch_session_id_not_found);
}

TEST_F(fetch_session_test, by_topic_id) {
  const auto id = open(13);
  ASSERT_GT(id, 0);
  auto change = with_session(id, 1);
  change.forgotten_topics_data.push_back({"", id_of("t"), {0, 1}});
  auto a = exchange(change, 13, {{2, found("data", 11)}});
  EXPECT_EQ(read_order_, (std::vector<size_t>{2}));
  EXPECT_EQ(a.responses.at(0).topic_id, id_of("t"));
  EXPECT_THAT(all_of(a), ElementsAre(told{"", 2, error::none, 11, "data"}));
}

TEST_F(fetch_session_test, wrong_ids_epochs_and_names_are_refused) {
  const auto id = open();
  auto refused = [&](int32_t session, int32_t epoch, int16_t version) {
    auto a = exchange(with_session(session, epoch), version);
    EXPECT_EQ(a.session_id, 0);
    EXPECT_TRUE(a.responses.empty());
    return a.error;
  };
  EXPECT_EQ(refused(id + 1, 1, 12), error::fetch_session_id_not_found);
  EXPECT_EQ(refused(id, 2, 12), error::invalid_fetch_session_epoch);
  EXPECT_EQ(refused(id, 1, 13), error::fetch_session_topic_id_error);
  EXPECT_EQ(exchange(with_session(id, 1), 12).error, error::none) << "the session has survived";
  EXPECT_EQ(refused(id, 1, 12), error::invalid_fetch_session_epoch) << "a repeated request";
}

TEST_F(fetch_session_test, the_final_epoch_closes_its_own_session_only) {
  const auto slots = broker_.fetch_sessions.free_slots.load();
  const auto id = open();
  EXPECT_EQ(broker_.fetch_sessions.free_slots, slots - 1);
  exchange(with_session(id + 1, -1), 12);
  EXPECT_EQ(broker_.fetch_sessions.free_slots, slots - 1);
  auto last = with_session(id, -1);
  auto a = exchange(want(last, "t", 0), 12, {{0, found("data")}});
  EXPECT_EQ(a.session_id, 0);
  EXPECT_THAT(all_of(a), ElementsAre(told{"t", 0, error::none, 100, "data"}));
  EXPECT_EQ(broker_.fetch_sessions.free_slots, slots);
  EXPECT_EQ(exchange(with_session(id, 1), 12).error, error::fetch_session_id_not_found);
}

TEST_F(fetch_session_test, a_new_session_takes_the_place_of_the_old_one) {
  const auto slots = broker_.fetch_sessions.free_slots.load();
  const auto first = open();
  const auto second = open();
  EXPECT_NE(first, second);
  EXPECT_EQ(broker_.fetch_sessions.free_slots, slots - 1);
  EXPECT_EQ(exchange(with_session(first, 1), 12).error, error::fetch_session_id_not_found);
  EXPECT_EQ(exchange(with_session(0, 0), 12).session_id, 0) << "no session for nothing";
  EXPECT_EQ(broker_.fetch_sessions.free_slots, slots);
}

TEST_F(fetch_session_test, ids_go_on_from_where_the_node_began) {
  broker_.fetch_sessions.last_id = 76;
  EXPECT_EQ(open(), 77);
  EXPECT_EQ(open(), 78);
}

TEST(fetch_session_pool, ids_are_positive_wherever_they_begin) {
  session::fetch_session_pool pool;
  constexpr uint32_t largest = std::numeric_limits<int32_t>::max();
  for (const uint32_t begin : {0u, largest - 1, largest, largest + 1, ~0u}) {
    pool.last_id = begin;
    const auto first = pool.new_id(), second = pool.new_id();
    EXPECT_GT(first, 0) << begin;
    EXPECT_GT(second, 0) << begin;
    EXPECT_NE(first, second) << begin;
  }
}

TEST_F(fetch_session_test, a_disconnect_frees_the_slot) {
  const auto slots = broker_.fetch_sessions.free_slots.load();
  open();
  // A request that is still under way keeps the session object, but not its slot.
  auto r = fetch(300'000);
  ask_and_settle(want(r, "t", 0));
  session_->disconnected();
  EXPECT_EQ(broker_.fetch_sessions.free_slots, slots);
}

TEST_F(fetch_session_test, without_free_slots_fetches_are_served_without_a_session) {
  broker_.fetch_sessions.free_slots = 1;
  EXPECT_GT(open(), 0);
  auto first = std::exchange(session_, nullptr);
  connect();
  EXPECT_EQ(open(), 0);
  first->disconnected();
  EXPECT_GT(open(), 0);
}

/// KIP-227 and KIP-74: what gave data goes to the end, so that busy partitions do not starve the others.
TEST_F(fetch_session_test, partitions_that_gave_data_are_read_last) {
  auto first = with_session(0, 0);
  first.max_bytes = 100;
  for (int32_t i = 0; i < 3; ++i)
    want(first, "t", i, 0, 100);
  const std::string all(100, 'x');
  const std::map<size_t, partition::read_result> busy{{0, found(all)}, {1, found(all)}, {2, found(all)}};
  const auto id = exchange(first, 12, busy).session_id;
  std::vector<int32_t> served;
  for (int32_t epoch = 1; epoch <= 6; ++epoch) {
    auto r = with_session(id, epoch);
    r.max_bytes = 100;
    auto a = exchange(r, 12, busy);
    ASSERT_EQ(all_of(a).size(), 1u) << "those that were not read are not told about";
    served.push_back(all_of(a)[0].partition);
  }
  EXPECT_THAT(served, ElementsAre(1, 2, 0, 1, 2, 0));
}

/// Two fetches in flight; the second opens a new session in the place of the one that the first belongs to.
TEST_F(fetch_session_test, an_answer_does_not_touch_the_session_behind_its_own) {
  const auto id = open();
  ask_and_settle(with_session(id, 1));
  auto old_reads = std::exchange(ports_[0]->reads, {});
  auto next = with_session(0, 0);
  ask_and_settle(want(next, "t", 0, 100));
  for (auto& r : old_reads)
    r.done(found("", 99));
  for (auto& p : ports_)
    for (auto reads = std::exchange(p->reads, {}); auto& r : reads)
      r.done(found("", 10));
  loop_.drain();
  EXPECT_EQ(answer<response>(12).session_id, 0) << "that session is gone";
  const auto fresh = answer<response>(12).session_id;
  EXPECT_GT(fresh, 0);
  EXPECT_THAT(all_of(exchange(with_session(fresh, 1), 12)), IsEmpty()) << "told are its own offsets only";
}

} // namespace
} // namespace chisme::testing
