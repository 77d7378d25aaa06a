#include "tests/sim/group_checks.hpp"

#include <algorithm>

namespace chisme::test {

using namespace groups;

std::string owner_of(const std::string& member_id) {
  return member_id.starts_with('s') ? member_id.substr(0, member_id.find('-')) : member_id;
}

void group_checks::sent(const sent_request& r) { asked_.emplace(r.to, r.request); }

void group_checks::decided(const effects& out, const topic_catalog& topics, bool may_forget) {
  std::vector<std::pair<group_request, const answer*>> pairs;
  for (const auto& a : out.answers) {
    auto i = asked_.find(a.to);
    if (i == asked_.end()) {
      fail("ticket " + std::to_string(a.to) + " is answered twice");
      continue;
    }
    pairs.emplace_back(i->second, &a);
    asked_.erase(i);
  }
  // The leader's plan is taken first: all the answers that come of it are in the same effects.
  for (const auto& [q, a] : pairs)
    if (const auto* sync = std::get_if<kafka::sync_group_request>(&q))
      take_plan(*sync, std::get<kafka::sync_group_response>(a->response));
  for (const auto& [q, a] : pairs) {
    if (const auto* join = std::get_if<kafka::join_group_request>(&q))
      check_join(a->to, *join, std::get<kafka::join_group_response>(a->response));
    else if (const auto* sync = std::get_if<kafka::sync_group_request>(&q))
      check_sync(*sync, std::get<kafka::sync_group_response>(a->response));
    else if (const auto* beat = std::get_if<kafka::heartbeat_request>(&q))
      check_heartbeat(*beat, std::get<kafka::heartbeat_response>(a->response));
    else if (const auto* leave = std::get_if<kafka::leave_group_request>(&q))
      check_leave(*leave, std::get<kafka::leave_group_response>(a->response));
    else if (const auto* commit = std::get_if<kafka::offset_commit_request>(&q))
      check_commit(*commit, std::get<kafka::offset_commit_response>(a->response), topics);
  }
  for (const auto& [id, list] : lists_)
    check_member_list(id, list);
  lists_.clear();
  for (const auto& record : out.records)
    if (const auto* o = std::get_if<offset_record>(&record); o && !o->value) {
      if (!may_forget && !offsets_.has_lost_its_topic(*o, topics))
        fail("an offset is dropped whose topic is there");
      offsets_.forgotten(*o);
    }
  offsets_.decided();
  // A group of the same name that comes later is another one.
  for (const auto& record : out.records)
    if (const auto* g = std::get_if<classic_group_record>(&record); g && !g->value) {
      groups_.erase(g->group);
      std::erase_if(joined_, [&](const auto& j) { return j.second.first == g->group; });
    }
}

void group_checks::check_join(ticket to, const kafka::join_group_request& q, const kafka::join_group_response& r) {
  if (r.error != error_code::none)
    return;
  auto& g = groups_[q.group_id];
  if (r.generation_id < g.newest)
    return fail("generation " + std::to_string(r.generation_id) + " after " + std::to_string(g.newest));
  g.newest = r.generation_id;
  joined_[to] = {q.group_id, g.newest};
  g.generations[r.generation_id].told.insert(r.member_id);
  if (q.group_instance_id) {
    auto& id = g.instances[*q.group_instance_id];
    if (!id.empty() && id != r.member_id)
      g.gone.insert(id);
    id = r.member_id;
  }
  if (g.gone.contains(r.member_id))
    fail(r.member_id + " is gone and joins");
  if (!r.members.empty())
    lists_.emplace_back(q.group_id, r);
}

void group_checks::check_member_list(const std::string& id, const kafka::join_group_response& r) {
  auto& gen = groups_[id].generations[r.generation_id];
  std::set<std::string> owners;
  for (const auto& m : r.members) {
    owners.insert(owner_of(m.member_id));
    if (!m.group_instance_id && !gen.told.contains(m.member_id))
      fail(m.member_id + " is a member of generation " + std::to_string(r.generation_id) + " and was not told");
  }
  if (owners.size() != r.members.size())
    fail("one instance is two members");
  if (gen.members && *gen.members != owners)
    fail("generation " + std::to_string(r.generation_id) + " has other members than before");
  gen.members = owners;
}

void group_checks::take_plan(const kafka::sync_group_request& q, const kafka::sync_group_response& r) {
  auto& gen = groups_[q.group_id].generations[q.generation_id];
  if (r.error != error_code::none || q.assignments.empty() || gen.plan)
    return;
  gen.plan.emplace();
  for (const auto& a : q.assignments)
    (*gen.plan)[owner_of(a.member_id)] = as_chars(a.assignment);
}

void group_checks::check_sync(const kafka::sync_group_request& q, const kafka::sync_group_response& r) {
  if (r.error != error_code::none)
    return;
  check_is_current("sync", q.group_id, q.generation_id, q.member_id);
  auto& gen = groups_[q.group_id].generations[q.generation_id];
  const auto owner = owner_of(q.member_id);
  const std::string text{as_chars(r.assignment)};
  const auto planned = gen.plan && gen.plan->contains(owner) ? gen.plan->at(owner) : "";
  if (text != planned)
    fail(q.member_id + " was told something else than the leader said");
  for (const auto& part : parts_from(r.assignment)) {
    const auto [i, first] = gen.owners.emplace(part, owner);
    if (!first && i->second != owner)
      fail(part.first + "-" + std::to_string(part.second) + " belongs to " + i->second + " and to " + owner);
  }
}

void group_checks::check_heartbeat(const kafka::heartbeat_request& q, const kafka::heartbeat_response& r) {
  if (r.error == error_code::none)
    check_is_current("heartbeat", q.group_id, q.generation_id, q.member_id);
}

void group_checks::check_leave(const kafka::leave_group_request& q, const kafka::leave_group_response& r) {
  for (const auto& m : r.members)
    if (m.error == error_code::none)
      groups_[q.group_id].gone.insert(m.member_id);
}

void group_checks::check_commit(const kafka::offset_commit_request& q, const kafka::offset_commit_response& r,
                                const topic_catalog& topics) {
  if (offsets_.answered(q, r, topics) && q.generation_id_or_member_epoch >= 0)
    check_is_current("commit", q.group_id, q.generation_id_or_member_epoch, q.member_id);
}

void group_checks::check_is_current(const std::string& what, const std::string& id_of_group, int32_t in,
                                    const std::string& member_id) {
  auto& g = groups_[id_of_group];
  if (in != g.newest)
    fail("a " + what + " of generation " + std::to_string(in) + " is taken in " + std::to_string(g.newest));
  if (g.gone.contains(member_id))
    fail("a " + what + " of " + member_id + " is taken, who is gone");
}

bool group_checks::is_told_newest(const std::string& id_of_group, const std::string& member_id) {
  auto& g = groups_[id_of_group];
  return g.generations[g.newest].told.contains(member_id);
}

void group_checks::left(ticket to) {
  auto i = joined_.find(to);
  if (i == joined_.end())
    return;
  auto& g = groups_[i->second.first];
  g.known = std::max(g.known, i->second.second);
  joined_.erase(i);
}

void group_checks::lost(const std::vector<group_record>& left) {
  asked_.clear();
  joined_.clear();
  offsets_.lost();
  std::map<std::string, const kafka::group_metadata_value*> saved;
  for (const auto& record : left)
    if (const auto* g = std::get_if<classic_group_record>(&record))
      saved[g->group] = &*g->value;
  // What was not committed is forgotten, but nobody was told of it. Where nothing is left of a group its next one has
  // other ids altogether.
  for (auto& [id, g] : groups_) {
    g.newest = 0;
    g.generations.clear();
    if (!saved.contains(id))
      g.known = 0;
  }
  for (const auto& [id, value] : saved)
    recall(groups_[id], *value);
}

void group_checks::recall(group& g, const kafka::group_metadata_value& value) {
  g.newest = value.generation;
  if (g.newest < g.known)
    fail("a member knows of generation " + std::to_string(g.known) + ", and " + std::to_string(g.newest) + " is left");
  auto& gen = g.generations[g.newest];
  gen.members.emplace();
  gen.plan.emplace();
  for (const auto& m : value.members) {
    const auto owner = owner_of(m.member_id);
    g.gone.erase(m.member_id);
    if (m.group_instance_id)
      g.instances[*m.group_instance_id] = m.member_id;
    gen.told.insert(m.member_id);
    gen.members->insert(owner);
    (*gen.plan)[owner] = as_chars(m.assignment);
    for (const auto& part : parts_from(m.assignment))
      gen.owners[part] = owner;
  }
}

} // namespace chisme::test
