// ApiVersions, versions 0 to 4: what this node serves. The first thing that a client asks.

#include "actors/session/api_table.hpp"
#include "actors/session/handlers.hpp"
#include "messages/kafka/18_api_versions.hpp"

#include <algorithm>

namespace chisme::session {

namespace {

kafka::api_versions_response::api_version advertised(kafka::api_key key) {
  const auto* api = kafka::find_api(static_cast<int16_t>(key));
  return {static_cast<int16_t>(key), api->advertised_minimum, api->max_version};
}

bool alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/// [a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])? (KIP-511)
bool valid_software_name(std::string_view name) {
  return !name.empty() && alphanumeric(name.front()) && alphanumeric(name.back()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return alphanumeric(c) || c == '-' || c == '.'; });
}

} // namespace

void handle_api_versions(request r) {
  auto body = r.decode_or_close<kafka::api_versions_request>();
  if (!body)
    return;
  kafka::api_versions_response response;
  if (r.version() >= 3 &&
      (!valid_software_name(body->client_software_name) || !valid_software_name(body->client_software_version))) {
    response.error = error_code::invalid_request;
    return r.answer(std::move(response));
  }
  for (const auto& api : served_apis())
    response.api_keys.push_back(advertised(api.key));
  r.answer(std::move(response));
}

void answer_unknown_api_versions(const request& r) {
  kafka::api_versions_response response;
  response.error = error_code::unsupported_version;
  response.api_keys.push_back(advertised(kafka::api_key::api_versions));
  r.done({[response = std::move(response)] { return encode(response, 0); }, {}});
}

} // namespace chisme::session
