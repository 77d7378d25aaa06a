#include "actors/groups/assignors.hpp"

#include "actors/groups/uniform_assignment.hpp"

#include <numeric>
#include <tuple>

namespace chisme::groups {

namespace {

/// Positions of the members, static ones first by instance, then by id.
std::vector<uint32_t> in_range_order(const std::vector<subscriber>& members) {
  std::vector<uint32_t> order(members.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    const auto key = [&](uint32_t m) {
      return std::tuple{members[m].instance.empty(), members[m].instance, members[m].id};
    };
    return key(a) < key(b);
  });
  return order;
}

} // namespace

assignment assign_uniform(const assignment_task& task) {
  if (task.members.empty())
    return {};
  uniform_assignment work{task};
  return work.run();
}

assignment assign_range(const assignment_task& task) {
  std::vector<std::vector<uint32_t>> subscribers(task.topics.size());
  for (auto m : in_range_order(task.members))
    for (auto t : task.topics_of(task.members[m]))
      subscribers[t].push_back(m);
  assignment out(task.members.size());
  for (size_t t = 0; t < task.topics.size(); ++t) {
    const auto count = static_cast<int32_t>(subscribers[t].size());
    int32_t next = 0;
    for (int32_t i = 0; i < count; ++i) {
      const auto size = task.topics[t].partitions / count + (i < task.topics[t].partitions % count ? 1 : 0);
      for (const auto end = next + size; next < end; ++next)
        out[subscribers[t][static_cast<size_t>(i)]].push_back({task.topics[t].id, next});
    }
  }
  return out;
}

assignor find_assignor(std::string_view name) {
  if (name == "uniform")
    return assign_uniform;
  if (name == "range")
    return assign_range;
  return nullptr;
}

} // namespace chisme::groups
