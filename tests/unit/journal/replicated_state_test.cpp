// A state that lives in a log, step by step: inputs and actions are plain values.
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

/// The keys of the records so far.
struct keys {
  std::vector<std::string> all;

  void apply(const entry& e) { all.emplace_back(as_chars(e.key)); }
  result<void> load(const entry& e) {
    if (as_chars(e.key) == "bad")
      return fail(error_code::corrupt_message, "a bad one");
    apply(e);
    return {};
  }
};

const error no_space{error_code::kafka_storage_error, "no space"};
const error answer_lost{error_code::not_leader_or_follower, "the partition stopped before it answered"};
const error opened_anew{error_code::not_leader_or_follower, "the log was opened anew"};
const error led_elsewhere{error_code::not_leader_or_follower, "another node leads the log"};

class replicated_state_test : public testing::Test {
protected:
  using machine = replicated_state<keys, std::string>;
  using actions = machine::actions;
  using give = action::give<std::string>;
  using discard = action::discard<std::string>;

  actions step(replicated_input<std::string> in) { return machine_->step(std::move(in)); }

  void begin(replication_rules rules) {
    machine_.emplace(rules, [] { return std::make_unique<keys>(); });
  }
  actions gain() { return step(input::leadership_gained{}); }
  actions read(uint64_t load, partition::read_result r) { return step(input::log_read{load, std::move(r)}); }
  actions read_fails(uint64_t load, error_code code) { return read(load, partition::read_result::failed(code, "no")); }
  /// It serves upon an empty log: load 1, decision 1.
  void serve() {
    gain();
    read(1, found({}, 0));
    step(input::published{1});
    ASSERT_EQ(machine_->available(), availability::serving);
  }
  /// Each key is a part of its own.
  actions decide(const std::vector<std::string>& parts, std::vector<std::string> answers) {
    input::decided<std::string> d{{}, std::move(answers)};
    for (const auto& key : parts) {
      machine_->state().apply(put(key, "v"));
      d.parts.push_back({put(key, "v")});
    }
    return step(std::move(d));
  }
  actions due() { return step(input::append_due{}); }
  actions appended(uint64_t number) { return step(input::log_appended{number, {}}); }
  actions append_fails(uint64_t number, const error& why) {
    return step(input::log_appended{number, partition::append_result::failed(why.code, why.message)});
  }
  actions published(decision_number up_to) { return step(input::published{up_to}); }
  std::vector<std::string> state() { return machine_->state().all; }
  /// The keys of each part without spaces between them.
  static action::append append(uint64_t number, const std::vector<std::string>& parts, decision_number up_to) {
    action::append a{number, {}, up_to};
    for (const auto& part : parts) {
      auto& to = a.parts.emplace_back();
      for (const char key : part)
        to.push_back(put({&key, 1}, "v"));
    }
    return a;
  }

  std::optional<machine> machine_{std::in_place, replication_rules{}, [] { return std::make_unique<keys>(); }};
};

// Loading.

TEST_F(replicated_state_test, nobody_decides_before_it_leads_the_log) {
  EXPECT_EQ(machine_->available(), availability::not_leading);
  EXPECT_THAT(step(input::wanted{}), IsEmpty());
  EXPECT_THROW(decide({"a"}, {}), std::logic_error);
}

TEST_F(replicated_state_test, loads_in_steps_and_serves_then) {
  EXPECT_THAT(gain(), ElementsAre(action::read{1, 0}));
  EXPECT_EQ(machine_->available(), availability::loading);
  EXPECT_THAT(read(1, found({batch_at(0, {put("a", "1"), put("b", "2")})}, 3)), ElementsAre(action::read{1, 2}));
  EXPECT_EQ(machine_->available(), availability::loading);
  EXPECT_THAT(read(1, found({batch_at(2, {put("c", "3")})}, 3)), ElementsAre(action::loaded{3, 0}, action::publish{1}));
  EXPECT_EQ(machine_->available(), availability::serving);
  EXPECT_THAT(state(), ElementsAre("a", "b", "c"));
}

