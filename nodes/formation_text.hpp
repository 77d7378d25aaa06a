// What meta.properties says of a node that forms a cluster, or has come to one:
//
//   cluster.id=...          a member of it
//   cluster.voters=1,2,3    those of `__cluster`, as it was formed; nothing where it is a cluster of one node
//   cluster.founder=true    one of those who formed it
//   forming.cluster.id=...  has promised to become a member, unless forming.proposer takes it back
//   forming.proposer=1
//   forming.members=1,2,3
#pragma once

#include "actors/coordinator/forming.hpp"
#include "messages/errors.hpp"

#include <map>
#include <string>

namespace chisme::nodes {

/// By key.
using properties = std::map<std::string, std::string>;

/// Leaves the other keys as they are.
void put(properties& to, const coordinator::formation& what);
/// Fails where it is damaged: nobody may form another cluster then.
result<coordinator::formation> formation_of(const properties& from);

} // namespace chisme::nodes
