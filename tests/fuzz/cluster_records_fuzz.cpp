// Any bytes as a record of the metadata log: what decodes encodes to bytes that decode to the same, and the state
// takes it.
#include "actors/coordinator/cluster_state.hpp"
#include "tests/fuzz/journal_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace chisme;
  const auto record = fuzz::decoded_and_back(
    fuzz::entry_of({data, size}), [](const auto& e) { return coordinator::decode(e.key, e.value); },
    [](const auto& r) { return coordinator::encode(r); });
  if (!record)
    return 0;
  coordinator::cluster_state state;
  state.apply(*record);
  if (const auto* topic = std::get_if<coordinator::topic_record>(&*record))
    fuzz::require((state.find(topic->id) != nullptr) == topic->state.has_value());
  return 0;
}
