#include "config/options.hpp"

#include "config/edit_distance.hpp"
#include "config/tables.hpp"

#include <vector>

namespace chisme {

namespace {

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

/// For the node's table: somebody set the option of a thing.
std::string default_on_node(std::string_view name) {
  for (auto& things : {topic_options(), group_options()}) {
    auto own = things.find(name);
    if (own && !own->inherits.empty())
      return "; that is a " + std::string{things.owner} + "'s option, the node's default for it is " +
             std::string{own->inherits.front()};
  }
  return {};
}

/// For the table of a thing: somebody set the node's option.
std::string own_counterpart(const option_table& table, std::string_view name) {
  for (auto& o : table)
    for (auto inherited : o.inherits)
      if (inherited == name)
        return "; that is a node's option, a " + std::string{table.owner} + "'s own is " + std::string{o.name};
  return {};
}

} // namespace

const option* option_table::find(std::string_view name) const {
  for (auto& o : rows)
    if (o.name == name)
      return &o;
  return nullptr;
}

std::string option_table::suggest(std::string_view name) const {
  auto counterpart = owner == "node" ? default_on_node(name) : own_counterpart(*this, name);
  return counterpart.empty() ? nearest(rows, name) : counterpart;
}

option_table node_options() {
  static const auto all = [] {
    std::vector<option> rows;
    for (auto part : {rows::of_nodes(), rows::of_group_coordinators(), rows::of_network(), rows::of_peers()})
      rows.insert(rows.end(), part.begin(), part.end());
    return rows;
  }();
  return {"node", all};
}

option_table topic_options() { return {"topic", rows::of_topics()}; }

option_table group_options() { return {"group", rows::of_groups()}; }

} // namespace chisme
