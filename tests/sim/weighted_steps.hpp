// What a simulation may do next, each with a weight, and which of them a roll of the dice means.
#pragma once

#include <cstddef>
#include <cstdint>

namespace chisme::test {

template <class Sim>
struct weighted_step {
  int weight;
  const char* name;
  void (Sim::*act)();
};

template <class Sim, size_t count>
constexpr int64_t total_weight(const weighted_step<Sim> (&steps)[count]) {
  int64_t sum = 0;
  for (const auto& s : steps)
    sum += s.weight;
  return sum;
}

/// `roll`: from 0 to one less than the total weight.
template <class Sim, size_t count>
const weighted_step<Sim>& step_at(const weighted_step<Sim> (&steps)[count], int64_t roll) {
  const auto* s = steps;
  for (; roll >= s->weight; ++s)
    roll -= s->weight;
  return *s;
}

} // namespace chisme::test
