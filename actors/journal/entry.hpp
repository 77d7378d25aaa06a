// One record of a journal: a log in which one actor keeps what must outlive it, each thing's whole state under the key
// of that thing.
#pragma once

#include "messages/buffer.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chisme::journal {

/// What stands beside a value whose format is somebody else's.
struct entry_header {
  std::string key;
  buffer value;

  friend bool operator==(const entry_header&, const entry_header&) = default;
};

struct entry {
  buffer key;
  std::optional<buffer> value; ///< nullopt removes
  std::vector<entry_header> headers{};

  friend bool operator==(const entry&, const entry&) = default;
};

using entries = std::vector<entry>;

/// About how many bytes it takes.
inline size_t size_of(const entry& e) {
  size_t bytes = e.key.size() + (e.value ? e.value->size() : 0);
  for (const auto& h : e.headers)
    bytes += h.key.size() + h.value.size();
  return bytes;
}

} // namespace chisme::journal
