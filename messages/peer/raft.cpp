// Codecs of the messages between the replicas of a partition.
#include "messages/peer/raft_append.hpp"
#include "messages/peer/raft_append_answer.hpp"
#include "messages/peer/raft_follow.hpp"
#include "messages/peer/raft_reset.hpp"
#include "messages/peer/raft_timeout_now.hpp"
#include "messages/peer/raft_vote.hpp"
#include "messages/wire/instantiate.hpp"

namespace chisme {

CHISME_INSTANTIATE_CODEC(peer::raft_vote_request)
CHISME_INSTANTIATE_CODEC(peer::raft_vote_answer)
CHISME_INSTANTIATE_CODEC(peer::raft_append)
CHISME_INSTANTIATE_CODEC(peer::raft_append_answer)
CHISME_INSTANTIATE_CODEC(peer::raft_reset)
CHISME_INSTANTIATE_CODEC(peer::raft_timeout_now)
CHISME_INSTANTIATE_CODEC(peer::raft_follow)

} // namespace chisme
