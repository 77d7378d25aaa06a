#include "config/edit_distance.hpp"

#include <algorithm>
#include <array>

namespace chisme {

namespace {

constexpr size_t max_length = 64;
using row = std::array<size_t, max_length + 1>;

} // namespace

size_t edit_distance(std::string_view a, std::string_view b, size_t limit) {
  if (a.size() > max_length || b.size() > max_length)
    return limit;
  row before_last{}, last{}, current{};
  for (size_t j = 0; j <= b.size(); ++j)
    last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      auto replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        current[j] = std::min(current[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = current;
  }
  return std::min(last[b.size()], limit);
}

} // namespace chisme