TEST_F(replicated_state_test, a_load_that_fails_is_tried_again_after_longer_and_longer_pauses) {
  gain();
  const action::load_failed failed{{error_code::kafka_storage_error, "no"}};
  EXPECT_THAT(read_fails(1, error_code::kafka_storage_error), ElementsAre(failed, action::retry{1, 500ms}));
  EXPECT_EQ(machine_->available(), availability::unreadable);
  EXPECT_THAT(step(input::retry_due{1}), ElementsAre(action::read{2, 0}));
  EXPECT_EQ(machine_->available(), availability::unreadable) << "until one succeeds";
  EXPECT_THAT(read_fails(2, error_code::kafka_storage_error), ElementsAre(failed, action::retry{2, 1000ms}));
  step(input::retry_due{2});
  read(3, found({}, 0));
  EXPECT_EQ(machine_->available(), availability::serving);
  gain();
  EXPECT_THAT(read_fails(4, error_code::kafka_storage_error), ElementsAre(failed, action::retry{3, 500ms}))
    << "it had succeeded meanwhile";
}

TEST_F(replicated_state_test, a_load_begins_anew_with_nothing_of_the_one_before) {
  gain();
  read(1, found({batch_at(0, {put("a", "1")})}, 2));
  read_fails(1, error_code::kafka_storage_error);
  EXPECT_THAT(step(input::retry_due{1}), ElementsAre(action::read{2, 0}));
  read(2, found({batch_at(0, {put("a", "1"), put("b", "2")})}, 2));
  EXPECT_THAT(state(), ElementsAre("a", "b"));
}

TEST_F(replicated_state_test, who_wants_it_does_not_wait_for_the_pause) {
  gain();
  EXPECT_THAT(step(input::wanted{}), IsEmpty()) << "it is being read";
  read_fails(1, error_code::kafka_storage_error);
  EXPECT_THAT(step(input::wanted{}), ElementsAre(action::read{2, 0}));
  EXPECT_THAT(step(input::retry_due{1}), IsEmpty()) << "it is being read";
  read_fails(2, error_code::kafka_storage_error);
  EXPECT_THAT(step(input::retry_due{1}), IsEmpty()) << "this is not the pause that it waits for";
  EXPECT_THAT(step(input::retry_due{2}), ElementsAre(action::read{3, 0}));
}

TEST_F(replicated_state_test, a_damaged_log_is_not_loaded_where_all_of_it_is_needed) {
  gain();
  const error why{error_code::corrupt_message, "at offset 0: a bad one"};
  EXPECT_THAT(read(1, found({batch_at(0, {put("a", "1"), put("bad", "2")})}, 2)),
              ElementsAre(action::load_failed{why}, action::retry{1, 500ms}));
}

TEST_F(replicated_state_test, a_damaged_log_is_loaded_without_the_damage_where_each_record_stands_for_itself) {
  begin({.damaged = damage::is_left_out});
  gain();
  EXPECT_THAT(read(1, found({batch_at(0, {put("a", "1"), put("bad", "2"), put("c", "3")})}, 3)),
              ElementsAre(action::loaded{3, 1}, action::publish{1}));
  EXPECT_THAT(state(), ElementsAre("a", "c"));
}

TEST_F(replicated_state_test, a_log_that_is_opened_anew_while_it_is_read_is_read_from_its_beginning) {
  gain();
  read(1, found({batch_at(0, {put("a", "1")})}, 2));
  EXPECT_THAT(gain(), ElementsAre(action::read{2, 0}));
  EXPECT_THAT(read(1, found({batch_at(1, {put("b", "2")})}, 2)), IsEmpty()) << "what the log before says";
  EXPECT_THAT(read_fails(1, error_code::not_leader_or_follower), IsEmpty());
  read(2, found({batch_at(0, {put("c", "1")})}, 1));
  EXPECT_THAT(state(), ElementsAre("c"));
}

// Deciding.

TEST_F(replicated_state_test, answers_what_the_log_has_and_the_node_acts_by) {
  serve();
  EXPECT_THAT(decide({"a"}, {"made a"}), ElementsAre(action::schedule_append{}));
  EXPECT_THAT(due(), ElementsAre(append(1, {"a"}, 2)));
  EXPECT_THAT(appended(1), ElementsAre(action::publish{2}));
  EXPECT_THAT(published(2), ElementsAre(give{{"made a"}}));
  EXPECT_THAT(published(2), IsEmpty());
}

TEST_F(replicated_state_test, what_is_decided_before_the_append_is_due_is_one_batch) {
  serve();
  decide({"a"}, {"made a"});
  EXPECT_THAT(decide({"b", "c"}, {"made b, c"}), IsEmpty()) << "the append is scheduled";
  EXPECT_THAT(due(), ElementsAre(append(1, {"a", "b", "c"}, 4)));
  EXPECT_THAT(appended(1), ElementsAre(action::publish{4}));
  EXPECT_THAT(published(4), ElementsAre(give{{"made a", "made b, c"}}));
}

