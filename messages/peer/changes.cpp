// Codecs of the messages by which nodes hand changes to the coordinator.
#include "messages/peer/change_answer.hpp"
#include "messages/peer/change_forward.hpp"
#include "messages/wire/instantiate.hpp"

namespace chisme {

CHISME_INSTANTIATE_CODEC(peer::change_forward)
CHISME_INSTANTIATE_CODEC(peer::change_answer)

} // namespace chisme
