#include "tests/bench/groups/board.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace chisme::bench {

int64_t board::began(int32_t partition, size_t reader) {
  auto& e = all_.at(static_cast<size_t>(partition));
  if (e.reader)
    throw std::runtime_error("two members read partition " + std::to_string(partition));
  e.reader = reader;
  e.moved |= reader == newcomer_;
  return resumes_ ? e.position : 0;
}

void board::ended(int32_t partition) {
  auto& e = all_.at(static_cast<size_t>(partition));
  e.reader.reset();
  e.first.reset();
}

void board::arrived(int32_t partition, size_t reader, int64_t next_offset, double when) {
  auto& e = all_.at(static_cast<size_t>(partition));
  if (e.reader != reader)
    return;
  if (!e.first)
    e.first = when;
  e.position = next_offset;
  e.gap = std::max(e.gap, when - e.last);
  e.last = when;
}

bool board::all_read() const {
  return std::ranges::all_of(all_, [](const entry& e) { return e.first.has_value(); });
}

double board::last_first() const {
  double last = 0;
  for (const auto& e : all_)
    last = std::max(last, e.first.value_or(0));
  return last;
}

std::optional<double> board::first_of(size_t reader) const {
  std::optional<double> first;
  for (const auto& e : all_) {
    if (e.reader == reader && e.first)
      first = std::min(first.value_or(*e.first), *e.first);
  }
  return first;
}

void board::count_gaps(double now, size_t newcomer) {
  newcomer_ = newcomer;
  for (auto& e : all_) {
    e.last = now;
    e.gap = 0;
    e.moved = e.reader == newcomer;
  }
}

double board::longest_gap(double now) const {
  double longest = 0;
  for (const auto& e : all_) {
    if (!e.moved)
      longest = std::max({longest, e.gap, now - e.last});
  }
  return longest;
}

} // namespace chisme::bench
