#include "tests/sim/consumer_group_model.hpp"

namespace chisme::testing {

namespace {

constexpr int storm_steps = 250;
constexpr timestamp_ms beat_interval = 3'000;
constexpr int quiet_rounds = 45; // longer than a session and a few rebalances

} // namespace

consumer_group_run::consumer_group_run(uint64_t seed) : random_(seed) {
  catalog_.put("a", 1 + static_cast<int32_t>(below(12)));
  catalog_.put("b", 1 + static_cast<int32_t>(below(6)));
  if (chance(30))
    settings_.assignors = {"range"};
  if (chance(30))
    settings_.assignment_pause_us_per_member = 100'000;
  clients_.resize(1 + below(chance(20) ? 50 : 6));
  for (size_t i = 0; i < clients_.size(); ++i)
    if (chance(30))
      clients_[i].instance = "i" + std::to_string(i);
  group_ = replay({});
  replayed_ = replay({});
}

std::string consumer_group_run::run() {
  for (int i = 0; i < storm_steps && wrong_.empty(); ++i)
    storm_step();
  if (wrong_.empty())
    quiet_down();
  return wrong_;
}

void consumer_group_run::storm_step() {
  now_ += static_cast<timestamp_ms>(below(2'000));
  if (const auto at = group_->next_deadline(); at && *at <= now_ && chance(90))
    tick();
  if (chance(3))
    restart();
  if (chance(3))
    change_topics();
  auto& c = clients_[below(clients_.size())];
  act(c);
  check_step(c);
}

void consumer_group_run::act(client& c) {
  if (c.stalled_until > now_)
    return;
  if (!c.here)
    return join(c);
  switch (below(60)) {
    case 0:
      c.stalled_until = now_ + static_cast<timestamp_ms>(below(70'000));
      return;
    case 1:
      return vanish(c);
    case 2:
      return leave(c, leaving_epoch);
    case 3:
      return c.instance ? leave(c, away_epoch) : vanish(c);
    case 4:
      c.regex = chance(30) ? "[ab]" : "";
      c.topics = chance(50) ? std::vector<std::string>{"a", "b"} : std::vector<std::string>{"a"};
      c.tell_topics = true;
      return beat(c);
    case 5:
      c.stubborn = true;
      return beat(c);
    case 6:
      return repeat_join(c);
    default:
      return beat(c);
  }
}

/// Everybody who is here beats in time and on a network that loses nothing, until nothing is left to be done.
void consumer_group_run::quiet_down() {
  lossy_ = false;
  for (int round = 0; round < quiet_rounds && wrong_.empty(); ++round) {
    now_ += beat_interval;
    tick();
    records_ = 0;
    for (auto& c : clients_)
      if (c.here)
        beat(c);
      else if (!c.id.empty() && !c.away)
        join(c);
    for (const auto& c : clients_)
      check_commits(c);
    check_claims();
    check_epochs();
    check_replay();
  }
  if (wrong_.empty())
    check_settled();
  check_records();
}

void consumer_group_run::restart() {
  check_records();
  const auto log = chance(50) ? log_ : compacted();
  group_ = replay(log);
  replayed_ = replay(log);
  group_->loaded(now_);
}

void consumer_group_run::tick() {
  std::map<std::string, bool> revoking;
  for (const auto& [id, m] : group_->persisted().members())
    revoking[id] = m.current.state == member_state::unrevoked_partitions;
  consumer_group_effects out;
  group_->tick(now_, catalog_, out);
  keep(out);
  for (const auto& [id, was_revoking] : revoking) {
    if (group_->persisted().find(id))
      continue;
    claims_.erase(id);
    epochs_.erase(id);
    if (!was_revoking && now_ - last_heard_[id] < settings_.session_timeout_ms)
      fail(id + " was fenced though it was heard " + std::to_string(now_ - last_heard_[id]) + " ms ago");
  }
}

void consumer_group_run::change_topics() {
  const auto name = chance(50) ? "a" : "b";
  if (chance(20))
    return catalog_.remove(name);
  const auto* topic = catalog_.find(std::string_view{name});
  catalog_.put(name, (topic ? topic->partitions : 0) + 1 + static_cast<int32_t>(below(3)));
}

void consumer_group_run::join(client& c) {
  if (c.id.empty() || c.gone || c.away) {
    c.id = "p" + std::to_string(++processes_);
    c.gone = c.away = c.stubborn = false;
    c.topics = chance(50) ? std::vector<std::string>{"a", "b"} : std::vector<std::string>{"b"};
  }
  auto r = join_request(c.id, c.topics);
  r.instance_id = c.instance;
  c.regex.clear();
  c.has.clear();
  c.told.clear();
  c.reported.clear();
  c.tell_all = c.tell_topics = false;
  c.epoch = joining_epoch;
  deliver(c, r);
}

void consumer_group_run::beat(client& c) {
  settle(c);
  auto r = beat_request(c.id, c.epoch);
  if (c.has != c.reported || c.tell_all || c.tell_topics) {
    r.topic_partitions = owned(c.has);
    c.reported = c.has;
  }
  if (c.tell_all || c.tell_topics) {
    r.rebalance_timeout_ms = 10'000;
    r.subscribed_topic_names = c.topics;
    r.subscribed_topic_regex = c.regex;
    r.instance_id = c.instance;
  }
  deliver(c, r);
}

/// Gives up what it was told to give up, in its own time, and takes the new only after that.
void consumer_group_run::settle(client& c) {
  if (without(c.has, c.told).empty() || (!c.stubborn && now_ >= c.revoked_at))
    c.has = c.told;
}

void consumer_group_run::leave(client& c, int32_t epoch) {
  auto r = beat_request(c.id, epoch);
  r.instance_id = c.instance;
  c.here = false;
  c.gone = epoch == leaving_epoch;
  c.away = epoch == away_epoch;
  deliver(c, r);
}

/// Its first request again, from a connection that was thought dead; nobody reads the answer.
void consumer_group_run::repeat_join(client& c) {
  auto r = join_request(c.id, c.topics);
  r.instance_id = c.instance;
  if (send(r).error == error_code::none)
    last_heard_[c.id] = now_;
  // Of a change that this answer told, it is told once more where it says all: requests come twice over a connection
  // that broke.
  c.tell_all = true;
}

heartbeat_response consumer_group_run::send(const heartbeat_request& r) {
  consumer_group_effects out;
  group_->heartbeat({1, "client", "/127.0.0.1", 1}, r, now_, catalog_, out);
  keep(out);
  auto response = std::get<heartbeat_response>(out.answers.at(0).response);
  hear(r, response);
  return response;
}

/// Who may commit, and in which epoch, is over with the next answer, also with one that does not arrive.
void consumer_group_run::hear(const heartbeat_request& r, const heartbeat_response& response) {
  if (response.error != error_code::none)
    return;
  if (r.member_epoch == leaving_epoch) {
    epochs_.erase(r.member_id);
    return;
  }
  epochs_[r.member_id] = response.member_epoch;
  if (!r.instance_id)
    return;
  auto& holder = instances_[*r.instance_id];
  if (holder != r.member_id)
    epochs_.erase(holder);
  holder = r.member_id;
}

void consumer_group_run::vanish(client& c) {
  c.here = false;
  c.gone = true;
  c.stalled_until = now_ + static_cast<timestamp_ms>(below(60'000));
}

void consumer_group_run::deliver(client& c, const heartbeat_request& r) {
  if (lossy_ && chance(5)) {
    c.tell_all = true;
    return;
  }
  const auto response = send(r);
  if (response.error == error_code::none) {
    if (r.member_epoch < joining_epoch)
      claims_.erase(r.member_id);
    else
      last_heard_[r.member_id] = now_;
    if (r.member_epoch > joining_epoch && r.topic_partitions)
      claims_[r.member_id] = to_set(*r.topic_partitions);
  }
  if (r.member_epoch < joining_epoch)
    return;
  c.tell_all = true;
  if (!lossy_ || chance(90))
    take(c, response);
}

void consumer_group_run::take(client& c, const heartbeat_response& response) {
  if (response.error == error_code::unreleased_instance_id)
    return; // it goes on asking
  if (response.error != error_code::none) {
    claims_.erase(c.id);
    c.here = c.stubborn = false; // it lets go of everything, and joins again with the same id
    return;
  }
  if (response.member_epoch < c.epoch)
    fail(c.id + " went back from epoch " + std::to_string(c.epoch) + " to " + std::to_string(response.member_epoch));
  c.here = true;
  c.tell_all = c.tell_topics = false;
  c.epoch = response.member_epoch;
  if (!response.assignment)
    return;
  c.told = to_set(response.assignment->topic_partitions);
  c.revoked_at = now_ + static_cast<timestamp_ms>(below(8'000));
  auto& claim = claims_[c.id];
  claim = together(claim, c.told);
}

void consumer_group_run::keep(const consumer_group_effects& out) {
  records_ += out.records.size();
  log_.insert(log_.end(), out.records.begin(), out.records.end());
  for (const auto& r : out.records)
    replayed_->apply(r);
}

std::unique_ptr<consumer_group> consumer_group_run::replay(const std::vector<consumer_group_record>& log) const {
  auto group = std::make_unique<consumer_group>("g", settings_, [] { return uuid{}; });
  for (const auto& r : log)
    group->apply(r);
  return group;
}

/// A part of the log from its beginning without the records that have a newer one there, as the cleaner
/// leaves it.
std::vector<consumer_group_record> consumer_group_run::compacted() {
  const auto end = below(log_.size() + 1);
  std::map<std::string, size_t> newest;
  const auto key = [this](size_t i) { return std::string{as_chars(encode(log_[i]).key)}; };
  for (size_t i = 0; i < end; ++i)
    newest[key(i)] = i;
  std::vector<consumer_group_record> out;
  for (size_t i = 0; i < log_.size(); ++i)
    if (i >= end || newest[key(i)] == i)
      out.push_back(log_[i]);
  return out;
}

void consumer_group_run::check_step(const client& c) {
  check_claims();
  check_epochs();
  check_commits(c);
  check_replay();
}

void consumer_group_run::check_claims() {
  std::map<assigned_partition, std::string> claimed;
  for (const auto& [id, set] : claims_)
    for (const auto& p : set)
      if (const auto [i, is_new] = claimed.emplace(p, id); !is_new)
        return fail(i->second + " and " + id + " both have partition " + std::to_string(p.index));
}

void consumer_group_run::check_epochs() {
  const auto& state = group_->persisted();
  if (state.epoch() < group_epoch_ || state.target_epoch() > state.epoch())
    fail("the group's epoch went back");
  group_epoch_ = state.epoch();
}

/// Whatever a process commits, early or late, alive or long gone: it is taken where its member was told this epoch
/// last, and only there.
void consumer_group_run::check_commits(const client& c) {
  constexpr int16_t newest = 10;
  const auto told = epochs_.find(c.id);
  for (auto epoch = std::max(c.epoch - 1, joining_epoch); epoch <= c.epoch; ++epoch) {
    const bool is_taken = group_->check_commit(c.id, epoch, newest) == error_code::none;
    const bool may_be = told != epochs_.end() && told->second == epoch;
    if (is_taken != may_be)
      fail("a commit of " + c.id + " in epoch " + std::to_string(epoch) + (is_taken ? " is taken" : " is refused"));
  }
}

/// What the members do next depends on these.
void consumer_group_run::check_replay() {
  const auto& live = group_->persisted();
  const auto& replayed = replayed_->persisted();
  const auto same_members = [](const auto& a, const auto& b) {
    return a.first == b.first && a.second.metadata == b.second.metadata && a.second.current == b.second.current &&
           a.second.target == b.second.target;
  };
  if (live.epoch() != replayed.epoch() || live.target_epoch() != replayed.target_epoch() ||
      live.metadata_hash() != replayed.metadata_hash() || live.topics() != replayed.topics() ||
      !std::ranges::equal(live.members(), replayed.members(), same_members))
    fail("the records say something else than the memory");
}

/// The same to the last byte, and also of a log that is read from its beginning.
void consumer_group_run::check_records() {
  if (wrong_.empty() && replay(log_)->persisted().records() != group_->persisted().records())
    fail("a replay makes another state");
}

/// Each partition of a subscribed topic has one owner, everybody has what it is to have, and nobody writes.
void consumer_group_run::check_settled() {
  if (records_ != 0)
    fail("records are written though nothing happens");
  std::map<assigned_partition, int> owners;
  bool waits_for_instance = false;
  for (const auto& [id, m] : group_->persisted().members()) {
    waits_for_instance = waits_for_instance || m.current.epoch == away_epoch;
    for (const auto& p : m.current.assigned)
      ++owners[p];
  }
  if (!group_->empty() && !waits_for_instance && group_->status() != consumer_group_status::stable)
    fail("the group does not come to rest");
  for (const auto& [name, subscribers] : group_->persisted().topics())
    if (const auto* topic = catalog_.find(name))
      for (int32_t p = 0; p < topic->partitions; ++p)
        if (owners[{topic->id, p}] != 1)
          fail(name + std::to_string(p) + " has " + std::to_string(owners[{topic->id, p}]) + " owners");
  for (const auto& c : clients_)
    if (c.here && group_->persisted().find(c.id) && c.has != group_->persisted().find(c.id)->current.assigned)
      fail(c.id + " does not have what it is to have");
}

void consumer_group_run::fail(std::string what) {
  if (wrong_.empty())
    wrong_ = std::move(what);
}

} // namespace chisme::testing
