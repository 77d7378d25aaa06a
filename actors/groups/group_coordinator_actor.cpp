#include "actors/groups/group_coordinator_actor.hpp"

#include "actors/failing_actor.hpp"
#include "actors/groups/removals.hpp"
#include "actors/port_to_actor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace chisme::groups {

namespace {

/// Bytes of removals in one batch.
constexpr size_t most_removals = 8 << 20;

/// One group may have lost something, the others go on.
constexpr journal::replication_rules rules{journal::damage::is_left_out, 1 << 20};

std::string_view cure(error_code code) {
  if (code == error_code::corrupt_message)
    return "stop the node and bring the partition's folder back from a copy";
  return "check the disk; nothing else needs to be done";
}

std::vector<journal::entries> parts_of(std::vector<group_record> records) {
  std::vector<journal::entries> parts;
  if (records.empty())
    return parts;
  for (const auto& part : in_parts(std::move(records), most_removals)) {
    auto& to = parts.emplace_back();
    to.reserve(part.size());
    for (const auto& r : part)
      to.push_back(encode(r));
  }
  return parts;
}

} // namespace

port_ptr make_port(group_coordinator_actor to) {
  return std::make_shared<actor_port<port, group_coordinator_actor>>(std::move(to));
}

group_coordinator::group_coordinator(caf::actor_config& config, group_coordinator_config c)
  : group_coordinator_actor::base(config), config_(std::move(c)), machine_(rules, [this] { return make_shard(); }) {
  end_at_exceptions(*this, config_.name);
}

group_coordinator::behavior_type group_coordinator::make_behavior() {
  tell(journal::input::leadership_gained{});
  return {
    [this](const group_call& c) { serve(c); },
    [this](const journal::input::log_read& x) { tell(x); },
    [this](const journal::input::log_appended& x) { tell(x); },
    [this](journal::input::retry_due x) { tell(x); },
    [this](drain) { tell(journal::input::append_due{}); },
    [this](tick) { timers_due(); },
    [this](const topics_changed& c) {
      config_.topics = c.topics;
      forget_missing_topics();
    },
    [this](const timings_changed& c) {
      config_.timings = c.timings;
      machine_.state().configure(config_.timings);
    },
  };
}

/// Whoever waits is told to look for the coordinator elsewhere.
void group_coordinator::on_exit() {
  tell(journal::input::leadership_lost{});
  config_.log.reset();
}

void group_coordinator::tell(journal::replicated_input<answer> in) {
  for (auto& a : machine_.step(std::move(in)))
    std::visit([this](auto& x) { perform(x); }, a);
}

std::unique_ptr<group_shard> group_coordinator::make_shard() const {
  auto shard = std::make_unique<group_shard>(
    config_.settings, [id = config_.new_id] { return to_string(id()); }, config_.new_id);
  shard->configure(config_.timings);
  return shard;
}

// -- loading -----------------------------------------------------------------------------------------------------

void group_coordinator::perform(const journal::action::read& a) {
  journal::read(*config_.log, a, group_coordinator_actor{this});
}

void group_coordinator::perform(const journal::action::loaded& a) {
  if (a.left_out > 0)
    spdlog::error("records of groups are damaged and left out partition={} records={}", config_.name, a.left_out);
  spdlog::debug("groups loaded partition={} next_offset={}", config_.name, a.end);
  effects e;
  machine_.state().loaded(config_.clock(), e);
  decided(std::move(e));
  forget_missing_topics();
}

/// What was committed for a topic that was deleted must not be taken for that of a new topic of its name.
void group_coordinator::forget_missing_topics() {
  if (!is_serving() || config_.topics->version() == 0)
    return;
  effects e;
  machine_.state().forget_missing_topics(*config_.topics, config_.clock(), e);
  decided(std::move(e));
}

void group_coordinator::perform(const journal::action::load_failed& a) {
  spdlog::error("groups cannot be loaded partition={} reason=\"{} {}\" cure=\"{}\"", config_.name,
                to_string(a.why.code), a.why.message, cure(a.why.code));
}

void group_coordinator::perform(const journal::action::retry& a) {
  spdlog::info("groups are loaded again partition={} in_ms={}", config_.name, a.pause.count());
  delayed_send(this, a.pause, journal::input::retry_due{a.number});
}

// -- serving -----------------------------------------------------------------------------------------------------

/// Kafka, too, is no coordinator where it could not load. Clients would wait for one that loads for as long as it does;
/// of this error they look for another, and people see it.
error_code group_coordinator::refusal() const {
  return machine_.available() == journal::availability::loading ? error_code::coordinator_load_in_progress
                                                                : error_code::not_coordinator;
}

void group_coordinator::serve(const group_call& call) {
  if (!is_serving())
    return call.done(group_answer::failed(refusal()));
  const asker who{++last_ticket_, call.client_id, call.client_host, call.version};
  asked_.emplace(who.to, call.done);
  effects e;
  machine_.state().handle(who, call.request, *config_.topics, config_.clock(), e);
  decided(std::move(e));
}

void group_coordinator::timers_due() {
  ticks_.pop_back();
  const auto now = config_.clock();
  for (bool is_due = is_serving(); is_due;) {
    effects e;
    is_due = machine_.state().tick(now, *config_.topics, e);
    decided(std::move(e));
  }
}

void group_coordinator::decided(effects&& e) {
  tell(journal::input::decided<answer>{parts_of(std::move(e.records)), std::move(e.answers)});
  arm_timer();
}

void group_coordinator::perform(const journal::action::schedule_append&) { send(this, drain{}); }

void group_coordinator::perform(const journal::action::append& a) {
  journal::append(*config_.log, a, config_.epoch, config_.wall_clock(), group_coordinator_actor{this});
}

/// Nobody else on the node acts by the groups.
void group_coordinator::perform(const journal::action::publish& a) { tell(journal::input::published{a.up_to}); }

void group_coordinator::perform(journal::action::give<answer>& a) {
  for (auto& x : a.answers)
    if (auto asked = asked_.extract(x.to))
      asked.mapped()({error_code::none, std::move(x.response)});
}

/// Also those whose answer was not decided yet: what the group knew of them is gone.
void group_coordinator::perform(const journal::action::discard<answer>& a) {
  const bool is_led_elsewhere = machine_.available() == journal::availability::not_leading;
  if (!is_led_elsewhere)
    spdlog::error("groups could not be written and are loaded again partition={} code={} reason=\"{}\"", config_.name,
                  to_string(a.why.code), a.why.message);
  for (auto& [to, answer_to] : std::exchange(asked_, {}))
    answer_to(
      group_answer::failed(is_led_elsewhere ? error_code::not_coordinator : error_code::coordinator_not_available));
}

/// Timers are not taken back, so one is set only for a deadline before all of them. One that comes too early finds
/// nothing due; it is followed by another only where none is on its way.
void group_coordinator::arm_timer() {
  const auto next = machine_.state().next_deadline();
  if (!next || (!ticks_.empty() && ticks_.back() <= *next))
    return;
  ticks_.push_back(*next);
  delayed_send(this, std::chrono::milliseconds{std::max<timestamp_ms>(1, *next - config_.clock())}, tick{});
}

} // namespace chisme::groups
