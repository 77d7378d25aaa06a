// Makes sure that a folder belongs to the replica that is about to use it.
#pragma once

#include "actors/log/files.hpp"
#include "messages/ids.hpp"

namespace chisme::partition {

/// Makes the folder where it is missing and notes the topic's id in it. A folder of the right name and another
/// topic's id holds a topic that this cluster has deleted or never had (a data folder put together by hand): it is
/// not this replica's to write into and not ours to delete, so it is renamed to `<directory>.<id>-stray`. Returns
/// what was done besides making it, in words for the log; empty: nothing.
result<std::string> claim_folder(log::files& disk, const std::string& directory, const uuid& topic_id);

} // namespace chisme::partition
