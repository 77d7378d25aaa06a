// What a group needs to know of the cluster's topics.
#pragma once

#include "messages/ids.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::groups {

struct topic_info {
  uuid id;
  std::string name;
  int32_t partitions = 0;
};

/// What it gives out lives until the catalog changes.
class topic_catalog {
public:
  virtual ~topic_catalog() = default;

  virtual const topic_info* find(std::string_view name) const = 0;
  virtual const topic_info* find(const uuid& id) const = 0;
  virtual std::vector<std::string_view> names() const = 0;
  /// Grows with each change.
  virtual uint64_t version() const = 0;
};

} // namespace chisme::groups
