// Any bytes as messages of other nodes: the machine takes what decodes, remains what it says it is, and answers within
// the bounds of a message. Each message is a byte for its kind and its sender, two for its length, and its body.
#include "actors/membership/swim.hpp"
#include "messages/wire/codec.hpp"
#include "tests/fuzz/input.hpp"

#include <variant>

namespace {

using namespace chisme;
using namespace chisme::membership;
using fuzz::require;

struct world {
  world() : machine(self(), {}, random_source{1}) {}

  static peer::member self() {
    peer::member m;
    m.id = 1;
    m.process = 10;
    m.peer = {"n1", 9093};
    return m;
  }

  template <class M>
  void hear(const buffer& body, uint8_t sender) {
    auto m = decode<M>(body, 0);
    if (!m)
      return;
    m->from.node = sender % 4;
    if (m->from.peer.host.empty())
      m->from.peer = {"n2", 9093};
    step(input::message_arrived{m->from.node, std::move(*m)});
  }

  void step(const swim_input& in) {
    swim_outputs out;
    machine.step(now += 50, in, out);
    for (const auto& o : out)
      if (const auto* s = std::get_if<output::send>(&o))
        require(std::visit([](const auto& m) { return encode(m, 0).size(); }, s->message) <=
                peer::max_membership_message_bytes);
    const auto own = machine.members().find(1);
    if (machine.has_joined())
      require(own != machine.members().end() && own->second.who == machine.self() &&
              own->second.state == peer::member_state::alive);
  }

  timestamp_ms now = 1000;
  swim machine;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::input in{data, size};
  world w;
  while (!in.empty()) {
    const auto kind = in.byte();
    const auto body = fuzz::exact_copy(in.take(in.number(2)));
    switch (kind % 5) {
      case 0:
        w.hear<peer::swim_ping>(body, kind / 5);
        break;
      case 1:
        w.hear<peer::swim_ping_request>(body, kind / 5);
        break;
      case 2:
        w.hear<peer::swim_ack>(body, kind / 5);
        break;
      case 3:
        w.hear<peer::gossip_exchange>(body, kind / 5);
        break;
      default:
        w.step(input::tick{});
    }
  }
  return 0;
}
