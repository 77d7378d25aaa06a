// What the consensus is told and says, as a line of text: for golden traces and for a person who follows a seed.
#pragma once

#include "actors/raft/steps.hpp"

#include <string>

namespace chisme::test {

std::string words(const raft::input_variant& in);
std::string words(const raft::output_variant& out);

} // namespace chisme::test
