// What the other replicas of the group say and are sent, and what the consensus wants done to the log.
#include "actors/partition/partition_actor.hpp"

#include "actors/port_to_actor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace chisme::partition {

namespace {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

constexpr std::chrono::seconds pause_of_store{1};

template <class Action>
bool is(const replica_action& a) {
  return std::holds_alternative<Action>(a);
}

/// What arrives is one piece of memory already; null: it is not.
const buffer* in_one_piece(const payload& bytes) {
  return bytes.parts().size() == 1 ? std::get_if<buffer>(&bytes.parts().front()) : nullptr;
}

} // namespace

// -- from and to peers -------------------------------------------------------------------------------------------

void partition::join() {
  if (!around_.links || arrivals_)
    return;
  arrivals_ = std::make_shared<actor_port<peers::arrival_port, partition_actor>>(partition_actor{this});
  news_ = std::make_shared<actor_port<heartbeats::group_port, partition_actor>>(partition_actor{this});
  around_.router->open(group(), arrivals_);
  around_.heartbeats->send(heartbeats::group_opened{group(), news_});
}

void partition::leave() {
  if (!arrivals_)
    return;
  around_.router->close(group(), std::exchange(arrivals_, nullptr));
  around_.heartbeats->send(heartbeats::group_closed{group(), std::exchange(news_, nullptr)});
}

/// A message whose batches are not sound is as good as lost: it comes again, or the peer is told by its own log.
void partition::take(peers::arrival& m) {
  auto body = raft_message_of(std::move(m.message));
  if (!body)
    return;
  auto said = std::make_shared<peer_said>(peer_said{m.from, std::move(*body)});
  if (const auto* append = std::get_if<peer::raft_append>(&said->what); append && !append->records.empty()) {
    const auto* bytes = in_one_piece(append->records);
    if (!bytes)
      return spdlog::error("batches of another replica are refused partition={} reason=\"they are not in memory\"",
                           label());
    auto parsed = log::copied_batches::parse(*bytes, "node " + std::to_string(m.from));
    if (!parsed)
      return spdlog::error("batches of another replica are refused partition={} reason=\"{}\"", label(),
                           parsed.error().message);
    said->batches = std::move(*parsed);
  }
  tell(input::from_peer{std::move(said)});
}

void partition::heed(const heartbeats::group_news& news) {
  namespace told = heartbeats::output;
  std::visit(overloaded{
               [this](const told::heard_of& x) {
                 tell(raft::input::heartbeat{x.from, x.epoch, x.commit, x.leads});
               },
               [this](const told::leader_silent&) { tell(raft::input::leader_silent{}); },
               [this](const told::peer_silent& x) { tell(raft::input::peer_silent{x.node}); },
               [this](const told::peer_heard& x) { tell(raft::input::peer_heard{x.node}); },
               [this](const told::peer_restarted& x) { tell(raft::input::peer_restarted{x.node}); },
             },
             news.what);
  tell_who_is_in_sync();
}

void partition::perform(const raft::output::send& x) {
  if (around_.links)
    std::visit([&](const auto& m) { around_.links->send(x.to, m); }, x.message);
}

/// What is not in memory is brought there meanwhile; then the same is asked for again.
void partition::perform(const raft::output::replicate& x) {
  const auto cold = cold_copies_.find(x.to);
  if (cold != cold_copies_.end() && cold->second.is_read)
    return tell(raft::input::not_sent{x.to, raft::not_sent_reason::busy});
  const auto found = in_memory(
    cold == cold_copies_.end() ? warm_up{} : cold->second.so_far,
    [&] { return log_->read_for_copy(x.prev, x.max_bytes); }, nullptr,
    [this, to = x.to](const warm_up& so_far) { warmed_for_copy(to, so_far); });
  if (!found) {
    cold_copies_[x.to].is_read = true;
    return tell(raft::input::not_sent{x.to, raft::not_sent_reason::busy});
  }
  if (cold != cold_copies_.end())
    cold_copies_.erase(cold);
  if (!*found) {
    spdlog::error("the log cannot be read for another replica partition={} node={} reason=\"{}\"", label(), x.to,
                  found->error().message);
    return tell(raft::input::not_sent{x.to, raft::not_sent_reason::failed});
  }
  send_copy(x, std::move(**found));
}

void partition::warmed_for_copy(node_id to, const warm_up& so_far) {
  cold_copies_[to] = {so_far, false};
  tell(raft::input::sendable{to});
}

