// The requests that change the cluster: they go to the coordinator as they are and come back as its answer.

#include "actors/session/handlers.hpp"

namespace chisme::session {

namespace {

template <class Request, class Response>
void forward(request r) {
  auto body = r.decode_or_close<Request>();
  if (!body)
    return;
  auto to = r.shared().coordinator;
  to->send({std::move(*body), reply_with<coordinator::change_result>([r = std::move(r)](coordinator::change_result x) {
              if (x.code == error_code::none)
                r.answer(std::get<Response>(std::move(x.response)));
              else
                r.done(outcome::failed("the change was not made: " + x.message));
            })});
}

} // namespace

void handle_create_topics(request r) {
  forward<kafka::create_topics_request, kafka::create_topics_response>(std::move(r));
}

void handle_delete_topics(request r) {
  forward<kafka::delete_topics_request, kafka::delete_topics_response>(std::move(r));
}

void handle_create_partitions(request r) {
  forward<kafka::create_partitions_request, kafka::create_partitions_response>(std::move(r));
}

void handle_alter_configs(request r) {
  forward<kafka::alter_configs_request, kafka::alter_configs_response>(std::move(r));
}

void handle_incremental_alter_configs(request r) {
  forward<kafka::incremental_alter_configs_request, kafka::incremental_alter_configs_response>(std::move(r));
}

/// Producer ids only: there is no transaction coordinator yet. FindCoordinator says so first; a transactional producer
/// that comes here nevertheless is refused with a code that all clients take for final.
void handle_init_producer_id(request r) {
  auto body = chisme::decode<kafka::init_producer_id_request>(r.body, r.version(), behind::anything);
  if (!body || !body->transactional_id)
    return forward<kafka::init_producer_id_request, kafka::init_producer_id_response>(std::move(r));
  kafka::init_producer_id_response refused;
  refused.error =
    body->transactional_id->empty() ? error_code::invalid_request : error_code::transactional_id_authorization_failed;
  r.answer(std::move(refused));
}

} // namespace chisme::session
