#include "actors/coordinator/coordinator_actor.hpp"

#include "actors/coordinator/unmade.hpp"
#include "actors/failing_actor.hpp"
#include "config/load.hpp"

#include <spdlog/spdlog.h>

namespace chisme::coordinator {

port_ptr make_port(coordinator_actor to) {
  return std::make_shared<journal::actor_port<port, change, coordinator_actor>>(std::move(to));
}

coordinator::coordinator(caf::actor_config& config, coordinator_config c)
  : coordinator_actor::base(config), config_(std::move(c)), settings_(config_.settings) {
  end_at_exceptions(*this);
}

coordinator::behavior_type coordinator::make_behavior() {
  read_on();
  return {
    [this](const change& c) { collect(c); },
    [this](const journal::log_read& r) { replay(r.result); },
    [this](const journal::log_appended& r) { committed(r.result); },
    [this](state_applied) { answer_under_way(); },
    [this](const log_reopened& r) {
      config_.log = r.log;
      must_read_ = true;
      decide_waiting();
    },
    [this](drain) { decide_waiting(); },
  };
}

// -- replay ------------------------------------------------------------------------------------------------------

void coordinator::read_on() { journal::read(*config_.log, replay_.next(), coordinator_actor{this}); }

void coordinator::replay(const partition::read_result& r) {
  const auto is_whole = replay_.take(r, [this](const journal::entry& e) -> result<void> {
    auto decoded = decode(e.key, e.value);
    if (!decoded)
      return tl::make_unexpected(decoded.error());
    if (!*decoded)
      return {};
    next_state_.apply(**decoded);
    if (const auto* topic = std::get_if<topic_record>(&**decoded); deleted_ && topic && !topic->state)
      deleted_->insert(topic->id);
    return {};
  });
  if (!is_whole)
    return could_not_read(is_whole.error());
  if (!*is_whole)
    return read_on();
  state_ = std::move(next_state_);
  publish();
}

void coordinator::read_again() {
  must_read_ = false;
  busy_ = true;
  next_state_ = {};
  replay_ = journal::replay{journal::damage::fails};
  read_on();
}

/// The state stays what it was; the next change tries to read again.
void coordinator::could_not_read(const error& why) {
  if (!ready_)
    return config_.ready(fail(why.code, "cannot read the metadata log: " + why.message));
  spdlog::error("the metadata log cannot be read again code={} reason=\"{}\"", to_string(why.code), why.message);
  must_read_ = true;
  busy_ = false;
  for (auto& c : std::exchange(waiting_, {}))
    c.done(change_result::failed(error_code::not_controller, "the metadata log cannot be read: " + why.message));
}

// -- changes -----------------------------------------------------------------------------------------------------

void coordinator::collect(const change& c) {
  if (answered_from_memory(c))
    return;
  if (waiting_.empty() && !busy_ && ready_)
    send(this, drain{});
  waiting_.push_back(c);
}

/// Most producers are served from the block of ids that the log has granted already.
bool coordinator::answered_from_memory(const change& c) {
  if (!std::holds_alternative<kafka::init_producer_id_request>(c.request) || next_producer_id_ >= producer_ids_end_)
    return false;
  kafka::init_producer_id_response response;
  response.producer_id = next_producer_id_++;
  c.done({error_code::none, {}, response});
  return true;
}

void coordinator::decide_waiting() {
  if (busy_ || !ready_)
    return;
  if (must_read_)
    return read_again();
  if (waiting_.empty())
    return;
  const surroundings around{*settings_, {config_.settings->node_id}, config_.new_id};
  next_state_ = state_;
  std::vector<cluster_record> records;
  for (; !waiting_.empty(); waiting_.pop_front()) {
    auto d = decide(next_state_, around, waiting_.front().request);
    for (auto& r : d.records) {
      next_state_.apply(r);
      records.push_back(std::move(r));
    }
    under_way_.push_back({std::move(waiting_.front()), std::move(d.response)});
  }
  busy_ = true;
  if (records.empty())
    answer_under_way();
  else
    append(records);
}

void coordinator::append(const std::vector<cluster_record>& records) {
  journal::batch batch{config_.wall_clock()};
  for (const auto& r : records)
    batch.add(encode(r));
  journal::append(*config_.log, batch.finish(), coordinator_actor{this});
}

void coordinator::committed(const partition::append_result& r) {
  // Its replica is gone and another one on its way: clients may try again.
  const bool lost = r.code == error_code::not_leader_or_follower;
  if (r.code != error_code::none)
    return fail_under_way(lost ? error_code::not_controller : r.code, "the metadata log could not be written: " + r.message);
  state_ = std::move(next_state_);
  publish();
}

void coordinator::publish() {
  auto settings = with_dynamic(*config_.settings, state_.node_configs());
  if (settings)
    settings_ = std::make_shared<const node_settings>(std::move(*settings));
  else
    spdlog::error("run-time node configs are ignored reason=\"{}\"", settings.error().message);
  supervisor::cluster_changed changed;
  changed.cluster = std::make_shared<const cluster_state>(state_);
  changed.settings = settings_;
  changed.deleted = std::exchange(deleted_, nullptr);
  changed.log_reopened = [me = coordinator_actor{this}](partition::port_ptr log) {
    caf::anon_send(me, log_reopened{std::move(log)});
  };
  changed.applied = reply_with<supervisor::completed>(
    [me = coordinator_actor{this}](supervisor::completed) { caf::anon_send(me, state_applied{}); });
  send(config_.supervisor, std::move(changed));
}

void coordinator::answer_under_way() {
  if (!ready_) {
    ready_ = true;
    config_.ready({});
  }
  auto finished = std::move(under_way_);
  under_way_.clear();
  for (auto& d : finished) {
    if (std::holds_alternative<kafka::init_producer_id_request>(d.what.request))
      take_producer_ids(d.response);
    d.what.done({error_code::none, {}, std::move(d.response)});
  }
  busy_ = false;
  decide_waiting();
}

/// The response has the first id of a new block: it is the answer, the rest is for the next ones.
void coordinator::take_producer_ids(change_response& response) {
  const auto first = std::get<kafka::init_producer_id_response>(response).producer_id;
  next_producer_id_ = first + 1;
  producer_ids_end_ = first + producer_id_block;
}

void coordinator::fail_under_way(error_code code, const std::string& message) {
  spdlog::error("change failed code={} reason=\"{}\"", to_string(code), message);
  auto failed = std::move(under_way_);
  under_way_.clear();
  for (auto& d : failed)
    d.what.done({error_code::none, {}, unmade(std::move(d.response), code, message)});
  busy_ = false;
  decide_waiting();
}

} // namespace chisme::coordinator
