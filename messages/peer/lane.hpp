// Two nodes have a connection for small messages and one for record batches, in each direction, so that no heartbeat
// waits behind a megabyte.
#pragma once

#include <cstddef>
#include <cstdint>

namespace chisme::peer {

enum class lane : uint8_t { control = 0, bulk = 1 };
inline constexpr size_t lanes = 2;

} // namespace chisme::peer
