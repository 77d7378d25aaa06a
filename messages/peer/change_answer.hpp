// The answer to a change_forward: what the coordinator has decided and committed, or that it decides nothing here.
#pragma once

#include "messages/buffer.hpp"
#include "messages/errors.hpp"
#include "messages/wire/versions.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace chisme::peer {

struct change_answer {
  static constexpr std::string_view type_name = "change_answer";
  static constexpr int16_t min_version = 0, max_version = 0, flexible_since = 0;

  /// Of the response, encoded: what can be said in answer to change_forward::most_bytes, without words for people.
  static constexpr size_t most_bytes = size_t{16} << 20;

  int64_t correlation = 0;
  error_code error = error_code::none; ///< where it is not none nobody has decided, and there is no response
  std::string message;                 ///< then: why
  int16_t api = 0;
  int16_t version = 0;
  buffer response;

  static void visit(auto& f, auto& x) {
    f("correlation", x.correlation);
    f("error_code", x.error);
    f("error_message", x.message);
    f("api", x.api);
    f("api_version", x.version);
    f("response", x.response);
  }
  friend bool operator==(const change_answer&, const change_answer&) = default;
};

} // namespace chisme::peer
