// The raw loops that a broker is measured against: the same client, the same frames, and nothing in between but
// what the bytes need. Each runs in a process of its own, as the node does.
#pragma once

#include "tests/bench/requests.hpp"

namespace chisme::bench {

/// A server of the bound; ends with this object.
struct bound_server {
  uint16_t port = 0;
  child process;
};

/// An Asio loop that receives frames, writes all that have come together on a connection to `file` at once, behind
/// those before, and sends `answer` for each. The file begins anew once it has `wrap` bytes.
bound_server receive_and_pwrite(const std::string& file, const buffer& answer, uint64_t wrap);

/// A loop that receives frames and sends for each the first `head` bytes of `answer` and by sendfile the rest from
/// `file`, from where the answer before ended; at the end it goes on at the begin.
bound_server receive_and_sendfile(const std::string& file, const buffer& answer, size_t head);

/// A loop that takes all frames that have arrived on any connection, appends them in turn to `files` files whose names
/// begin with `file`, then syncs each that it wrote to once, or where many are dirty their file system, and sends
/// `answer` for each frame.
bound_server receive_and_sync(const std::string& file, size_t files, const buffer& answer);

} // namespace chisme::bench
