// Makes sure that a folder belongs to the replica that is about to use it.
#pragma once

#include "actors/log/files.hpp"
#include "messages/ids.hpp"

namespace chisme::partition {

/// Makes the folder where it is missing and notes the topic's id in it. A folder of the right name and another
/// topic's id holds a topic that this cluster never had (a data folder put together by hand): it is not this replica's
/// to write into and not ours to delete, so it is set aside (log::stray_name). So is one that says nothing of its topic
/// and holds files, unless the topic `existed` before this start of the node: then it is the replica's own, and what
/// said so was lost or damaged.
///
/// Returns what was done besides making it, in words for the log; empty: nothing. KAFKA_STORAGE_ERROR: the disk
/// refused, which may pass; another code: the folder was written by a newer version of this program.
result<std::string> claim_folder(log::files& disk, const std::string& directory, const topic_partition& name,
                                 const uuid& topic_id, bool existed);

} // namespace chisme::partition
