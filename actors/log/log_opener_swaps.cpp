// The part of opening a log that brings an interrupted compaction to its end.
#include "actors/log/file_names.hpp"
#include "actors/log/log_opener.hpp"
#include "actors/log/swap_files.hpp"

#include <algorithm>

namespace chisme::log {

namespace {

/// Where the segment in a .swap file ends; it is complete and its last batch says so.
result<offset_t> end_of_swap(files& disk, const std::string& path, offset_t base) {
  auto f = disk.open(path, open_mode::read);
  if (!f)
    return tl::make_unexpected(f.error());
  auto size = (*f)->size();
  if (!size)
    return tl::make_unexpected(size.error());
  batch_scanner scanner{**f, 0, *size, batch_scanner::check::headers};
  auto end = base;
  for (;;) {
    auto batch = scanner.next();
    if (!batch)
      return tl::make_unexpected(batch.error());
    if (!*batch)
      break;
    end = (*batch)->header.next_offset();
  }
  if (scanner.problem())
    return fail(error_code::corrupt_message, path + ": the batch at position " + std::to_string(scanner.position()) +
                                               " is corrupt: " + scanner.problem());
  return end;
}

} // namespace

/// The process may have ended before the point said so.
result<void> log_opener::allow_gaps(offset_t base) {
  auto& file = log_->point_file_;
  if (!file.point() || base < file.point()->compacted_upto)
    return file.make_sure();
  auto point = *file.point();
  point.compacted_upto = base + 1;
  return file.write(point, true);
}

/// None of them may come back beside the one that stands for them.
result<void> log_opener::remove_replaced(offset_t base, offset_t end) {
  const auto first = found_.upper_bound(base);
  if (first == found_.end() || first->first >= end)
    return {};
  for (auto it = first; it != found_.end() && it->first < end; it = found_.erase(it))
    if (auto ok = segment::remove_files(disk_, file_stem(dir_, it->first)); !ok)
      return ok;
  return disk_.sync_directory(dir_);
}

result<void> log_opener::finish_compaction() {
  for (const auto& [base, names] : swaps_) {
    const auto log_name = file_stem(dir_, base) + std::string{log_suffix} + std::string{swap_suffix};
    const bool committed = std::ranges::any_of(names, [&](const std::string& n) { return dir_ + "/" + n == log_name; });
    if (!committed) {
      // Where the log got its name before the crash, the indexes beside it are those of another one.
      found_[base].has_index = false;
      unfinished_.insert(unfinished_.end(), names.begin(), names.end());
      continue;
    }
    auto end = end_of_swap(disk_, log_name, base);
    if (!end)
      return tl::make_unexpected(end.error());
    if (auto ok = allow_gaps(base); !ok)
      return ok;
    if (auto ok = remove_replaced(base, *end); !ok)
      return ok;
    auto sizes = finish_swap(disk_, dir_, base);
    if (!sizes)
      return tl::make_unexpected(sizes.error());
    const bool with_index = names.size() == std::size(segment_suffixes);
    found_[base] = {*sizes, true, with_index, with_index};
    report_.notes.push_back(dir_ + ": finished an interrupted compaction of offsets " + std::to_string(base) + " to " +
                            std::to_string(*end - 1));
  }
  for (const auto& name : unfinished_)
    if (auto ok = disk_.remove(dir_ + "/" + name); !ok)
      return ok;
  return {};
}

} // namespace chisme::log
