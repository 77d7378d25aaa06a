#include "nodes/syncfs_trust.hpp"

#include <charconv>
#include <linux/magic.h>
#include <utility>

namespace chisme {

namespace {

/// "6.1.0-18-amd64" is {6, 1}; {0, 0} where it is no version.
std::pair<int, int> version_of(std::string_view release) {
  std::pair<int, int> version{0, 0};
  const auto* end = release.data() + release.size();
  const auto major = std::from_chars(release.data(), end, version.first);
  if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.')
    return {0, 0};
  std::from_chars(major.ptr + 1, end, version.second);
  return version;
}

} // namespace

bool syncfs_tells_of_failures(std::string_view release, long type) {
  constexpr std::pair<int, int> first_good_release{5, 17};
  const bool local = type == EXT4_SUPER_MAGIC || type == XFS_SUPER_MAGIC || type == BTRFS_SUPER_MAGIC;
  return local && version_of(release) >= first_good_release;
}

} // namespace chisme
