// What the files of a partition's folder are called.
#pragma once

#include "messages/ids.hpp"

#include <charconv>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace chisme::log {

inline constexpr std::string_view log_suffix = ".log";
inline constexpr std::string_view index_suffix = ".index";
inline constexpr std::string_view time_index_suffix = ".timeindex";
/// The files of a segment; the log comes last where they go or come one after the other.
inline constexpr std::string_view segment_suffixes[] = {index_suffix, time_index_suffix, log_suffix};
inline constexpr std::string_view snapshot_suffix = ".snapshot";
/// Stages of a compacted segment on its way into the log: being written, complete, see compaction.hpp.
inline constexpr std::string_view cleaned_suffix = ".cleaned";
inline constexpr std::string_view swap_suffix = ".swap";
inline constexpr std::string_view temporary_suffix = ".tmp";

inline constexpr std::string_view epochs_file_name = "leader-epoch-checkpoint";
inline constexpr std::string_view metadata_file_name = "partition.metadata";
inline constexpr std::string_view recovery_file_name = "recovery-point";
inline constexpr std::string_view configurations_file_name = "configurations";
inline constexpr std::string_view reset_file_name = "reset-to";
inline constexpr std::string_view quorum_file_name = "quorum-state";

inline constexpr size_t offset_digits = 20;

/// "<dir>/00000000000000000042": what the files of a segment have in common.
inline std::string file_stem(const std::string& dir, offset_t base) {
  char digits[offset_digits + 1];
  std::snprintf(digits, sizeof digits, "%020lld", static_cast<long long>(base));
  return dir + "/" + digits;
}

/// A new version of the epoch file on its way: "<dir>/leader-epoch-checkpoint.<20 digits>.tmp".
inline std::string epochs_version_path(const std::string& dir, uint64_t number) {
  auto stem = file_stem("", static_cast<offset_t>(number));
  stem[0] = '.';
  return dir + "/" + std::string{epochs_file_name} + stem + std::string{temporary_suffix};
}

/// The offset in a name of exactly 20 digits and `suffix`; nullopt for any other name.
inline std::optional<offset_t> offset_in_name(std::string_view name, std::string_view suffix) {
  if (name.size() != offset_digits + suffix.size() || name.substr(offset_digits) != suffix)
    return std::nullopt;
  offset_t value = 0;
  const auto* end = name.data() + offset_digits;
  auto [at, ec] = std::from_chars(name.data(), end, value);
  if (ec != std::errc{} || at != end || value < 0)
    return std::nullopt;
  return value;
}

} // namespace chisme::log
