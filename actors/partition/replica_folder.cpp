#include "actors/partition/replica_folder.hpp"

#include "actors/log/file_names.hpp"
#include "actors/log/folder_names.hpp"
#include "actors/log/partition_metadata.hpp"

#include <algorithm>

namespace chisme::partition {

namespace {

/// Not synced: after a power loss the note may be gone, and is then written again.
result<void> make_ours(log::files& disk, const std::string& directory, const uuid& topic_id) {
  if (auto ok = disk.make_directories(directory); !ok)
    return ok;
  return log::write_partition_metadata(disk, directory, topic_id, false);
}

/// Whether there are files of a log, or of anything but the note of the topic's id.
result<bool> holds_files(log::files& disk, const std::string& directory) {
  auto there = disk.exists(directory);
  if (!there || !*there)
    return there;
  auto entries = disk.list(directory);
  if (!entries)
    return tl::make_unexpected(entries.error());
  return std::ranges::any_of(*entries, [](const auto& e) { return !e.name.starts_with(log::metadata_file_name); });
}

/// Returns its new path.
result<std::string> set_aside(log::files& disk, const std::string& directory, const topic_partition& name,
                              const uuid& topic_id) {
  const auto parent = directory.substr(0, directory.rfind('/'));
  for (unsigned number = 0;; ++number) {
    auto aside = parent + "/" + log::stray_name(name, topic_id, number);
    auto taken = disk.exists(aside);
    if (!taken)
      return tl::make_unexpected(taken.error());
    if (*taken)
      continue;
    if (auto ok = disk.rename(directory, aside); !ok)
      return tl::make_unexpected(ok.error());
    return aside;
  }
}

} // namespace

result<std::string> claim_folder(log::files& disk, const std::string& directory, const topic_partition& name,
                                 const uuid& topic_id, bool existed) {
  auto found = log::read_partition_metadata(disk, directory);
  if (!found && found.error().code != error_code::corrupt_message)
    return tl::make_unexpected(found.error());
  const auto owner = found ? *found : std::nullopt;
  if (owner == topic_id)
    return std::string{};
  auto is_nobodys = owner || existed ? result<bool>{false} : holds_files(disk, directory);
  if (!is_nobodys)
    return tl::make_unexpected(is_nobodys.error());
  std::string done;
  if (owner || *is_nobodys) {
    auto aside = set_aside(disk, directory, name, owner.value_or(uuid{}));
    if (!aside)
      return aside;
    done = (owner ? "a folder of another topic with this name was set aside as "
                  : "a folder with this name that does not say whose it is was set aside as ") +
           *aside;
  } else if (!found) {
    done = "partition.metadata was damaged and is written again: " + found.error().message;
  }
  const auto noted = make_ours(disk, directory, topic_id);
  if (noted)
    return done;
  // A full disk does not keep it from being served: it is whose the cluster says, and the next start writes the note.
  const bool is_ours = existed && !owner;
  return is_ours ? result<std::string>{"its note of the topic's id is not written: " + noted.error().message}
                 : tl::make_unexpected(noted.error());
}

} // namespace chisme::partition
