#include "messages/peer/forming.hpp"

#include "messages/wire/instantiate.hpp"

namespace chisme {

CHISME_INSTANTIATE_CODEC(peer::forming)

} // namespace chisme
