#include "actors/partition/open_replica.hpp"

#include "actors/partition/replica_folder.hpp"
#include "messages/internal_topics.hpp"

#include <utility>

namespace chisme::partition {

namespace {

/// Each piece of it has room for some hundred records.
constexpr uint64_t reserve_of_metadata = 256 << 10;

} // namespace

opened_replica open_replica(log::files& disk, const open_order& order) {
  opened_replica out;
  // The metadata log has no record that it could be younger than.
  const bool existed = order.existed || order.name.topic == internal_topics::metadata;
  auto claimed = claim_folder(disk, order.directory, order.name, order.topic_id, existed);
  if (!claimed) {
    out.log = tl::make_unexpected(claimed.error());
    return out;
  }
  out.folder_note = std::move(*claimed);
  auto options = order.options;
  if (order.name.topic == internal_topics::metadata)
    options.reserve_bytes = reserve_of_metadata;
  auto promised = log::quorum_state::open(disk, order.directory);
  if (!promised) {
    out.log = tl::make_unexpected(promised.error());
    return out;
  }
  if (auto ok = order.is_shared ? promised->prepare() : result<void>{}; !ok) {
    out.log = tl::make_unexpected(ok.error());
    return out;
  }
  out.quorum_state = std::move(*promised);
  out.log = log::partition_log::open(disk, order.directory, order.settings, options, out.found);
  return out;
}

} // namespace chisme::partition
