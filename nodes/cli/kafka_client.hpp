// Kafka requests for the command line: one node, and the cluster it belongs to.
#pragma once

#include "messages/kafka/03_metadata.hpp"
#include "messages/kafka/header.hpp"
#include "messages/wire/codec.hpp"
#include "nodes/cli/connection.hpp"

#include <map>

namespace chisme::cli {

/// Speaks to one node. Versions are the newest that both sides have, asked for once with ApiVersions. After a failure
/// the next call connects anew.
class kafka_client {
public:
  static result<kafka_client> open(const endpoint& peer, connection::duration timeout);

  /// Sends a request and waits for its answer: client.call<create_topics_response>(request). Fails with
  /// unsupported_version where the node does not know the API in any version that is known here.
  /// `most` is the newest version to use.
  template <class Response, class Request>
  result<Response> call(const Request& request, int16_t most = Request::max_version);

private:
  explicit kafka_client(std::unique_ptr<connection> c) : connection_(std::move(c)) {}

  struct version_range {
    int16_t least;
    int16_t most;
  };

  result<void> ask_versions();
  result<int16_t> choose(kafka::api_key api, int16_t least, int16_t most) const;
  result<buffer> exchange(kafka::api_key api, int16_t version, payload body);

  std::unique_ptr<connection> connection_;
  std::map<int16_t, version_range> versions_;
  int32_t last_correlation_id_ = 0;
};

template <class Response, class Request>
result<Response> kafka_client::call(const Request& request, int16_t most) {
  auto version = choose(Request::api, Request::min_version, most);
  if (!version)
    return tl::make_unexpected(version.error());
  auto body = exchange(Request::api, *version, encode(request, *version));
  if (!body)
    return tl::make_unexpected(body.error());
  return decode<Response>(*body, *version);
}

/// The nodes of a cluster, connected to when they are needed.
class cluster {
public:
  static result<cluster> open(const endpoint& bootstrap, connection::duration timeout);

  /// Any node: the one that was named.
  kafka_client& any() { return bootstrap_; }

  /// What is known of these topics, all where `names` is null. Later calls of `node` use the addresses from
  /// here.
  result<kafka::metadata_response> metadata(const std::optional<std::vector<std::string>>& names);

  /// How long one answer may take; also how long a question is asked again where the answer is "not yet".
  connection::duration timeout() const { return timeout_; }

  /// The node with this id, by the address that the last metadata told.
  result<kafka_client*> node(int32_t id);

private:
  cluster(kafka_client bootstrap, connection::duration timeout) : bootstrap_(std::move(bootstrap)), timeout_(timeout) {}

  kafka_client bootstrap_;
  connection::duration timeout_;
  std::map<int32_t, endpoint> addresses_;
  std::map<int32_t, kafka_client> nodes_;
};

} // namespace chisme::cli
