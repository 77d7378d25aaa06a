// Record batches (format v2), the unit in which records travel and lie on disk.
//
//   batch    := base_offset:8 batch_length:4 leader_epoch:4 magic:1(=2) crc:4
//               attributes:2 last_offset_delta:4 base_timestamp:8 max_timestamp:8
//               producer_id:8 producer_epoch:2 base_sequence:4 record_count:4 records
//   records  := record*                  one compressed block of them where attributes name a codec
//   record   := length:varint attributes:1 timestamp_delta:varlong offset_delta:varint
//               key value header_count:varint header*
//   key, value := length:varint bytes    length -1 is null; a null value is a tombstone
//   header   := length:varint bytes value
//
// Numbers are big-endian; batch_length counts what follows it, so that a batch has 12 + batch_length bytes. The
// CRC-32C covers everything from attributes on. base_offset and leader_epoch are outside, which is why a leader
// stamps them without touching a record.
//
// Everything here is a view: nothing is copied or allocated, and no length is believed before it is checked.
#pragma once

#include "messages/buffer.hpp"
#include "messages/errors.hpp"
#include "messages/ids.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace chisme::log {

inline constexpr size_t batch_header_size = 61;
/// Bytes before and including batch_length: what a reader needs to know a batch's size.
inline constexpr size_t batch_prefix_size = 12;
/// Where the bytes covered by the CRC begin.
inline constexpr size_t crc_covers_from = 21;
inline constexpr int8_t current_magic = 2;
inline constexpr int64_t no_producer_id = -1;
inline constexpr int32_t no_sequence = -1;

/// attributes, bits 0 to 2.
enum class codec : uint8_t { none = 0, gzip = 1, snappy = 2, lz4 = 3, zstd = 4 };

std::string_view to_string(codec c);

inline constexpr int16_t codec_mask = 0x07;
inline constexpr int16_t log_append_time_bit = 0x08;
inline constexpr int16_t transactional_bit = 0x10;
inline constexpr int16_t control_bit = 0x20;
inline constexpr int16_t delete_horizon_bit = 0x40;

using header_bytes = std::array<std::byte, batch_header_size>;

/// A batch's fixed part, decoded.
struct batch_header {
  offset_t base_offset = 0;
  int32_t batch_length = batch_header_size - batch_prefix_size;
  leader_epoch_t leader_epoch = -1;
  int8_t magic = current_magic;
  uint32_t crc = 0;
  int16_t attributes = 0;
  int32_t last_offset_delta = 0;
  timestamp_ms base_timestamp = -1;
  timestamp_ms max_timestamp = -1;
  int64_t producer_id = no_producer_id;
  int16_t producer_epoch = -1;
  int32_t base_sequence = no_sequence;
  int32_t record_count = 0;

  friend bool operator==(const batch_header&, const batch_header&) = default;

  /// Decodes; `bytes` holds at least batch_header_size. Says nothing about whether the fields make sense.
  static batch_header parse(const std::byte* bytes);
  void store(std::byte* to) const;
  header_bytes stamp() const {
    header_bytes out;
    store(out.data());
    return out;
  }

  /// The whole batch with its prefix; only sensible after looks_sane().
  uint64_t size() const { return batch_prefix_size + static_cast<uint64_t>(batch_length); }
  offset_t last_offset() const { return base_offset + last_offset_delta; }
  offset_t next_offset() const { return last_offset() + 1; }
  /// Sequence numbers are int32 and go on with 0 behind the largest.
  int32_t last_sequence() const;
  codec compression() const { return static_cast<codec>(attributes & codec_mask); }
  bool has_known_codec() const { return (attributes & codec_mask) <= static_cast<int16_t>(codec::zstd); }
  bool is_log_append_time() const { return attributes & log_append_time_bit; }
  bool is_transactional() const { return attributes & transactional_bit; }
  bool is_control() const { return attributes & control_bit; }
  bool has_delete_horizon() const { return attributes & delete_horizon_bit; }
  bool has_producer() const { return producer_id >= 0; }
  /// What compaction leaves of a batch whose offsets or producer must not be forgotten: no record, and the checksum
  /// says that there shall be none.
  bool is_empty() const;

  /// What must hold before size() and the offsets may be used: magic, lengths and deltas that are not negative,
  /// offsets that do not overflow. Null where all is well, otherwise what is wrong.
  const char* insane() const;

  /// The checksum that belongs into `crc` for these fields and this body (the bytes behind the header).
  uint32_t compute_crc(bytes_view body) const;
};

/// The sequence number `steps` behind `sequence`, with the wrap behind 2^31-1.
int32_t add_sequence(int32_t sequence, int32_t steps);

/// One whole batch: decoded header and the bytes it came from.
struct batch_view {
  batch_header header;
  bytes_view bytes;

  bytes_view body() const { return bytes.subspan(batch_header_size); }
  bool crc_matches() const;
};

/// Walks over batches that lie one behind the other. Checks what must hold to find the next one (insane()), not
/// the CRC.
///
///   batch_reader batches{bytes};
///   while (auto batch = batches.next()) ...
///   if (batches.remaining() != 0) ... // a truncated or senseless tail; problem() says which
class batch_reader {
public:
  explicit batch_reader(bytes_view bytes) : rest_(bytes) {}

  std::optional<batch_view> next();
  /// Bytes that are not part of a whole batch, once next() gave nullopt.
  size_t remaining() const { return rest_.size(); }
  /// Null, "truncated" or what insane() said about the header that stopped the walk.
  const char* problem() const { return problem_; }

private:
  bytes_view rest_;
  const char* problem_ = nullptr;
};

/// Bytes or null.
struct nullable_bytes {
  bool is_null = true;
  bytes_view bytes;
};

struct record_header_view {
  std::string_view key;
  nullable_bytes value;
};

/// One record of an uncompressed block. Deltas are relative to the batch's base offset and base timestamp.
struct record_view {
  int64_t timestamp_delta = 0;
  int32_t offset_delta = 0;
  nullable_bytes key;
  nullable_bytes value;
  int32_t header_count = 0;
  bytes_view headers; ///< encoded; walk with record_header_reader
  bytes_view bytes;   ///< the whole record with its length
};

/// Walks over the records of an uncompressed (or decompressed) block. Every length is checked, headers included.
class record_reader {
public:
  explicit record_reader(bytes_view block) : rest_(block) {}

  /// nullopt at the end or at a malformed record: then failed() is true.
  std::optional<record_view> next();
  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty() && !failed_; }

private:
  bytes_view rest_;
  bool failed_ = false;
};

/// Walks over a record's headers.
class record_header_reader {
public:
  explicit record_header_reader(bytes_view encoded) : rest_(encoded) {}
  std::optional<record_header_view> next();

private:
  bytes_view rest_;
};

} // namespace chisme::log
