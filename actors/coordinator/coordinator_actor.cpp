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

/// A change is in the log after some round trips between nodes; what takes longer than this has been lost on its way,
/// or there is nobody who could commit it.
constexpr std::chrono::seconds longest_forward{5};

/// Correlations of two processes do not meet.
int64_t first_correlation(const uuid& random) {
  int64_t bits = 0;
  for (size_t i = 0; i < 7; ++i)
    bits = bits << 8 | random.bytes[i];
  return bits;
}

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
  : coordinator_actor::base(config), config_(std::move(c)), settings_(config_.settings),
    forwarded_(config_.forwards ? first_correlation(config_.new_id()) : 0) {
  end_at_exceptions(*this);
  if (config_.brokers.empty())
    config_.brokers.push_back({config_.settings->node_id, {}, 0, std::nullopt});
}

coordinator::behavior_type coordinator::make_behavior() {
  begin();
  return {
    [this](const change& c) {
      ask({c, config_.settings->node_id});
    },
    [this](const journal::input::log_read& x) { tell(x); },
    [this](const journal::input::log_appended& x) { tell(x); },
    [this](journal::input::published x) {
      be_ready({});
      tell(x);
    },
    [this](journal::input::retry_due x) { tell(x); },
    [this](journal::input::more_committed x) { tell(x); },
    [this](const log_role& r) { heed_role(r); },
    [this](const brokers_changed& b) { config_.brokers = b.alive; },
    [this](const peer_forward& f) { decide_forwarded(f); },
    [this](const peer_answer& a) { take_answer(a); },
    [this](forward_overdue x) {
      if (const auto c = forwarded_.overdue(x.correlation))
        refuse_one(*c, nobody_decides(c->request, "nobody who leads the metadata log has answered in time"));
    },
    [this](drain) { tell(journal::input::append_due{}); },
  };
}

/// Whoever waits is told. The log may owe it an answer and so hold it, while it holds the log: neither would ever go.
void coordinator::on_exit() {
  tell(journal::input::leadership_lost{});
  config_.role.log.reset();
  // Whoever still has a handle of this actor must not keep the others with it.
  config_.supervisor = nullptr;
  config_.forwards = nullptr;
  config_.ready = nullptr;
  forwarded_ = forwarded_changes{0};
}

void coordinator::tell(journal::replicated_input<decided_change> in) {
  for (auto& a : machine_.step(std::move(in)))
    std::visit([this](auto& x) { perform(x); }, a);
}

void coordinator::be_ready(result<void> r) {
  if (const auto ready = std::exchange(config_.ready, nullptr))
    ready(std::move(r));
}

// -- the role ----------------------------------------------------------------------------------------------------

void coordinator::begin() {
  if (config_.role.leads)
    tell(journal::input::leadership_gained{});
  else
    tell(journal::input::follow{});
}

/// What waits for the log here waits for another node from then on, and what waits for a node that does not lead any
/// more is answered: nobody knows what became of it.
void coordinator::heed_role(const log_role& next) {
  if (next == config_.role)
    return;
  const auto before = std::exchange(config_.role, next);
  for (const auto& c : forwarded_.not_with(next.leader))
    refuse_one(c, nobody_decides(c.request, "another node has come to lead the metadata log"));
  auto undecided = std::exchange(waiting_, {});
  if (next.leads)
    tell(journal::input::leadership_gained{});
  else if (before.leads || before.log != next.log)
    tell(journal::input::follow{});
  if (before.leads && !next.leads)
    tell(journal::input::leadership_lost{});
  for (auto& c : forwarded_.release())
    undecided.push_back({std::move(c), config_.settings->node_id});
  for (const auto& w : undecided)
    ask(w);
}

// -- loading -----------------------------------------------------------------------------------------------------

void coordinator::perform(const journal::action::read& a) {
  journal::read(*config_.role.log, a, newest_read_, coordinator_actor{this});
}

void coordinator::perform(const journal::action::loaded&) {
  note_deleted(std::exchange(machine_.state().deleted, {}));
  apply_node_configs();
  take_snapshot();
  if (machine_.available() == journal::availability::serving)
    for (const auto& w : std::exchange(waiting_, {}))
      decide_one(w);
}

/// The folders of topics that came and went unseen, before this start or while this node was behind, have no replica
/// here that knows of them.
void coordinator::note_deleted(supervisor::topic_ids deleted) {
  const bool is_first = !std::exchange(was_published_, true);
  if (!is_first && machine_.available() != journal::availability::not_leading)
    return;
  if (!is_first)
    std::erase_if(deleted, [this](const uuid& id) { return snapshot_.cluster->find(id) != nullptr; });
  if (is_first || !deleted.empty())
    deleted_ = std::make_shared<const supervisor::topic_ids>(std::move(deleted));
}

/// The node goes on with the state that it was told last. A replica that serves nobody at the moment, as it changes its
/// place or ends, is no fault: it is asked again.
void coordinator::perform(const journal::action::load_failed& a) {
  if (a.why.code == error_code::not_leader_or_follower)
    spdlog::debug("the metadata log is not served at the moment");
  else if (config_.ready)
    be_ready(fail(a.why.code, "cannot read the metadata log: " + a.why.message));
  else
    spdlog::error("the metadata log cannot be read again code={} reason=\"{}\"", to_string(a.why.code), a.why.message);
  refuse_waiting(not_read(a.why));
}

void coordinator::perform(const journal::action::retry& a) {
  delayed_send(this, a.pause, journal::input::retry_due{a.number});
}

