// The rows for nodes: threads, connections and requests. Names, defaults and bounds are Kafka's
// (SocketServerConfigs) where the help text does not say otherwise.

#include "config/store.hpp"
#include "config/tables.hpp"

namespace chisme {

namespace {

using namespace rows;
using enum option_type;
using enum option_scope;

// A table, the description of each option on lines of its own.
// clang-format off
const option rows_[] = {
    {.name = "num.network.threads",
     .type = int32,
     .scope = node_fixed,
     .fallback = "1",
     .min = 1,
     .max = 1024,
     .doc = "Threads that talk to clients; Kafka's default is 3.",
     .store = into<&node_settings::network_threads>},
    {.name = "num.io.threads",
     .type = int32,
     .scope = node_fixed,
     .fallback = "0",
     .min = 0,
     .max = 1024,
     .doc = "Threads that run the actors; 0: one per core, at least 2. Kafka's default is 8.",
     .store = into<&node_settings::actor_threads>},
    {.name = "socket.request.max.bytes",
     .type = int32,
     .scope = node_fixed,
     .fallback = "104857600",
     .min = 1024,
     .doc = "The largest request; a connection that announces a larger one is closed.",
     .store = into<&node_settings::max_request_bytes>},
    {.name = "max.connections",
     .type = int32,
     .scope = node_dynamic,
     .fallback = "20000",
     .min = 1,
     .doc = "Client connections at a time; more are closed at once. Kafka's default is no limit.",
     .store = into<&node_settings::max_connections>},
    {.name = "connections.max.idle.ms",
     .type = int64,
     .scope = node_fixed,
     .fallback = "600000",
     .min = -1,
     .doc = "A connection that says nothing for this long is closed; -1: never.",
     .store = into<&node_settings::connection_idle_ms>},
    {.name = "connection.drain.timeout.ms",
     .type = int64,
     .scope = node_fixed,
     .fallback = "30000",
     .min = 1,
     .doc = "A connection that does not take its answers for this long is closed. Not Kafka's.",
     .store = into<&node_settings::drain_timeout_ms>},
    {.name = "shutdown.timeout.ms",
     .type = int64,
     .scope = node_fixed,
     .fallback = "8000",
     .min = 1,
     .doc = "A node that was told to end and has not closed its logs by then, because the disk hangs or is busy, ends "
            "all the same, with exit code 1 and as after a crash. Below the 10 s that containers get. Not Kafka's.",
     .store = into<&node_settings::shutdown_timeout_ms>},
    {.name = "queued.max.requests",
     .type = int32,
     .scope = node_fixed,
     .fallback = "64",
     .min = 1,
     .max = 100'000,
     .doc = "Requests of one connection that are worked on at a time; reading it pauses at that. In Kafka "
            "per node.",
     .store = into<&node_settings::queued_requests>},
    {.name = "queued.max.request.bytes",
     .type = int64,
     .scope = node_fixed,
     .fallback = "67108864",
     .min = 1024,
     .doc =
         "Bytes of requests that the node holds at a time, those above 64 KiB and the others each; no further ones are "
         "read then, but for one at a time that is larger. In Kafka without limit.",
     .store = into<&node_settings::queued_request_bytes>},
    {.name = "fetch.max.bytes",
     .type = int32,
     .scope = node_fixed,
     .fallback = "57671680",
     .min = 1024,
     .doc = "The most that one answer to a Fetch holds.",
     .store = into<&node_settings::fetch_max_bytes>},
    {.name = "max.incremental.fetch.session.cache.slots",
     .type = int32,
     .scope = node_fixed,
     .fallback = "1000",
     .min = 0,
     .max = 1'000'000,
     .doc = "Fetch sessions that the node remembers.",
     .store = into<&node_settings::fetch_session_slots>},
};
// clang-format on

} // namespace

std::span<const option> rows::of_network() { return rows_; }

} // namespace chisme
