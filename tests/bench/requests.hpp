// Requests as bytes, and a plain blocking connection for what happens before and after a measurement.
#pragma once

#include "actors/log/record_batch.hpp"
#include "messages/ids.hpp"
#include "messages/kafka/header.hpp"
#include "messages/wire/codec.hpp"
#include "tests/bench/machine.hpp"

#include <stdexcept>
#include <vector>

namespace chisme::bench {

using bytes = std::vector<std::byte>;

/// All of a payload that lies in memory, in one piece.
bytes flat(const payload& p);

/// A whole request, size included.
template <class Request>
bytes frame_of(const Request& request, int16_t version = Request::max_version) {
  const auto key = static_cast<int16_t>(Request::api);
  return flat(kafka::encode_request({key, version, 1, "bench"}, encode(request, version)));
}

/// The message of a response frame without its size.
template <class Response>
Response read_answer(const buffer& frame, int16_t version) {
  const auto key = static_cast<int16_t>(Response::api);
  auto head = kafka::decode_response_header(frame, kafka::response_header_version(key, version).value_or(0));
  auto body = head ? decode<Response>(head->body, version) : tl::make_unexpected(head.error());
  if (!body)
    throw std::runtime_error("unreadable answer: " + body.error().message);
  return std::move(*body);
}

/// A connection to 127.0.0.1.
int connect_to(uint16_t port);

/// One request at a time.
class connection {
public:
  explicit connection(uint16_t port) : fd_(connect_to(port)) {}
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  /// Sends a whole request and returns the response without its size.
  buffer exchange(const bytes& request);

  /// The same with messages. `Response` belongs to `Request`.
  template <class Response, class Request>
  Response call(const Request& request, int16_t version = Request::max_version) {
    return read_answer<Response>(exchange(frame_of(request, version)), version);
  }

private:
  int fd_;
};

struct topic_options {
  int32_t partitions = 1;
  std::vector<std::pair<std::string, std::string>> configs = {};
};

/// Creates a topic and waits until all its partitions have a leader. Returns its id.
uuid create_topic(connection& to, const std::string& name, const topic_options& options);
void delete_topic(connection& to, const uuid& topic);
/// Whether every partition of every topic has a leader.
bool all_led(connection& to);

/// A batch of at most `size` bytes, and not much less, of records with values of `record_size` bytes.
buffer make_batch(size_t size, size_t record_size = 1024);
/// A batch of `count` records with values of `value_size` bytes.
buffer make_batch_of(int32_t count, size_t value_size);

bytes produce_request(const uuid& topic, int32_t partition, const buffer& batch, int16_t acks);
bytes fetch_request(const uuid& topic, int32_t partition, int64_t offset, int32_t max_bytes);
/// Of a client that keeps offsets without being a member: `first_offset` in partition 0, one more in each next one.
bytes commit_request(const std::string& group, const uuid& topic, int32_t partitions, int64_t first_offset);

/// Where a response of the newest version, behind its size, has the error code of its first partition.
inline constexpr size_t produce_error_at = 27;
inline constexpr size_t fetch_error_at = 37;
inline constexpr size_t commit_error_at = 31;

} // namespace chisme::bench
