// What group coordinators ask about topics.
#pragma once

#include "messages/ids.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace chisme::groups {

struct catalog_topic {
  std::string name;
  uuid id;
  int32_t partitions = 0;
};

/// The topics that there are at the moment of a call.
class topic_catalog {
public:
  virtual ~topic_catalog() = default;
  virtual std::optional<catalog_topic> find(std::string_view name) const = 0;
  virtual std::optional<catalog_topic> find(const uuid& id) const = 0;
};

} // namespace chisme::groups
