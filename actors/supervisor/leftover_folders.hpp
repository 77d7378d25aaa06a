// What earlier runs of a node left in its data folder: folders of partitions that the cluster's metadata does not know.
//
// A topic's deletion is a record of the metadata log; the folders go after it is committed, so a crash in between
// leaves some. The metadata log is compacted but keeps the record of a deletion for a day, and a node that ends reads
// it when it starts again: a folder whose topic's deletion stands in the log was deleted by this cluster, and so may
// go. Of any other nobody can say that (it was copied here, or the log that knew it is gone), so it is told of and
// kept, as Kafka keeps its stray partitions.
#pragma once

#include "actors/coordinator/cluster_state.hpp"
#include "actors/log/files.hpp"
#include "actors/supervisor/messages.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chisme::supervisor {

/// A folder that a replica of another topic, or none, has the right to.
struct leftover_folder {
  std::string name;
  std::optional<uuid> topic_id; ///< as it says itself; nullopt where it does not, or not legibly
};

struct leftovers {
  /// Deleted by this cluster, or without an id and a record: nothing is lost with them.
  std::vector<leftover_folder> deleted;
  /// Their removal was under way: named so.
  std::vector<std::string> doomed;
  /// Nobody can say whose they are.
  std::vector<std::string> unknown;
};

/// Looks through the data folder. `deleted`: the topics whose deletion stands in the metadata log. Fails where the disk
/// refuses to list it; a folder that cannot be read counts as unknown. Blocks in the disk: called by a disk worker.
result<leftovers> find_leftovers(log::files& disk, const std::string& data_dir,
                                 const coordinator::cluster_state& cluster, const topic_ids& deleted);

/// What a disk worker needs to know for that.
struct leftover_search {
  std::string data_dir;
  std::shared_ptr<const coordinator::cluster_state> cluster;
  std::shared_ptr<const topic_ids> deleted;
};

/// The first few names, and how many more there are: "a-0, a-1, b-0 and 1986 more".
std::string first_few(const std::vector<std::string>& names);

} // namespace chisme::supervisor
