// The visitor that reads a message from bytes that anybody may have sent.
//
// Nothing is allocated before it is known to fit: a string or byte field against the bytes left, an array
// against the bytes left and the least size of its elements, all arrays of a message together against
// max_array_memory. Structs do not nest in themselves, so the depth is that of the description. The first
// failure stands: everything after it reads as default. Bytes and record sets are slices of the source.
#pragma once

#include "messages/errors.hpp"
#include "messages/wire/encoder.hpp"

namespace chisme::wire {

/// Memory for the elements of all arrays of one message. Kafka has no such bound; this one is far above what
/// any client sends (about a million partitions in one request) and keeps a frame of empty strings from
/// growing 32-fold.
inline constexpr size_t max_array_memory = size_t{64} << 20;

class decoder {
public:
  decoder(const buffer& source, int16_t version, bool flexible)
    : source_(source), end_(source.size()), version_(version), flexible_(flexible) {}

  template <described T>
  void record(T& x) {
    const auto outer = tags_;
    tags_ = {};
    T::visit(*this, x);
    if (flexible_)
      tagged_fields(x);
    tags_ = outer;
  }

  template <class T>
  void operator()(std::string_view name, T& field, field_versions versions = {}) {
    if (failed() || tags_.reading || !versions.contain(version_))
      return;
    field_ = name;
    value(field, versions.nullable(version_));
  }

  template <class T>
  void tag(uint32_t tag, std::string_view name, T& field, field_versions versions = {}, const T& = {}) {
    if (failed() || !tags_.reading || tags_.wanted != tag || !versions.contain(version_))
      return;
    tags_.known = true;
    field_ = name;
    value(field, versions.nullable(version_));
  }

  bool failed() const { return !failure_.empty(); }
  /// "field: reason" of the first failure; empty if there is none.
  const std::string& failure() const { return failure_; }
  /// How far it has read.
  size_t position() const { return at_; }
  /// Bytes behind the position.
  size_t left() const { return end_ - at_; }

private:
  struct tag_state {
    bool reading = false; ///< the current visit looks for one tag only
    bool known = false;   ///< it has found it
    uint32_t wanted = 0;
  };

  template <class T>
  void tagged_fields(T& x) {
    auto count = uvarint();
    for (uint32_t i = 0; i < count && !failed(); ++i) {
      const auto outer_end = end_;
      if (!next_tag(i == 0))
        return;
      T::visit(*this, x);
      if (!tags_.known)
        at_ = end_;
      else if (at_ != end_)
        fail("a tagged field is shorter than its size says");
      end_ = outer_end;
    }
  }

  template <integer T>
  void value(T& x, bool) {
    if (auto* p = take(sizeof(T)))
      x = load_big_endian<T>(p);
  }
  template <described T>
  void value(T& x, bool) {
    record(x);
  }
  template <class T>
  void value(std::vector<T>& x, bool) {
    if (auto n = array_length())
      elements(x, *n);
    else
      fail("an array must not be null");
  }
  template <class T>
  void value(std::optional<std::vector<T>>& x, bool nullable) {
    if (auto n = array_length())
      elements(x.emplace(), *n);
    else
      null(x, nullable);
  }
  template <described T>
  void value(std::optional<T>& x, bool nullable) {
    int8_t present = 0;
    value(present, false);
    if (present < 0)
      null(x, nullable);
    else if (!failed())
      record(x.emplace(T{})); // clang 14 finds no default constructor for a struct nested in its message
  }
  void value(bool& x, bool);
  void value(double& x, bool);
  void value(uuid& x, bool);
  void value(std::string& x, bool);
  void value(std::optional<std::string>& x, bool nullable);
  void value(buffer& x, bool);
  void value(std::optional<buffer>& x, bool nullable);
  void value(payload& x, bool);

  template <class T>
  void null(std::optional<T>& x, bool nullable) {
    x.reset();
    if (!nullable)
      fail("must not be null in this version");
  }

  template <class T>
  void elements(std::vector<T>& x, size_t count) {
    if (!admit(count, least_size<T>(), sizeof(T)))
      return;
    x.resize(count);
    for (size_t i = 0; i < count && !failed(); ++i)
      value(x[i], false);
  }

  /// The bytes of the smallest element: those of a default one, whose strings and arrays are empty.
  template <class T>
  size_t least_size() const {
    if constexpr (described<T>)
      return encoded_size(T{}, version_, flexible_);
    else if constexpr (integer<T>)
      return sizeof(T);
    else if constexpr (std::same_as<T, uuid>)
      return 16;
    else
      return flexible_ ? 1 : 2;
  }

  /// The next n bytes, or null after a failure.
  const std::byte* take(size_t n);
  uint32_t uvarint();
  /// Lengths are nullopt for null; after a failure they are 0.
  std::optional<size_t> string_length();
  std::optional<size_t> bytes_length();
  std::optional<size_t> array_length();
  std::optional<size_t> compact_length();
  /// Whether that many elements may be there and may be kept.
  bool admit(size_t count, size_t least_size, size_t memory);
  /// Reads tag and size and narrows the end to the tag's content.
  bool next_tag(bool first);
  void fail(std::string_view reason);

  const buffer& source_;
  size_t at_ = 0;
  size_t end_;
  int16_t version_;
  bool flexible_;
  tag_state tags_;
  size_t array_memory_ = 0;
  std::string_view field_ = "message";
  std::string failure_;
};

} // namespace chisme::wire
