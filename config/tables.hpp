// The rows of the options table, one function for each file of them. To be used through config/options.hpp.
#pragma once

#include "config/option.hpp"

namespace chisme::rows {

std::span<const option> of_nodes();
std::span<const option> of_group_coordinators();
std::span<const option> of_network();
std::span<const option> of_peers();
std::span<const option> of_topics();
std::span<const option> of_groups();

} // namespace chisme::rows
