// What must be true of a group of both protocols, and how its simulation ends.

#include "tests/sim/mixed_group_sim.hpp"

#include "actors/groups/embedded_protocol.hpp"
#include "tests/sim/replay_check.hpp"

#include <algorithm>

namespace chisme::test {

using namespace groups;

namespace {

constexpr timestamp_ms patience_ms = 600'000;

template <class Topics>
owned_partitions with_names(const Topics& topics, const topic_catalog& catalog) {
  owned_partitions out;
  for (const auto& t : topics)
    if (const auto* topic = catalog.find(t.topic_id))
      for (auto index : t.partitions)
        out.emplace(topic->name, index);
  return out;
}

std::string name_of(const std::pair<std::string, int32_t>& part) {
  return part.first + "-" + std::to_string(part.second);
}

bool is_good_heartbeat(const group_response& r) {
  if (const auto* beat = std::get_if<kafka::heartbeat_response>(&r))
    return beat->error == error_code::none;
  const auto* beat = std::get_if<kafka::consumer_group_heartbeat_response>(&r);
  return beat && beat->error == error_code::none;
}

} // namespace

std::optional<mixed_group_sim::report> mixed_group_sim::what_is_said(const group_request& request) const {
  if (const auto* join = std::get_if<kafka::join_group_request>(&request)) {
    report said{join->member_id, {}, true};
    const auto subscription = read_subscription(join->protocols.front().metadata);
    for (const auto& t : subscription->owned_partitions)
      for (auto index : t.partitions)
        said.still_has.emplace(t.topic, index);
    return said;
  }
  if (const auto* leave = std::get_if<kafka::leave_group_request>(&request))
    return report{leave->members.front().member_id, {}};
  if (const auto* beat = std::get_if<kafka::consumer_group_heartbeat_request>(&request)) {
    if (beat->member_epoch < joining_epoch)
      return report{beat->member_id, {}};
    if (beat->topic_partitions)
      return report{beat->member_id, with_names(*beat->topic_partitions, topics_)};
  }
  return std::nullopt;
}

void mixed_group_sim::claim(const answer& a, const question& q, int topics_version) {
  if (const auto* sync = std::get_if<kafka::sync_group_response>(&a.response)) {
    if (sync->error != error_code::none)
      return;
    auto parts = parts_from(sync->assignment);
    // The names are those of the topics of then. Of a topic that was not there, or is no more, nothing can be read.
    std::erase_if(parts, [&](const auto& part) {
      const auto made = made_.find(part.first);
      return !topics_.find(part.first) || (made != made_.end() && made->second > topics_version);
    });
    claims_[std::get<kafka::sync_group_request>(q.request).member_id].merge(parts);
  } else if (const auto* beat = std::get_if<kafka::consumer_group_heartbeat_response>(&a.response)) {
    if (beat->error == error_code::none && beat->assignment)
      claims_[*beat->member_id].merge(with_names(beat->assignment->topic_partitions, topics_));
  } else if (const auto* join = std::get_if<kafka::join_group_response>(&a.response)) {
    if (join->error == error_code::none)
      came_.erase(join->member_id); // it waits for the others no more
  }
}

void mixed_group_sim::check_decision(const effects& out) {
  for (const auto& a : out.answers) {
    const auto i = asked_.find(a.to);
    if (i == asked_.end()) {
      fail("a request is answered twice");
      continue;
    }
    const auto& q = i->second.request;
    if (const auto* commit = std::get_if<kafka::offset_commit_response>(&a.response)) {
      const auto& asked = std::get<kafka::offset_commit_request>(q);
      if (offsets_.answered(asked, *commit, topics_))
        if (const auto wrong = told_.wrong_with(asked); !wrong.empty())
          fail(wrong);
    }
    told_.told(q, a.response);
    if (i->second.from && is_good_heartbeat(a.response))
      i->second.from->heard_at = now_;
  }
  for (const auto& r : out.records)
    if (const auto* o = std::get_if<offset_record>(&r); o && !o->value) {
      if (!offsets_.has_lost_its_topic(*o, topics_))
        fail("an offset is dropped whose topic is there");
      offsets_.forgotten(*o);
    }
  offsets_.decided();
}

void mixed_group_sim::check_claims() {
  std::map<std::pair<std::string, int32_t>, std::string> owners;
  for (const auto& [id, parts] : claims_)
    for (const auto& part : parts)
      if (const auto [i, first] = owners.emplace(part, id); !first)
        return fail(name_of(part) + " belongs to " + i->second + " and to " + id);
}

/// Where nobody is to rejoin, to sync or to give up anything, members go by the end of their session only. An instance
/// that did not come to a meeting stays, and is to sync.
void mixed_group_sim::check_sessions(const sight& before) {
  if (before.state != "Stable")
    return;
  const auto left = look(*shard_).members;
  for (const auto& p : places_) {
    const auto* c = std::get_if<classic_client>(&p.client);
    const auto& id = c ? c->id() : std::get<consumer_client>(p.client).id();
    if ((c && !c->is_stable()) || !told_.is_told_newest(id))
      continue;
    const auto session = c ? p.classic.session_ms : settings_.consumer.session_timeout_ms;
    if (before.members.contains(id) && !left.contains(id) && now_ < p.heard_at + session)
      fail(id + " was heard, and is taken for dead");
  }
}

/// A client that may join may sync, whatever becomes of the group meanwhile: at the worst it is to join again.
void mixed_group_sim::check_endings() {
  for (const auto& p : places_)
    if (const auto* c = std::get_if<classic_client>(&p.client); c && c->ended_as_it_synced())
      fail(p.classic.name + " was let in, and its SyncGroup ended it");
}

/// What was decided since the last time has changed it, and nothing else can.
void mixed_group_sim::check_state() {
  check_endings();
  if (std::exchange(is_checked_, true))
    return;
  const auto records = replayed_->snapshot();
  for (const auto& wrong : {replay_difference(*shard_, records, {"g"}, topics_, now_), told_.missing_in(records),
                            offsets_.difference(*shard_, "g", topics_, now_)})
    if (!wrong.empty())
      fail(wrong);
}

/// Nothing goes wrong any more: all who are on find together and share all that they subscribe to.
void mixed_group_sim::settle() {
  is_quiet_ = true;
  for (auto& p : places_) {
    p.stalled_until = std::min(p.stalled_until, now_);
    // KIP-848 tells of each change once. Where that was in the answer to a request that the member does not know to
    // have been repeated, it hears of it when it next says all that it has, as it does on a new connection.
    if (auto* c = std::get_if<consumer_client>(&p.client); c && p.was_repeated) {
      c->connection_lost(now_);
      p.awaited = 0;
      p.inbox.clear();
    }
  }
  // Who was to give up something joins again, so that others get it. A new process of an instance in its place has
  // nothing to give up and need not join again: what is left over is shared out when members meet for another reason.
  if (std::ranges::any_of(places_, [](const auto& p) { return p.classic.is_cooperative && p.classic.instance; }))
    ++topics_version_;
  for (timestamp_ms waited = 0; waited < patience_ms && wrong_.empty(); waited += 5000) {
    pass_time(5000);
    commit_some(pending_.size());
    const auto why = why_not_settled();
    if (why.empty())
      break;
    say("-- " + why);
  }
  if (const auto why = why_not_settled(); !why.empty())
    fail("it does not settle: " + why);
  check_state();
}

std::string mixed_group_sim::why_not_settled() {
  std::set<std::string> on;
  owned_partitions wanted, owned;
  size_t owned_count = 0, classic = 0;
  for (const auto& p : places_) {
    const bool speaks_classic = std::holds_alternative<classic_client>(p.client);
    const auto wrong = std::visit(
      [&](const auto& c) -> std::string {
        if (!c.is_on())
          return "";
        if (!c.is_stable())
          return c.id() + " is not stable";
        classic += speaks_classic ? 1 : 0;
        on.insert(c.id());
        const auto has = c.owned();
        owned.insert(has.begin(), has.end());
        owned_count += has.size();
        for (const auto& name : topics_of(p))
          if (auto topic = topics_.find(name))
            for (int32_t i = 0; i < topic->partitions; ++i)
              wanted.emplace(name, i);
        return "";
      },
      p.client);
    if (!wrong.empty())
      return wrong;
  }
  const auto group = look(*shard_);
  if (group.members != on)
    return "other members than processes";
  if (owned != wanted || owned_count != wanted.size())
    return std::to_string(owned_count) + " of " + std::to_string(wanted.size()) + " partitions are read";
  if (!on.empty() && (group.state != "Stable" || group.is_classic != (classic == on.size())))
    return "it is " + group.state + (group.is_classic ? ", classic" : ", of the consumer protocol");
  return "";
}

std::vector<std::string> mixed_group_sim::topics_of(const place& p) {
  if (std::holds_alternative<classic_client>(p.client))
    return p.classic.topics;
  return p.consumer.regex.empty() ? p.consumer.topics : std::vector<std::string>{"t0", "t1"};
}

} // namespace chisme::test
