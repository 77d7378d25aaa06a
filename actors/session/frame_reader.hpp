// Cuts what a socket delivers into frames: int32 size, big-endian, then that many bytes.
//
// Small frames are slices of one shared chunk. Behind the chunk's end lies some slack, as much as the largest small
// frame so far: it belongs to the one frame that crosses the end, which is completed there instead of being moved. A
// frame that does not fit gets a block of exactly its size and is received into it. After a large frame the next four
// bytes are received alone, so that a stream of large frames is not copied at all. A size is checked before memory is
// taken for it; a block's pages cost memory only as they fill.
//
//   for (;;) { n = recv(reader.prepare()); reader.commit(n); while (auto f = reader.next()) ...; }
#pragma once

#include "messages/buffer.hpp"
#include "messages/errors.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace chisme::session {

class frame_reader {
public:
  static constexpr size_t chunk_size = 64 * 1024;
  static constexpr size_t prefix_size = 4;

  /// `max_frame`: the largest size that is accepted. `whose`: where that is from and what a larger one is not.
  explicit frame_reader(size_t max_frame, std::string_view whose = "of socket.request.max.bytes: not a Kafka request")
    : max_frame_(max_frame), whose_(whose) {}

  /// For frames whose size has not been read yet.
  void set_max_frame(size_t bytes, std::string_view whose) {
    max_frame_ = bytes;
    whose_ = whose;
  }

  /// Where to receive into; never empty. Call next() until it has no more before.
  std::span<std::byte> prepare();

  /// That many bytes have been received into what prepare() returned.
  void commit(size_t received);

  /// The next whole frame without its prefix; nullopt: more bytes are needed; error: whoever sends is no
  /// client, or no node.
  result<std::optional<buffer>> next();

  /// A frame has begun and is not complete: its end is owed.
  bool mid_frame() const { return begin_ != end_ || prefix_filled_ != 0; }

  /// Bytes of the frame under way with its prefix, as far as its size is known; 0 where none is under way, or next()
  /// has not come to it yet.
  size_t under_way() const { return begin_ == end_ ? 0 : frame_end_ - begin_; }

  /// Bytes that the frame under way still needs, as far as its size is known; 0 where none is under way.
  size_t missing() const { return begin_ == end_ || frame_end_ < end_ ? 0 : frame_end_ - end_; }

  /// Bytes received that belong to no complete frame yet.
  size_t buffered() const { return end_ - begin_ + prefix_filled_; }

  /// Gives the chunk back when nothing is buffered: an idle connection holds no memory.
  void release();

private:
  result<size_t> frame_size(const std::byte* prefix) const;
  /// The frame at begin_ is to end at `end`: moves it to a new block where it would not fit into this one.
  void await(size_t end);
  void new_chunk();
  void new_block(size_t capacity);
  bool is_chunk() const { return capacity_ >= chunk_size && capacity_ <= chunk_size + most_slack; }

  static constexpr size_t most_slack = chunk_size / 2;

  size_t max_frame_;
  std::string_view whose_;
  std::shared_ptr<std::byte[]> block_;
  size_t capacity_ = 0;
  size_t begin_ = 0; // what is received and not yet handed out: [begin_, end_)
  size_t end_ = 0;
  size_t frame_end_ = 0; // of the frame at begin_, or of its prefix while that is not complete
  size_t slack_ = prefix_size;
  bool expect_large_ = false;
  std::array<std::byte, prefix_size> prefix_{}; // used after a large frame only
  size_t prefix_filled_ = 0;
};

} // namespace chisme::session
