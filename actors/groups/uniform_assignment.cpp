#include "actors/groups/uniform_assignment.hpp"

#include <deque>
#include <numeric>
#include <queue>

namespace chisme::groups {

namespace {

/// (load, member): ties go to the member that comes first.
using loaded = std::pair<uint32_t, uint32_t>;
using least_loaded = std::priority_queue<loaded, std::vector<loaded>, std::greater<>>;
using most_loaded = std::priority_queue<loaded>;

} // namespace

uniform_assignment::uniform_assignment(const assignment_task& task) : task_(task) {
  partition next = 0;
  for (const auto& t : task.topics) {
    first_.push_back(next);
    next += static_cast<partition>(t.partitions);
  }
  first_.push_back(next);
  owner_.assign(next, nobody);
  load_.assign(task.members.size(), 0);
}

assignment uniform_assignment::run() {
  keep_current();
  if (all_subscribe_the_same())
    share_equally();
  else
    share_by_load();
  return result();
}

bool uniform_assignment::all_subscribe_the_same() const {
  const auto& first = task_.members.front();
  return std::all_of(task_.members.begin(), task_.members.end(), [&](const subscriber& m) {
    return m.subscription == first.subscription || task_.topics_of(m) == task_.topics_of(first);
  });
}

void uniform_assignment::keep_current() {
  for (member m = 0; m < task_.members.size(); ++m)
    if (task_.members[m].current)
      keep_current(m);
}

void uniform_assignment::keep_current(member m) {
  const auto& wanted = task_.topics_of(task_.members[m]);
  auto topic = wanted.begin(); // both are sorted by the topic's id
  for (const auto& p : *task_.members[m].current) {
    while (topic != wanted.end() && task_.topics[*topic].id < p.topic)
      ++topic;
    if (topic == wanted.end())
      return;
    const bool exists = task_.topics[*topic].id == p.topic && p.index >= 0 && p.index < task_.topics[*topic].partitions;
    if (const auto at = first_[*topic] + static_cast<partition>(p.index); exists && owner_[at] == nobody)
      give(at, m);
  }
}

void uniform_assignment::share_equally() {
  const auto& topics = task_.topics_of(task_.members.front());
  const auto total = std::accumulate(topics.begin(), topics.end(), size_t{0}, [&](size_t sum, uint32_t t) {
    return sum + static_cast<size_t>(task_.topics[t].partitions);
  });
  const auto quota = total / load_.size();
  auto extra = total % load_.size();
  const auto free = cut_to_quota(quota, extra);
  // In turns, so that a topic's partitions spread over the members.
  std::deque<member> hungry;
  for (member m = 0; m < load_.size(); ++m)
    if (load_[m] < quota)
      hungry.push_back(m);
  member next_extra = 0;
  for (auto p : free) {
    if (!hungry.empty()) {
      const auto m = hungry.front();
      hungry.pop_front();
      give(p, m);
      if (load_[m] < quota)
        hungry.push_back(m);
      continue;
    }
    while (load_[next_extra] > quota)
      ++next_extra;
    give(p, next_extra);
  }
}

/// As many members as there are partitions beyond the quotas may keep one more; returns what belongs to
/// nobody then.
std::vector<uniform_assignment::partition> uniform_assignment::cut_to_quota(size_t quota, size_t& extra) {
  std::vector<size_t> allowed(load_.size(), quota);
  for (member m = 0; m < load_.size() && extra > 0; ++m)
    if (load_[m] > quota) {
      ++allowed[m];
      --extra;
    }
  std::vector<partition> free;
  std::vector<size_t> kept(load_.size(), 0);
  for (auto t : task_.topics_of(task_.members.front()))
    for (auto p = first_[t]; p < first_[t + 1]; ++p) {
      const auto m = owner_[p];
      if (m != nobody && kept[m] < allowed[m]) {
        ++kept[m];
        continue;
      }
      if (m != nobody)
        --load_[m];
      owner_[p] = nobody;
      free.push_back(p);
    }
  return free;
}

void uniform_assignment::share_by_load() {
  subscribers_.resize(task_.topics.size());
  for (member m = 0; m < task_.members.size(); ++m)
    for (auto t : task_.topics_of(task_.members[m]))
      subscribers_[t].push_back(m);
  std::vector<size_t> topics(task_.topics.size());
  std::iota(topics.begin(), topics.end(), size_t{0});
  // Topics with few subscribers first: the others can still even that out.
  std::stable_sort(topics.begin(), topics.end(),
                   [&](size_t a, size_t b) { return subscribers_[a].size() < subscribers_[b].size(); });
  for (auto t : topics)
    give_free_ones(t);
  // Each move lowers the sum of the squares of all loads, so this comes to an end.
  for (bool moved = true; moved;) {
    moved = false;
    for (auto t : topics)
      moved = level(t) || moved;
  }
}

void uniform_assignment::give_free_ones(size_t topic) {
  if (subscribers_[topic].empty())
    return;
  least_loaded waiting;
  for (auto m : subscribers_[topic])
    waiting.emplace(load_[m], m);
  for (auto p = first_[topic]; p < first_[topic + 1]; ++p) {
    if (owner_[p] != nobody)
      continue;
    const auto m = waiting.top().second;
    waiting.pop();
    give(p, m);
    waiting.emplace(load_[m], m);
  }
}

/// Moves partitions of the topic from loaded to less loaded subscribers while that makes it more even.
bool uniform_assignment::level(size_t topic) {
  least_loaded takers;
  most_loaded givers;
  auto& held = held_;
  held.resize(load_.size());
  for (auto m : subscribers_[topic])
    held[m].clear();
  for (auto p = first_[topic]; p < first_[topic + 1]; ++p)
    if (owner_[p] != nobody)
      held[owner_[p]].push_back(p);
  for (auto m : subscribers_[topic]) {
    takers.emplace(load_[m], m);
    if (!held[m].empty())
      givers.emplace(load_[m], m);
  }
  bool moved = false;
  while (!givers.empty() && !takers.empty()) {
    const auto [high, giver] = givers.top();
    const auto [low, taker] = takers.top();
    if (high != load_[giver] || held[giver].empty()) { // an entry from before a move
      givers.pop();
      continue;
    }
    if (low != load_[taker]) {
      takers.pop();
      continue;
    }
    if (high <= low + 1)
      break;
    const auto p = held[giver].back();
    held[giver].pop_back();
    --load_[giver];
    give(p, taker);
    held[taker].push_back(p);
    for (auto m : {giver, taker}) {
      givers.emplace(load_[m], m);
      takers.emplace(load_[m], m);
    }
    moved = true;
  }
  return moved;
}

void uniform_assignment::give(partition p, member m) {
  owner_[p] = m;
  ++load_[m];
}

assignment uniform_assignment::result() const {
  assignment out(load_.size());
  for (member m = 0; m < load_.size(); ++m)
    out[m].reserve(load_[m]);
  for (size_t t = 0; t < task_.topics.size(); ++t)
    for (auto p = first_[t]; p < first_[t + 1]; ++p)
      if (owner_[p] != nobody)
        out[owner_[p]].push_back({task_.topics[t].id, static_cast<int32_t>(p - first_[t])});
  return out;
}

} // namespace chisme::groups
