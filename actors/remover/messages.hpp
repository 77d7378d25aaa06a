// Asking for the removal of a partition's folder.
#pragma once

#include "messages/ids.hpp"

#include <string>

namespace chisme::remover {

/// Remove the folder of a deleted topic's partition.
struct remove_request {
  std::string folder;    ///< its name in the data folder, now
  std::string doomed;    ///< the name that it gets first (log::doomed_name), by which any later start knows what it is
  uuid topic_id;         ///< a folder that says that it is another topic's is left as it is
  bool was_ours = false; ///< one that does not say whose it is goes, too; otherwise only where it has no records
};

struct remove_result {
  /// Empty: the name is free, and stays so after a power loss; the content goes when there is time. Otherwise the
  /// folder may still be there under either name, and it can be asked for again.
  std::string failure;
};

} // namespace chisme::remover
