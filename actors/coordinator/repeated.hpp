// What a request names more than once: Kafka answers such things with INVALID_REQUEST and does none of them.
#pragma once

#include <set>
#include <type_traits>

namespace chisme::coordinator {

/// The names that occur more than once in `range`; `name` gives that of an element.
template <class Range, class Name>
auto repeated(const Range& range, Name name) {
  using name_type = std::decay_t<decltype(name(*range.begin()))>;
  std::set<name_type> seen, twice;
  for (const auto& x : range) {
    if (!seen.insert(name(x)).second)
      twice.insert(name(x));
  }
  return twice;
}

} // namespace chisme::coordinator