TEST_F(replicated_state_test, what_is_decided_while_an_append_is_under_way_shares_the_next_one) {
  serve();
  decide({"a"}, {"made a"});
  due();
  EXPECT_THAT(decide({"b"}, {"made b"}), IsEmpty());
  EXPECT_THAT(decide({"c"}, {"made c"}), IsEmpty());
  EXPECT_THAT(appended(1), ElementsAre(action::publish{2}, append(2, {"b", "c"}, 4)));
  EXPECT_THAT(published(2), ElementsAre(give{{"made a"}}));
  EXPECT_THAT(appended(2), ElementsAre(action::publish{4}));
  EXPECT_THAT(published(4), ElementsAre(give{{"made b", "made c"}}));
  EXPECT_THAT(decide({"d"}, {}), ElementsAre(action::schedule_append{}));
}

TEST_F(replicated_state_test, a_batch_that_is_large_enough_takes_no_more_parts_but_never_half_of_one) {
  begin({.batch_bytes = 4}); // a key and its value are two bytes
  serve();
  input::decided<std::string> large;
  large.parts = {{put("a", "v"), put("b", "v"), put("c", "v")}, {put("d", "v")}, {put("e", "v")}};
  step(std::move(large));
  EXPECT_THAT(due(), ElementsAre(append(1, {"abc"}, 2)));
  EXPECT_THAT(appended(1), ElementsAre(action::publish{2}, append(2, {"d", "e"}, 4)));
}

TEST_F(replicated_state_test, an_answer_without_records_is_given_at_once) {
  serve();
  EXPECT_THAT(decide({}, {"it exists"}), ElementsAre(give{{"it exists"}}));
  EXPECT_THAT(due(), IsEmpty());
}

TEST_F(replicated_state_test, an_answer_without_records_waits_for_what_was_decided_before_it) {
  serve();
  decide({"a"}, {"made a"});
  due();
  EXPECT_THAT(decide({}, {"a exists"}), IsEmpty());
  decide({"b"}, {"made b"});
  EXPECT_THAT(decide({}, {"b exists"}), IsEmpty());
  appended(1);
  EXPECT_THAT(published(2), ElementsAre(give{{"made a", "a exists"}}));
  EXPECT_THAT(decide({}, {"still"}), IsEmpty());
  appended(2);
  EXPECT_THAT(published(3), ElementsAre(give{{"made b", "b exists", "still"}}));
}

TEST_F(replicated_state_test, an_answer_without_records_waits_until_the_node_acts_by_what_was_loaded) {
  gain();
  read(1, found({batch_at(0, {put("a", "1")})}, 1));
  EXPECT_THAT(decide({}, {"a exists"}), IsEmpty());
  EXPECT_THAT(published(1), ElementsAre(give{{"a exists"}}));
}

TEST_F(replicated_state_test, what_is_decided_may_be_answered_later_or_not_at_all) {
  serve();
  decide({"a"}, {});
  due();
  EXPECT_THAT(appended(1), ElementsAre(action::publish{2}));
  EXPECT_THAT(published(2), IsEmpty());
  EXPECT_THAT(decide({}, {"first", "second"}), ElementsAre(give{{"first", "second"}}));
}

// Losing.

TEST_F(replicated_state_test, an_append_that_fails_takes_everything_back_that_was_decided_since) {
  serve();
  decide({"a"}, {"made a"});
  due();
  decide({"b"}, {"made b"});
  decide({}, {"b exists"});
  EXPECT_THAT(append_fails(1, no_space),
              ElementsAre(discard{{"made a", "made b", "b exists"}, no_space}, action::retry{1, 500ms}));
  EXPECT_EQ(machine_->available(), availability::loading);
  EXPECT_THAT(state(), IsEmpty());
  EXPECT_THAT(step(input::retry_due{1}), ElementsAre(action::read{2, 0}));
  EXPECT_THAT(read(2, found({}, 0)), ElementsAre(action::loaded{0, 0}, action::publish{4}));
  EXPECT_THAT(decide({"c"}, {"made c"}), ElementsAre(action::schedule_append{}));
  EXPECT_THAT(due(), ElementsAre(append(2, {"c"}, 5)));
}

