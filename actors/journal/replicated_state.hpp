// A state that lives in a replicated log: decided by whoever leads the log, committed by the log, and loaded from it.
// Pure: it is told what happened and says what shall be done; the actor around it does it and tells how that went.
//
//            leadership_gained            the log is read
//   absent -------------------> loading -------------------> serving
//     ^                          |   ^                          |
//     |                    fails |   | retry_due, wanted        | an append failed, or its answer was lost
//     |                          v   |                          |
//     +--- leadership_lost --- waiting <------------------------+         leadership_gained: loading, from everywhere
//
// Who follows is never absent: it loads from the local replica, whoever leads, and stays current.
//
//                   the log is read                 leadership_gained: reads on to the end
//   follow --> loading --------> following --------------------------> loading --> serving
//                 ^  more_committed |                                                 |
//                 +-----------------+   <-- leadership_lost: from the beginning where the state is ahead of the log
//
//   decided --> append --> log_appended --> publish --> published --> give the answers
//
// A decision changes the state at once, so that the next one sees it, and is answered when the log has it and the node
// acts by it. So the state may be ahead of its log: when an append is lost, the state is thrown away and loaded anew.
// One append is under way at a time, and what is decided meanwhile shares the next one. An answer without records waits
// for what was decided before it, because it may tell of that.
//
// State: `result<void> load(entry)` takes one record of the log, in its order; an error says that it is damaged.
// Invariants: published_ <= committed_ <= decided_; owed_ is in the order of decisions, and empty of what is published;
// while it does not serve, nothing waits to be appended. The states that are published never go back, also where the
// log is read from its beginning again, or its replica has forgotten how much of it is committed.
#pragma once

#include "actors/journal/replay.hpp"
#include "actors/journal/replicated_steps.hpp"
#include "actors/retry_delay.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace chisme::journal {

struct replication_rules {
  damage damaged = damage::fails;                          ///< what becomes of a load that meets it
  size_t batch_bytes = std::numeric_limits<size_t>::max(); ///< an append that has so many takes no more parts
  std::chrono::milliseconds first_pause{500};              ///< before another load, twice as long each time
  std::chrono::milliseconds longest_pause{60'000};
};

enum class availability : uint8_t {
  not_leading, ///< another node is to be asked
  unreadable,  ///< the last attempt to load failed; others follow
  loading,     ///< wait
  serving,     ///< decide
};

template <class State, class Answer>
class replicated_state {
public:
  using actions = std::vector<replicated_action<Answer>>;

  /// `make`: the state of an empty log.
  replicated_state(replication_rules rules, std::function<std::unique_ptr<State>()> make)
    : rules_(rules), make_(std::move(make)), state_(make_()), replay_(rules.damaged),
      read_pause_(rules.first_pause, rules.longest_pause), append_pause_(rules.first_pause, rules.longest_pause) {}

  /// The actions are to be done in their order.
  [[nodiscard]] actions step(replicated_input<Answer> in) {
    actions out;
    std::visit([&](auto& x) { on(x, out); }, in);
    return out;
  }

  /// To be decided upon while it serves.
  State& state() { return *state_; }

  availability available() const {
    if (!leads_)
      return availability::not_leading;
    if (phase_ == phase::serving)
      return availability::serving;
    return load_failed_ ? availability::unreadable : availability::loading;
  }

private:
  enum class phase : uint8_t { absent, loading, waiting, following, serving };

  struct owed {
    decision_number needs;
    Answer what;
  };

  // -- leading and following -------------------------------------------------------------------------------------

  void on(input::leadership_gained&, actions& out) {
    if (phase_ == phase::serving)
      discard({error_code::not_leader_or_follower, "the log was opened anew"}, out);
    const bool has_followed = !leads_ && follows_;
    leads_ = true;
    load_failed_ = false;
    if (has_followed)
      read_on(out);
    else
      begin_load(out);
  }

