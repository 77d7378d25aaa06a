#include "messages/peer/gossip_exchange.hpp"
#include "messages/peer/swim_ack.hpp"
#include "messages/peer/swim_ping.hpp"
#include "messages/peer/swim_ping_request.hpp"
#include "messages/wire/instantiate.hpp"

namespace chisme {

CHISME_INSTANTIATE_CODEC(peer::swim_ping)
CHISME_INSTANTIATE_CODEC(peer::swim_ack)
CHISME_INSTANTIATE_CODEC(peer::swim_ping_request)
CHISME_INSTANTIATE_CODEC(peer::gossip_exchange)

} // namespace chisme
