#include "actors/links/handshake.hpp"

#include "messages/printable.hpp"

#include <algorithm>

namespace chisme::links {

namespace {

using peer::refusal_code;

/// As config/node_options.cpp takes them.
constexpr size_t longest_cluster_id = 64;
/// RFC 1035, in text form.
constexpr size_t longest_host = 253;
/// What is kept of the other's words.
constexpr size_t longest_words = 1000;

tl::unexpected<refusal> refuse(refusal_code code, std::string words) {
  return tl::make_unexpected(refusal{code, std::move(words)});
}

std::string versions_of(const peer::process& p) {
  return p.min_version == p.max_version
           ? "version " + std::to_string(p.min_version)
           : "versions " + std::to_string(p.min_version) + " to " + std::to_string(p.max_version);
}

bool is_well_formed(const peer::process& p) {
  return p.id >= 0 && p.min_version >= 0 && p.min_version <= p.max_version &&
         p.cluster_id.size() <= longest_cluster_id && !p.at.host.empty() && p.at.host.size() <= longest_host &&
         p.at.port != 0;
}

} // namespace

std::string name_of(const peer::process& p) {
  return "node " + std::to_string(p.id) + " at " + printable(peer::to_string(p.at));
}

agreement check(const peer::process& self, const peer::process& other) {
  if (!is_well_formed(other))
    return refuse(refusal_code::malformed, "its hello names no node that could be dialled");
  if (other.process_id == self.process_id)
    return refuse(refusal_code::itself, name_of(self) + " has dialled itself");
  // Versions first: what the other fields mean is a matter of versions, too.
  const auto agreed = std::min(self.max_version, other.max_version);
  if (agreed < std::max(self.min_version, other.min_version))
    return refuse(refusal_code::other_versions, name_of(other) + " speaks " + versions_of(other) +
                                                  " of the protocol between nodes, " + name_of(self) + " speaks " +
                                                  versions_of(self) +
                                                  ": go from one to the other through a release between them");
  if (other.id == self.id)
    return refuse(refusal_code::own_node_id,
                  "two processes have node.id=" + std::to_string(self.id) + ", at " + printable(to_string(other.at)) +
                    " and at " + printable(to_string(self.at)) + ": start one of them with another --node.id");
  if (!self.cluster_id.empty() && !other.cluster_id.empty() && self.cluster_id != other.cluster_id)
    return refuse(refusal_code::other_cluster,
                  name_of(other) + " belongs to the cluster " + printable(other.cluster_id) + ", " + name_of(self) +
                    " to the cluster " + self.cluster_id +
                    ": give it seeds of its own cluster, or an empty --log.dir to join this one");
  return agreed;
}

agreement check_answer(const peer::process& self, std::optional<node_id> expected, const peer::hello_answer& answer) {
  // The other's own reasons say more than what is seen from here.
  if (answer.refusal != refusal_code::none)
    return refuse(answer.refusal, printable(std::string_view{answer.words}.substr(0, longest_words)));
  auto agreed = check(self, answer.from);
  if (agreed && expected && answer.from.id != *expected)
    return refuse(refusal_code::unexpected_node, name_of(answer.from) + " is where node " + std::to_string(*expected) +
                                                   " is said to be: check --advertised.peer.listener of both");
  return agreed;
}

} // namespace chisme::links
