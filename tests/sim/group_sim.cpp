#include "tests/sim/group_sim.hpp"

#include "actors/groups/embedded_protocol.hpp"
#include "tests/sim/replay_check.hpp"
#include "tests/sim/weighted_steps.hpp"
#include "tests/support/group_words.hpp"

#include <algorithm>

namespace chisme::test {

using namespace groups;

namespace {

constexpr int steps_per_seed = 120;
const char* const group_names[] = {"g", "h"};

} // namespace

group_sim::group_sim(uint64_t seed) : random_(seed) {
  settings_.initial_rebalance_delay_ms = static_cast<int32_t>(pick(0, 2) * 1500);
  if (pick(0, 9) == 0)
    settings_.max_size = static_cast<int32_t>(pick(1, 6));
  if (pick(0, 2) == 0) {
    settings_.offsets_retention_ms = pick(10, 60) * 1000;
    settings_.offsets_retention_check_interval_ms = pick(1, 20) * 1000;
  }
  topics_.add("t0", static_cast<int32_t>(pick(1, 6)));
  topics_.add("t1", static_cast<int32_t>(pick(1, 6)));
  make_clients();
  shard_ = new_shard();
  replayed_ = new_shard();
}

std::unique_ptr<group_shard> group_sim::new_shard() {
  return std::make_unique<group_shard>(settings_, [this] { return std::to_string(++last_id_); });
}

void group_sim::make_clients() {
  const auto count = pick(0, 9) == 0 ? pick(20, 50) : pick(1, 8);
  const auto group_count = pick(1, 2);
  for (int64_t i = 0; i < count; ++i) {
    classic_client::profile p;
    p.name = "c" + std::to_string(i);
    p.group = group_names[pick(0, group_count - 1)];
    static constexpr int16_t versions[] = {0, 3, 4, 8, 9};
    p.join_version = versions[pick(0, 4)];
    if (p.join_version >= 8 && pick(0, 1) == 0)
      p.instance = "s" + std::to_string(pick(0, 9) == 0 ? 0 : i); // now and then two have the same
    p.session_ms = static_cast<int32_t>(pick(6, 20) * 1000);
    p.rebalance_ms = static_cast<int32_t>(pick(2, 30) * 1000);
    // Who takes the place of another without a rebalance has to want what that one wanted.
    p.topics = pick(0, 2) == 0 && p.instance != "s0" ? std::vector<std::string>{"t0"}
                                                     : std::vector<std::string>{"t0", "t1", "t2"};
    p.protocols = pick(0, 1) == 0 ? std::vector<std::string>{"range"} : std::vector<std::string>{"sticky", "range"};
    clients_.push_back({classic_client{p, random_()}, 0, 0, std::nullopt, {}, 0});
  }
}

std::string group_sim::run() {
  for (step_ = 0; step_ < steps_per_seed && checks_.wrong().empty(); ++step_) {
    step();
    check_state();
  }
  if (checks_.wrong().empty())
    settle();
  if (checks_.wrong().empty())
    end();
  return checks_.wrong().empty() ? "" : "step " + std::to_string(step_) + " (" + doing_ + "): " + checks_.wrong();
}

void group_sim::step() {
  static constexpr weighted_step<group_sim> steps[] = {
    {45, "advance", &group_sim::advance},
    {16, "start", &group_sim::start},
    {4, "vanish", &group_sim::vanish},
    {4, "leave", &group_sim::leave},
    {6, "stall", &group_sim::stall},
    {7, "say again", &group_sim::say_again},
    {6, "commit late", &group_sim::commit_late},
    {3, "change topics", &group_sim::change_topics},
    {2, "administrate", &group_sim::administrate},
    {3, "lose the coordinator", &group_sim::lose_coordinator},
    {5, "look at a restart", &group_sim::check_restart},
  };
  const auto& next = step_at(steps, pick(0, total_weight(steps) - 1));
  doing_ = next.name;
  (this->*next.act)();
}

// What happens.

void group_sim::advance() { pass_time(pick(0, 4) == 0 ? pick(0, 15'000) : pick(0, 1500)); }

void group_sim::start() {
  auto& c = any_client();
  if (c.machine.is_on())
    return;
  c.machine.start(now_ + pick(0, 500));
  c.inbox.clear();
  c.awaited = 0;
}

void group_sim::vanish() { any_client().machine.vanish(); }

void group_sim::leave() {
  auto& c = any_client();
  if (!c.machine.is_on() || c.machine.id().empty())
    return;
  send(c.machine.a_leave(), c.machine.about().name);
  c.machine.vanish();
}

void group_sim::stall() { any_client().stalled_until = now_ + pick(0, 25'000); }

void group_sim::say_again() {
  const auto& c = any_client();
  if (c.last_request)
    send(*c.last_request, c.machine.about().name);
}

void group_sim::commit_late() {
  auto& c = any_client();
  if (!c.machine.id().empty())
    send(c.machine.a_commit(), c.machine.about().name);
}

void group_sim::change_topics() {
  const auto name = "t" + std::to_string(pick(0, 2));
  const auto known = topics_.find(name);
  ++topics_version_;
  say("-- " + name + " changes");
  if (known && pick(0, 2) == 0)
    drop_topic(name);
  else
    topics_.add(name, (known ? known->partitions : 0) + static_cast<int32_t>(pick(1, 3)));
}

void group_sim::drop_topic(const std::string& name) {
  topics_.remove(name);
  // Another one may have got its name before the coordinator hears of it.
  if (pick(0, 1) == 0)
    topics_.add(name, static_cast<int32_t>(pick(1, 3)));
  effects out;
  shard_->forget_missing_topics(topics_, now_, out);
  took(std::move(out));
  for (const auto& record : shard_->snapshot())
    if (const auto* o = std::get_if<offset_record>(&record); o && o->topic == name)
      checks_.fail("an offset outlives its topic");
}

void group_sim::administrate() {
  const std::string group = group_names[pick(0, 1)];
  const auto before = describe(*shard_, group);
  may_forget_ = true;
  if (pick(0, 1) == 0) {
    send({delete_group_request{group}, 2}, "admin");
  } else {
    kafka::offset_delete_request r;
    r.group_id = group;
    r.topics.push_back({"t" + std::to_string(pick(0, 2)), {{0}}});
    send({r, 0}, "admin");
  }
  may_forget_ = false;
  // Who has no generation may only commit where there are no members.
  kafka::offset_commit_request r;
  r.group_id = group;
  r.topics.push_back({"t0", {}, {{0, pick(0, 100), -1, ""}}});
  effects out;
  shard_->handle({++last_ticket_, "tool", "/", 9}, r, topics_, now_, out);
  if (!out.records.empty() && !before.members.empty())
    checks_.fail("a commit from nobody is taken");
  checks_.sent({last_ticket_, r});
  asked_by_[last_ticket_] = "tool";
  took(std::move(out));
}

void group_sim::lose_coordinator() {
  say("== the coordinator is lost");
  pending_.clear();
  awaited_.clear();
  shard_ = new_shard();
  replayed_ = new_shard();
  // The cleaner may have been there meanwhile.
  const auto cleaned = pick(0, 1) == 0 ? static_cast<size_t>(pick(0, static_cast<int64_t>(log_.size()))) : 0;
  for (const auto& r : compacted(log_, cleaned, pick(0, 1) == 0)) {
    load(*shard_, r);
    load(*replayed_, r);
  }
  effects out;
  checks_.lost(shard_->snapshot());
  shard_->loaded(now_, out);
  shard_->forget_missing_topics(topics_, now_, out);
  took(std::move(out));
  for (auto& c : clients_) {
    if (c.awaited != 0)
      c.machine.connection_lost(now_);
    c.awaited = 0;
  }
}

// How it happens.

std::optional<timestamp_ms> group_sim::next_event() const {
  auto next = shard_->next_deadline();
  for (const auto& c : clients_) {
    auto at = c.machine.next_action();
    if (!c.inbox.empty())
      at = c.stalled_until;
    if (at && (!next || std::max(*at, c.stalled_until) < *next))
      next = std::max(*at, c.stalled_until);
  }
  return next;
}

void group_sim::pass_time(timestamp_ms how_long) {
  const auto until = now_ + how_long;
  for (auto next = next_event(); next && *next <= until && checks_.wrong().empty(); next = next_event()) {
    now_ = std::max(now_, *next);
    if (auto due = shard_->next_deadline(); due && *due <= now_)
      tick();
    for (auto& c : clients_) {
      if (c.stalled_until > now_)
        continue;
      wake(c);
      if (auto at = c.machine.next_action(); at && *at <= now_)
        act(c);
    }
    if (pick(0, 3) != 0)
      commit_some(pending_.size());
  }
  now_ = std::max(now_, until);
  commit_some(static_cast<size_t>(pick(0, static_cast<int64_t>(pending_.size()))));
}

void group_sim::tick() {
  while (true) {
    const auto before = members(true);
    effects out;
    if (!shard_->tick(now_, topics_, out))
      return;
    check_tombstones(out);
    check_sessions(before);
    may_forget_ = true;
    took(std::move(out));
    may_forget_ = false;
  }
}

void group_sim::act(client& c) {
  c.last_request = c.machine.act(now_, {topics_, topics_version_});
  c.awaited = last_ticket_ + 1;
  awaited_[c.awaited] = &c;
  send(*c.last_request, c.machine.about().name);
}

void group_sim::wake(client& c) {
  auto inbox = std::exchange(c.inbox, {});
  for (const auto& r : inbox)
    c.machine.told(r, now_);
}

ticket group_sim::send(const classic_client::outgoing& what, const std::string& client_id) {
  const auto to = ++last_ticket_;
  checks_.sent({to, what.request});
  if (story_) {
    asked_by_[to] = client_id;
    say(client_id + " > " + words(what.request, what.version, topics_));
  }
  effects out;
  shard_->handle({to, client_id, "/127.0.0.1", what.version}, what.request, topics_, now_, out);
  took(std::move(out));
  return to;
}

void group_sim::took(effects out) {
  is_checked_ = false;
  say(out);
  checks_.decided(out, topics_, may_forget_);
  for (const auto& r : out.records)
    load(*replayed_, encode(r));
  for (const auto& a : out.answers)
    if (const auto* beat = std::get_if<kafka::heartbeat_response>(&a.response); beat && beat->error == error_code::none)
      if (const auto i = awaited_.find(a.to); i != awaited_.end())
        i->second->heard_at = now_;
  pending_.push_back({std::move(out.records), std::move(out.answers)});
}

void group_sim::load(group_shard& shard, const journal::entry& e) {
  if (!shard.load(e))
    checks_.fail("a record does not load");
}

void group_sim::say(const std::string& line) const {
  if (story_)
    *story_ << now_ << " " << line << "\n";
}

void group_sim::say(const effects& out) const {
  if (!story_)
    return;
  for (const auto& r : out.records)
    say("   * " + words(r, topics_));
}

void group_sim::commit_some(size_t how_many) {
  for (; how_many > 0 && !pending_.empty(); --how_many) {
    auto next = std::move(pending_.front());
    pending_.pop_front();
    for (const auto& r : next.records)
      log_.push_back(encode(r));
    checks_.committed();
    for (const auto& a : next.answers) {
      if (story_)
        say(asked_by_[a.to] + " < " + words(a.response, topics_));
      checks_.left(a.to);
      deliver(a);
    }
  }
}

void group_sim::deliver(const answer& a) {
  auto i = awaited_.find(a.to);
  if (i == awaited_.end())
    return;
  auto& c = *i->second;
  awaited_.erase(i);
  if (c.awaited != a.to)
    return; // it began anew since
  c.awaited = 0;
  if (c.stalled_until > now_)
    c.inbox.push_back(a.response);
  else
    c.machine.told(a.response, now_);
}

} // namespace chisme::test
