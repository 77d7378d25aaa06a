#include "messages/mutation.hpp"

#include <cstdlib>

namespace chisme_mutation {

constinit int chosen = -1;
constinit bool reached[most] = {};

namespace {

// Before all other static objects: some of them are made by mutated code.
[[gnu::constructor(101)]] void choose() {
  if (const auto* text = std::getenv("MUTANT"))
    chosen = std::atoi(text);
}

} // namespace

} // namespace chisme_mutation
