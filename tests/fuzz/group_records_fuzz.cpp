// Any bytes as a record of `__consumer_offsets`: what decodes encodes to bytes that decode to the same, and a shard
// takes it and remembers what it says. The first byte says how long the key is; 255 makes it a tombstone.
#include "actors/groups/cluster_catalog.hpp"
#include "actors/groups/group_shard.hpp"

#include <algorithm>
#include <cstdlib>

namespace {

void require(bool held) {
  if (!held)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace chisme;
  if (size == 0)
    return 0;
  const auto all = buffer::copy_of(bytes_view{reinterpret_cast<const std::byte*>(data + 1), size - 1});
  const bool tombstone = data[0] == 255;
  const auto key_size = tombstone ? all.size() : std::min<size_t>(data[0], all.size());
  std::optional<buffer> value;
  if (!tombstone)
    value = all.slice(key_size);
  auto first = groups::decode(all.slice(0, key_size), value);
  if (!first || !*first)
    return 0;
  const auto bytes = groups::encode(**first);
  auto second = groups::decode(bytes.key, bytes.value);
  require(second && *second == *first);

  const groups::cluster_catalog no_topics;
  groups::group_shard shard{{}, [] { return std::string{"id"}; }};
  shard.apply(**first);
  groups::effects out;
  shard.loaded(1, out);
  // One record of a consumer group is only a part of it.
  if (!std::holds_alternative<groups::consumer_group_record>(**first)) {
    require(shard.snapshot().size() == (tombstone ? 0 : 1));
    if (!tombstone)
      require(shard.snapshot().front() == **first);
  }
  // However odd the group is, time goes by.
  for (int i = 0; i < 100; ++i)
    if (auto next = shard.next_deadline())
      shard.tick(*next, no_topics, out);
  return 0;
}
