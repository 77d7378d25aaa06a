// Any bytes as a record of `__consumer_offsets`: what decodes encodes to bytes that decode to the same, and a shard
// takes it and remembers what it says.
#include "actors/groups/cluster_catalog.hpp"
#include "actors/groups/group_shard.hpp"
#include "tests/fuzz/journal_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace chisme;
  const auto entry = fuzz::entry_of({data, size});
  const auto record = fuzz::decoded_and_back(
    entry, [](const auto& e) { return groups::decode(e); }, [](const auto& r) { return groups::encode(r); });
  if (!record)
    return 0;

  const groups::cluster_catalog no_topics;
  groups::group_shard shard{{}, [] { return std::string{"id"}; }};
  shard.apply(*record);
  groups::effects out;
  shard.loaded(1, out);
  // One record of a consumer group is only a part of it.
  if (!std::holds_alternative<groups::consumer_group_record>(*record)) {
    fuzz::require(shard.snapshot().size() == (entry.value ? 1 : 0));
    if (entry.value)
      fuzz::require(shard.snapshot().front() == *record);
  }
  // However odd the group is, time goes by.
  for (int i = 0; i < 100; ++i)
    if (auto next = shard.next_deadline())
      shard.tick(*next, no_topics, out);
  return 0;
}
