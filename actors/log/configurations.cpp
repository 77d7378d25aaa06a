#include "actors/log/configurations.hpp"

#include "actors/log/log_beginning.hpp"

#include <algorithm>

namespace chisme::log {

raft::configuration_history carried_by(const leader_epochs& marks, const raft::configuration_history& all) {
  raft::configuration_history out;
  if (marks.marks().empty())
    return out;
  const auto first = marks.marks().front().epoch;
  const auto has = [&](leader_epoch_t epoch) {
    return std::ranges::binary_search(marks.marks(), epoch, {}, &epoch_mark::epoch);
  };
  const auto* in_force = all.at(first);
  for (const auto& e : all.entries())
    if (&e == in_force || (e.epoch > first && has(e.epoch)))
      out.assign(e.epoch, e.config);
  return out;
}

std::string configurations_text(const raft::configuration_history& all) {
  log_beginning b;
  for (const auto& e : all.entries())
    b.marks.push_back({e.epoch, 0, e.config.message()});
  return encode(b);
}

result<raft::configuration_history> parse_configurations(std::string_view content, const std::string& path) {
  auto read = decode_beginning(content, path);
  if (!read)
    return tl::make_unexpected(read.error());
  raft::configuration_history out;
  for (const auto& m : read->marks) {
    if (!m.config)
      return fail(error_code::corrupt_message, path + ": damaged: an entry has no configuration");
    out.assign(m.epoch, raft::configuration{*m.config});
  }
  return out;
}

} // namespace chisme::log
