// What a replicated state is told, and what it wants done: the inputs and actions of the machine in
// replicated_state.hpp. Plain values.
#pragma once

#include "actors/journal/entry.hpp"
#include "actors/partition/messages.hpp"

#include <chrono>
#include <variant>

namespace chisme::journal {

/// Counts decisions that have records, and loads; never goes back.
using decision_number = uint64_t;

namespace input {

/// This node leads the log from now on; or it led it before, and the log has been opened anew.
struct leadership_gained {};
/// Another node leads it.
struct leadership_lost {};
/// While another node leads, what the local replica knows as committed is read from now on, instead of nothing. Again:
/// the local replica was opened anew.
struct follow {};
/// The local replica knows of more that is committed than was read.
struct more_committed {};
/// The answer to action::read.
struct log_read {
  uint64_t load = 0;
  partition::read_result result;
};
/// Somebody wants the state: what would be tried after a pause is tried now.
struct wanted {};
/// The pause of this number is over.
struct retry_due {
  uint64_t number = 0;
};
/// The state has been changed by these records already, and was serving. Each part stands in the log as a whole or not
/// at all, and part n does not without the ones before it.
template <class Answer>
struct decided {
  std::vector<entries> parts;
  std::vector<Answer> answers;
};
/// Everything that came at the same time is decided.
struct append_due {};
/// The answer to action::append.
struct log_appended {
  uint64_t append = 0;
  partition::append_result result;
};
/// The answer to action::publish.
struct published {
  decision_number up_to = 0;
};

} // namespace input

template <class Answer>
using replicated_input = std::variant<input::leadership_gained, input::leadership_lost, input::follow,
                                      input::more_committed, input::log_read, input::wanted, input::retry_due,
                                      input::decided<Answer>, input::append_due, input::log_appended, input::published>;

namespace action {

/// Read the log from this offset on; more_committed, please, if there is more behind the end one day, where it is
/// `of_replica`, whoever leads.
struct read {
  uint64_t load = 0;
  offset_t offset = 0;
  bool of_replica = false;
  friend bool operator==(const read&, const read&) = default;
};
/// The state is what the log says; decide upon it, where it serves.
struct loaded {
  offset_t end = 0;
  uint64_t left_out = 0; ///< records that are damaged
  friend bool operator==(const loaded&, const loaded&) = default;
};
/// Nothing can be decided until a later attempt succeeds.
struct load_failed {
  error why;
  friend bool operator==(const load_failed&, const load_failed&) = default;
};
/// retry_due, please, after this pause.
struct retry {
  uint64_t number = 0;
  std::chrono::milliseconds pause{};
  friend bool operator==(const retry&, const retry&) = default;
};
/// append_due, please, behind everything that is on its way.
struct schedule_append {
  friend bool operator==(const schedule_append&, const schedule_append&) = default;
};
/// Append all of these as one batch. With them the log has all up to this decision.
struct append {
  uint64_t number = 0;
  std::vector<entries> parts;
  decision_number up_to = 0;
  friend bool operator==(const append&, const append&) = default;
};
/// The log has all up to here: act by it, and tell the rest of the node. Comes before the next append.
struct publish {
  decision_number up_to = 0;
  friend bool operator==(const publish&, const publish&) = default;
};
/// What these tell of is committed, and published.
template <class Answer>
struct give {
  std::vector<Answer> answers;
  friend bool operator==(const give&, const give&) = default;
};
/// The state was thrown away: what these tell of did not happen, or nobody knows. Whoever waits for a later decision
/// waits in vain.
template <class Answer>
struct discard {
  std::vector<Answer> answers;
  error why;
  friend bool operator==(const discard&, const discard&) = default;
};

} // namespace action

template <class Answer>
using replicated_action =
  std::variant<action::read, action::loaded, action::load_failed, action::retry, action::schedule_append,
               action::append, action::publish, action::give<Answer>, action::discard<Answer>>;

} // namespace chisme::journal
