#include "actors/partition/replica_folder.hpp"

#include "actors/log/partition_metadata.hpp"

namespace chisme::partition {

namespace {

/// Not synced: after a power loss the note may be gone, and is then written again.
result<void> make_ours(log::files& disk, const std::string& directory, const uuid& topic_id) {
  if (auto ok = disk.make_directories(directory); !ok)
    return ok;
  return log::write_partition_metadata(disk, directory, topic_id, false);
}

} // namespace

result<std::string> claim_folder(log::files& disk, const std::string& directory, const uuid& topic_id) {
  std::string done;
  auto found = log::read_partition_metadata(disk, directory);
  if (found && *found && **found == topic_id)
    return done;
  if (!found) {
    done = "partition.metadata was damaged and is written again: " + found.error().message;
  } else if (*found) {
    const auto aside = directory + "." + to_string(**found) + "-stray";
    if (auto ok = disk.rename(directory, aside); !ok)
      return tl::make_unexpected(ok.error());
    done = "a folder of another topic with this name was set aside as " + aside;
  }
  if (auto ok = make_ours(disk, directory, topic_id); !ok)
    return tl::make_unexpected(ok.error());
  return done;
}

} // namespace chisme::partition
