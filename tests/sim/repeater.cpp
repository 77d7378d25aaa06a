#include "tests/sim/repeater.hpp"

#include "messages/wire/codec.hpp"
#include "tests/support/session_fixture.hpp"

namespace chisme::test {

using namespace groups;

namespace {

template <class... Heartbeats, class Message>
std::string bytes_if_one_of(const Message& message, int16_t version) {
  return std::visit(
    [&]<class T>(const T& m) {
      if constexpr ((std::is_same_v<T, Heartbeats> || ...))
        return testing::flat(chisme::encode(m, version));
      else
        return std::string{};
    },
    message);
}

std::string bytes_of(const classic_client::outgoing& what) {
  return bytes_if_one_of<kafka::heartbeat_request, kafka::consumer_group_heartbeat_request>(what.request, what.version);
}

std::string bytes_of(const group_response& response, int16_t version) {
  return bytes_if_one_of<kafka::heartbeat_response, kafka::consumer_group_heartbeat_response>(response, version);
}

} // namespace

void repeater::came(const classic_client::outgoing& request, const answer& a) {
  if (a.standing)
    kept_ = {bytes_of(request), a.response, a.standing};
}

std::optional<group_response> repeater::repeat(const classic_client::outgoing& request, timestamp_ms now) {
  if (!kept_ || kept_->request != bytes_of(request))
    return std::nullopt;
  if (kept_->right->repeat(now))
    return kept_->response;
  kept_.reset();
  return std::nullopt;
}

bool answers_alike(group_shard& shard, const classic_client::outgoing& what, const group_response& repeated,
                   const topic_catalog& topics, timestamp_ms now) {
  effects out;
  shard.handle({0, "client", "/127.0.0.1", what.version}, what.request, topics, now, out);
  return out.records.empty() && out.answers.size() == 1 &&
         bytes_of(out.answers.front().response, what.version) == bytes_of(repeated, what.version);
}

} // namespace chisme::test
