#include "actors/coordinator/coordinator_actor.hpp"

#include "actors/coordinator/refusals.hpp"
#include "actors/failing_actor.hpp"
#include "actors/port_to_actor.hpp"
#include "config/load.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace chisme::coordinator {

namespace {

/// Of a change that nobody decided. Clients look for another controller, or try again.
error not_read(const error& why) {
  const bool disk_refuses = why.code == error_code::kafka_storage_error;
  return {disk_refuses ? why.code : error_code::not_controller, "the metadata log cannot be read: " + why.message};
}

/// Of a change that was decided. Its replica may be gone and another one on its way: clients may try again.
error not_written(const error& why) {
  const bool is_lost = why.code == error_code::not_leader_or_follower;
  return {is_lost ? error_code::not_controller : why.code, "the metadata log could not be written: " + why.message};
}

} // namespace

port_ptr make_port(coordinator_actor to) {
  return std::make_shared<actor_port<port, coordinator_actor>>(std::move(to));
}

coordinator::coordinator(caf::actor_config& config, coordinator_config c)
  : coordinator_actor::base(config), config_(std::move(c)), settings_(config_.settings) {
  end_at_exceptions(*this);
}

coordinator::behavior_type coordinator::make_behavior() {
  tell(journal::input::leadership_gained{});
  return {
    [this](const change& c) { ask(c); },
    [this](const journal::input::log_read& x) { tell(x); },
    [this](const journal::input::log_appended& x) { tell(x); },
    [this](journal::input::published x) {
      be_ready({});
      tell(x);
    },
    [this](journal::input::retry_due x) { tell(x); },
    [this](const log_reopened& r) {
      config_.log = r.log;
      tell(journal::input::leadership_gained{});
    },
    [this](drain) { tell(journal::input::append_due{}); },
  };
}

/// Whoever waits is told. The log may owe it an answer and so hold it, while it holds the log: neither would ever go.
void coordinator::on_exit() {
  tell(journal::input::leadership_lost{});
  config_.log.reset();
}

void coordinator::tell(journal::replicated_input<decided_change> in) {
  for (auto& a : machine_.step(std::move(in)))
    std::visit([this](auto& x) { perform(x); }, a);
}

void coordinator::be_ready(result<void> r) {
  if (const auto ready = std::exchange(config_.ready, nullptr))
    ready(std::move(r));
}

// -- loading -----------------------------------------------------------------------------------------------------

void coordinator::perform(const journal::action::read& a) { journal::read(*config_.log, a, coordinator_actor{this}); }

void coordinator::perform(const journal::action::loaded&) {
  auto deleted = std::exchange(machine_.state().deleted, {});
  if (config_.ready)
    deleted_ = std::make_shared<const supervisor::topic_ids>(std::move(deleted));
  apply_node_configs();
  take_snapshot();
  for (const auto& c : std::exchange(waiting_, {}))
    decide_one(c);
}

/// The node goes on with the state that it was told last.
void coordinator::perform(const journal::action::load_failed& a) {
  if (config_.ready)
    be_ready(fail(a.why.code, "cannot read the metadata log: " + a.why.message));
  else
    spdlog::error("the metadata log cannot be read again code={} reason=\"{}\"", to_string(a.why.code), a.why.message);
  refuse_waiting(not_read(a.why));
}

void coordinator::perform(const journal::action::retry& a) {
  delayed_send(this, a.pause, journal::input::retry_due{a.number});
}

// -- changes -----------------------------------------------------------------------------------------------------

void coordinator::ask(const change& c) {
  if (answered_from_memory(c))
    return;
  if (machine_.available() == journal::availability::serving)
    return decide_one(c);
  waiting_.push_back(c);
  if (machine_.available() == journal::availability::not_leading)
    return refuse_waiting({error_code::not_controller, "another node leads the metadata log"});
  tell(journal::input::wanted{});
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

void coordinator::decide_one(const change& c) {
  auto& cluster = machine_.state().cluster;
  const decision_context around{*settings_, {config_.settings->node_id}, config_.new_id};
  auto d = decide(cluster, around, c.request);
  journal::input::decided<decided_change> decided;
  if (!d.records.empty())
    decided.parts.emplace_back();
  for (const auto& r : d.records) {
    cluster.apply(r);
    decided.parts.back().push_back(encode(r));
  }
  if (std::ranges::any_of(d.records, [](const auto& r) { return std::holds_alternative<node_configs_record>(r); }))
    apply_node_configs();
  decided.answers.push_back({c, std::move(d.response)});
  tell(std::move(decided));
}

void coordinator::perform(const journal::action::schedule_append&) { send(this, drain{}); }

void coordinator::perform(const journal::action::append& a) {
  take_snapshot();
  journal::append(*config_.log, a, config_.wall_clock(), coordinator_actor{this});
}

void coordinator::perform(const journal::action::publish& a) {
  supervisor::cluster_changed changed;
  changed.cluster = snapshot_.cluster;
  changed.settings = snapshot_.settings;
  changed.deleted = std::exchange(deleted_, nullptr);
  changed.log_reopened = [me = coordinator_actor{this}](partition::port_ptr log) {
    caf::anon_send(me, log_reopened{std::move(log)});
  };
  changed.applied =
    reply_with<supervisor::completed>([me = coordinator_actor{this}, up_to = a.up_to](supervisor::completed) {
      caf::anon_send(me, journal::input::published{up_to});
    });
  send(config_.supervisor, std::move(changed));
}

void coordinator::perform(journal::action::give<decided_change>& a) {
  for (auto& d : a.answers) {
    if (std::holds_alternative<kafka::init_producer_id_request>(d.what.request))
      take_producer_ids(d.response);
    d.what.done({error_code::none, {}, std::move(d.response)});
  }
}

/// The response has the first id of a new block: it is the answer, the rest is for the next ones.
void coordinator::take_producer_ids(const change_response& response) {
  const auto first = std::get<kafka::init_producer_id_response>(response).producer_id;
  next_producer_id_ = first + 1;
  producer_ids_end_ = first + producer_id_block;
}

void coordinator::perform(journal::action::discard<decided_change>& a) {
  const auto why = not_written(a.why);
  if (!a.answers.empty())
    spdlog::error("change failed code={} reason=\"{}\"", to_string(why.code), why.message);
  for (auto& d : a.answers)
    d.what.done({error_code::none, {}, take_back(std::move(d.response), why)});
  refuse_waiting(why);
}

void coordinator::refuse_waiting(const error& why) {
  for (const auto& c : std::exchange(waiting_, {}))
    c.done({error_code::none, {}, refuse(c.request, why)});
}

void coordinator::apply_node_configs() {
  auto settings = with_dynamic(*config_.settings, machine_.state().cluster.node_configs());
  if (settings)
    settings_ = std::make_shared<const node_settings>(std::move(*settings));
  else
    spdlog::error("run-time node configs are ignored reason=\"{}\"", settings.error().message);
}

void coordinator::take_snapshot() {
  snapshot_ = {std::make_shared<const cluster_state>(machine_.state().cluster), settings_};
}

} // namespace chisme::coordinator
