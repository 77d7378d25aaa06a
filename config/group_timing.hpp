// What can be set for one consumer group (KIP-848), with Kafka's defaults.
#pragma once

#include <cstdint>

namespace chisme {

struct group_timing {
  int32_t session_timeout_ms = 45'000;   ///< consumer.session.timeout.ms
  int32_t heartbeat_interval_ms = 5'000; ///< consumer.heartbeat.interval.ms

  friend bool operator==(const group_timing&, const group_timing&) = default;
};

} // namespace chisme
