// Where an encoder puts its bytes. The same encoder first runs over a counting sink, so that one block of
// exactly the right size is taken, and then over a writing sink.
#pragma once

#include "messages/wire/primitives.hpp"

namespace chisme::wire {

/// Counts. Record sets are counted apart, because they are spliced in and take no room in the block.
class counting_sink {
public:
  template <integer T>
  void put(T) {
    size_ += sizeof(T);
  }
  void put_uvarint(uint32_t value) { size_ += uvarint_size(value); }
  void put_bytes(bytes_view bytes) { size_ += bytes.size(); }
  void splice(const payload& records) { spliced_ += records.size(); }

  /// Bytes for the block.
  size_t size() const { return size_; }
  /// Bytes on the wire.
  uint64_t total() const { return size_ + spliced_; }

private:
  size_t size_ = 0;
  uint64_t spliced_ = 0;
};

/// Fills a block whose size a counting sink has found, and remembers where record sets go.
/// The spliced payloads must outlive the sink.
class writing_sink {
public:
  explicit writing_sink(size_t size) : block_(size), cursor_(block_.data()) {}

  template <integer T>
  void put(T value) {
    store_big_endian(cursor_, value);
    cursor_ += sizeof(T);
  }
  void put_uvarint(uint32_t value) { cursor_ = store_uvarint(cursor_, value); }
  void put_bytes(bytes_view bytes) {
    if (!bytes.empty())
      std::memcpy(cursor_, bytes.data(), bytes.size());
    cursor_ += bytes.size();
  }
  void splice(const payload& records) {
    if (!records.empty())
      cuts_.push_back({static_cast<size_t>(cursor_ - block_.data()), &records});
  }

  /// The block with the record sets between its pieces; the sink is used up.
  payload finish() &&;

private:
  struct cut {
    size_t offset;
    const payload* records;
  };

  buffer_builder block_;
  std::byte* cursor_;
  std::vector<cut> cuts_;
};

} // namespace chisme::wire
