#include "actors/coordinator/placement.hpp"

namespace chisme::coordinator {

std::vector<std::vector<node_id>> place(const std::vector<node_id>& nodes, int32_t existing, int32_t count,
                                        int32_t replication_factor, size_t salt) {
  std::vector<std::vector<node_id>> placed;
  placed.reserve(static_cast<size_t>(count));
  for (int32_t partition = existing; partition < existing + count; ++partition) {
    auto& replicas = placed.emplace_back();
    for (int32_t i = 0; i < replication_factor; ++i)
      replicas.push_back(nodes[(salt + static_cast<size_t>(partition) + static_cast<size_t>(i)) % nodes.size()]);
  }
  return placed;
}

} // namespace chisme::coordinator
