// Columns for people to read: as wide as their widest cell, numbers to the right.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace chisme::cli {

class table {
public:
  /// A header that begins with '>' makes its column right-aligned.
  explicit table(std::vector<std::string> headers);

  /// As many cells as there are headers. Control characters become visible.
  void add(std::vector<std::string> cells);

  void print(std::ostream& out) const;

private:
  std::vector<bool> right_;
  std::vector<std::vector<std::string>> rows_; ///< the headers first
};

/// "17 B", "1.5 KiB", "2.0 GiB".
std::string human_bytes(int64_t bytes);

} // namespace chisme::cli
