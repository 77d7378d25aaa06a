// The visitor that fills a message with random values, as far as a version can carry them.
#pragma once

#include "messages/wire/primitives.hpp"
#include "messages/wire/versions.hpp"

#include <random>

namespace chisme::test {

using wire::described;
using wire::field_versions;
using wire::integer;

class random_filler {
public:
  /// Same seed, same values.
  random_filler(uint32_t seed, int16_t version, bool flexible)
    : random_(seed), version_(version), flexible_(flexible) {}

  /// Fills what no version carries together, to see what an encoder does with fields that its version lacks.
  static random_filler of_all_fields(uint32_t seed) {
    random_filler f{seed, wire::never, true};
    f.everything_ = true;
    return f;
  }

  template <described T>
  void record(T& x) {
    T::visit(*this, x);
  }

  template <class T>
  void operator()(std::string_view, T& field, field_versions versions = {}) {
    if (everything_ || versions.contain(version_))
      fill(field, versions.nullable(version_));
  }

  template <class T>
  void tag(uint32_t, std::string_view, T& field, field_versions versions = {}, const T& = {}) {
    if (everything_ || (flexible_ && versions.contain(version_) && below(4) != 0))
      fill(field, versions.nullable(version_));
  }

private:
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }

  template <integer T>
  void fill(T& x, bool) {
    static constexpr int64_t edges[] = {0, -1, 1, std::numeric_limits<int32_t>::max(),
                                        std::numeric_limits<int64_t>::min()};
    x = static_cast<T>(below(4) == 0 ? edges[below(std::size(edges))] : static_cast<int64_t>(random_()));
  }
  void fill(bool& x, bool) { x = below(2) == 1; }
  void fill(double& x, bool) { x = static_cast<double>(random_()) / 3; }
  void fill(uuid& x, bool) {
    for (auto& b : x.bytes)
      b = static_cast<uint8_t>(random_());
  }
  void fill(std::string& x, bool) {
    x.resize(below(8) == 0 ? 200 : below(6));
    for (auto& c : x)
      c = static_cast<char>('a' + below(26));
  }
  void fill(buffer& x, bool) {
    std::string bytes;
    fill(bytes, false);
    x = buffer::copy_of(bytes);
  }
  void fill(payload& x, bool) {
    buffer bytes;
    fill(bytes, false);
    x = payload{bytes};
  }
  template <described T>
  void fill(T& x, bool) {
    record(x);
  }
  template <class T>
  void fill(std::vector<T>& x, bool) {
    x.resize(below(4));
    for (auto& element : x)
      fill(element, false);
  }
  template <class T>
  void fill(std::optional<T>& x, bool nullable) {
    x.reset();
    if (!nullable || below(3) != 0)
      fill(x.emplace(T{}), false); // clang 14 finds no emplace() for a nested type with initialisers
  }

  std::mt19937_64 random_;
  int16_t version_;
  bool flexible_;
  bool everything_ = false;
};

/// A message with random values in all fields of that version.
template <class M>
M random_message(uint32_t seed, int16_t version) {
  M message;
  random_filler{seed, version, version >= M::flexible_since}.record(message);
  return message;
}

} // namespace chisme::test
