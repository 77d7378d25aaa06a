// Fetch, versions 4 to 18: sessions from 7, epochs of the reader's log from 12, topic ids from 13.

#include "actors/session/fetch_operation.hpp"
#include "actors/session/handlers.hpp"

namespace chisme::session {

namespace {

/// The next request of a client that asks for more than that waits for the answer, as with Kafka all do.
constexpr size_t few_partitions = 100;

} // namespace

void handle_fetch(request r) {
  auto body = r.decode_or_close<kafka::fetch_request>();
  if (!body)
    return;
  auto plan = plan_fetch(*body, r.version(), r.from->fetch_session());
  if (plan.targets.size() > few_partitions)
    r.from->expect_large_answer();
  r.body = {}; // it may wait for minutes
  std::make_shared<fetch_operation>(std::move(r), std::move(*body), std::move(plan))->start();
}

} // namespace chisme::session
