// A port to an actor of this process.
#pragma once

#include "actors/port.hpp"

#include <caf/send.hpp>

#include <utility>

namespace chisme {

namespace detail {

template <class Port, class Handle, class... Messages>
class sends : public Port {
protected:
  explicit sends(Handle to) : to_(std::move(to)) {}
  Handle to_;
};

template <class Port, class Handle, class Message, class... More>
class sends<Port, Handle, Message, More...> : public sends<Port, Handle, More...> {
public:
  using sends<Port, Handle, More...>::sends;
  using Port::send;
  void send(Message x) override { caf::anon_send(this->to_, std::move(x)); }
};

} // namespace detail

/// Hands each message on as it is.
template <class Port, class Handle>
class actor_port;

template <class... Messages, class Handle>
class actor_port<port<Messages...>, Handle> final : public detail::sends<port<Messages...>, Handle, Messages...> {
public:
  explicit actor_port(Handle to) : detail::sends<port<Messages...>, Handle, Messages...>(std::move(to)) {}
};

} // namespace chisme
