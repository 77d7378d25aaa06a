// How code outside the actor world (sessions on io threads) talks to a partition: a send, never a wait.
#pragma once

#include "actors/partition/messages.hpp"

namespace chisme::partition {

/// A handle to one replica that leads here. Thread-safe; calls return at once, answers come through the replies.
class port {
public:
  virtual ~port() = default;
  virtual void send(append_batch) = 0;
  virtual void send(read_request) = 0;
  virtual void send(list_offset_request) = 0;
  virtual void send(epoch_end_request) = 0;
  virtual void send(delete_records_request) = 0;
  virtual void send(describe_request) = 0;
};

using port_ptr = std::shared_ptr<port>;

} // namespace chisme::partition
