// What DescribeConfigs answers: every option with its value and where that comes from, in Kafka's
// enumerations.
#pragma once

#include "config/node_settings.hpp"
#include "config/option.hpp"
#include "config/topic_config.hpp"

namespace chisme {

/// As org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource numbers them.
enum class config_source : int8_t {
  topic_config = 1,
  dynamic_broker_config = 2,
  static_broker_config = 4,
  default_config = 5,
  group_config = 8,
};

/// One of the places that a value could come from, the strongest first; the first one that is there counts.
struct config_synonym {
  std::string name;
  std::optional<std::string> value; ///< nullopt: not to be shown
  config_source source;

  friend bool operator==(const config_synonym&, const config_synonym&) = default;
};

struct described_config {
  std::string_view name;
  std::optional<std::string> value; ///< nullopt: not set, or not to be shown
  bool read_only;
  config_source source;
  bool sensitive;
  std::vector<config_synonym> synonyms;
  option_type type; ///< its number is Kafka's ConfigType
  std::string_view documentation;
};

/// A topic with these overrides on this node; all topic options in alphabetical order. Overrides that are no
/// options (of a newer version, say) are left out.
std::vector<described_config> describe_topic(const topic_overrides& overrides, const node_settings& node);

/// A consumer group with these overrides on this node; all group options, likewise.
std::vector<described_config> describe_group(const config_overrides& overrides, const node_settings& node);

/// The node itself; all node options in the table's order.
std::vector<described_config> describe_broker(const node_settings& node);

} // namespace chisme
