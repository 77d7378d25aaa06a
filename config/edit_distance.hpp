// How far a misspelt name is from a known one.
#pragma once

#include <cstddef>
#include <string_view>

namespace chisme {

/// Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours that turn
/// `a` into `b`. Gives up at `limit` and returns it. Texts above 64 characters count as that far.
size_t edit_distance(std::string_view a, std::string_view b, size_t limit);

} // namespace chisme
