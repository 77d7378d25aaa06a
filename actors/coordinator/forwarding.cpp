#include "actors/coordinator/forwarding.hpp"

#include "messages/wire/codec.hpp"

#include <type_traits>
#include <utility>

namespace chisme::coordinator {

namespace {

buffer whole(const payload& p) { return p.empty() ? buffer{} : std::get<buffer>(p.parts().front()); }

/// Calls `f` with a default alternative of `Variant` whose API this is; fails where there is none.
template <class Variant, class F, size_t I = 0>
result<Variant> with_api(int16_t api, const F& f) {
  if constexpr (I == std::variant_size_v<Variant>) {
    return fail(error_code::invalid_request, "API " + std::to_string(api) + " changes nothing");
  } else {
    using message = std::variant_alternative_t<I, Variant>;
    if (api != static_cast<int16_t>(message::api))
      return with_api<Variant, F, I + 1>(api, f);
    auto decoded = f(message{});
    if (!decoded)
      return tl::make_unexpected(decoded.error());
    return Variant{std::in_place_index<I>, std::move(*decoded)};
  }
}

/// Words for people, and what else can be asked for again.
struct shortener {
  void operator()(kafka::create_topics_response& r) const {
    for (auto& t : r.topics) {
      t.error_message.reset();
      t.configs.reset();
    }
  }
  void operator()(kafka::delete_topics_response& r) const { shorten(r.responses); }
  void operator()(kafka::create_partitions_response& r) const { shorten(r.results); }
  void operator()(kafka::alter_configs_response& r) const { shorten(r.responses); }
  void operator()(kafka::incremental_alter_configs_response& r) const { shorten(r.responses); }
  void operator()(kafka::init_producer_id_response&) const {}

private:
  static void shorten(auto& elements) {
    for (auto& e : elements)
      e.error_message.reset();
  }
};

} // namespace

result<peer::change_forward> to_wire(int64_t correlation, const change_request& request) {
  return std::visit(
    [&](const auto& r) -> result<peer::change_forward> {
      using message = std::decay_t<decltype(r)>;
      auto bytes = whole(chisme::encode(r, message::max_version));
      if (bytes.size() > peer::change_forward::most_bytes)
        return fail(error_code::message_too_large, "a change of more than " +
                                                     std::to_string(peer::change_forward::most_bytes) +
                                                     " bytes is to be sent to the controller itself, or in parts");
      return peer::change_forward{correlation, static_cast<int16_t>(message::api), message::max_version,
                                  std::move(bytes)};
    },
    request);
}

result<change_request> from_wire(const peer::change_forward& forward) {
  if (forward.request.size() > peer::change_forward::most_bytes)
    return fail(error_code::message_too_large, "a forwarded change is too large");
  return with_api<change_request>(
    forward.api, [&](auto message) { return chisme::decode<decltype(message)>(forward.request, forward.version); });
}

peer::change_answer to_wire(int64_t correlation, const change_result& result) {
  peer::change_answer answer;
  answer.correlation = correlation;
  answer.error = result.code;
  answer.message = result.message;
  if (result.code != error_code::none)
    return answer;
  const auto write = [&](const change_response& response) {
    std::visit(
      [&](const auto& r) {
        using message = std::decay_t<decltype(r)>;
        answer.api = static_cast<int16_t>(message::api);
        answer.version = message::max_version;
        answer.response = whole(chisme::encode(r, message::max_version));
      },
      response);
  };
  write(result.response);
  if (answer.response.size() <= peer::change_answer::most_bytes)
    return answer;
  auto shorter = result.response;
  std::visit(shortener{}, shorter);
  write(shorter);
  return answer;
}

result<change_response> from_wire(const peer::change_answer& answer, const change_request& asked) {
  if (answer.error != error_code::none)
    return fail(answer.error, answer.message);
  if (answer.response.size() > peer::change_answer::most_bytes)
    return fail(error_code::message_too_large, "the answer to a forwarded change is too large");
  auto response = with_api<change_response>(
    answer.api, [&](auto message) { return chisme::decode<decltype(message)>(answer.response, answer.version); });
  if (response && response->index() != asked.index())
    return fail(error_code::invalid_request, "the answer is to another request");
  return response;
}

error nobody_decides(const change_request& asked, std::string why) {
  const bool is_of_producer = std::holds_alternative<kafka::init_producer_id_request>(asked);
  return {is_of_producer ? error_code::coordinator_not_available : error_code::not_controller, std::move(why)};
}

result<peer_forward> forwarded_changes::add(change& c, node_id to) {
  auto forward = to_wire(next_, c.request);
  if (!forward)
    return tl::make_unexpected(forward.error());
  waiting_.emplace(next_++, waiting{to, std::move(c)});
  return peer_forward{to, std::move(*forward)};
}

std::optional<change> forwarded_changes::answered(node_id from, int64_t correlation) {
  const auto i = waiting_.find(correlation);
  if (i == waiting_.end() || i->second.to != from)
    return std::nullopt;
  return overdue(correlation);
}

std::optional<change> forwarded_changes::overdue(int64_t correlation) {
  auto one = waiting_.extract(correlation);
  if (!one)
    return std::nullopt;
  return std::move(one.mapped().what);
}

int64_t forwarded_changes::hold(change c) {
  waiting_.emplace(next_, waiting{-1, std::move(c)});
  return next_++;
}

std::vector<change> forwarded_changes::release() {
  return take_all([](node_id to) { return to < 0; });
}

std::vector<change> forwarded_changes::not_with(node_id leader) {
  return take_all([leader](node_id to) { return to >= 0 && to != leader; });
}

template <class Is>
std::vector<change> forwarded_changes::take_all(Is is_meant) {
  std::vector<change> gone;
  for (auto i = waiting_.begin(); i != waiting_.end();) {
    if (!is_meant(i->second.to)) {
      ++i;
      continue;
    }
    gone.push_back(std::move(i->second.what));
    i = waiting_.erase(i);
  }
  return gone;
}

} // namespace chisme::coordinator
