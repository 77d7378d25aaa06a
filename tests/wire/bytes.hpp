// Bytes written down in tests.
#pragma once

#include "messages/payload.hpp"

#include <string>
#include <string_view>

namespace chisme::test {

/// The pieces of a payload that is in memory, in one.
buffer flatten(const payload& p);

/// Bytes of hexadecimal digits; blanks between them are skipped. "00 2a" is two bytes.
buffer from_hex(std::string_view digits);

/// The reverse, without blanks.
std::string to_hex(bytes_view bytes);

} // namespace chisme::test
