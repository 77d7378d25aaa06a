// How code outside the actor world (sessions on io threads) talks to an actor: a send, never a wait.
#pragma once

namespace chisme {

/// One send() for each kind of message. Thread-safe; calls return at once, answers come through the replies that the
/// messages carry.
template <class Message, class... More>
class port : public port<More...> {
public:
  using port<More...>::send;
  virtual void send(Message) = 0;
};

template <class Message>
class port<Message> {
public:
  virtual ~port() = default;
  virtual void send(Message) = 0;
};

} // namespace chisme
