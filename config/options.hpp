// The table of all options: one for nodes, one for topics.
//
// Order matters: where two rows store into one field (log.retention.hours, .minutes, .ms) the later row wins,
// as in Kafka the finer unit does.
#pragma once

#include "config/option.hpp"

namespace chisme {

std::span<const option> node_options();
std::span<const option> topic_options();

/// Null where no such option exists.
const option* find_node_option(std::string_view name);
const option* find_topic_option(std::string_view name);

/// "; did you mean log.segment.bytes?" with the nearest name (edit distance), a topic's counterpart, or
/// nothing where nothing is near. To be put behind "unknown option".
std::string suggest_node_option(std::string_view name);
std::string suggest_topic_option(std::string_view name);

} // namespace chisme
