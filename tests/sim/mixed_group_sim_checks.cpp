// What must be true of a group of both protocols, and how its simulation ends.

#include "tests/sim/mixed_group_sim.hpp"

#include "actors/groups/embedded_protocol.hpp"

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

void mixed_group_sim::claim(const answer& a, const question& q) {
  if (const auto* sync = std::get_if<kafka::sync_group_response>(&a.response)) {
    if (sync->error == error_code::none)
      claims_[std::get<kafka::sync_group_request>(q.request).member_id].merge(parts_from(sync->assignment));
  } else if (const auto* beat = std::get_if<kafka::consumer_group_heartbeat_response>(&a.response)) {
    if (beat->error == error_code::none && beat->assignment)
      claims_[*beat->member_id].merge(with_names(beat->assignment->topic_partitions, topics_));
  } else if (const auto* commit = std::get_if<kafka::offset_commit_response>(&a.response)) {
    check_commit(std::get<kafka::offset_commit_request>(q.request), *commit);
  }
}

void mixed_group_sim::check_commit(const kafka::offset_commit_request& q, const kafka::offset_commit_response& r) {
  for (size_t t = 0; t < q.topics.size(); ++t)
    for (size_t p = 0; p < q.topics[t].partitions.size(); ++p) {
      if (r.topics.at(t).partitions.at(p).error != error_code::none)
        continue;
      const auto& partition = q.topics[t].partitions[p];
      offsets_[{q.topics[t].name, partition.partition_index}] = partition.committed_offset;
      if (!members_.contains(q.member_id) && q.generation_id_or_member_epoch >= 0)
        fail("a commit of " + q.member_id + " is taken, who is no member");
    }
}

void mixed_group_sim::check_claims() {
  std::map<std::pair<std::string, int32_t>, std::string> owners;
  for (const auto& [id, parts] : claims_)
    for (const auto& part : parts)
      if (const auto [i, first] = owners.emplace(part, id); !first)
        return fail(name_of(part) + " belongs to " + i->second + " and to " + id);
}

/// Where nobody is to rejoin or to give up anything, members go by the end of their session only.
void mixed_group_sim::check_sessions(const sight& before) {
  if (before.state != "Stable")
    return;
  const auto left = look(*shard_).members;
  for (const auto& p : places_) {
    const auto* c = std::get_if<classic_client>(&p.client);
    const auto& id = c ? c->id() : std::get<consumer_client>(p.client).id();
    const auto session = c ? p.classic.session_ms : settings_.consumer.session_timeout_ms;
    if (before.members.contains(id) && !left.contains(id) && now_ < p.heard_at + session)
      fail(id + " was heard, and is taken for dead");
  }
}

void mixed_group_sim::check_replay() {
  if (replayed_->snapshot() != shard_->snapshot())
    fail("the records say something else than the memory");
}

void mixed_group_sim::check_memory() {
  commit_some(pending_.size());
  check_replay();
  kafka::offset_fetch_request::group r;
  r.group_id = "g";
  effects out;
  shard_->handle({0, "tool", "/", 9}, r, topics_, now_, out);
  std::map<std::pair<std::string, int32_t>, int64_t> found;
  for (const auto& t : std::get<kafka::offset_fetch_response::group>(out.answers.at(0).response).topics)
    for (const auto& p : t.partitions)
      found[{t.name, p.partition_index}] = p.committed_offset;
  if (found != offsets_)
    fail("the offsets are not those that were committed");
}

/// Nothing goes wrong any more: all who are on find together and share all that they subscribe to.
void mixed_group_sim::settle() {
  for (auto& p : places_)
    p.stalled_until = std::min(p.stalled_until, now_);
  for (timestamp_ms waited = 0; waited < patience_ms && wrong_.empty(); waited += 5000) {
    pass_time(5000);
    commit_some(pending_.size());
    if (why_not_settled().empty())
      break;
  }
  if (const auto why = why_not_settled(); !why.empty())
    fail("it does not settle: " + why);
  check_memory();
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
