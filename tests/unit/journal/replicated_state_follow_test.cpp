// A state that follows a log which another node leads, and takes over from it, step by step.
#include "actors/journal/replicated_state.hpp"
#include "tests/support/journal_words.hpp"

#include <gmock/gmock.h>

namespace chisme::journal {
namespace {

using namespace std::chrono_literals;
using test::batch_at;
using test::found;
using test::put;
using testing::ElementsAre;
using testing::IsEmpty;

struct keys {
  std::vector<std::string> all;

  result<void> load(const entry& e) {
    if (as_chars(e.key) == "bad")
      return fail(error_code::corrupt_message, "a bad one");
    all.emplace_back(as_chars(e.key));
    return {};
  }
};

const error led_elsewhere{error_code::not_leader_or_follower, "another node leads the log"};

class replicated_state_follow_test : public testing::Test {
protected:
  using machine = replicated_state<keys, std::string>;
  using actions = machine::actions;
  using discard = action::discard<std::string>;

  actions step(replicated_input<std::string> in) { return machine_.step(std::move(in)); }
  actions follow() { return step(input::follow{}); }
  actions more() { return step(input::more_committed{}); }
  actions gain() { return step(input::leadership_gained{}); }
  actions lose() { return step(input::leadership_lost{}); }
  actions read(uint64_t load, partition::read_result r) { return step(input::log_read{load, std::move(r)}); }
  /// What a replica answers that has more in its log than it knows as committed.
  static partition::read_result found_of(std::vector<buffer> batches, offset_t committed, offset_t end) {
    auto r = found(std::move(batches), committed);
    r.log_end_offset = end;
    return r;
  }
  static buffer one(offset_t at, std::string_view key) { return batch_at(at, {put(key, "v")}); }
  /// It has "a" and "b" of a log that another node leads: load 1, decision 1.
  void follow_two() {
    follow();
    read(1, found({one(0, "a"), one(1, "b")}, 2));
  }
  actions decide(const std::string& key) {
    (void)machine_.state().load(put(key, "v"));
    return step(input::decided<std::string>{{{put(key, "v")}}, {"made " + key}});
  }
  actions appended(uint64_t number, offset_t base) {
    partition::append_result r;
    r.base_offset = base;
    return step(input::log_appended{number, r});
  }
  std::vector<std::string> state() { return machine_.state().all; }

