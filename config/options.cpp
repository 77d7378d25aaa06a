#include "config/options.hpp"

#include "config/edit_distance.hpp"

namespace chisme {

namespace {

const option* find(std::span<const option> rows, std::string_view name) {
  for (auto& o : rows)
    if (o.name == name)
      return &o;
  return nullptr;
}

/// The nearest name, or nothing where more than a third of the letters would have to change.
std::string nearest(std::span<const option> rows, std::string_view name) {
  auto best = name.size() / 3 + 1;
  std::string_view found;
  for (auto& o : rows) {
    auto distance = edit_distance(name, o.name, best);
    if (distance < best) {
      best = distance;
      found = o.name;
    }
  }
  return found.empty() ? "" : "; did you mean " + std::string{found} + "?";
}

} // namespace

const option* find_node_option(std::string_view name) {
  return find(node_options(), name);
}
const option* find_topic_option(std::string_view name) {
  return find(topic_options(), name);
}

std::string suggest_node_option(std::string_view name) {
  auto topic = find_topic_option(name);
  if (topic && !topic->inherits.empty())
    return "; that is a topic's option, the node's default for it is " + std::string{topic->inherits.front()};
  return nearest(node_options(), name);
}

std::string suggest_topic_option(std::string_view name) {
  for (auto& o : topic_options())
    for (auto inherited : o.inherits)
      if (inherited == name)
        return "; that is a node's option, a topic's own is " + std::string{o.name};
  return nearest(topic_options(), name);
}

} // namespace chisme
