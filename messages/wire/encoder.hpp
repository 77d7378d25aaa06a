// The visitor that writes a message.
//
// A field that the version lacks is not written, whatever its value: a caller that must not lose it checks
// the version first. A null where the version knows no null is written as empty. Tagged fields are written
// only where they differ from their default, as KIP-482 asks. Strings are clipped to 32767 bytes, which is
// what a reader may take for the longest (Kafka itself refuses to write longer ones).
#pragma once

#include "messages/wire/sinks.hpp"
#include "messages/wire/versions.hpp"

#include <limits>

namespace chisme::wire {

template <class Sink>
class encoder {
public:
  encoder(Sink& sink, int16_t version, bool flexible) : sink_(sink), version_(version), flexible_(flexible) {}

  /// A struct: its fields, and in flexible versions its tagged fields.
  template <described T>
  void record(const T& x) {
    const auto outer_pass = pass_;
    const auto outer_tags = tags_;
    pass_ = pass::fields;
    T::visit(*this, x);
    if (flexible_)
      tagged_fields(x);
    pass_ = outer_pass;
    tags_ = outer_tags;
  }

  template <class T>
  void operator()(std::string_view, const T& field, field_versions versions = {}) {
    if (pass_ == pass::fields && versions.contain(version_))
      value(field, versions.nullable(version_));
  }

  /// Tags are to be visited in ascending order. `normal` is the value that need not be written.
  template <class T>
  void tag(uint32_t tag, std::string_view, const T& field, field_versions versions = {}, const T& normal = {}) {
    if (pass_ == pass::fields || !versions.contain(version_) || is_normal(field, normal))
      return;
    ++tags_;
    if (pass_ == pass::write_tags)
      write_tag(tag, field, versions.nullable(version_));
  }

private:
  enum class pass : uint8_t { fields, count_tags, write_tags };

  template <class T>
  static bool is_normal(const T& field, const T& normal) {
    if constexpr (is_vector<T>::value)
      return field.empty() && normal.empty();
    else
      return field == normal;
  }

  template <class T>
  void tagged_fields(const T& x) {
    pass_ = pass::count_tags;
    tags_ = 0;
    T::visit(*this, x);
    sink_.put_uvarint(tags_);
    if (tags_ == 0)
      return;
    pass_ = pass::write_tags;
    T::visit(*this, x);
  }

  template <class T>
  void write_tag(uint32_t tag, const T& field, bool nullable) {
    counting_sink counter;
    encoder<counting_sink>{counter, version_, flexible_}.value(field, nullable);
    sink_.put_uvarint(tag);
    sink_.put_uvarint(static_cast<uint32_t>(counter.total()));
    value(field, nullable);
  }

  template <integer T>
  void value(T x, bool) {
    sink_.put(x);
  }
  void value(bool x, bool) { sink_.put(static_cast<int8_t>(x)); }
  void value(double x, bool) { sink_.put(std::bit_cast<uint64_t>(x)); }
  void value(const uuid& x, bool) { sink_.put_bytes(std::as_bytes(std::span{x.bytes})); }
  void value(const std::string& x, bool) { string(x); }
  void value(const buffer& x, bool) {
    length(x.size());
    sink_.put_bytes(x);
  }
  void value(const payload& x, bool) {
    length(x.size());
    sink_.splice(x);
  }
  template <described T>
  void value(const T& x, bool) {
    record(x);
  }
  template <class T>
  void value(const std::vector<T>& x, bool nullable) {
    length(x.size());
    for (const auto& element : x)
      value(element, nullable);
  }
  template <class T>
  void value(const std::optional<T>& x, bool nullable) {
    if constexpr (described<T>)
      sink_.put(static_cast<int8_t>(x ? 1 : -1));
    if (x)
      value(*x, nullable);
    else if constexpr (std::same_as<T, std::string>)
      absent<int16_t>(nullable);
    else if constexpr (!described<T>)
      absent<int32_t>(nullable);
  }

  /// The null of a string, an array or bytes; empty where null is not known.
  template <integer Length>
  void absent(bool nullable) {
    if (flexible_)
      sink_.put_uvarint(nullable ? 0 : 1);
    else
      sink_.put(static_cast<Length>(nullable ? -1 : 0));
  }

  void length(uint64_t n) {
    if (flexible_)
      sink_.put_uvarint(static_cast<uint32_t>(n) + 1);
    else
      sink_.put(static_cast<int32_t>(n));
  }

  void string(std::string_view x) {
    x = x.substr(0, std::numeric_limits<int16_t>::max());
    if (flexible_)
      sink_.put_uvarint(static_cast<uint32_t>(x.size()) + 1);
    else
      sink_.put(static_cast<int16_t>(x.size()));
    sink_.put_bytes(as_bytes(x));
  }

  template <class>
  friend class encoder;

  Sink& sink_;
  int16_t version_;
  bool flexible_;
  pass pass_ = pass::fields;
  uint32_t tags_ = 0;
};

/// Bytes that x takes on the wire in this version.
template <described T>
uint64_t encoded_size(const T& x, int16_t version, bool flexible) {
  counting_sink counter;
  encoder<counting_sink>{counter, version, flexible}.record(x);
  return counter.total();
}

} // namespace chisme::wire
