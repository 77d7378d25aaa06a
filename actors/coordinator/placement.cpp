#include "actors/coordinator/placement.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>

namespace chisme::coordinator {

namespace {

/// Places one partition after another.
class placement {
public:
  explicit placement(std::vector<candidate> nodes) : nodes_(std::move(nodes)), rack_of_(nodes_.size()) {
    std::map<std::string_view, size_t> racks;
    for (size_t i = 0; i < nodes_.size(); ++i)
      rack_of_[i] = racks.try_emplace(nodes_[i].rack, racks.size()).first->second;
    in_rack_.resize(racks.size());
  }

  /// `turn`: where those that are alike begin to take turns.
  std::vector<node_id> next(size_t replicas, size_t turn) {
    std::ranges::fill(in_rack_, 0);
    chosen_.clear();
    const auto leader = best(turn, [](size_t, const candidate& c) { return c.leaders; });
    ++nodes_[leader].leaders;
    choose(leader);
    while (chosen_.size() < replicas)
      choose(best(leader, [this](size_t i, const candidate& c) {
        return std::tuple{in_rack_[rack_of_[i]], c.replicas};
      }));
    // Whoever is next in line when a leader fails is next to it, so that its partitions go to different nodes.
    std::ranges::sort(chosen_, {}, [&](size_t i) { return (i + nodes_.size() - leader) % nodes_.size(); });
    std::vector<node_id> ids;
    ids.reserve(replicas);
    for (auto i : chosen_)
      ids.push_back(nodes_[i].id);
    return ids;
  }

private:
  void choose(size_t i) {
    ++nodes_[i].replicas;
    ++in_rack_[rack_of_[i]];
    chosen_.push_back(i);
  }

  /// Of those that were not chosen the first, from `begin` on, whose weight is the least.
  template <class Weight>
  size_t best(size_t begin, const Weight& weight) const {
    std::optional<size_t> found;
    for (size_t step = 0; step < nodes_.size(); ++step) {
      const auto i = (begin + step) % nodes_.size();
      if (std::ranges::find(chosen_, i) != chosen_.end())
        continue;
      if (!found || weight(i, nodes_[i]) < weight(*found, nodes_[*found]))
        found = i;
    }
    return found.value();
  }

  std::vector<candidate> nodes_;
  std::vector<size_t> rack_of_; ///< by place in nodes_: the number of its rack
  std::vector<size_t> in_rack_; ///< replicas of the partition under way
  std::vector<size_t> chosen_;  ///< places in nodes_
};

} // namespace

std::vector<std::vector<node_id>> place(std::vector<candidate> nodes, int32_t existing, int32_t count,
                                        int32_t replication_factor, size_t salt) {
  const auto size = nodes.size();
  placement all{std::move(nodes)};
  std::vector<std::vector<node_id>> placed;
  placed.reserve(static_cast<size_t>(count));
  for (int32_t partition = existing; partition < existing + count; ++partition)
    placed.push_back(all.next(static_cast<size_t>(replication_factor), (salt + static_cast<size_t>(partition)) % size));
  return placed;
}

std::vector<std::vector<node_id>> place(const std::vector<node_id>& nodes, int32_t existing, int32_t count,
                                        int32_t replication_factor, size_t salt) {
  std::vector<candidate> all;
  for (auto id : nodes)
    all.push_back({id, {}, 0, 0});
  return place(std::move(all), existing, count, replication_factor, salt);
}

} // namespace chisme::coordinator
