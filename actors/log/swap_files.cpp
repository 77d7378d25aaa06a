#include "actors/log/swap_files.hpp"

#include "actors/log/file_names.hpp"

namespace chisme::log {

namespace {

struct stage {
  std::string_view suffix;
  uint64_t segment_files::*size;
};

/// The log comes last: indexes without a log are leftovers, a log without indexes gets new ones.
constexpr stage stages[] = {{index_suffix, &segment_files::index},
                            {time_index_suffix, &segment_files::time_index},
                            {log_suffix, &segment_files::log}};

result<uint64_t> size_of(files& disk, const std::string& path) {
  auto f = disk.open(path, open_mode::read);
  return f ? (*f)->size() : tl::make_unexpected(f.error());
}

} // namespace

result<void> commit_swap(files& disk, const std::string& dir, offset_t base) {
  for (const auto& s : stages) {
    const auto path = file_stem(dir, base) + std::string{s.suffix};
    if (auto ok = disk.rename(path + std::string{cleaned_suffix}, path + std::string{swap_suffix}); !ok)
      return ok;
  }
  return disk.sync_directory(dir);
}

result<segment_files> finish_swap(files& disk, const std::string& dir, offset_t base) {
  segment_files sizes;
  for (const auto& s : stages) {
    const auto path = file_stem(dir, base) + std::string{s.suffix};
    auto there = disk.exists(path + std::string{swap_suffix});
    if (!there)
      return tl::make_unexpected(there.error());
    if (*there)
      if (auto ok = disk.rename(path + std::string{swap_suffix}, path); !ok)
        return tl::make_unexpected(ok.error());
    auto size = size_of(disk, path);
    if (!size)
      return tl::make_unexpected(size.error());
    sizes.*s.size = *size;
  }
  if (auto ok = disk.sync_directory(dir); !ok)
    return tl::make_unexpected(ok.error());
  return sizes;
}

} // namespace chisme::log
