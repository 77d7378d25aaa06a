#include "nodes/formation_text.hpp"

#include <charconv>

namespace chisme::nodes {

namespace {

result<std::vector<node_id>> parse_list(const std::string& key, std::string_view text) {
  std::vector<node_id> ids;
  while (!text.empty()) {
    node_id id = -1;
    const auto [end, e] = std::from_chars(text.data(), text.data() + text.size(), id);
    const auto used = static_cast<size_t>(end - text.data());
    if (e != std::errc{} || id < 0 || (used < text.size() && text[used] != ','))
      return fail(error_code::kafka_storage_error, key + " is no list of node ids: the file is damaged");
    ids.push_back(id);
    text.remove_prefix(std::min(used + 1, text.size()));
  }
  return ids;
}

std::string value_of(const properties& from, const std::string& key) {
  const auto i = from.find(key);
  return i == from.end() ? "" : i->second;
}

} // namespace

void put(properties& to, const coordinator::formation& what) {
  using phase = coordinator::formation::phase;
  for (const auto* key :
       {"cluster.id", "cluster.voters", "cluster.founder", "forming.cluster.id", "forming.proposer", "forming.members"})
    to.erase(key);
  if (what.at == phase::none)
    return;
  if (!what.voters.empty())
    to["cluster.voters"] = coordinator::listed(what.voters);
  if (what.at == phase::member) {
    to["cluster.id"] = what.cluster_id;
    if (what.is_founder)
      to["cluster.founder"] = "true";
    return;
  }
  to["forming.cluster.id"] = what.cluster_id;
  to["forming.proposer"] = std::to_string(what.proposer);
  to["forming.members"] = coordinator::listed(what.members);
}

result<coordinator::formation> formation_of(const properties& from) {
  using phase = coordinator::formation::phase;
  coordinator::formation found;
  auto voters = parse_list("cluster.voters", value_of(from, "cluster.voters"));
  if (!voters)
    return tl::make_unexpected(voters.error());
  found.voters = std::move(*voters);
  found.cluster_id = value_of(from, "cluster.id");
  if (!found.cluster_id.empty()) {
    found.at = phase::member;
    found.is_founder = value_of(from, "cluster.founder") == "true";
    return found;
  }
  found.cluster_id = value_of(from, "forming.cluster.id");
  if (found.cluster_id.empty())
    return coordinator::formation{};
  found.at = phase::bound;
  auto members = parse_list("forming.members", value_of(from, "forming.members"));
  auto proposer = parse_list("forming.proposer", value_of(from, "forming.proposer"));
  if (!members || !proposer || members->empty() || proposer->size() != 1)
    return fail(error_code::kafka_storage_error,
                "what it says of the cluster " + found.cluster_id + " that is being formed is damaged");
  found.members = std::move(*members);
  found.proposer = proposer->front();
  return found;
}

} // namespace chisme::nodes
