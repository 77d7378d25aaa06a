#include "actors/raft/invariants.hpp"

namespace chisme::raft {

namespace {

std::string text(position p) { return "(" + std::to_string(p.epoch) + ", " + std::to_string(p.offset) + ")"; }
std::string name(node_id node) { return "replica " + std::to_string(node); }

bool is_mark(const invariants::entry& e) { return e.first == e.end; }

/// Its disk has this batch.
bool has_on_disk(const invariants::replica& r, const invariants::entry& batch) {
  if (batch.end <= r.log_start)
    return true;
  const auto i = std::ranges::find_if(r.log, [&](const auto& e) { return !is_mark(e) && e.end >= batch.end; });
  return i != r.log.end() && *i == batch && i->behind() <= r.synced;
}

} // namespace

std::string invariants::after_step(const replica& who, std::span<const replica> all) {
  for (auto broken : {one_leader(who), log_matches(who), commit_is_sound(who, all), leader_is_complete(who)})
    if (!broken.empty())
      return broken;
  return {};
}

/// Election safety: "at most one leader can be elected in a given term".
std::string invariants::one_leader(const replica& r) {
  if (r.now != role::leader)
    return {};
  const auto [i, is_new] = leaders_.emplace(r.epoch, r.node);
  if (i->second == r.node)
    return {};
  return "two leaders in epoch " + std::to_string(r.epoch) + ": " + name(i->second) + " and " + name(r.node);
}

/// Log matching: "if two logs contain an entry with the same index and term, then the logs are identical in all entries
/// up through the given index". Each entry is held against the first of its position that was seen, which has the same
/// entry before it. Offsets are dense, epochs ascend.
std::string invariants::log_matches(const replica& shown) {
  auto r = shown;
  // A group of one leads in the same epoch again where a crash took the mark: nobody else has seen it.
  if (r.voters && r.voters->is_alone(r.node))
    r.log = r.log.first(
      static_cast<size_t>(std::ranges::count_if(r.log, [&](const entry& e) { return e.behind() <= r.synced; })));
  auto& seen = verified_[r.node];
  if (seen.start != r.log_start || seen.count > r.log.size() ||
      (seen.count > 0 && !(r.log[seen.count - 1] == seen.last)))
    seen.count = 0;
  for (; seen.count < r.log.size(); ++seen.count) {
    const auto& e = r.log[seen.count];
    const bool has_before = seen.count > 0;
    const auto before = has_before ? r.log[seen.count - 1] : entry{};
    if (has_before && (e.first != before.end || (is_mark(e) ? e.epoch <= before.epoch : e.epoch != before.epoch)))
      return name(r.node) + " has " + text(e.behind()) + " behind " + text(before.behind());
    auto& all = is_mark(e) ? marks_ : batches_;
    auto& k = all.emplace(std::pair{e.epoch, e.end}, known{e, before.behind(), has_before}).first->second;
    if (!(k.what == e))
      return name(r.node) + " has another entry at " + text(e.behind()) + " than others";
    if (has_before && k.has_before && k.before != before.behind())
      return name(r.node) + " has another log before " + text(e.behind()) + " than others";
    k.before = has_before ? before.behind() : k.before;
    k.has_before = k.has_before || has_before;
  }
  seen.last = r.log.empty() ? entry{} : r.log.back();
  seen.start = r.log_start;
  return {};
}

/// State machine safety: no two replicas take different entries for committed. Never back, and by a leader only what
/// the disks of a majority hold.
std::string invariants::commit_is_sound(const replica& r, std::span<const replica> all) {
  if (r.now == role::unopened || r.now == role::stopped)
    return {};
  const bool leads = r.now == role::leader || roles_[r.node] == role::leader;
  roles_[r.node] = r.now;
  auto& last = commits_.try_emplace(r.node, r.log_start).first->second;
  if (r.commit < last)
    return name(r.node) + " takes back its commit of " + std::to_string(last) + " to " + std::to_string(r.commit);
  if (r.commit > (r.log.empty() ? r.log_start : r.log.back().end))
    return name(r.node) + " has less than what it takes for committed, " + std::to_string(r.commit);
  if (r.commit == last)
    return {};
  last = r.commit;
  for (const auto& e : r.log) {
    if (is_mark(e) || e.end > r.commit)
      continue;
    const auto [i, is_new] = committed_.emplace(e.end, e);
    if (!(i->second == e))
      return name(r.node) + " takes something else for committed at " + std::to_string(e.end) + " than was before";
    // A leader may be the last one to sync it (Raft thesis, section 10.2.1).
    if (is_new && !leads && e.behind() > r.synced)
      return name(r.node) + " takes for committed what it has not synced: " + text(e.behind());
  }
  return r.now == role::leader ? is_on_disks(r, all) : std::string{};
}

std::string invariants::is_on_disks(const replica& leader, std::span<const replica> all) const {
  const auto last = committed_.find(leader.commit);
  if (last == committed_.end() || leader.log.empty())
    return {};
  const auto holds = [&](node_id id) {
    if (forgetful_.contains(id))
      return true;
    const auto i = std::ranges::find(all, id, &replica::node);
    return i != all.end() && has_on_disk(*i, last->second) &&
           (leader.voters->size() == 1 || i->synced.epoch >= leader.epoch);
  };
  if (leader.voters->has_quorum(holds))
    return {};
  return name(leader.node) + " commits " + text(last->second.behind()) + " in epoch " + std::to_string(leader.epoch) +
         ", which is not on the disks of a majority";
}

/// Leader completeness: "if a log entry is committed in a given term, then that entry will be present in the logs of
/// the leaders for all higher-numbered terms".
std::string invariants::leader_is_complete(const replica& r) const {
  if (r.now != role::leader)
    return {};
  const auto end = r.log.empty() ? r.log_start : r.log.back().end;
  if (!committed_.empty() && end < committed() && leaders_.rbegin()->first == r.epoch)
    return name(r.node) + " leads in epoch " + std::to_string(r.epoch) + " without what is committed: it ends at " +
           std::to_string(end) + " before " + std::to_string(committed());
  auto i = committed_.upper_bound(r.log_start);
  for (const auto& e : r.log) {
    if (i == committed_.end())
      return {};
    if (is_mark(e) || e.end < i->first)
      continue;
    if (!(e == i->second) && leaders_.rbegin()->first == r.epoch)
      return name(r.node) + " leads in epoch " + std::to_string(r.epoch) + " without what is committed at " +
             std::to_string(i->first);
    ++i;
  }
  return {};
}

/// Raft figure 2: "updated on stable storage before responding to RPCs"; one vote a term.
std::string invariants::said(node_id node, const output::send& what, const hard_state& stored) {
  if (const auto* v = std::get_if<peer::raft_vote_answer>(&what.message); v && v->granted && !v->pre_vote) {
    if (stored.term != v->epoch || stored.voted_for != what.to)
      return name(node) + " gives a vote that is not on its disk";
    if (const auto i = votes_.emplace(std::pair{node, v->epoch}, what.to).first; i->second != what.to)
      return name(node) + " votes twice in epoch " + std::to_string(v->epoch);
  }
  if (const auto* q = std::get_if<peer::raft_vote_request>(&what.message); q && !q->pre_vote) {
    if (stored.term != q->epoch || stored.voted_for != node)
      return name(node) + " campaigns in an epoch that is not on its disk";
    if (const auto i = votes_.emplace(std::pair{node, q->epoch}, node).first; i->second != node)
      return name(node) + " campaigns where it has voted, in epoch " + std::to_string(q->epoch);
  }
  if (const auto* a = std::get_if<peer::raft_append_answer>(&what.message); a && a->epoch > stored.term)
    return name(node) + " answers in epoch " + std::to_string(a->epoch) + ", which is not on its disk";
  return {};
}

void invariants::lost_disk(node_id node) {
  forgetful_.insert(node);
  commits_.erase(node);
  verified_.erase(node);
  std::erase_if(votes_, [&](const auto& v) { return v.first.first == node; });
}

} // namespace chisme::raft
