// A topic's own settings over the node's defaults.
#pragma once

#include "config/overrides.hpp"
#include "config/topic_settings.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace chisme {

using topic_overrides = config_overrides;

/// What is wrong with one setting, in words for the client; nullopt where nothing is. An unknown name is
/// wrong and gets the nearest known one suggested.
std::optional<std::string> validate_topic_config(std::string_view name, std::string_view value);

/// `defaults` (node_settings::topic_defaults) with the overrides stored over them. Fails with invalid_config
/// and all problems in one message, also for settings that contradict each other.
result<topic_settings> effective_topic_settings(const topic_settings& defaults, const topic_overrides& overrides);

} // namespace chisme
