// The table of all options: one for nodes, one for topics, one for consumer groups.
//
// Order matters: where two rows store into one field (log.retention.hours, .minutes, .ms) the later row wins,
// as in Kafka the finer unit does.
#pragma once

#include "config/option.hpp"

#include <string>

namespace chisme {

/// The options of one kind of thing; lives as long as the program.
struct option_table {
  std::string_view owner; ///< "node", "topic", "group": for messages
  std::span<const option> rows;

  auto begin() const { return rows.begin(); }
  auto end() const { return rows.end(); }
  size_t size() const { return rows.size(); }
  /// Null where no such option exists.
  const option* find(std::string_view name) const;
  /// "; did you mean log.segment.bytes?" with the nearest name (edit distance), the counterpart in another
  /// table, or nothing where nothing is near. To be put behind "unknown option".
  std::string suggest(std::string_view name) const;
};

option_table node_options();
option_table topic_options();
option_table group_options();

} // namespace chisme
