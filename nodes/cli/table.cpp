#include "nodes/cli/table.hpp"

#include "messages/printable.hpp"

#include <algorithm>
#include <cassert>
#include <iomanip>
#include <ostream>
#include <sstream>

namespace chisme::cli {

namespace {

/// Columns of a text that is UTF-8: its characters, not its bytes.
size_t width_of(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

} // namespace

table::table(std::vector<std::string> headers) {
  for (auto& header : headers) {
    right_.push_back(header.starts_with('>'));
    if (right_.back())
      header.erase(0, 1);
  }
  rows_.push_back(std::move(headers));
}

void table::add(std::vector<std::string> cells) {
  assert(cells.size() == right_.size());
  for (auto& cell : cells)
    cell = printable(cell);
  rows_.push_back(std::move(cells));
}

void table::print(std::ostream& out) const {
  std::vector<size_t> widths(right_.size());
  for (auto& row : rows_)
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width_of(row[i]));
  for (auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      std::string padding(widths[i] - width_of(row[i]), ' ');
      line += (i == 0 ? "" : "  ") + (right_[i] ? padding + row[i] : row[i] + padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << "\n";
  }
}

std::string human_bytes(int64_t bytes) {
  if (bytes < 1024)
    return std::to_string(bytes) + " B";
  auto amount = static_cast<double>(bytes);
  size_t unit = 0;
  constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  for (; amount >= 1024 && unit + 1 < std::size(units); ++unit)
    amount /= 1024;
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << amount << ' ' << units[unit];
  return text.str();
}

} // namespace chisme::cli
