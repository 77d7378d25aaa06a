#include "messages/peer/heartbeat.hpp"

#include "messages/wire/instantiate.hpp"

namespace chisme {

CHISME_INSTANTIATE_CODEC(peer::heartbeat)

} // namespace chisme
