#include "config/topic_config.hpp"

#include "config/options.hpp"

namespace chisme {

namespace {

result<void> store(topic_settings& settings, std::string_view name, std::string_view text) {
  auto o = find_topic_option(name);
  if (!o)
    return fail(error_code::invalid_config,
                "unknown topic option " + std::string{name.substr(0, 200)} + suggest_topic_option(name));
  auto value = parse_value(*o, text);
  if (!value)
    return fail(error_code::invalid_config, std::string{name} + ": " + value.error().message);
  return o->store ? o->store({nullptr, &settings}, *value) : result<void>{};
}

} // namespace

std::optional<std::string> validate_topic_config(std::string_view name, std::string_view value) {
  topic_settings scratch;
  auto stored = store(scratch, name, value);
  return stored ? std::nullopt : std::optional{stored.error().message};
}

result<topic_settings> effective_topic_settings(const topic_settings& defaults,
                                                const topic_overrides& overrides) {
  auto settings = defaults;
  std::string problems;
  for (auto& [name, text] : overrides)
    if (auto stored = store(settings, name, text); !stored)
      problems += (problems.empty() ? "" : "; ") + stored.error().message;
  if (problems.empty() && settings.min_compaction_lag_ms > settings.max_compaction_lag_ms)
    problems = "min.compaction.lag.ms is above max.compaction.lag.ms, " +
               std::to_string(settings.max_compaction_lag_ms);
  if (!problems.empty())
    return fail(error_code::invalid_config, problems);
  return settings;
}

} // namespace chisme
