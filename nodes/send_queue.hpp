// What waits to be written to one socket: memory is gathered into one system call, file ranges go by sendfile.
#pragma once

#include "messages/errors.hpp"
#include "messages/payload.hpp"

#include <boost/container/small_vector.hpp>

namespace chisme::nodes {

class send_queue {
public:
  enum class progress { done, blocked };

  void push(payload p);
  bool empty() const { return head_ == parts_.size(); }
  /// Bytes of memory that wait here; ranges of files cost none.
  uint64_t memory() const { return memory_; }
  /// Pieces that it has room for without asking for memory.
  size_t capacity() const { return parts_.capacity(); }
  /// Bytes written since the beginning; grows while the other side reads.
  uint64_t sent() const { return sent_; }

  /// Writes until the socket takes no more or nothing is left. An error means that the connection is dead, or that
  /// a file got shorter while it was being sent.
  result<progress> write_to(int fd);

private:
  template <class F>
  result<bool> written(const char* what, F call);
  result<bool> write_memory(int fd);
  result<bool> write_one(int fd);
  result<bool> write_gathered(int fd);
  result<bool> write_file(int fd);
  void consumed(size_t bytes);
  void pop();
  void give_back();

  /// Room for one short answer without asking for memory: most queues hold nothing else, or nothing.
  boost::container::small_vector<payload_part, 2> parts_;
  size_t head_ = 0;          // those before have left
  uint64_t head_offset_ = 0; // how much of the part at head_ is written
  uint64_t memory_ = 0;      // whole parts, also of one that is partly written
  uint64_t sent_ = 0;
};

} // namespace chisme::nodes
