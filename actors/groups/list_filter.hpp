// The filters of ListGroups: words for the states and the kinds of groups.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::groups {

/// Whatever a group can be listed as.
inline constexpr std::array<std::string_view, 9> listed_words{
  "Empty",   "PreparingRebalance", "CompletingRebalance", "Stable", "Dead", "Assigning", "Reconciling", "classic",
  "consumer"};

/// Letters count as the same in upper and lower case, as in Kafka.
inline bool equal_letters(std::string_view a, std::string_view b) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// Lets through what `filter` does, and is short: a request may have as many words as bytes, and each group would be
/// compared with each of them. An empty filter lets everything through, one without a known word nothing.
inline std::vector<std::string> shortened(const std::vector<std::string>& filter) {
  std::vector<std::string> kept;
  for (const auto known : listed_words)
    if (std::ranges::any_of(filter, [&](const auto& word) { return equal_letters(word, known); }))
      kept.emplace_back(known);
  if (kept.empty() && !filter.empty())
    kept.emplace_back();
  return kept;
}

} // namespace chisme::groups
