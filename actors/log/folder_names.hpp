// What the folders in a node's data folder are called.
//
//   <topic>-<partition>                  a partition's log
//   <topic>-<partition>.<id>-delete      of a deleted topic, on its way out: whoever finds it removes it
//   <topic>-<partition>.<id>-stray       of a topic that this cluster does not know: set aside, kept
//
// <id> is the topic's id. A topic's name may be almost as long as a file system lets a name be (249 of 255 bytes), so
// the last two cut the topic where the whole would be longer; what makes them unique stands behind it.
#pragma once

#include "messages/ids.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace chisme::log {

/// The longest name of a file or folder on the file systems of Linux, in bytes.
inline constexpr size_t longest_name = 255;

std::string doomed_name(const topic_partition& name, const uuid& topic_id);
/// `number`: 0 gives the plain name, others one more each, for a folder that is set aside again.
std::string stray_name(const topic_partition& name, const uuid& topic_id, unsigned number = 0);

enum class folder_kind : uint8_t {
  partition,
  doomed,
  stray,
  other, ///< nobody here made it
};

folder_kind kind_of_folder(std::string_view name);
/// nullopt where the name is not that of a partition's log.
std::optional<topic_partition> parse_folder_name(std::string_view name);

} // namespace chisme::log
