// Processes that say hello in tests.
#pragma once

#include "messages/peer/hello.hpp"

namespace chisme::test {

/// Node `id` at "h<id>:1" of the cluster "c", started as `process_id`.
inline peer::process process(node_id id, uint64_t process_id) {
  peer::process p;
  p.cluster_id = "c";
  p.id = id;
  p.process_id = process_id;
  p.at = {"h" + std::to_string(id), 1};
  return p;
}

} // namespace chisme::test
