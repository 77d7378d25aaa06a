// Included by every mutated file: `on(n)` says whether mutation n is the one that is chosen, and notes that it was
// reached. A constant expression is never mutated.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <utility>

// What the mutations add is not for reading. (Sources are compiled without warnings; this is for headers.)
#pragma GCC diagnostic ignored "-Wparentheses"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wunused-value"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wdangling-else"
#pragma GCC diagnostic ignored "-Wmisleading-indentation"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wreturn-type"
#pragma GCC diagnostic ignored "-Waddress"
#pragma GCC diagnostic ignored "-Wbool-compare"
#pragma GCC diagnostic ignored "-Wbool-operation"
#pragma GCC diagnostic ignored "-Wint-in-bool-context"
#pragma GCC diagnostic ignored "-Wimplicit-fallthrough"
#pragma GCC diagnostic ignored "-Wdangling-pointer"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#pragma GCC diagnostic ignored "-Wstringop-overread"
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wnonnull"
#pragma GCC diagnostic ignored "-Wuninitialized"

namespace chisme_mutation {

constexpr int most = 1 << 16;

extern int chosen; // of the variable MUTANT; -1 is none
extern bool reached[most];

constexpr bool on(int number) noexcept {
  if (__builtin_is_constant_evaluated())
    return false;
  if (chosen < 0)
    reached[number] = true;
  return chosen == number;
}

/// For the value of what was constexpr: with on() it would be a constant still.
inline bool on_start(int number) noexcept { return on(number); }

constexpr bool equal(int n, const auto& a, const auto& b) { return on(n) ? !(a == b) : a == b; }
constexpr bool unequal(int n, const auto& a, const auto& b) { return on(n) ? !(a != b) : a != b; }
constexpr bool less(int n, const auto& a, const auto& b) { return on(n) ? a <= b : a < b; }
constexpr bool less_equal(int n, const auto& a, const auto& b) { return on(n) ? a < b : a <= b; }
constexpr bool greater(int n, const auto& a, const auto& b) { return on(n) ? a >= b : a > b; }
constexpr bool greater_equal(int n, const auto& a, const auto& b) { return on(n) ? a > b : a >= b; }
/// What has no difference, or no sum, loses its second part instead: strings, and the distance of two pointers.
constexpr auto plus(int n, const auto& a, const auto& b) {
  if constexpr (requires { decltype(a + b)(a - b); })
    return on(n) ? decltype(a + b)(a - b) : a + b;
  else
    return on(n) ? decltype(a + b)(a) : a + b;
}
constexpr auto minus(int n, const auto& a, const auto& b) {
  if constexpr (requires { decltype(a - b)(a + b); })
    return on(n) ? decltype(a - b)(a + b) : a - b;
  else
    return on(n) ? decltype(a - b){} : a - b;
}

template <class T>
constexpr const T& min(int n, const T& a, const T& b) {
  return on(n) ? std::max(a, b) : std::min(a, b);
}
template <class T>
constexpr const T& max(int n, const T& a, const T& b) {
  return on(n) ? std::min(a, b) : std::max(a, b);
}
template <class T>
constexpr T min(int n, std::initializer_list<T> all) {
  return on(n) ? std::max(all) : std::min(all);
}
template <class T>
constexpr T max(int n, std::initializer_list<T> all) {
  return on(n) ? std::min(all) : std::max(all);
}

} // namespace chisme_mutation
