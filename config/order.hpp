// Two settings of which one must not be above the other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace chisme {

struct named_number {
  std::string_view name;
  int64_t value = 0;
};

struct order {
  named_number low;
  named_number high;
  bool strict = false; ///< they must not be equal either

  bool holds() const { return strict ? low.value < high.value : low.value <= high.value; }
  /// What is wrong, said of either of the two, and what to do about it; without the one's own name.
  std::string complaint_about_low() const {
    return std::to_string(low.value) + (strict ? " is not below " : " is above ") + other(high) +
           ": lower it, or raise " + std::string{high.name};
  }
  std::string complaint_about_high() const {
    return std::to_string(high.value) + (strict ? " is not above " : " is below ") + other(low) +
           ": raise it, or lower " + std::string{low.name};
  }

private:
  static std::string other(const named_number& x) { return std::string{x.name} + ", " + std::to_string(x.value); }
};

} // namespace chisme
