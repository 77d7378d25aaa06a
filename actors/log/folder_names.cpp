#include "actors/log/folder_names.hpp"

#include <charconv>

namespace chisme::log {

namespace {

constexpr std::string_view doomed_suffix = "-delete";
constexpr std::string_view stray_suffix = "-stray";
constexpr size_t id_size = 22;

std::string capped(const topic_partition& name, const std::string& rest) {
  const auto behind = "-" + std::to_string(name.partition) + "." + rest;
  return name.topic.substr(0, longest_name - behind.size()) + behind;
}

/// Whether `name` is "<topic>-<partition>.<id>".
bool has_id(std::string_view name) {
  if (name.size() <= id_size)
    return false;
  const auto dot = name.size() - id_size - 1;
  return name[dot] == '.' && parse_uuid(name.substr(dot + 1)) && parse_folder_name(name.substr(0, dot));
}

bool is_doomed(std::string_view name) {
  return name.ends_with(doomed_suffix) && has_id(name.substr(0, name.size() - doomed_suffix.size()));
}

bool is_stray(std::string_view name) {
  if (!name.ends_with(stray_suffix))
    return false;
  name.remove_suffix(stray_suffix.size());
  if (has_id(name))
    return true;
  const auto dot = name.rfind('.');
  return dot != std::string_view::npos && has_id(name.substr(0, dot));
}

} // namespace

std::string doomed_name(const topic_partition& name, const uuid& topic_id) {
  return capped(name, to_string(topic_id) + std::string{doomed_suffix});
}

std::string stray_name(const topic_partition& name, const uuid& topic_id, unsigned number) {
  const auto which = number == 0 ? std::string{} : "." + std::to_string(number);
  return capped(name, to_string(topic_id) + which + std::string{stray_suffix});
}

folder_kind kind_of_folder(std::string_view name) {
  if (is_doomed(name))
    return folder_kind::doomed;
  if (is_stray(name))
    return folder_kind::stray;
  return parse_folder_name(name) ? folder_kind::partition : folder_kind::other;
}

std::optional<topic_partition> parse_folder_name(std::string_view name) {
  const auto dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0)
    return std::nullopt;
  const auto digits = name.substr(dash + 1);
  partition_index partition = 0;
  const auto [at, e] = std::from_chars(digits.data(), digits.data() + digits.size(), partition);
  if (e != std::errc{} || at != digits.data() + digits.size() || std::to_string(partition) != digits)
    return std::nullopt;
  return topic_partition{std::string{name.substr(0, dash)}, partition};
}

} // namespace chisme::log
