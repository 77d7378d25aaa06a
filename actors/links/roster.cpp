#include "actors/links/roster.hpp"

#include <algorithm>

namespace chisme::links {

using peer::lane;

namespace {

void reset(auto& l) {
  l.id = 0;
  l.at.reset();
  l.is = {};
}

} // namespace

void roster::set_peer(node_id id, peer::address at, actions& out) {
  if (id == self_.id)
    return;
  const auto known = nodes_.find(id);
  if (known == nodes_.end() && nodes_.size() >= most_nodes_)
    return out.push_back(complaint{at, "more than " + std::to_string(most_nodes_) + " nodes: it is not dialled"});
  auto& n = nodes_[id];
  n.is_named = true;
  if (n.at != at) {
    drop_all(id, n, "it is at another address now", out);
    n.at = std::move(at);
  }
  dial_again(n, out);
}

void roster::forget_peer(node_id id, actions& out) {
  const auto known = nodes_.find(id);
  if (known == nodes_.end())
    return;
  drop_all(id, known->second, "it is not a peer any more", out);
  nodes_.erase(known);
}

void roster::dial_seed(peer::address at, actions& out) {
  if (at == self_.at)
    return;
  const auto known = std::ranges::find_if(nodes_, [&](const auto& each) { return each.second.at == at; });
  if (known != nodes_.end())
    return dial_again(known->second, out);
  if (seeds_.size() >= most_nodes_ && !seeds_.contains(at))
    return;
  auto& l = seeds_[at];
  l.backoff.reset();
  if (l.is == state::idle)
    dial_now(l, lane::control, at, out);
}

void roster::set_cluster_id(timestamp_ms now, std::string id, actions& out) {
  self_.cluster_id = std::move(id);
  for (auto& [other, n] : nodes_) {
    if (n.control().is != state::up)
      continue;
    const auto fits = check(self_, n.process);
    if (fits)
      continue;
    drop_all(other, n, fits.error().words, out);
    retry(now, n.control(), failure::refused, n.at, fits.error().words, out);
  }
}

void roster::answered(timestamp_ms now, dial_id id, const peer::hello_answer& answer, actions& out) {
  const auto at = find(id);
  if (!at)
    return out.push_back(hang_up{id});
  const bool is_seed = at->owner == nodes_.end();
  const auto agreed = check_answer(self_, is_seed ? std::nullopt : std::optional{at->owner->first}, answer);
  if (!agreed) {
    drop(*at->at, out);
    // All nodes of a cluster may be given the same seeds, themselves among them.
    if (is_seed && agreed.error().code == peer::refusal_code::itself)
      seeds_.erase(at->seed);
    else
      retry(now, *at->at, failure::refused, is_seed ? at->seed->first : at->owner->second.at, agreed.error().words,
            out);
  } else if (is_seed) {
    seed_answered(*at, id, answer, *agreed, out);
  } else if (at->via == lane::control) {
    control_up(at->owner->first, at->owner->second, answer.from, *agreed, out);
  } else {
    bulk_answered(now, *at, answer, *agreed, out);
  }
}

void roster::failed(timestamp_ms now, dial_id id, const std::string& words, actions& out) {
  const auto at = find(id);
  if (!at)
    return;
  auto& l = *at->at;
  const bool was_up = l.is == state::up;
  reset(l);
  if (at->owner == nodes_.end())
    return retry(now, l, failure::unreachable, at->seed->first, words, out);
  auto& n = at->owner->second;
  if (was_up && at->via == lane::control) {
    out.push_back(went_down{at->owner->first, words});
    drop(n.bulk(), out);
    if (!n.is_named && !n.is_heard) {
      nodes_.erase(at->owner);
      return;
    }
  }
  if (was_up)
    retry_later(now, l, failure::unreachable); // that it went down is told, and that it cannot be reached is if so
  else
    retry(now, l, failure::unreachable, n.at, words, out);
}

void roster::heard(const peer::process& from, actions& out) {
  const auto known = nodes_.find(from.id);
  if (known == nodes_.end() && nodes_.size() >= most_nodes_)
    return;
  auto& n = nodes_[from.id];
  n.is_heard = true;
  if (n.control().is == state::up && n.process.process_id != from.process_id)
    drop_all(from.id, n, "another process has taken its place", out);
  if (!n.is_named && n.control().is != state::up && n.at != from.at) {
    drop(n.control(), out);
    n.at = from.at;
  }
  dial_again(n, out);
}

void roster::unheard(node_id id, actions& out) {
  const auto known = nodes_.find(id);
  if (known == nodes_.end())
    return;
  auto& n = known->second;
  n.is_heard = false;
  if (n.is_named || n.control().is == state::up)
    return;
  drop(n.control(), out);
  nodes_.erase(known);
}

void roster::tick(timestamp_ms now, actions& out) {
  const auto is_due = [&](const line& l) { return l.is == state::idle && l.at && *l.at <= now; };
  for (auto& [id, n] : nodes_)
    for (size_t i = 0; i < peer::lanes; ++i)
      if (is_due(n.lines[i]))
        dial_now(n.lines[i], static_cast<lane>(i), n.at, out);
  for (auto& [at, l] : seeds_)
    if (is_due(l))
      dial_now(l, lane::control, at, out);
}

std::optional<timestamp_ms> roster::next() const {
  std::optional<timestamp_ms> first;
  const auto look = [&](const line& l) {
    if (l.is == state::idle && l.at && (!first || *l.at < *first))
      first = l.at;
  };
  for (const auto& [id, n] : nodes_)
    std::ranges::for_each(n.lines, look);
  for (const auto& [at, l] : seeds_)
    look(l);
  return first;
}

const peer::process* roster::up(node_id id) const {
  const auto known = nodes_.find(id);
  return known != nodes_.end() && known->second.control().is == state::up ? &known->second.process : nullptr;
}

std::optional<roster::place> roster::find(dial_id id) {
  for (auto n = nodes_.begin(); n != nodes_.end(); ++n)
    for (size_t i = 0; i < peer::lanes; ++i)
      if (n->second.lines[i].id == id)
        return place{&n->second.lines[i], n, seeds_.end(), static_cast<lane>(i)};
  for (auto s = seeds_.begin(); s != seeds_.end(); ++s)
    if (s->second.id == id)
      return place{&s->second, nodes_.end(), s, lane::control};
  return std::nullopt;
}

void roster::dial_now(line& l, lane via, const peer::address& to, actions& out) {
  l.is = state::dialling;
  l.id = ++last_;
  l.at.reset();
  out.push_back(dial{l.id, via, to});
}

void roster::retry_later(timestamp_ms now, line& l, failure f) {
  l.at = now + l.backoff.next(f, random_.bits()).count();
}

void roster::retry(timestamp_ms now, line& l, failure f, const peer::address& at, const std::string& words,
                   actions& out) {
  retry_later(now, l, f);
  if (l.backoff.is_news(words))
    out.push_back(complaint{at, words});
}

/// Nobody is told of it.
void roster::drop(line& l, actions& out) {
  if (l.is != state::idle)
    out.push_back(hang_up{l.id});
  reset(l);
}

void roster::drop_all(node_id id, node& n, const std::string& reason, actions& out) {
  const bool was_up = n.control().is == state::up;
  for (auto& l : n.lines) {
    drop(l, out);
    l.backoff.reset();
  }
  if (was_up)
    out.push_back(went_down{id, reason});
}

/// At once: it is said to be there. Where it is dialled as a seed already, that attempt is the node's from here on: of
/// two connections on one lane the other side would close one.
void roster::dial_again(node& n, actions& out) {
  auto& l = n.control();
  if (const auto seed = seeds_.find(n.at); seed != seeds_.end()) {
    if (l.is == state::idle)
      l = seed->second;
    else
      drop(seed->second, out);
    seeds_.erase(seed);
  }
  l.backoff.reset();
  if (l.is == state::idle)
    dial_now(l, lane::control, n.at, out);
}

void roster::seed_answered(place at, dial_id id, const peer::hello_answer& answer, int16_t version, actions& out) {
  seeds_.erase(at.seed);
  const auto known = nodes_.find(answer.from.id);
  if (known == nodes_.end() ? nodes_.size() >= most_nodes_ : known->second.control().is == state::up)
    return out.push_back(hang_up{id});
  auto& n = nodes_[answer.from.id];
  if (!n.is_named)
    n.at = answer.from.at;
  drop(n.control(), out);
  n.control().id = id;
  control_up(answer.from.id, n, answer.from, version, out);
}

void roster::control_up(node_id id, node& n, const peer::process& process, int16_t version, actions& out) {
  auto& l = n.control();
  l.is = state::up;
  l.at.reset();
  l.backoff.answered();
  n.process = process;
  out.push_back(use{l.id, id, lane::control, version});
  out.push_back(came_up{id, process.process_id});
  drop(n.bulk(), out);
  dial_now(n.bulk(), lane::bulk, n.at, out);
}

void roster::bulk_answered(timestamp_ms now, place at, const peer::hello_answer& answer, int16_t version,
                           actions& out) {
  auto& l = *at.at;
  if (answer.from.process_id != at.owner->second.process.process_id) {
    drop(l, out);
    return retry(now, l, failure::unreachable, at.owner->second.at, "another process answers on the bulk lane", out);
  }
  l.is = state::up;
  l.backoff.answered();
  out.push_back(use{l.id, at.owner->first, lane::bulk, version});
}

} // namespace chisme::links
