#include "actors/membership/member_list.hpp"

#include "actors/membership/mix.hpp"

#include <algorithm>
#include <tuple>

namespace chisme::membership {

namespace {

using peer::member_state;

bool is_valid(const peer::address& a) {
  return !a.host.empty() && a.host.size() <= peer::max_name_bytes && a.port != 0;
}

auto rank(const peer::member& m) { return std::tuple{m.incarnation, m.process}; }

uint64_t hash_of(const peer::member& m) {
  return mixed(mixed(mixed(0, static_cast<uint32_t>(m.id)), m.process), static_cast<uint64_t>(m.incarnation));
}

} // namespace

/// Who has not joined is no member: incarnation 0.
bool is_valid(const peer::member& m) {
  return m.id >= 0 && m.incarnation > 0 && m.incarnation <= peer::max_incarnation && is_valid(m.peer) &&
         m.clients.size() <= peer::max_client_addresses &&
         std::ranges::all_of(m.clients, [](const auto& a) { return is_valid(a); }) &&
         m.rack.size() <= peer::max_name_bytes;
}

bool is_valid(const peer::member_update& u) {
  return is_valid(u.who) && u.state >= member_state::alive && u.state <= member_state::left;
}

bool member_list::overrules(const peer::member& m) const {
  const auto* known = find(m.id);
  return !known || rank(m) > rank(known->who);
}

member_list::outcome member_list::judge(const peer::member_update& u) const {
  const auto* known = find(u.who.id);
  if (!known)
    return outcome::taken;
  const auto order =
    std::tuple_cat(rank(u.who), std::tuple{u.state}) <=> std::tuple_cat(rank(known->who), std::tuple{known->state});
  return order == 0 ? outcome::known : order < 0 ? outcome::older : outcome::taken;
}

member_list::outcome member_list::take(timestamp_ms now, const peer::member_update& u) {
  if (const auto judged = judge(u); judged != outcome::taken)
    return judged;
  auto* known = find(u.who.id);
  if (!known) {
    if (entries_.size() >= most_ && !make_room())
      return outcome::refused;
    known = &entries_[u.who.id];
  } else {
    present_ -= !is_gone(known->state);
  }
  *known = {u.who, u.state, now, std::nullopt};
  present_ += !is_gone(u.state);
  return outcome::taken;
}

/// The one that is gone for the longest time goes first.
bool member_list::make_room() {
  auto oldest = entries_.end();
  for (auto i = entries_.begin(); i != entries_.end(); ++i)
    if (is_gone(i->second.state) && (oldest == entries_.end() || i->second.since < oldest->second.since))
      oldest = i;
  if (oldest == entries_.end())
    return false;
  entries_.erase(oldest);
  return true;
}

const member_entry* member_list::find(node_id id) const {
  const auto i = entries_.find(id);
  return i == entries_.end() ? nullptr : &i->second;
}

member_entry* member_list::find(node_id id) {
  const auto i = entries_.find(id);
  return i == entries_.end() ? nullptr : &i->second;
}

void member_list::erase(node_id id) {
  const auto i = entries_.find(id);
  if (i == entries_.end())
    return;
  present_ -= !is_gone(i->second.state);
  entries_.erase(i);
}

size_t member_list::bucket_of(node_id id) { return mixed(static_cast<uint32_t>(id)) % buckets; }

std::vector<uint64_t> member_list::hashes() const {
  std::vector<uint64_t> all(buckets);
  for (const auto& [id, entry] : entries_)
    if (!is_gone(entry.state))
      all[bucket_of(id)] ^= hash_of(entry.who);
  return all;
}

uint64_t member_list::sum() const {
  uint64_t sum = 0;
  for (const auto& [id, entry] : entries_)
    if (!is_gone(entry.state))
      sum ^= hash_of(entry.who);
  return sum;
}

} // namespace chisme::membership
