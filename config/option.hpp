// One option: its name, what values it takes, where they go, and what it is for.
//
// The rows of such options (node_options.cpp, topic_options.cpp, ...) are the one source of the command line,
// --help, the example file, the checks of AlterConfigs and the answers of DescribeConfigs.
#pragma once

#include "config/node_settings.hpp"

#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace chisme {

/// Numbers as in org.apache.kafka.clients.admin.ConfigEntry.ConfigType, as DescribeConfigs sends them.
enum class option_type : int8_t { boolean = 1, string = 2, int32 = 3, int64 = 5, real = 6, list = 7 };

enum class option_scope : uint8_t {
  node_fixed,   ///< read when the node starts
  node_dynamic, ///< may change while it runs (AlterConfigs on the broker)
  topic,        ///< set per topic; what the topic does not set comes from the node
  group,        ///< set per consumer group, likewise
};

/// A checked value. Lists keep their order.
using option_value = std::variant<bool, int64_t, double, std::string, std::vector<std::string>>;

/// Where values are stored. What rows of a table do not store into is null: a topic's rows need `topic` only,
/// a group's `group` only, a node's all.
struct option_target {
  node_settings* node = nullptr;
  topic_settings* topic = nullptr; ///< the node's defaults for topics, or one topic's settings
  group_timing* group = nullptr;   ///< the node's defaults for consumer groups, or one group's settings
};

struct option {
  std::string_view name;
  option_type type;
  option_scope scope;
  /// As text; nullopt: not set unless given (its row then stores nothing).
  std::optional<std::string_view> fallback;
  /// Inclusive, for numbers.
  double min = std::numeric_limits<double>::lowest();
  double max = std::numeric_limits<double>::max();
  /// For strings and lists: what may be said; empty: anything that `store` can take.
  std::span<const std::string_view> choices = {};
  /// For rows of topics and groups: the node's options that the default comes from, the strongest first.
  std::span<const std::string_view> inherits = {};
  /// One sentence or two.
  std::string_view doc;
  /// Puts a checked value into its field; fails for what only the field's type can tell. Null: no effect
  /// here.
  result<void> (*store)(option_target, const option_value&) = nullptr;
  /// Never shown: DescribeConfigs sends null.
  bool sensitive = false;
  /// For lists: no word at all is a value, too.
  bool may_be_empty = false;
};

/// Reads `text` as the option's type and checks bounds and choices. The error (invalid_config) says what is
/// wrong and what is expected, without the option's name, which the caller puts in front with the source.
result<option_value> parse_value(const option& o, std::string_view text);

/// "an integer from 1 to 100", "one of trace, debug, info": for messages and help.
std::string expectation(const option& o);

} // namespace chisme
