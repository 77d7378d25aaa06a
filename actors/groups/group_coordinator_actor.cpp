#include "actors/groups/group_coordinator_actor.hpp"

#include "actors/failing_actor.hpp"
#include "actors/groups/removals.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace chisme::groups {

namespace {

/// Between attempts to load.
constexpr std::chrono::milliseconds first_delay{500};
constexpr std::chrono::milliseconds longest_delay{60'000};

/// Bytes of removals in one batch.
constexpr size_t most_removals = 8 << 20;

std::string_view cure(error_code code) {
  if (code == error_code::corrupt_message)
    return "stop the node and bring the partition's folder back from a copy";
  return "check the disk; nothing else needs to be done";
}

} // namespace

port_ptr make_port(group_coordinator_actor to) {
  return std::make_shared<journal::actor_port<port, group_call, group_coordinator_actor>>(std::move(to));
}

group_coordinator::group_coordinator(caf::actor_config& config, group_coordinator_config c)
  : group_coordinator_actor::base(config), config_(std::move(c)), delay_(first_delay, longest_delay),
    write_delay_(first_delay, longest_delay) {
  end_at_exceptions(*this, config_.name);
}

group_coordinator::behavior_type group_coordinator::make_behavior() {
  load();
  return {
    [this](const group_call& c) { serve(c); },
    [this](const journal::log_read& r) { replay(r.result); },
    [this](const journal::log_appended& r) { written(r.result); },
    [this](drain) { write(); },
    [this](tick) { timers_due(); },
    [this](reload) { load(); },
    [this](const topics_changed& c) {
      config_.topics = c.topics;
      forget_missing_topics();
    },
    [this](const timings_changed& c) {
      config_.timings = c.timings;
      shard_->configure(config_.timings);
    },
  };
}

/// Whoever waits is told to look for the coordinator elsewhere.
void group_coordinator::on_exit() {
  asked_.clear();
  shard_.reset();
  config_.log.reset();
}

// -- loading -----------------------------------------------------------------------------------------------------

void group_coordinator::load() {
  start_anew();
  // One group may have lost something, the others go on.
  replay_.emplace(journal::damage::is_left_out);
  read_on();
}

/// Nothing that the last shard answered stands any more.
void group_coordinator::start_anew() {
  shard_.emplace(config_.settings, [id = config_.new_id] { return to_string(id()); }, config_.new_id);
  shard_->configure(config_.timings);
}

void group_coordinator::read_on() { journal::read(*config_.log, replay_->next(), group_coordinator_actor{this}); }

void group_coordinator::replay(const partition::read_result& r) {
  const auto is_whole = replay_->take(r, [this](const journal::entry& e) { return shard_->load(e); });
  if (!is_whole)
    return load_failed(is_whole.error());
  *is_whole ? loaded() : read_on();
}

void group_coordinator::loaded() {
  not_ready_.reset();
  delay_.reset();
  if (replay_->left_out() > 0)
    spdlog::error("records of groups are damaged and left out partition={} records={}", config_.name,
                  replay_->left_out());
  effects e;
  shard_->loaded(config_.clock(), e);
  spdlog::debug("groups loaded partition={} next_offset={}", config_.name, replay_->offset());
  take(std::move(e));
  forget_missing_topics();
}

/// What was committed for a topic that was deleted must not be taken for that of a new topic of its name.
void group_coordinator::forget_missing_topics() {
  if (not_ready_ || config_.topics->version() == 0)
    return;
  effects e;
  shard_->forget_missing_topics(*config_.topics, config_.clock(), e);
  take(std::move(e));
}

/// Kafka, too, is no coordinator where it could not load. Clients would wait for one that loads for as long as it does;
/// of this error they look for another, and people see it.
void group_coordinator::load_failed(const error& why) {
  not_ready_ = error_code::not_coordinator;
  const auto delay = delay_.next();
  spdlog::error("groups cannot be loaded partition={} reason=\"{} {}\" cure=\"{}\" next_attempt_in_ms={}", config_.name,
                to_string(why.code), why.message, cure(why.code), delay.count());
  delayed_send(this, delay, reload{});
}

// -- serving -----------------------------------------------------------------------------------------------------

void group_coordinator::serve(const group_call& call) {
  if (not_ready_)
    return call.done(group_answer::failed(*not_ready_));
  const asker who{++last_ticket_, call.client_id, call.client_host, call.version};
  asked_.emplace(who.to, call.done);
  effects e;
  shard_->handle(who, call.request, *config_.topics, config_.clock(), e);
  take(std::move(e));
}

void group_coordinator::timers_due() {
  ticks_.pop_back();
  if (not_ready_)
    return;
  const auto now = config_.clock();
  for (bool is_due = true; is_due;) {
    effects e;
    is_due = shard_->tick(now, *config_.topics, e);
    take(std::move(e));
  }
}

void group_coordinator::take(effects&& e) {
  if (!e.records.empty()) {
    if (unwritten_.empty())
      send(this, drain{});
    for (auto& part : in_parts(std::move(e.records), most_removals)) {
      unwritten_.push_back(std::move(part));
      ++decided_;
    }
  }
  for (auto& a : e.answers)
    owed_.push_back({decided_, std::move(a)});
  give_answers();
  arm_timer();
}

void group_coordinator::write() {
  if (writing_ > 0 || unwritten_.empty())
    return;
  journal::batch batch{config_.wall_clock()};
  for (; writing_ < unwritten_.size() && !batch.is_full(); ++writing_)
    for (const auto& record : unwritten_[writing_])
      batch.add(encode(record));
  journal::append(*config_.log, batch.finish(), group_coordinator_actor{this});
}

void group_coordinator::written(const partition::append_result& r) {
  const auto count = std::exchange(writing_, 0);
  if (r.code != error_code::none) {
    spdlog::error("groups could not be written and are loaded again partition={} code={} reason=\"{}\"", config_.name,
                  to_string(r.code), r.message);
    unwritten_.clear();
    owed_.clear();
    for (auto& [to, answer] : std::exchange(asked_, {}))
      answer(group_answer::failed(error_code::coordinator_not_available));
    committed_ = decided_;
    not_ready_ = error_code::coordinator_load_in_progress;
    start_anew();
    delayed_send(this, write_delay_.next(), reload{});
    return;
  }
  write_delay_.reset();
  unwritten_.erase(unwritten_.begin(), unwritten_.begin() + static_cast<std::ptrdiff_t>(count));
  committed_ += count;
  give_answers();
  write();
}

void group_coordinator::give_answers() {
  for (; !owed_.empty() && owed_.front().needs <= committed_; owed_.pop_front()) {
    auto& a = owed_.front().what;
    if (auto asked = asked_.extract(a.to))
      asked.mapped()({error_code::none, std::move(a.response)});
  }
}

/// Timers are not taken back, so one is set only for a deadline before all of them. One that comes too early finds
/// nothing due; it is followed by another only where none is on its way.
void group_coordinator::arm_timer() {
  const auto next = shard_->next_deadline();
  if (!next || (!ticks_.empty() && ticks_.back() <= *next))
    return;
  ticks_.push_back(*next);
  delayed_send(this, std::chrono::milliseconds{std::max<timestamp_ms>(1, *next - config_.clock())}, tick{});
}

} // namespace chisme::groups