  machine machine_{{}, [] { return std::make_unique<keys>(); }};
};

constexpr bool of_replica = true;

TEST_F(replicated_state_follow_test, who_follows_reads_the_replica_from_its_beginning_and_publishes_but_never_serves) {
  EXPECT_THAT(follow(), ElementsAre(action::read{1, 0, of_replica}));
  EXPECT_EQ(machine_.available(), availability::not_leading);
  EXPECT_THAT(read(1, found({one(0, "a")}, 2)), ElementsAre(action::read{1, 1, of_replica}));
  EXPECT_THAT(read(1, found({one(1, "b")}, 2)), ElementsAre(action::loaded{2, 0}, action::publish{1}));
  EXPECT_THAT(state(), ElementsAre("a", "b"));
  EXPECT_EQ(machine_.available(), availability::not_leading);
  EXPECT_THROW(decide("c"), std::logic_error);
}

TEST_F(replicated_state_follow_test, goes_on_behind_what_it_has_when_more_is_committed) {
  follow_two();
  EXPECT_THAT(more(), ElementsAre(action::read{2, 2, of_replica}));
  EXPECT_THAT(read(2, found({one(2, "c")}, 3)), ElementsAre(action::loaded{3, 0}, action::publish{2}));
  EXPECT_THAT(state(), ElementsAre("a", "b", "c"));
  more();
  EXPECT_THAT(read(3, found({}, 3)), IsEmpty()) << "nothing is new";
}

TEST_F(replicated_state_follow_test, what_is_committed_while_it_reads_is_read_next) {
  follow_two();
  more();
  EXPECT_THAT(more(), IsEmpty());
  EXPECT_THAT(read(2, found({one(2, "c")}, 3)), ElementsAre(action::read{2, 3, of_replica}));
  EXPECT_THAT(read(2, found({one(3, "d")}, 4)), ElementsAre(action::loaded{4, 0}, action::publish{2}));
}

TEST_F(replicated_state_follow_test, does_not_act_by_less_than_its_own_log_has_after_a_start) {
  follow();
  EXPECT_THAT(read(1, found_of({}, 0, 2)), IsEmpty()) << "it may have acted by both before it started";
  more();
  EXPECT_THAT(read(2, found_of({one(0, "a")}, 1, 2)), IsEmpty());
  more();
  EXPECT_THAT(read(3, found_of({one(1, "b")}, 2, 2)), ElementsAre(action::loaded{2, 0}, action::publish{1}));
  more();
  EXPECT_THAT(read(4, found_of({one(2, "c")}, 3, 9)), ElementsAre(action::loaded{3, 0}, action::publish{2}))
    << "what others have not committed is no reason to wait later on";
}

TEST_F(replicated_state_follow_test, a_replica_that_was_opened_anew_is_read_on_and_nothing_is_taken_back) {
  follow_two();
  EXPECT_THAT(follow(), ElementsAre(action::read{2, 2, of_replica}));
  EXPECT_THAT(read(2, found_of({}, 0, 2)), IsEmpty()) << "it has not heard of the leader yet";
  more();
  EXPECT_THAT(read(3, found({one(2, "c")}, 3)), ElementsAre(action::loaded{3, 0}, action::publish{2}));
  EXPECT_THAT(state(), ElementsAre("a", "b", "c"));
}

TEST_F(replicated_state_follow_test, a_replica_that_has_lost_its_log_is_read_anew_and_nothing_older_is_published) {
  follow_two();
  more();
  EXPECT_THAT(read(2, partition::read_result::failed(error_code::offset_out_of_range, "no")),
              ElementsAre(action::load_failed{{error_code::offset_out_of_range, "no"}}, action::retry{1, 500ms}));
  EXPECT_THAT(step(input::retry_due{1}), ElementsAre(action::read{3, 0, of_replica}));
  EXPECT_THAT(read(3, found({one(0, "a")}, 1)), IsEmpty());
  more();
  EXPECT_THAT(read(4, found({one(1, "b")}, 2)), IsEmpty()) << "that is known";
  more();
  EXPECT_THAT(read(5, found({one(2, "c")}, 3)), ElementsAre(action::loaded{3, 0}, action::publish{2}));
  EXPECT_THAT(state(), ElementsAre("a", "b", "c"));
}

TEST_F(replicated_state_follow_test, a_read_that_fails_is_tried_again_from_where_it_was) {
  follow_two();
  more();
  read(2, partition::read_result::lost());
  EXPECT_THAT(more(), IsEmpty());
  EXPECT_THAT(step(input::retry_due{1}), ElementsAre(action::read{3, 2, of_replica}));
}

TEST_F(replicated_state_follow_test, bytes_that_were_half_taken_are_read_from_the_beginning) {
  follow_two();
  more();
  read(2, found({batch_at(2, {put("c", "v"), put("bad", "v")})}, 4));
  EXPECT_THAT(step(input::retry_due{1}), ElementsAre(action::read{3, 0, of_replica}));
  read(3, found({one(0, "a"), one(1, "b"), one(2, "c")}, 3));
  EXPECT_THAT(state(), ElementsAre("a", "b", "c"));
}

// Taking over.

TEST_F(replicated_state_follow_test, who_comes_to_lead_reads_to_the_end_and_serves_without_reading_all) {
  follow_two();
  EXPECT_THAT(gain(), ElementsAre(action::read{2, 2}));
  EXPECT_EQ(machine_.available(), availability::loading);
  EXPECT_THAT(read(2, found({one(2, "c")}, 3)), ElementsAre(action::loaded{3, 0}, action::publish{2}));
  EXPECT_EQ(machine_.available(), availability::serving);
  EXPECT_THAT(state(), ElementsAre("a", "b", "c"));
}

TEST_F(replicated_state_follow_test, an_end_that_was_read_before_the_leadership_is_not_the_end) {
  follow_two();
  more();
  EXPECT_THAT(gain(), ElementsAre(action::read{3, 2}));
  EXPECT_THAT(read(2, found({}, 2)), IsEmpty()) << "a follower's end";
  EXPECT_EQ(machine_.available(), availability::loading);
  read(3, found({one(2, "c")}, 3));
  EXPECT_EQ(machine_.available(), availability::serving);
}

TEST_F(replicated_state_follow_test, who_leads_and_is_told_of_more_has_written_it) {
  follow_two();
  gain();
  read(2, found({}, 2));
  EXPECT_THAT(more(), IsEmpty());
  EXPECT_EQ(machine_.available(), availability::serving);
}

// Losing.

TEST_F(replicated_state_follow_test, who_loses_the_leadership_with_all_committed_goes_on_behind_it) {
  follow_two();
  gain();
  read(2, found({}, 2));
  decide("c");
  step(input::append_due{});
  EXPECT_THAT(appended(1, 2), ElementsAre(action::publish{3}));
  EXPECT_THAT(lose(), ElementsAre(discard{{}, led_elsewhere}, action::read{3, 3, of_replica}));
  EXPECT_EQ(machine_.available(), availability::not_leading);
  EXPECT_THAT(step(input::published{3}), ElementsAre(action::give<std::string>{{"made c"}})) << "it was committed";
  read(3, found({one(3, "d")}, 4));
  EXPECT_THAT(state(), ElementsAre("a", "b", "c", "d"));
}

TEST_F(replicated_state_follow_test, who_loses_the_leadership_and_is_ahead_of_the_log_reads_it_anew) {
  follow_two();
  gain();
  read(2, found({}, 2));
  decide("c");
  EXPECT_THAT(lose(), ElementsAre(discard{{"made c"}, led_elsewhere}, action::read{3, 0, of_replica}));
  EXPECT_THAT(read(3, found({one(0, "a"), one(1, "b")}, 2)), IsEmpty());
  EXPECT_THAT(state(), ElementsAre("a", "b"));
  EXPECT_THAT(more(), ElementsAre(action::read{4, 2, of_replica}));
}

TEST_F(replicated_state_follow_test, an_append_under_way_may_be_committed_by_the_next_leader) {
  follow_two();
  gain();
  read(2, found({}, 2));
  decide("c");
  step(input::append_due{});
  EXPECT_THAT(lose(), ElementsAre(discard{{"made c"}, led_elsewhere}, action::read{3, 0, of_replica}));
  EXPECT_THAT(appended(1, 2), IsEmpty()) << "nobody is told of success any more";
  read(3, found({one(0, "a"), one(1, "b"), one(2, "c")}, 3));
  EXPECT_THAT(state(), ElementsAre("a", "b", "c"));
}

TEST_F(replicated_state_follow_test, who_does_not_know_where_its_append_stands_reads_anew) {
  follow_two();
  gain();
  read(2, found({}, 2));
  decide("c");
  step(input::append_due{});
  appended(1, 5);
  EXPECT_THAT(lose(), ElementsAre(discard{{}, led_elsewhere}, action::read{3, 0, of_replica}));
}

TEST_F(replicated_state_follow_test, who_loses_the_leadership_while_it_reads_reads_as_a_follower) {
  follow_two();
  gain();
  EXPECT_THAT(lose(), ElementsAre(discard{{}, led_elsewhere}, action::read{3, 2, of_replica}));
  EXPECT_THAT(read(2, found({}, 2)), IsEmpty());
  EXPECT_EQ(machine_.available(), availability::not_leading);
}

TEST_F(replicated_state_follow_test, who_led_from_the_start_may_follow_later) {
  gain();
  EXPECT_THAT(read(1, found({one(0, "a")}, 1)), ElementsAre(action::loaded{1, 0}, action::publish{1}));
  EXPECT_THAT(follow(), IsEmpty()) << "it leads";
  EXPECT_THAT(lose(), ElementsAre(discard{{}, led_elsewhere}, action::read{2, 1, of_replica}));
}

} // namespace
} // namespace chisme::journal
