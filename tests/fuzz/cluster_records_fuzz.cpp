// Any bytes as a record of the metadata log: what decodes encodes to bytes that decode to the same, and the state
// takes it. The first byte says how long the key is; 255 makes it a tombstone.
#include "actors/coordinator/cluster_state.hpp"

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
  auto first = coordinator::decode(all.slice(0, key_size), value);
  if (!first || !*first)
    return 0;
  const auto bytes = coordinator::encode(**first);
  auto second = coordinator::decode(bytes.key, bytes.value);
  require(second && *second == *first);
  coordinator::cluster_state state;
  state.apply(**first);
  if (const auto* topic = std::get_if<coordinator::topic_record>(&**first))
    require((state.find(topic->id) != nullptr) == topic->state.has_value());
  return 0;
}