// -- changes -----------------------------------------------------------------------------------------------------

void coordinator::ask(wanted_change w) {
  const bool is_ours = w.by == config_.settings->node_id;
  if (is_ours && answered_from_memory(w.what))
    return;
  switch (machine_.available()) {
    case journal::availability::serving:
      return decide_one(w);
    case journal::availability::not_leading:
      if (is_ours)
        return forward(std::move(w.what));
      return w.what.done(change_result::failed(error_code::not_controller, "this node does not lead the metadata log"));
    case journal::availability::unreadable:
    case journal::availability::loading:
      waiting_.push_back(std::move(w));
      return tell(journal::input::wanted{});
  }
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

decision_context coordinator::context_for(node_id by) const {
  decision_context around{*settings_, {}, config_.new_id, {}, by};
  for (const auto& b : config_.brokers) {
    around.nodes.push_back(b.id);
    if (b.rack)
      around.racks.emplace(b.id, *b.rack);
    if (!b.folder.is_zero())
      around.folders.emplace(b.id, b.folder);
  }
  return around;
}

void coordinator::decide_one(const wanted_change& w) {
  auto& cluster = machine_.state().cluster;
  auto d = decide(cluster, context_for(w.by), w.what.request);
  journal::input::decided<decided_change> decided;
  if (!d.records.empty())
    decided.parts.emplace_back();
  for (const auto& r : d.records) {
    cluster.apply(r);
    decided.parts.back().push_back(encode(r));
  }
  if (std::ranges::any_of(d.records, [](const auto& r) { return std::holds_alternative<node_configs_record>(r); }))
    apply_node_configs();
  decided.answers.push_back({w, std::move(d.response)});
  tell(std::move(decided));
}

void coordinator::perform(const journal::action::schedule_append&) { send(this, drain{}); }

void coordinator::perform(const journal::action::append& a) {
  take_snapshot();
  journal::append(*config_.role.log, a, config_.role.epoch, config_.wall_clock(), coordinator_actor{this});
}

void coordinator::perform(const journal::action::publish& a) {
  supervisor::cluster_changed changed;
  changed.cluster = snapshot_.cluster;
  changed.settings = snapshot_.settings;
  changed.deleted = std::exchange(deleted_, nullptr);
  changed.applied =
    reply_with<supervisor::completed>([me = coordinator_actor{this}, up_to = a.up_to](supervisor::completed) {
      caf::anon_send(me, journal::input::published{up_to});
    });
  send(config_.supervisor, std::move(changed));
}

void coordinator::perform(journal::action::give<decided_change>& a) {
  for (auto& d : a.answers) {
    if (d.wanted.by == config_.settings->node_id)
      take_producer_ids(d.response);
    d.wanted.what.done({error_code::none, {}, std::move(d.response)});
  }
}

/// The response has the first id of a new block: it is the answer, the rest is for the next ones.
void coordinator::take_producer_ids(const change_response& response) {
  const auto* block = std::get_if<kafka::init_producer_id_response>(&response);
  if (!block || block->error != error_code::none)
    return;
  next_producer_id_ = block->producer_id + 1;
  producer_ids_end_ = block->producer_id + producer_id_block;
}

void coordinator::perform(journal::action::discard<decided_change>& a) {
  const auto why = not_written(a.why);
  if (!a.answers.empty())
    spdlog::error("change failed code={} reason=\"{}\"", to_string(why.code), why.message);
  for (auto& d : a.answers)
    d.wanted.what.done({error_code::none, {}, take_back(std::move(d.response), why)});
  refuse_waiting(why);
}

void coordinator::refuse_waiting(const error& why) {
  for (const auto& w : std::exchange(waiting_, {}))
    refuse_one(w.what, why);
}

void coordinator::refuse_one(const change& c, const error& why) {
  c.done({error_code::none, {}, refuse(c.request, why)});
}

// -- other nodes -------------------------------------------------------------------------------------------------

void coordinator::forward(change c) {
  const auto& role = config_.role;
  if (role.leader < 0 || role.leader == config_.settings->node_id || !config_.forwards)
    return delayed_send(this, longest_forward, forward_overdue{forwarded_.hold(std::move(c))});
  auto on_its_way = forwarded_.add(c, role.leader);
  if (!on_its_way)
    return refuse_one(c, on_its_way.error());
  delayed_send(this, longest_forward, forward_overdue{on_its_way->what.correlation});
  config_.forwards->send(std::move(*on_its_way));
}

/// A change of another node's client. It hears of each outcome, and may ask again where that is lost.
void coordinator::decide_forwarded(const peer_forward& f) {
  if (!config_.forwards)
    return;
  auto answer = reply_with<change_result>(
    [to = config_.forwards, peer = f.peer, correlation = f.what.correlation](const change_result& r) {
      to->send(peer_answer{peer, to_wire(correlation, r)});
    });
  auto request = from_wire(f.what);
  if (!request)
    return answer(change_result::failed(request.error().code, request.error().message));
  ask({{std::move(*request), std::move(answer)}, f.peer});
}

void coordinator::take_answer(const peer_answer& a) {
  const auto c = forwarded_.answered(a.peer, a.what.correlation);
  if (!c)
    return;
  auto response = from_wire(a.what, c->request);
  if (!response)
    return refuse_one(*c, nobody_decides(c->request, response.error().message));
  take_producer_ids(*response);
  c->done({error_code::none, {}, std::move(*response)});
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
