#include "config/overrides.hpp"

namespace chisme {

result<void> store_override(const option_table& options, option_target target, std::string_view name,
                            std::string_view text) {
  auto o = options.find(name);
  if (!o)
    return fail(error_code::invalid_config, "unknown " + std::string{options.owner} + " option " +
                                              std::string{name.substr(0, 200)} + options.suggest(name));
  auto value = parse_value(*o, text);
  if (!value)
    return fail(error_code::invalid_config, std::string{name} + ": " + value.error().message);
  return o->store ? o->store(target, *value) : result<void>{};
}

result<void> store_overrides(const option_table& options, option_target target, const config_overrides& overrides) {
  std::string problems;
  for (auto& [name, text] : overrides)
    if (auto stored = store_override(options, target, name, text); !stored)
      problems += (problems.empty() ? "" : "; ") + stored.error().message;
  if (!problems.empty())
    return fail(error_code::invalid_config, problems);
  return {};
}

} // namespace chisme
