#include "nodes/cli/kafka_client.hpp"

#include "messages/kafka/18_api_versions.hpp"

namespace chisme::cli {

result<kafka_client> kafka_client::open(const endpoint& peer, connection::duration timeout) {
  auto opened = connection::open(peer, timeout);
  if (!opened)
    return tl::make_unexpected(opened.error());
  kafka_client client{std::move(*opened)};
  if (auto asked = client.ask_versions(); !asked)
    return tl::make_unexpected(asked.error());
  return client;
}

// Version 0: every broker answers it, and nothing that came later is needed here.
result<void> kafka_client::ask_versions() {
  auto body = exchange(kafka::api_key::api_versions, 0, encode(kafka::api_versions_request{}, 0));
  if (!body)
    return tl::make_unexpected(body.error());
  auto answer = decode<kafka::api_versions_response>(*body, 0);
  if (!answer)
    return tl::make_unexpected(answer.error());
  if (answer->error != error_code::none)
    return fail(answer->error, "the node refused to tell which versions it speaks");
  for (auto& api : answer->api_keys)
    versions_[api.api_key] = {api.min_version, api.max_version};
  return {};
}

result<int16_t> kafka_client::choose(kafka::api_key api, int16_t least, int16_t most) const {
  auto found = versions_.find(static_cast<int16_t>(api));
  if (found == versions_.end())
    return fail(error_code::unsupported_version, "the node has no " + to_string(api));
  auto version = std::min(most, found->second.most);
  if (version < std::max(least, found->second.least))
    return fail(error_code::unsupported_version, "the node speaks " + to_string(api) + " in versions " +
                                                   std::to_string(found->second.least) + " to " +
                                                   std::to_string(found->second.most) + ", this program in " +
                                                   std::to_string(least) + " to " + std::to_string(most));
  return version;
}

result<buffer> kafka_client::exchange(kafka::api_key api, int16_t version, payload body) {
  // The node may have been restarted since.
  if (!connection_->is_open()) {
    auto again = connection_->again();
    if (!again)
      return tl::make_unexpected(again.error());
    connection_ = std::move(*again);
  }
  auto key = static_cast<int16_t>(api);
  kafka::request_header header{key, version, ++last_correlation_id_, "chisme-cli"};
  auto frame = connection_->exchange(kafka::encode_request(header, std::move(body)));
  if (!frame)
    return frame;
  auto response = kafka::decode_response_header(*frame, kafka::response_header_version(key, version).value_or(0));
  if (!response)
    return tl::make_unexpected(response.error());
  if (response->correlation_id != last_correlation_id_)
    return fail(error_code::network_exception, "the node answered another request than the one that was sent");
  return std::move(response->body);
}

result<cluster> cluster::open(const endpoint& bootstrap, connection::duration timeout) {
  auto client = kafka_client::open(bootstrap, timeout);
  if (!client)
    return tl::make_unexpected(client.error());
  return cluster{std::move(*client), timeout};
}

result<kafka::metadata_response> cluster::metadata(const std::optional<std::vector<std::string>>& names) {
  kafka::metadata_request request;
  request.allow_auto_topic_creation = false;
  if (names) {
    request.topics.emplace();
    for (auto& name : *names)
      request.topics->push_back({{}, name});
  }
  auto answer = bootstrap_.call<kafka::metadata_response>(request);
  if (!answer)
    return answer;
  for (auto& b : answer->brokers)
    if (b.port > 0 && b.port <= std::numeric_limits<uint16_t>::max())
      addresses_[b.node_id] = {"PLAINTEXT", b.host, static_cast<uint16_t>(b.port)};
  return answer;
}

result<kafka_client*> cluster::node(int32_t id) {
  if (auto connected = nodes_.find(id); connected != nodes_.end())
    return &connected->second;
  auto address = addresses_.find(id);
  if (address == addresses_.end())
    return fail(error_code::broker_not_available, "no node has the id " + std::to_string(id));
  auto client = kafka_client::open(address->second, timeout_);
  if (!client)
    return tl::make_unexpected(client.error());
  return &nodes_.emplace(id, std::move(*client)).first->second;
}

} // namespace chisme::cli