TEST_F(replicated_state_test, appends_that_go_on_failing_have_longer_and_longer_pauses) {
  serve();
  decide({"a"}, {});
  due();
  append_fails(1, no_space);
  step(input::retry_due{1});
  read(2, found({}, 0));
  decide({"a"}, {});
  due();
  EXPECT_THAT(append_fails(2, no_space), ElementsAre(discard{{}, no_space}, action::retry{2, 1000ms}));
  step(input::retry_due{2});
  read(3, found({}, 0));
  decide({"a"}, {});
  due();
  appended(3);
  decide({"b"}, {});
  due();
  EXPECT_THAT(append_fails(4, no_space), ElementsAre(discard{{}, no_space}, action::retry{3, 500ms}));
}

TEST_F(replicated_state_test, an_append_whose_answer_is_lost_may_be_in_the_log) {
  serve();
  decide({"a"}, {"made a"});
  due();
  EXPECT_THAT(append_fails(1, answer_lost), ElementsAre(discard{{"made a"}, answer_lost}, action::retry{1, 500ms}));
  EXPECT_THAT(gain(), ElementsAre(action::read{2, 0}));
  read(2, found({batch_at(0, {put("a", "v")})}, 1));
  EXPECT_THAT(state(), ElementsAre("a"));
  EXPECT_THAT(step(input::retry_due{1}), IsEmpty());
}

TEST_F(replicated_state_test, a_log_that_is_opened_anew_before_the_append_is_due_has_none_of_it) {
  serve();
  decide({"a"}, {"made a"});
  EXPECT_THAT(gain(), ElementsAre(discard{{"made a"}, opened_anew}, action::read{2, 0}));
  EXPECT_THAT(due(), IsEmpty());
  read(2, found({}, 0));
  EXPECT_THAT(state(), IsEmpty());
}

TEST_F(replicated_state_test, a_log_that_is_opened_anew_while_an_append_is_under_way_takes_back_all) {
  serve();
  decide({"a"}, {"made a"});
  due();
  decide({"b"}, {"made b"});
  EXPECT_THAT(gain(), ElementsAre(discard{{"made a", "made b"}, opened_anew}, action::read{2, 0}));
  EXPECT_THAT(append_fails(1, answer_lost), IsEmpty()) << "of the log before";
  read(2, found({}, 0));
  decide({"c"}, {"made c"});
  due();
  EXPECT_THAT(appended(1), IsEmpty()) << "of the log before";
  EXPECT_THAT(appended(2), ElementsAre(action::publish{5}));
  EXPECT_THAT(published(5), ElementsAre(give{{"made c"}}));
}

TEST_F(replicated_state_test, what_is_committed_is_answered_although_the_next_append_fails) {
  serve();
  decide({"a"}, {"made a"});
  due();
  decide({"b"}, {"made b"});
  appended(1);
  EXPECT_THAT(append_fails(2, no_space), ElementsAre(discard{{"made b"}, no_space}, action::retry{1, 500ms}));
  EXPECT_THAT(published(2), ElementsAre(give{{"made a"}}));
}

TEST_F(replicated_state_test, who_does_not_lead_any_more_drops_everything_and_does_not_load) {
  serve();
  decide({"a"}, {"made a"});
  due();
  decide({"b"}, {"made b"});
  EXPECT_THAT(step(input::leadership_lost{}), ElementsAre(discard{{"made a", "made b"}, led_elsewhere}));
  EXPECT_EQ(machine_->available(), availability::not_leading);
  EXPECT_THAT(state(), IsEmpty());
  EXPECT_THAT(appended(1), IsEmpty());
  EXPECT_THAT(step(input::wanted{}), IsEmpty());
  EXPECT_THAT(gain(), ElementsAre(action::read{2, 0}));
}

TEST_F(replicated_state_test, who_does_not_lead_any_more_while_it_loads_stops_loading) {
  gain();
  EXPECT_THAT(step(input::leadership_lost{}), ElementsAre(discard{{}, led_elsewhere}));
  EXPECT_THAT(read(1, found({}, 0)), IsEmpty());
  EXPECT_EQ(machine_->available(), availability::not_leading);
}

TEST_F(replicated_state_test, who_does_not_lead_any_more_while_it_waits_stops_waiting) {
  gain();
  read_fails(1, error_code::kafka_storage_error);
  step(input::leadership_lost{});
  EXPECT_EQ(machine_->available(), availability::not_leading);
  EXPECT_THAT(step(input::retry_due{1}), IsEmpty());
}

} // namespace
} // namespace chisme::journal