  void on(input::leadership_lost&, actions& out) {
    const bool served = phase_ == phase::serving;
    const bool was_ahead = served && (decided_ > committed_ || !knows_end_);
    discard({error_code::not_leader_or_follower, "another node leads the log"}, out);
    leads_ = false;
    load_failed_ = false;
    if (!follows_) {
      throw_away();
      phase_ = phase::absent;
    } else if (was_ahead) {
      begin_load(out);
    } else if (served || phase_ == phase::loading) {
      read_on(out);
    }
  }

  void on(input::follow&, actions& out) {
    follows_ = true;
    if (!leads_)
      read_on(out);
  }

  /// Of a reading that is under way nobody knows whether it is early enough to see it.
  void on(input::more_committed&, actions& out) {
    if (phase_ == phase::following)
      read_on(out);
    else if (phase_ == phase::loading)
      is_more_ = true;
  }

  // -- loading ---------------------------------------------------------------------------------------------------

  void on(input::wanted&, actions& out) {
    if (phase_ == phase::waiting)
      read_again(out);
  }

  void on(input::retry_due& x, actions& out) {
    if (phase_ == phase::waiting && x.number == retries_)
      read_again(out);
  }

  void throw_away() {
    state_ = make_();
    replay_ = replay{rules_.damaged};
    is_whole_ = true;
  }

  void begin_load(actions& out) {
    throw_away();
    read_on(out);
  }

  void read_again(actions& out) {
    if (follows_)
      read_on(out);
    else
      begin_load(out);
  }

  /// The state has what is committed before the place where it goes on.
  void read_on(actions& out) {
    if (!is_whole_)
      return begin_load(out);
    phase_ = phase::loading;
    is_more_ = false;
    ++loads_;
    read_next(out);
  }

  void read_next(actions& out) { out.push_back(action::read{loads_, replay_.offset(), follows_ && !leads_}); }

  void on(input::log_read& x, actions& out) {
    if (phase_ != phase::loading || x.load != loads_)
      return; // of a log that is not this one any more
    const auto is_all = replay_.take(x.result, [this](entry e) { return state_->load(std::move(e)); });
    if (!is_all) {
      // Of bytes that were read and could not be taken some may have been.
      is_whole_ = x.result.code != error_code::none && x.result.code != error_code::offset_out_of_range;
      return could_not_load(is_all.error(), out);
    }
    if (!*is_all || std::exchange(is_more_, false))
      return read_next(out);
    if (leads_)
      serve(out);
    else
      follow(x.result, out);
  }

  void serve(actions& out) {
    phase_ = phase::serving;
    load_failed_ = false;
    read_pause_.reset();
    knows_end_ = true;
    publish_loaded(out);
  }

  /// What this node acted by before its start stands in its log, of which nobody knows at first how much is committed:
  /// acting by less would be a step back.
  void follow(const partition::read_result& read, actions& out) {
    phase_ = phase::following;
    load_failed_ = false;
    read_pause_.reset();
    const bool is_current = shown_ >= 0 || read.high_watermark >= read.log_end_offset;
    if (is_current && replay_.offset() > shown_)
      publish_loaded(out);
  }

  void publish_loaded(actions& out) {
    shown_ = std::max(shown_, replay_.offset());
    committed_ = ++decided_;
    out.push_back(action::loaded{replay_.offset(), replay_.left_out()});
    out.push_back(action::publish{committed_});
  }

  void could_not_load(const error& why, actions& out) {
    load_failed_ = true;
    out.push_back(action::load_failed{why});
    wait(read_pause_, out);
  }

  void wait(retry_delay& pause, actions& out) {
    phase_ = phase::waiting;
    out.push_back(action::retry{++retries_, pause.next()});
  }

  // -- deciding --------------------------------------------------------------------------------------------------

