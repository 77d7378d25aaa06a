// Which seeds a simulation runs, and what is said of one that fails.
//
//   CHISME_SEED=n           that one alone, with all that is said on the way, where the simulation writes it down
//   CHISME_SEEDS=n          so many, instead of as many as usual
//   --gtest_random_seed=n   other ones
//
// A seed is good for as long as the simulation draws its random numbers in the same order, which the next choice that
// is added to it changes. So what a failing seed found is kept as a scripted conversation under tests/unit.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>

namespace chisme::test {

struct seed_range {
  uint64_t first = 0;
  uint64_t end = 0; ///< behind the last
};

inline std::optional<uint64_t> number_from_environment(const char* name) {
  const auto* text = std::getenv(name);
  return text ? std::optional<uint64_t>{std::strtoull(text, nullptr, 10)} : std::nullopt;
}

/// The one that a person wants to look at.
inline std::optional<uint64_t> only_seed() { return number_from_environment("CHISME_SEED"); }

inline seed_range seeds_to_run(uint64_t usual) {
  if (const auto one = only_seed())
    return {*one, *one + 1};
  const auto count = number_from_environment("CHISME_SEEDS").value_or(usual);
  const auto first = static_cast<uint64_t>(::testing::GTEST_FLAG(random_seed)) * count;
  return {first, first + count};
}

inline std::string how_to_run(uint64_t seed) {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  return "seed " + std::to_string(seed) + "; alone: CHISME_SEED=" + std::to_string(seed) +
         " build/tests/sim_tests --gtest_filter=" + test->test_suite_name() + "." + test->name() +
         "; what it found is to be kept as a conversation in tests/unit (see tests/sim/seeds.hpp)";
}

} // namespace chisme::test
