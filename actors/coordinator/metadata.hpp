// What the log `__cluster` says.
#pragma once

#include "actors/coordinator/cluster_state.hpp"

#include <unordered_set>

namespace chisme::coordinator {

struct metadata {
  cluster_state cluster;
  /// Topics whose deletion was met while the log was read.
  std::unordered_set<uuid> deleted{};

  /// Takes one record of the log. Kinds of records that this version does not know are passed over.
  result<void> load(const journal::entry& e) {
    const auto record = decode(e.key, e.value);
    if (!record)
      return tl::make_unexpected(record.error());
    if (!*record)
      return {};
    cluster.apply(**record);
    if (const auto* topic = std::get_if<topic_record>(&**record); topic && !topic->state)
      deleted.insert(topic->id);
    return {};
  }
};

} // namespace chisme::coordinator
