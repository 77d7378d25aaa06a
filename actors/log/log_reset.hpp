// The pieces of a log_beginning as the log has them: for a reset, and for a start that brings one to its end.
#pragma once

#include "actors/log/files.hpp"
#include "actors/log/leader_epochs.hpp"
#include "actors/log/log_beginning.hpp"
#include "actors/log/producer_state.hpp"
#include "actors/raft/configuration_history.hpp"

namespace chisme::log {

/// corrupt_message, naming `path`, where they are damaged or wrote behind the start.
result<producer_state> producers_of(const log_beginning& from, const std::string& path, size_t most);
leader_epochs epochs_of(const log_beginning& from);
raft::configuration_history configurations_of(const log_beginning& from);
/// The snapshot file at the start, synced; its name is not.
result<void> write_producers(files& disk, const std::string& dir, const log_beginning& from);

} // namespace chisme::log
