// The half of a consumer that fetches, as a client's would: a new partition's committed offset is asked for first, and
// all that is owned is fetched by long polls on a connection of its own.
//
// The first Fetch of a new partition does not wait for a long poll to end: it goes over the coordinator's connection.
// How long clients poll is theirs, and would hide what the node takes.
#pragma once

#include "messages/kafka/01_fetch.hpp"
#include "messages/kafka/09_offset_fetch.hpp"
#include "tests/bench/groups/board.hpp"
#include "tests/bench/groups/channel.hpp"

#include <map>

namespace chisme::bench {

class reader {
public:
  /// Who asks for offsets: group, member and epoch as they are now.
  using identity = std::function<kafka::offset_fetch_request::group()>;

  reader(event_loop& loop, uint16_t port, channel& coordinator, const uuid& topic, board& b, size_t number,
         identity who);

  /// What is owned from now on, sorted.
  void assign(const std::vector<int32_t>& partitions);

private:
  struct owned {
    int64_t position = 0;
    bool polled = false; ///< its first Fetch is answered: the long polls have it
  };

  void ask_offsets(std::vector<int32_t> fresh);
  void first_fetch(const std::vector<int32_t>& fresh);
  void poll();
  kafka::fetch_request request(const std::vector<int32_t>& partitions, int32_t max_wait_ms) const;
  void take(const kafka::fetch_response& answer);

  channel fetches_;
  channel& coordinator_;
  uuid topic_;
  board& board_;
  size_t number_;
  identity who_;
  std::map<int32_t, owned> owned_;
  bool polling_ = false;
};

} // namespace chisme::bench