void partition::send_copy(const raft::output::replicate& x, log::copy_read found) {
  if (found.behind_start)
    return tell(raft::input::not_sent{x.to, raft::not_sent_reason::behind_start});
  peer::raft_append m;
  m.group = group();
  m.epoch = x.epoch;
  m.prev = {x.prev.epoch, x.prev.offset};
  m.marks = std::move(found.marks);
  m.commit = x.commit;
  m.log_start = log_->start_offset();
  const auto bytes = found.records.size();
  m.records = std::move(found.records);
  if (!around_.links->send(x.to, std::move(m)))
    return tell(raft::input::not_sent{x.to, raft::not_sent_reason::busy});
  tell(raft::input::replicated{x.to, x.prev, found.next, bytes});
}

void partition::perform(const raft::output::send_reset& x) {
  auto from = log_->beginning();
  const auto start = from.position();
  peer::raft_reset m;
  m.group = group();
  m.epoch = x.epoch;
  m.start = {start.epoch, start.offset};
  m.marks = std::move(from.marks);
  m.commit = x.commit;
  m.producers = std::move(from.producers);
  if (!around_.links->send(x.to, std::move(m)))
    return tell(raft::input::not_sent{x.to, raft::not_sent_reason::busy});
  tell(raft::input::replicated{x.to, start, start, 0});
}

// -- what the consensus wants done -------------------------------------------------------------------------------

void partition::perform(const raft::output::store& x) {
  wanted_state_ = x.state;
  ++stores_owed_;
  store_quorum_state();
}

void partition::store_quorum_state() {
  if (!quorum_state_)
    return;
  if (auto ok = quorum_state_->store(wanted_state_); !ok)
    return store_later(ok.error());
  sync_quorum_state();
}

/// A disk that has no room may have some later; nothing is said meanwhile that needs what is stored.
void partition::store_later(const error& why) {
  spdlog::error("the vote of a replica cannot be written partition={} reason=\"{}\"", label(), why.message);
  delayed_send(this, pause_of_store, store_due{});
}

/// One sync at a time; what is stored meanwhile comes with the next one.
void partition::sync_quorum_state() {
  if (is_storing_ || !quorum_state_->is_dirty())
    return;
  is_storing_ = true;
  const auto dirty = quorum_state_->dirty();
  request(around_.flusher, caf::infinite, flusher::flush_request{dirty.files})
    .then([this, dirty](const flusher::flush_result& r) { quorum_state_synced(dirty, r.failure); },
          [this, dirty](const caf::error&) { quorum_state_synced(dirty, "the flusher is gone"); });
}

void partition::quorum_state_synced(const log::quorum_state::unsynced& what, const std::string& failure) {
  is_storing_ = false;
  if (!quorum_state_)
    return;
  if (!failure.empty())
    return tell(input::sync_failed{{error_code::kafka_storage_error, failure}});
  if (auto ok = quorum_state_->mark_synced(what); !ok)
    return store_later(ok.error());
  sync_quorum_state();
  if (quorum_state_->on_disk() == wanted_state_)
    for (; stores_owed_ > 0; --stores_owed_)
      tell(raft::input::stored{});
}

void partition::perform(const raft::output::write_mark& x) {
  const auto write = [mark = x.mark](log::partition_log& log) -> result<void> {
    auto ok = log.assign_epoch(mark);
    return ok ? result<void>{} : tl::make_unexpected(ok.error());
  };
  if (log_->waits_for_disk({&x.mark, 1}))
    return have_done("the mark of a leader epoch cannot be written", write, input::mark_written{},
                     raft::input::append_failed{});
  if (auto ok = write(*log_); !ok) {
    spdlog::error("the mark of a leader epoch cannot be written partition={} epoch={} reason=\"{}\"", label(),
                  x.mark.epoch, ok.error().message);
    return tell(raft::input::append_failed{});
  }
  tell(input::mark_written{});
}

const peer_said& partition::at_hand() const { return *std::get<input::from_peer>(*input_).message; }

void partition::perform(const raft::output::copy& x) {
  const auto said = std::get<input::from_peer>(*input_).message;
  const auto marks = std::span{std::get<peer::raft_append>(said->what).marks}.subspan(x.first_mark);
  const auto write = [said, marks, first = x.first_batch, now = around_.wall_clock()](log::partition_log& log) {
    return log.append_copied(marks, said->batches, first, now);
  };
  if (log_->waits_for_disk(marks))
    return have_done("what another replica has cannot be written", write, raft::input::copied{},
                     raft::input::copy_failed{});
  if (auto ok = write(*log_); !ok) {
    close_removed();
    spdlog::error("what another replica has cannot be written partition={} reason=\"{}\"", label(), ok.error().message);
    return tell(raft::input::copy_failed{});
  }
  tell(raft::input::copied{});
}

