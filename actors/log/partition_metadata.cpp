#include "actors/log/partition_metadata.hpp"

#include "actors/log/file_names.hpp"

#include <algorithm>

namespace chisme::log {

namespace {

constexpr uint64_t largest_sensible_file = 4096;
constexpr std::string_view version_key = "version: ";
constexpr std::string_view id_key = "topic_id: ";

std::string path_in(const std::string& dir) { return dir + "/" + std::string{metadata_file_name}; }

/// The value behind `key` at the start of a line.
std::optional<std::string_view> value_of(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    if (line.starts_with(key))
      return line.substr(key.size());
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return std::nullopt;
}

} // namespace

result<void> write_partition_metadata(files& disk, const std::string& dir, const uuid& topic_id, bool durable) {
  auto text = std::string{version_key} + "0\n" + std::string{id_key} + to_string(topic_id) + "\n";
  return disk.replace(path_in(dir), text, durable);
}

result<std::optional<uuid>> read_partition_metadata(files& disk, const std::string& dir) {
  const auto path = path_in(dir);
  auto there = disk.exists(path);
  if (!there || !*there)
    return there ? result<std::optional<uuid>>{std::nullopt} : tl::make_unexpected(there.error());
  auto text = disk.read_all(path, largest_sensible_file);
  if (!text)
    return tl::make_unexpected(text.error());
  const auto version = value_of(*text, version_key);
  const auto id_text = value_of(*text, id_key);
  // What is no number was torn: the note is not synced.
  const bool is_number =
    version && !version->empty() && version->find_first_not_of("0123456789") == std::string_view::npos;
  if (is_number && *version != "0")
    return fail(error_code::unsupported_version,
                path + ": version " + std::string{*version} + ", written by a newer program than this");
  const auto id = id_text ? parse_uuid(*id_text) : std::nullopt;
  if (!is_number || !id)
    return fail(error_code::corrupt_message, path + ": damaged");
  return *id;
}

} // namespace chisme::log
