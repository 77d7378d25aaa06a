// What a topic or a group sets itself, over what it inherits from the node.
#pragma once

#include "config/options.hpp"
#include "messages/errors.hpp"

#include <map>
#include <string>

namespace chisme {

/// Kafka's names (retention.ms) and texts.
using config_overrides = std::map<std::string, std::string>;

/// Stores one setting. Fails with invalid_config and the setting's name; an unknown name gets the nearest
/// known one suggested.
result<void> store_override(const option_table& options, option_target target, std::string_view name,
                            std::string_view text);

/// Stores what can be stored of all. Fails with invalid_config and all problems in one message.
result<void> store_overrides(const option_table& options, option_target target, const config_overrides& overrides);

} // namespace chisme
