#include "actors/log/folder_content.hpp"

#include "actors/log/file_names.hpp"

#include <algorithm>

namespace chisme::log {

result<bool> holds_records(files& disk, const std::string& dir) {
  const auto entries = disk.list(dir);
  if (!entries)
    return tl::make_unexpected(entries.error());
  return std::ranges::any_of(
    *entries, [](const dir_entry& e) { return e.is_directory || (e.size > 0 && offset_in_name(e.name, log_suffix)); });
}

} // namespace chisme::log
