#include "tests/sim/mixed_group_sim.hpp"

#include "tests/sim/replay_check.hpp"
#include "tests/support/group_words.hpp"

#include <algorithm>

namespace chisme::test {

using namespace groups;

namespace {

constexpr int steps_per_seed = 150;

} // namespace

mixed_group_sim::mixed_group_sim(uint64_t seed) : random_(seed) {
  settings_.initial_rebalance_delay_ms = static_cast<int32_t>(pick(0, 1) * 1500);
  settings_.consumer.session_timeout_ms = 10'000;
  settings_.consumer.min_session_timeout_ms = 1'000;
  if (chance(30))
    settings_.consumer.assignors = {"range"};
  repeats_answered_ = chance(50);
  topics_.add("t0", static_cast<int32_t>(pick(1, 6)));
  topics_.add("t1", static_cast<int32_t>(pick(1, 6)));
  make_places();
  shard_ = new_shard();
  replayed_ = new_shard();
}

std::unique_ptr<group_shard> mixed_group_sim::new_shard() {
  auto new_uuid = [this] {
    uuid id;
    id.bytes[14] = ++last_uuid_ == 0 ? ++id.bytes[13] : id.bytes[13];
    id.bytes[15] = last_uuid_;
    return id;
  };
  return std::make_unique<group_shard>(
    settings_, [this] { return std::to_string(++last_id_); }, new_uuid);
}

void mixed_group_sim::make_places() {
  const auto count = chance(10) ? pick(20, 50) : pick(1, 8);
  const bool is_cooperative = chance(50);
  for (int64_t i = 0; i < count; ++i) {
    classic_client::profile c;
    c.name = "c" + std::to_string(i);
    c.group = "g";
    if (chance(30))
      c.instance = "i" + std::to_string(i);
    c.join_version = c.instance || chance(50) ? 9 : 4;
    c.session_ms = static_cast<int32_t>(pick(6, 20) * 1000);
    c.rebalance_ms = static_cast<int32_t>(pick(4, 30) * 1000);
    c.topics = chance(30) ? std::vector<std::string>{"t0"} : std::vector<std::string>{"t0", "t1", "t2"};
    c.is_cooperative = is_cooperative;
    c.protocols =
      is_cooperative || chance(50) ? std::vector<std::string>{"range"} : std::vector<std::string>{"sticky", "range"};
    consumer_client::profile n;
    n.name = c.name;
    n.group = c.group;
    n.instance = c.instance;
    n.rebalance_ms = c.rebalance_ms;
    if (chance(20))
      n.regex = "t[01]";
    else
      n.topics = c.topics;
    places_.push_back({.client = classic_client{c, random_()}, .classic = c, .consumer = n});
  }
}

std::string mixed_group_sim::run() {
  int i = 0;
  for (; i < steps_per_seed && wrong_.empty(); ++i) {
    step();
    check_state();
  }
  if (wrong_.empty())
    settle();
  return wrong_.empty() ? "" : "step " + std::to_string(i) + ": " + wrong_;
}

// What happens.

void mixed_group_sim::step() {
  auto& p = any_place();
  const auto what = pick(0, 99);
  if (what < 50)
    pass_time(chance(20) ? pick(0, 15'000) : pick(0, 1500));
  else if (what < 70)
    start(p);
  else if (what < 75)
    std::visit([](auto& c) { c.vanish(); }, p.client);
  else if (what < 82)
    leave(p);
  else if (what < 86)
    p.stalled_until = now_ + pick(0, 25'000);
  else if (what < 90)
    say_again(p);
  else if (what < 92)
    send(p, std::visit([](auto& c) { return c.a_commit(); }, p.client), reader::nobody, false);
  else if (what < 95)
    change_topics();
  else if (what < 97)
    lose_coordinator();
  else
    classic_percent_ = static_cast<int>(pick(0, 2) * 50);
}

void mixed_group_sim::start(place& p) {
  if (std::visit([](const auto& c) { return c.is_on(); }, p.client))
    return;
  const auto seed = random_();
  p.inbox.clear();
  p.awaited = 0;
  p.was_repeated = false;
  if (chance(classic_percent_)) {
    p.client = classic_client{p.classic, seed};
  } else {
    // It makes its id by itself, one that never comes again.
    p.consumer.name = p.classic.name + "." + std::to_string(++last_id_);
    p.client = consumer_client{p.consumer, seed};
  }
  std::visit([&](auto& c) { c.start(now_ + pick(0, 500)); }, p.client);
}

void mixed_group_sim::leave(place& p) {
  std::visit(
    [&](auto& c) {
      if (!c.is_on() || c.id().empty())
        return;
      send(p, c.a_leave(), reader::nobody, false);
      c.vanish();
    },
    p.client);
}

/// The last request once more: while its answer is awaited, and perhaps after it came or when the process is gone.
void mixed_group_sim::say_again(place& p) {
  if (!p.last_request || (p.awaited == 0 && !repeats_answered_))
    return;
  p.was_repeated = true;
  send(p, *p.last_request, reader::nobody, true);
}

void mixed_group_sim::change_topics() {
  const auto name = "t" + std::to_string(pick(0, 2));
  const auto known = topics_.find(name);
  ++topics_version_;
  say("-- " + name + " changes");
  if (!known)
    made_[name] = topics_version_;
  if (!known || chance(67))
    topics_.add(name, (known ? known->partitions : 0) + static_cast<int32_t>(pick(1, 3)));
  else
    drop_topic(name);
}

void mixed_group_sim::drop_topic(const std::string& name) {
  topics_.remove(name);
  for (auto& [id, parts] : claims_)
    std::erase_if(parts, [&](const auto& part) { return part.first == name; });
  effects out;
  shard_->forget_missing_topics(topics_, now_, out);
  took(std::move(out), std::nullopt);
}

void mixed_group_sim::lose_coordinator() {
  say("== the coordinator is lost");
  pending_.clear();
  asked_.clear();
  offsets_.lost();
  told_ = kept_told_;
  came_.clear(); // nobody waits any more
  shard_ = new_shard();
  replayed_ = new_shard();
  // The cleaner may have been there meanwhile.
  const auto cleaned = chance(50) ? static_cast<size_t>(pick(0, static_cast<int64_t>(log_.size()))) : 0;
  for (const auto& r : compacted(log_, cleaned, chance(50))) {
    load(*shard_, r);
    load(*replayed_, r);
  }
  effects out;
  shard_->loaded(now_, out);
  shard_->forget_missing_topics(topics_, now_, out);
  took(std::move(out), std::nullopt);
  for (auto& p : places_)
    if (std::exchange(p.awaited, 0) != 0)
      std::visit([&](auto& c) { c.connection_lost(now_); }, p.client);
}

// How it happens.

std::optional<timestamp_ms> mixed_group_sim::next_event() const {
  auto next = shard_->next_deadline();
  for (const auto& p : places_) {
    auto at = std::visit([](const auto& c) { return c.next_action(); }, p.client);
    if (!p.inbox.empty())
      at = p.stalled_until;
    if (at && (!next || std::max(*at, p.stalled_until) < *next))
      next = std::max(*at, p.stalled_until);
  }
  return next;
}

void mixed_group_sim::pass_time(timestamp_ms how_long) {
  const auto until = now_ + how_long;
  for (auto next = next_event(); next && *next <= until && wrong_.empty(); next = next_event()) {
    now_ = std::max(now_, *next);
    if (auto due = shard_->next_deadline(); due && *due <= now_)
      tick();
    for (auto& p : places_) {
      if (p.stalled_until > now_)
        continue;
      for (const auto& r : std::exchange(p.inbox, {}))
        std::visit([&](auto& c) { c.told(r, now_); }, p.client);
      if (auto at = std::visit([](const auto& c) { return c.next_action(); }, p.client); at && *at <= now_)
        act(p);
    }
    if (repeats_answered_ && !is_quiet_ && chance(3))
      say_again(any_place());
    if (chance(75))
      commit_some(pending_.size());
  }
  now_ = std::max(now_, until);
  commit_some(static_cast<size_t>(pick(0, static_cast<int64_t>(pending_.size()))));
}

void mixed_group_sim::tick() {
  while (true) {
    const auto before = look(*shard_);
    effects out;
    if (!shard_->tick(now_, topics_, out))
      return;
    check_sessions(before);
    took(std::move(out), std::nullopt);
  }
}

void mixed_group_sim::act(place& p) {
  p.last_request = std::visit([&](auto& c) { return c.act(now_, {topics_, topics_version_}); }, p.client);
  p.awaited = last_ticket_ + 1;
  p.was_told = false;
  send(p, *p.last_request, reader::sender, false);
}

void mixed_group_sim::send(place& p, const classic_client::outgoing& what, reader who, bool is_repeated) {
  const auto to = ++last_ticket_;
  asked_[to] = {what.request, p.classic.name, who == reader::sender ? &p : nullptr};
  if (story_)
    say(p.classic.name + (is_repeated ? " again > " : " > ") + words(what.request, what.version, topics_));
  auto said = what_is_said(what.request);
  if (said)
    said->is_old = is_repeated && p.was_told && !cannot_be_told_from_new(what.request);
  effects out;
  shard_->handle({to, "client", "/127.0.0.1", what.version}, what.request, topics_, now_, out);
  took(std::move(out), std::move(said));
}

/// Within an epoch the heartbeats of KIP-848 have nothing that tells an old one from a new one.
bool mixed_group_sim::cannot_be_told_from_new(const group_request& request) const {
  const auto* beat = std::get_if<kafka::consumer_group_heartbeat_request>(&request);
  return beat && told_.is_told(beat->member_id, beat->member_epoch);
}

void mixed_group_sim::say(const std::string& line) const {
  if (story_)
    *story_ << now_ << " " << line << "\n";
}

void mixed_group_sim::say(const effects& out) const {
  if (!story_)
    return;
  for (const auto& r : out.records)
    if (const auto text = words(r, topics_); !text.empty())
      say("   * " + text);
}

void mixed_group_sim::load(group_shard& shard, const journal::entry& e) {
  if (!shard.load(e))
    fail("a record does not load");
}

void mixed_group_sim::took(effects out, std::optional<report> said) {
  is_checked_ = false;
  say(out);
  for (const auto& r : out.records)
    load(*replayed_, encode(r));
  check_decision(out);
  auto members = look(*shard_).members;
  told_.only(members);
  pending_.push_back(
    {std::move(out.records), std::move(out.answers), std::move(said), std::move(members), topics_version_});
}

mixed_group_sim::sight mixed_group_sim::look(group_shard& shard) const {
  sight seen;
  effects out;
  shard.handle({0, "tool", "/", 1}, describe_consumer_group_request{"g"}, topics_, now_, out);
  const auto& consumers =
    std::get<kafka::consumer_group_describe_response::described_group>(out.answers.at(0).response);
  if (consumers.error == error_code::none) {
    for (const auto& m : consumers.members)
      seen.members.insert(m.member_id);
    seen.state = consumers.group_state;
    seen.is_classic = false;
    return seen;
  }
  shard.handle({0, "tool", "/", 5}, describe_group_request{"g"}, topics_, now_, out);
  const auto& group = std::get<kafka::describe_groups_response::described_group>(out.answers.at(1).response);
  for (const auto& m : group.members)
    seen.members.insert(m.member_id);
  seen.state = group.group_state;
  return seen;
}

void mixed_group_sim::commit_some(size_t how_many) {
  for (; how_many > 0 && !pending_.empty(); --how_many) {
    auto next = std::move(pending_.front());
    pending_.pop_front();
    commit(std::move(next));
  }
}

void mixed_group_sim::commit(decided d) {
  if (d.said)
    hear(*d.said);
  // A group without members may make room for a new one, which begins from nothing.
  const auto epoch_before = members_.empty() ? 0 : epoch_;
  for (const auto& r : d.records) {
    log_.push_back(encode(r));
    commit_record(r);
  }
  if (!exists_)
    epoch_ = 0;
  else if (epoch_ < epoch_before)
    fail("from epoch " + std::to_string(epoch_before) + " back to " + std::to_string(epoch_));
  members_ = std::move(d.members);
  offsets_.committed();
  // A classic group does not write that somebody went before the others have met: a coordinator that is lost until then
  // has that member again, in its generation, and nobody was told of what it had.
  const bool is_written =
    std::ranges::any_of(d.records, [](const auto& r) { return !std::holds_alternative<offset_record>(r); });
  if (is_written)
    std::erase_if(claims_, [&](const auto& c) { return !members_.contains(c.first); });
  for (const auto& a : d.answers) {
    auto i = asked_.find(a.to);
    if (i == asked_.end())
      return fail("a request is answered twice");
    const auto q = std::move(i->second);
    asked_.erase(i);
    if (story_)
      say(q.by + (q.from ? " < " : " (unread) < ") + words(a.response, topics_));
    kept_told_.told(q.request, a.response);
    claim(a, q, d.topics_version);
    deliver(a, q);
  }
  if (is_written)
    kept_told_.only(members_);
  check_claims();
}

/// What was said before the last answer is no word on what its sender still has: it may have been told of more, and
/// read from it.
///
/// A meeting of classic members takes the last JoinGroup for the member's word, whenever it was said. Where that does
/// not know of all that the member has, the member is at the meeting like one that did not come: fenced with its
/// generation, which is all that the protocol promises.
void mixed_group_sim::hear(const report& said) {
  auto& claimed = claims_[said.member];
  if (!said.is_old) {
    owned_partitions kept;
    std::ranges::set_intersection(claimed, said.still_has, std::inserter(kept, kept.end()));
    claimed = std::move(kept);
  }
  if (!said.is_join)
    return;
  if (std::ranges::includes(said.still_has, claimed))
    came_.insert(said.member);
  else
    came_.erase(said.member);
}

/// A meeting of classic members fences those who did not come: what they have is not theirs any more.
void mixed_group_sim::commit_record(const group_record& r) {
  auto becomes = [this](bool classic) {
    if (is_classic_ == classic)
      return;
    ++conversions_;
    is_classic_ = classic;
    came_.clear();
  };
  if (const auto* g = std::get_if<classic_group_record>(&r)) {
    exists_ = g->value.has_value();
    if (!exists_)
      return;
    if (g->value->generation > epoch_) {
      std::erase_if(claims_, [&](const auto& c) { return !came_.contains(c.first); });
      came_.clear();
    }
    epoch_ = g->value->generation;
    becomes(true);
  } else if (const auto* c = std::get_if<consumer_group_record>(&r)) {
    const auto* m = std::get_if<group_metadata_record>(c);
    if (!m)
      return;
    exists_ = m->value.has_value();
    if (!exists_)
      return;
    epoch_ = m->value->epoch;
    becomes(false);
  }
}

void mixed_group_sim::deliver(const answer& a, const question& q) {
  if (!q.from || q.from->awaited != a.to)
    return;
  q.from->awaited = 0;
  q.from->was_told = true;
  if (q.from->stalled_until > now_)
    q.from->inbox.push_back(a.response);
  else
    std::visit([&](auto& c) { c.told(a.response, now_); }, q.from->client);
}

} // namespace chisme::test
