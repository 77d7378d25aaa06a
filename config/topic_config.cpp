#include "config/topic_config.hpp"

namespace chisme {

std::optional<std::string> validate_topic_config(std::string_view name, std::string_view value) {
  topic_settings scratch;
  auto stored = store_override(topic_options(), {.topic = &scratch}, name, value);
  return stored ? std::nullopt : std::optional{stored.error().message};
}

result<topic_settings> effective_topic_settings(const topic_settings& defaults, const topic_overrides& overrides) {
  auto settings = defaults;
  if (auto stored = store_overrides(topic_options(), {.topic = &settings}, overrides); !stored)
    return tl::make_unexpected(stored.error());
  if (settings.min_compaction_lag_ms > settings.max_compaction_lag_ms)
    return fail(error_code::invalid_config, "min.compaction.lag.ms is above max.compaction.lag.ms, " +
                                              std::to_string(settings.max_compaction_lag_ms));
  return settings;
}

} // namespace chisme