void partition::perform(const raft::output::truncate& x) {
  spdlog::info("the log is cut to where it is the leader's partition={} end={} to={} epoch={}", label(),
               log_->end_offset(), x.to.offset, x.to.epoch);
  have_done(
    "the log cannot be cut", [to = x.to](log::partition_log& log) { return log.truncate_to(to); }, input::log_changed{},
    raft::input::copy_failed{});
}

void partition::perform(const raft::output::reset&) {
  const auto& m = std::get<peer::raft_reset>(at_hand().what);
  spdlog::info("the log begins anew where the leader's does partition={} end={} at={}", label(), log_->end_offset(),
               m.start.offset);
  have_done(
    "the log cannot begin anew",
    [from = log::log_beginning{m.start.offset, m.marks, m.producers}](log::partition_log& log) {
      return log.reset_to(from);
    },
    raft::input::copied{}, raft::input::copy_failed{});
}

void partition::have_done(const char* complaint, std::function<result<void>(log::partition_log&)> what,
                          replica_input then, replica_input failed) {
  is_away_ = true;
  request(around_.disk_worker, caf::infinite, disk_worker::work_request{std::exchange(log_, nullptr), std::move(what)})
    .then([=, this](const disk_worker::work_result& r) { came_back(complaint, r, then, failed); },
          [](const caf::error&) { throw std::runtime_error{"the disk worker is gone, and the log with it"}; });
}

void partition::came_back(const char* complaint, const disk_worker::work_result& r, replica_input then,
                          replica_input failed) {
  if (!r.exception.empty())
    throw std::runtime_error{r.exception};
  log_ = r.log;
  is_away_ = false;
  log_->update_settings(replica_.settings);
  close_removed();
  if (!r.outcome) {
    spdlog::error("{} partition={} reason=\"{}\"", complaint, label(), r.outcome.error().message);
    // What was to be written behind a cut is not.
    const auto rest = actions_.begin() + static_cast<ptrdiff_t>(next_action_);
    actions_.erase(std::remove_if(rest, actions_.end(), is<raft::output::copy>), actions_.end());
  }
  answers_.push_back(r.outcome ? std::move(then) : std::move(failed));
  go_on();
  for (auto& again : std::exchange(deferred_, {}))
    again();
}

void partition::perform(const action::move_start& a) {
  if (auto ok = log_->delete_records(a.to); !ok)
    spdlog::warn("what the leader has deleted cannot be deleted partition={} before={} reason=\"{}\"", label(), a.to,
                 ok.error().message);
  close_removed();
  tell(input::log_changed{});
}

void partition::perform(const raft::output::wake& x) {
  delayed_send(this, std::chrono::milliseconds{x.after_ms}, wake_due{++wake_number_});
}

// -- who is told -------------------------------------------------------------------------------------------------

void partition::perform(const action::follow& a) { tell_of_role(a.leader, a.epoch); }

void partition::tell_of_role(node_id leader, leader_epoch_t epoch) {
  const auto me = make_port(partition_actor{this});
  if (!std::exchange(is_told_of_, true)) {
    supervisor::replica_opened opened{replica_.key, error_code::none, epoch, me};
    opened.has_others = true;
    send(around_.supervisor, std::move(opened));
  }
  told_role_ = {replica_.key, epoch, leader, machine_.leads() ? me : nullptr, machine_.in_sync()};
  send(around_.supervisor, told_role_);
}

/// Who is in sync changes without a change of the role.
void partition::tell_who_is_in_sync() {
  if (!told_role_.port || !machine_.leads() || machine_.are_in_sync(told_role_.in_sync))
    return;
  told_role_.in_sync = machine_.in_sync();
  send(around_.supervisor, told_role_);
}

/// Commits come by the thousand, and peers learn of most of them by what is appended next.
void partition::perform(const action::tell_peers&) {
  if (!around_.heartbeats || std::exchange(heartbeats_are_told_soon_, true))
    return;
  delayed_send(this, std::chrono::milliseconds{0}, tick{});
}

void partition::tell_heartbeats() {
  heartbeats_are_told_soon_ = false;
  tell_who_is_in_sync();
  if (!arrivals_)
    return;
  around_.heartbeats->send(heartbeats::input::group_changed{group(), machine_.members(), machine_.believed_leader(),
                                                            machine_.term(), machine_.high_watermark()});
}

} // namespace chisme::partition
