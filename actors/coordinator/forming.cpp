#include "actors/coordinator/forming.hpp"

#include <algorithm>
#include <utility>

namespace chisme::coordinator {

namespace {

constexpr size_t most_voters = 5;
constexpr size_t most_members = 1000;

/// Whether it may be promised here: a list of different nodes in the order of their ids.
bool is_well_formed(const peer::forming& m, node_id from) {
  const auto is_sorted = [](const auto& ids) {
    return std::ranges::adjacent_find(ids, std::greater_equal<>{}) == ids.end();
  };
  return !m.cluster_id.empty() && m.members.size() <= most_members && is_sorted(m.members) &&
         std::ranges::binary_search(m.members, from) && m.voters == first_voters(m.members);
}

} // namespace

std::vector<node_id> first_voters(const std::vector<node_id>& members) {
  auto sorted = members;
  std::ranges::sort(sorted);
  const auto odd = sorted.size() - (sorted.size() + 1) % 2;
  sorted.resize(std::min(sorted.empty() ? 0 : odd, most_voters));
  return sorted;
}

std::string listed(const std::vector<node_id>& ids) {
  std::string text;
  for (auto id : ids)
    text += (text.empty() ? "" : ",") + std::to_string(id);
  return text;
}

forming::forming(options o, formation stored) : options_(std::move(o)), stored_(std::move(stored)) {}

bool operator==(const forming& a, const forming& b) { return a.state() == b.state(); }
bool operator<(const forming& a, const forming& b) { return a.state() < b.state(); }

void forming::step(const any_input& in, outputs& out) {
  std::visit([&](const auto& x) { on(x, out); }, in);
}

std::vector<node_id> forming::awaited() const {
  std::vector<node_id> who;
  if (proposes()) {
    std::ranges::copy_if(stored_.members, std::back_inserter(who),
                         [this](node_id id) { return id != options_.self && !promised_.contains(id); });
  } else if (stored_.at == formation::phase::bound) {
    who = {stored_.proposer};
  } else if (const auto lower = lower_than(options_.self)) {
    who = {*lower};
  }
  return who;
}

std::vector<node_id> forming::seen() const {
  std::set<node_id> who{options_.self};
  for (const auto& [node, expect] : known_)
    who.insert(node);
  return {who.begin(), who.end()};
}

// -- what happens ------------------------------------------------------------------------------------------------

void forming::on(const input::seen& x, outputs& out) {
  if (x.node != options_.self && known_.try_emplace(x.node).second && stored_.at == formation::phase::none)
    send(x.node, stage::hail, out);
}

void forming::on(const input::tick&, outputs& out) {
  if (stored_.at == formation::phase::member && !std::exchange(told_, true))
    out.push_back(told_joined());
  if (is_storing())
    return;
  repeat(out);
  propose_if_first(out);
}

/// Members say nothing by themselves: who does not know asks.
void forming::repeat(outputs& out) const {
  if (stored_.at == formation::phase::none) {
    for (const auto& [node, expect] : known_)
      send(node, stage::hail, out);
  } else if (proposes()) {
    for (const auto id : stored_.members)
      if (id != options_.self && !promised_.contains(id))
        send(id, stage::propose, out);
  } else if (stored_.at == formation::phase::bound) {
    send(stored_.proposer, stage::ask, out);
  }
}

void forming::on(const input::message& x, outputs& out) {
  const auto& [from, m] = x;
  if (from == options_.self)
    return;
  known_.try_emplace(from);
  switch (m.stage) {
    case stage::hail:
    case stage::answer:
      return heed_hail(from, m, out);
    case stage::propose:
      return heed_proposal(from, m, out);
    case stage::promise:
      return heed_promise(from, m, out);
    case stage::refuse:
      return heed_refusal(from, m, out);
    case stage::ask:
      return heed_question(from, m, out);
    case stage::abandoned:
      return heed_abandonment(from, m, out);
    case stage::decided:
      return heed_decision(from, m, out);
  }
}

void forming::on(const input::stored&, outputs& out) {
  const auto before = std::exchange(stored_, *std::exchange(storing_, std::nullopt));
  promised_.clear();
  switch (stored_.at) {
    case formation::phase::none:
      return propose_if_first(out);
    case formation::phase::bound:
      if (!proposes())
        return send(stored_.proposer, stage::promise, out);
      repeat(out);
      return decide_if_all(out); // who expects nobody else
    case formation::phase::member:
      told_ = true;
      out.push_back(told_joined());
      for (const auto id : before.members)
        if (id != options_.self && before.proposer == options_.self)
          tell_decided(id, out);
      return;
  }
}

// -- who is there ------------------------------------------------------------------------------------------------

void forming::heed_hail(node_id from, const peer::forming& m, outputs& out) {
  known_[from] = m.expect;
  if (m.stage == stage::hail) {
    if (stored_.at == formation::phase::member)
      tell_decided(from, out);
    else
      send(from, stage::answer, out);
  }
  propose_if_first(out);
}

/// A node before this one that forms a cluster, too, or of which that is not known.
std::optional<node_id> forming::lower_than(node_id proposer) const {
  for (const auto& [node, expect] : known_)
    if (node < proposer && expect.value_or(options_.expect) == options_.expect)
      return node;
  return std::nullopt;
}

void forming::propose_if_first(outputs& out) {
  if (stored_.at != formation::phase::none || is_storing() || options_.expect < 1 || lower_than(options_.self))
    return;
  std::vector<node_id> members{options_.self};
  for (const auto& [node, expect] : known_)
    if (expect == options_.expect && members.size() < static_cast<size_t>(options_.expect))
      members.push_back(node);
  if (members.size() == static_cast<size_t>(options_.expect))
    store({formation::phase::bound, options_.new_cluster_id(), options_.self, members, first_voters(members)}, out);
}

// -- proposals ---------------------------------------------------------------------------------------------------

void forming::heed_proposal(node_id from, const peer::forming& m, outputs& out) {
  if (stored_.at == formation::phase::member)
    return tell_decided(from, out);
  if (stored_.at == formation::phase::bound && stored_.cluster_id == m.cluster_id)
    return send(from, stage::promise, out);
  if (is_storing() || !is_well_formed(m, from) || !std::ranges::binary_search(m.members, options_.self))
    return;
  peer::forming no{stage::refuse, options_.expect, m.cluster_id, {}, {}, -1};
  const bool is_of_other_number = m.members.size() != static_cast<size_t>(options_.expect);
  if (const auto lower = lower_than(from); lower && !is_of_other_number)
    no.other = *lower;
  else if (stored_.at == formation::phase::bound && !(proposes() && from < options_.self))
    no.other = stored_.proposer;
  else if (!is_of_other_number)
    return store({formation::phase::bound, m.cluster_id, from, m.members, m.voters}, out);
  out.push_back(output::send{from, std::move(no)});
}

void forming::heed_promise(node_id from, const peer::forming& m, outputs& out) {
  if (!proposes() || stored_.cluster_id != m.cluster_id || is_storing())
    return;
  promised_.insert(from);
  decide_if_all(out);
}

void forming::decide_if_all(outputs& out) {
  const bool all =
    std::ranges::all_of(stored_.members, [this](node_id id) { return id == options_.self || promised_.contains(id); });
  if (all)
    store({formation::phase::member, stored_.cluster_id, -1, {}, stored_.voters, true}, out);
}

/// Nothing is decided: it can be given up. One that waits for a higher node's proposal goes on: that node will hear of
/// this one.
void forming::heed_refusal(node_id from, const peer::forming& m, outputs& out) {
  known_[from] = m.expect;
  if (!proposes() || stored_.cluster_id != m.cluster_id || is_storing())
    return;
  if (m.other >= 0 && m.other != options_.self)
    known_.try_emplace(m.other);
  if (m.expect != options_.expect || (m.other >= 0 && m.other < options_.self))
    store({}, out);
}

/// Of a proposal of which this node, who would have made it, knows nothing any more: it was given up. A decision would
/// be on the disk.
void forming::heed_question(node_id from, const peer::forming& m, outputs& out) {
  if (stored_.at == formation::phase::member)
    return tell_decided(from, out);
  if (proposes() && stored_.cluster_id == m.cluster_id)
    return;
  out.push_back(output::send{from, {stage::abandoned, options_.expect, m.cluster_id, {}, {}, -1}});
}

void forming::heed_abandonment(node_id from, const peer::forming& m, outputs& out) {
  const bool is_ours = stored_.at == formation::phase::bound && stored_.cluster_id == m.cluster_id;
  if (is_ours && from == stored_.proposer && !is_storing())
    store({}, out);
}

/// Who has promised to a node that may have decided something else waits for that node.
void forming::heed_decision(node_id from, const peer::forming& m, outputs& out) {
  if (m.cluster_id.empty() || is_storing())
    return;
  if (stored_.at == formation::phase::member) {
    if (stored_.cluster_id != m.cluster_id)
      out.push_back(output::other_cluster{from, m.cluster_id});
    return;
  }
  if (!options_.cluster_id.empty() && options_.cluster_id != m.cluster_id)
    return out.push_back(output::other_cluster{from, m.cluster_id});
  const bool may_join = stored_.at == formation::phase::none || proposes() || stored_.cluster_id == m.cluster_id ||
                        from == stored_.proposer;
  const bool is_founder = stored_.at == formation::phase::bound && stored_.cluster_id == m.cluster_id;
  if (may_join)
    store({formation::phase::member, m.cluster_id, -1, {}, m.voters, is_founder}, out);
}

// -- what is done ------------------------------------------------------------------------------------------------

void forming::store(formation next, outputs& out) {
  storing_ = next;
  out.push_back(output::store{std::move(next)});
}

void forming::send(node_id to, stage s, outputs& out) const {
  peer::forming m{s, options_.expect, stored_.cluster_id, {}, {}, -1};
  if (s == stage::propose) {
    m.members = stored_.members;
    m.voters = stored_.voters;
  }
  out.push_back(output::send{to, std::move(m)});
}

void forming::tell_decided(node_id to, outputs& out) const {
  out.push_back(output::send{to, {stage::decided, options_.expect, stored_.cluster_id, {}, stored_.voters, -1}});
}

} // namespace chisme::coordinator