  void on(input::decided<Answer>& x, actions& out) {
    if (phase_ != phase::serving)
      throw std::logic_error{"something was decided upon a state that is not there"};
    for (auto& part : x.parts) {
      unappended_.push_back(std::move(part));
      ++decided_;
    }
    if (!x.parts.empty() && !append_is_scheduled_ && appending_ == 0) {
      append_is_scheduled_ = true;
      out.push_back(action::schedule_append{});
    }
    for (auto& a : x.answers)
      owed_.push_back({decided_, std::move(a)});
    give_published(out);
  }

  void on(input::append_due&, actions& out) {
    append_is_scheduled_ = false;
    append_next(out);
  }

  void append_next(actions& out) {
    if (appending_ > 0 || unappended_.empty())
      return;
    action::append next{++appends_, {}, committed_};
    appending_records_ = 0;
    for (size_t bytes = 0; !unappended_.empty() && bytes < rules_.batch_bytes; unappended_.pop_front()) {
      for (const auto& e : unappended_.front())
        bytes += size_of(e);
      appending_records_ += unappended_.front().size();
      next.parts.push_back(std::move(unappended_.front()));
    }
    appending_ = next.parts.size();
    next.up_to += appending_;
    out.push_back(std::move(next));
  }

  void on(input::log_appended& x, actions& out) {
    if (appending_ == 0 || x.append != appends_)
      return; // of a state that was thrown away
    if (x.result.code != error_code::none) {
      discard({x.result.code, x.result.message}, out);
      throw_away();
      return wait(append_pause_, out);
    }
    append_pause_.reset();
    committed_ += std::exchange(appending_, 0);
    pass_appended(x.result.base_offset);
    out.push_back(action::publish{committed_});
    append_next(out);
  }

  /// The state has them already: who follows later goes on behind them.
  void pass_appended(offset_t base) {
    knows_end_ = knows_end_ && base == replay_.offset();
    if (!knows_end_)
      return;
    replay_.pass(base + static_cast<offset_t>(appending_records_));
    shown_ = replay_.offset();
  }

  void on(input::published& x, actions& out) {
    published_ = std::max(published_, x.up_to);
    give_published(out);
  }

  void give_published(actions& out) {
    action::give<Answer> ready;
    for (; !owed_.empty() && owed_.front().needs <= published_; owed_.pop_front())
      ready.answers.push_back(std::move(owed_.front().what));
    if (!ready.answers.empty())
      out.push_back(std::move(ready));
  }

  /// What is committed is answered when it is published.
  void discard(error why, actions& out) {
    action::discard<Answer> lost{{}, std::move(why)};
    while (!owed_.empty() && owed_.back().needs > committed_) {
      lost.answers.push_back(std::move(owed_.back().what));
      owed_.pop_back();
    }
    std::reverse(lost.answers.begin(), lost.answers.end());
    unappended_.clear();
    appending_ = 0;
    out.push_back(std::move(lost));
  }

  replication_rules rules_;
  std::function<std::unique_ptr<State>()> make_;
  std::unique_ptr<State> state_;
  phase phase_ = phase::absent;
  bool leads_ = false;
  bool follows_ = false;     ///< where it does not lead
  bool load_failed_ = false; ///< and has not succeeded since
  uint64_t loads_ = 0;       ///< the number of the last one
  journal::replay replay_;   ///< the last one
  bool is_whole_ = true;     ///< the state has all before the offset of the replay, and nothing else
  bool is_more_ = false;     ///< was committed while something was read
  bool knows_end_ = false;   ///< the replay was moved behind everything that was appended
  offset_t shown_ = -1;      ///< everything before was published once
  uint64_t retries_ = 0;
  retry_delay read_pause_;
  retry_delay append_pause_;       ///< reading may go well where writing does not
  std::deque<entries> unappended_; ///< decided, and not yet on their way to the log
  bool append_is_scheduled_ = false;
  uint64_t appends_ = 0;
  size_t appending_ = 0;         ///< parts that are on their way to the log
  size_t appending_records_ = 0; ///< in them
  decision_number decided_ = 0;
  decision_number committed_ = 0;
  decision_number published_ = 0;
  std::deque<owed> owed_;
};

} // namespace chisme::journal
