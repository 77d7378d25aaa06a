#include "actors/session/standing_reply.hpp"

#include "messages/prefetch.hpp"
#include "messages/wire/primitives.hpp"

namespace chisme::session {

namespace {

constexpr size_t size_prefix = sizeof(int32_t);

/// `from` is all memory.
void append(std::vector<std::byte>& to, const payload& from) {
  for (const auto& part : from.parts()) {
    const auto bytes = std::get<buffer>(part).view();
    to.insert(to.end(), bytes.begin(), bytes.end());
  }
}

} // namespace

standing_reply::standing_reply(const kafka::request_header& header, const buffer& body, const payload& answer,
                               groups::standing_answer_ptr right)
  : answer_size_(answer.size()),
    response_header_version_(kafka::response_header_version(header.key, header.version).value_or(0)),
    right_(std::move(right)) {
  // As most clients write it: with no tagged fields in the header. Who sends some asks the coordinator each time.
  const auto request = kafka::encode_request(header, body);
  const auto response = kafka::encode_response(0, response_header_version_, answer);
  bytes_.reserve(request.size() + response.size());
  append(bytes_, request);
  bytes_.erase(bytes_.begin(), bytes_.begin() + size_prefix);
  request_size_ = bytes_.size();
  append(bytes_, response);
}

void standing_reply::prefetch() const {
  chisme::prefetch(bytes_.data(), bytes_.size());
  chisme::prefetch_object(*right_);
}

bool standing_reply::is_for(const buffer& frame) const {
  using namespace kafka::request_layout;
  const auto same = [&](size_t begin, size_t end) {
    return std::memcmp(frame.data() + begin, bytes_.data() + begin, end - begin) == 0;
  };
  return frame.size() == request_size_ && same(0, correlation_id) && same(client_id, request_size_);
}

payload standing_reply::response(int32_t correlation_id) const {
  const auto bytes = response();
  buffer_builder out{bytes.size()};
  std::memcpy(out.data(), bytes.data(), bytes.size());
  wire::store_big_endian(out.data() + size_prefix, correlation_id);
  return std::move(out).freeze();
}

payload standing_reply::answer() const { return buffer::copy_of(response().last(answer_size_)); }

} // namespace chisme::session
