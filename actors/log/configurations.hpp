// The configurations that epoch marks carry: who votes from there on (actors/raft/configuration.hpp).
//
// Kafka's file of epochs has no place for them, so they have a file of their own. It is written whole and synced before
// a mark that carries one is written, and after one was taken away: an entry may be without its mark, a mark is never
// without its entry. An entry without a mark counts for nothing. Retention takes marks away at the beginning; the
// last entry from before is the one in force there, and stays.
#pragma once

#include "actors/log/leader_epochs.hpp"
#include "actors/raft/configuration_history.hpp"

#include <string>
#include <string_view>

namespace chisme::log {

/// Those of `all` that count beside these marks.
raft::configuration_history carried_by(const leader_epochs& marks, const raft::configuration_history& all);

/// The file, with a checksum.
std::string configurations_text(const raft::configuration_history& all);
/// The reverse; corrupt_message naming `path` where it is damaged, unsupported_version where it is newer.
result<raft::configuration_history> parse_configurations(std::string_view content, const std::string& path);

} // namespace chisme::log
