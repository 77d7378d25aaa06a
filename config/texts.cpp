#include "config/texts.hpp"

#include "config/options.hpp"

namespace chisme {

namespace {

constexpr size_t line_width = 100;

/// Breaks `text` at blanks into lines that each begin with `indent`.
std::string wrapped(std::string_view text, const std::string& indent) {
  std::string out;
  while (!text.empty()) {
    auto room = line_width - indent.size();
    auto cut = text.size() <= room ? text.size() : text.rfind(' ', room);
    if (cut == std::string_view::npos)
      cut = text.size();
    out += indent + std::string{text.substr(0, cut)} + "\n";
    text.remove_prefix(std::min(cut + 1, text.size()));
  }
  return out;
}

std::string what_it_takes(const option& o) {
  auto text = "Takes " + expectation(o);
  return text + (o.scope == option_scope::node_dynamic ? "; may change while the node runs." : ".");
}

} // namespace

std::string example_file() {
  std::string out = "# Every option of a node, at its default. Remove the # in front of a name to set it.\n"
                    "# chisme node --config FILE reads it; the environment (CHISME_LOG_LEVEL for log.level) wins over\n"
                    "# the file, and flags (--log.level debug) over both.\n"
                    "# Made by: chisme config example\n";
  for (auto& o : node_options()) {
    out += "\n" + wrapped(o.doc, "# ") + wrapped(what_it_takes(o), "# ");
    out += "#" + std::string{o.name} + "=" + std::string{o.fallback.value_or("")} + "\n";
  }
  return out;
}

std::string options_help() {
  std::string out;
  for (auto& o : node_options()) {
    out += "  --" + std::string{o.name};
    out += o.fallback ? " (" + std::string{*o.fallback} + ")\n" : "\n";
    out += wrapped(o.doc, "      ");
  }
  return out;
}

} // namespace chisme
