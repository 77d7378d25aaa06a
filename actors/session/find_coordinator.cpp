// FindCoordinator: this node coordinates neither groups nor transactions yet, and says so, with the one code that
// librdkafka takes calmly for a consumer that assigns its partitions itself.
//
// It is served all the same because Debian's librdkafka 2.0 takes LZ4 for unsupported by a broker that does not
// offer this API, and then sends uncompressed data without a word.

#include "actors/session/handlers.hpp"
#include "messages/kafka/10_find_coordinator.hpp"

namespace chisme::session {

void handle_find_coordinator(request r) {
  auto body = r.decode_or_close<kafka::find_coordinator_request>();
  if (!body)
    return;
  constexpr auto code = error_code::coordinator_not_available;
  const std::string message = body->key_type == 0 ? "this node has no group coordinator: assign partitions directly"
                                                  : "this node has no transaction coordinator";
  kafka::find_coordinator_response response;
  if (r.version() < 4) {
    response.error = code;
    response.error_message = message;
    response.node_id = -1;
    response.port = -1;
  }
  for (const auto& key : body->coordinator_keys)
    response.coordinators.push_back({key, -1, "", -1, code, message});
  r.answer(response);
}

} // namespace chisme::session
