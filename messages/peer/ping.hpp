// Messages that mean nothing, to try a link with: how long it takes there and back, and how much goes through.
#pragma once

#include "messages/payload.hpp"
#include "messages/wire/versions.hpp"

#include <cstdint>
#include <string_view>

namespace chisme::peer {

struct ping {
  static constexpr std::string_view type_name = "ping";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  int64_t number = 0;
  bool is_answer = false;

  static void visit(auto& f, auto& x) {
    f("number", x.number);
    f("is_answer", x.is_answer);
  }
};

/// The same with record bytes, which are last: they travel uncopied.
struct bulk_ping {
  static constexpr std::string_view type_name = "bulk_ping";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = wire::never;

  int64_t number = 0;
  payload records;

  static void visit(auto& f, auto& x) {
    f("number", x.number);
    f("records", x.records);
  }
};

} // namespace chisme::peer
