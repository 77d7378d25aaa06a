#include "actors/membership/dissemination.hpp"

#include "messages/wire/encoder.hpp"

namespace chisme::membership {

size_t bytes_of(const peer::member_update& u) { return wire::encoded_size(u, 0, true); }

/// Topic, partition, epoch, leader and an empty section of tagged fields: a test holds it against the encoder.
size_t bytes_of(const peer::leader_claim&) { return 16 + 4 + 4 + 4 + 1; }

} // namespace chisme::membership
