#include "actors/groups/group_coordinator_actor.hpp"

#include "actors/log/batch_builder.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace chisme::groups {

namespace {

constexpr int32_t replay_bytes = 1 << 20;
/// Records are collected into batches of about this size.
constexpr size_t batch_bytes = 1 << 20;
/// Between attempts to load; doubled each time.
constexpr std::chrono::milliseconds first_delay{500};
constexpr std::chrono::milliseconds longest_delay{60'000};

class actor_port final : public port {
public:
  explicit actor_port(group_coordinator_actor to) : to_(std::move(to)) {}
  void send(group_call x) override { caf::anon_send(to_, std::move(x)); }

private:
  group_coordinator_actor to_;
};

std::optional<buffer> copied(const log::nullable_bytes& bytes) {
  if (bytes.is_null)
    return std::nullopt;
  return buffer::copy_of(bytes.bytes);
}

} // namespace

port_ptr make_port(group_coordinator_actor to) { return std::make_shared<actor_port>(std::move(to)); }

group_coordinator::group_coordinator(caf::actor_config& config, group_coordinator_config c)
  : group_coordinator_actor::base(config), config_(std::move(c)) {}

group_coordinator::behavior_type group_coordinator::make_behavior() {
  load();
  return {
    [this](const group_call& c) { serve(c); },
    [this](const log_read& r) { replay(r.result); },
    [this](const log_appended& r) { written(r.result); },
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
  config_.log.reset();
}

// -- loading -----------------------------------------------------------------------------------------------------

void group_coordinator::load() {
  shard_.emplace(config_.settings, [id = config_.new_id] { return to_string(id()); }, config_.new_id);
  shard_->configure(config_.timings);
  loading_ = true;
  next_offset_ = 0;
  skipped_ = 0;
  read_on();
}

void group_coordinator::read_on() {
  partition::read_request read;
  read.offset = next_offset_;
  read.max_bytes = replay_bytes;
  read.done = reply_with<partition::read_result>(
    [me = group_coordinator_actor{this}](partition::read_result r) { caf::anon_send(me, log_read{std::move(r)}); });
  config_.log->send(std::move(read));
}

void group_coordinator::replay(const partition::read_result& r) {
  // Compaction and retention may have moved the start.
  if (r.code == error_code::offset_out_of_range && r.log_start_offset > next_offset_) {
    next_offset_ = r.log_start_offset;
    return read_on();
  }
  if (r.code != error_code::none)
    return load_later(to_string(r.code) + " " + r.message);
  const auto before = next_offset_;
  for (const auto& part : r.records.parts())
    replay_batches(std::get<buffer>(part));
  if (next_offset_ < r.high_watermark && next_offset_ > before)
    return read_on();
  loaded();
}

/// A record that does not parse is left out and counted: one group may have lost something, the others go on.
void group_coordinator::replay_batches(bytes_view bytes) {
  log::batch_reader batches{bytes};
  while (auto batch = batches.next()) {
    log::record_reader records{batch->body()};
    while (auto record = records.next()) {
      skipped_ += !shard_->load(buffer::copy_of(record->key.bytes), copied(record->value));
    }
    skipped_ += records.failed();
    next_offset_ = batch->header.next_offset();
  }
}

void group_coordinator::loaded() {
  loading_ = false;
  next_delay_ = {};
  if (skipped_ > 0)
    spdlog::error("records of groups are damaged and left out partition={} records={}", config_.name, skipped_);
  effects e;
  shard_->loaded(config_.clock(), e);
  spdlog::debug("groups loaded partition={} next_offset={}", config_.name, next_offset_);
  take(std::move(e));
  forget_missing_topics();
}

/// What was committed for a topic that was deleted must not be taken for that of a new topic of its name.
void group_coordinator::forget_missing_topics() {
  if (loading_ || config_.topics->version() == 0)
    return;
  effects e;
  shard_->forget_missing_topics(*config_.topics, config_.clock(), e);
  take(std::move(e));
}

void group_coordinator::load_later(const std::string& why) {
  spdlog::warn("groups cannot be loaded yet partition={} reason=\"{}\"", config_.name, why);
  next_delay_ = std::clamp(next_delay_ * 2, first_delay, longest_delay);
  delayed_send(this, next_delay_, reload{});
}

// -- serving -----------------------------------------------------------------------------------------------------

void group_coordinator::serve(const group_call& call) {
  if (loading_)
    return call.done(group_answer::failed(error_code::coordinator_load_in_progress));
  const asker who{++last_ticket_, call.client_id, call.client_host, call.version};
  asked_.emplace(who.to, call.done);
  effects e;
  shard_->handle(who, call.request, *config_.topics, config_.clock(), e);
  take(std::move(e));
}

void group_coordinator::timers_due() {
  armed_for_.reset();
  if (loading_)
    return;
  effects e;
  shard_->tick(config_.clock(), *config_.topics, e);
  take(std::move(e));
}

void group_coordinator::take(effects&& e) {
  if (!e.records.empty() && unwritten_.empty() && writing_ == 0)
    send(this, drain{});
  decided_ += e.records.size();
  std::ranges::move(e.records, std::back_inserter(unwritten_));
  for (auto& a : e.answers)
    owed_.push_back({decided_, std::move(a)});
  give_answers();
  arm_timer();
}

void group_coordinator::write() {
  if (writing_ > 0 || unwritten_.empty())
    return;
  log::batch_builder builder;
  const auto now = config_.clock();
  for (; writing_ < unwritten_.size() && builder.block_size() < batch_bytes; ++writing_) {
    const auto encoded = encode(unwritten_[writing_]);
    log::record_in in;
    in.key = as_chars(encoded.key);
    if (encoded.value)
      in.value = as_chars(*encoded.value);
    in.timestamp = now;
    builder.add(in);
  }
  partition::append_request request;
  request.records = builder.finish().value(); // fails only where a codec does
  request.internal = true;
  request.done = reply_with<partition::append_result>([me = group_coordinator_actor{this}](partition::append_result r) {
    caf::anon_send(me, log_appended{std::move(r)});
  });
  config_.log->send(partition::append_batch{{std::move(request)}});
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
    loading_ = true;
    return load_later(r.message);
  }
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

/// One timer for all groups; one that comes too early finds nothing due.
void group_coordinator::arm_timer() {
  const auto next = shard_->next_deadline();
  if (!next || (armed_for_ && *armed_for_ <= *next))
    return;
  armed_for_ = *next;
  delayed_send(this, std::chrono::milliseconds{std::max<timestamp_ms>(1, *next - config_.clock())}, tick{});
}

} // namespace chisme::groups
