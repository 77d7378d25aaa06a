#include "messages/keyed_hash.hpp"

#include <algorithm>
#include <bit>

namespace chisme {

namespace {

class sip_state {
public:
  explicit sip_state(const hash_key& key)
    : a_(key.first ^ 0x736f6d6570736575), b_(key.second ^ 0x646f72616e646f6d), c_(key.first ^ 0x6c7967656e657261),
      d_(key.second ^ 0x7465646279746573) {}

  void add(uint64_t word) {
    d_ ^= word;
    rounds(2);
    a_ ^= word;
  }
  uint64_t finish() {
    c_ ^= 0xff;
    rounds(4);
    return a_ ^ b_ ^ c_ ^ d_;
  }

private:
  void rounds(int count) {
    for (; count > 0; --count) {
      a_ += b_;
      b_ = std::rotl(b_, 13) ^ a_;
      a_ = std::rotl(a_, 32);
      c_ += d_;
      d_ = std::rotl(d_, 16) ^ c_;
      a_ += d_;
      d_ = std::rotl(d_, 21) ^ a_;
      c_ += b_;
      b_ = std::rotl(b_, 17) ^ c_;
      c_ = std::rotl(c_, 32);
    }
  }

  uint64_t a_, b_, c_, d_;
};

/// Up to eight bytes, the first one lowest.
uint64_t word_of(bytes_view bytes) {
  uint64_t word = 0;
  for (size_t i = 0; i < bytes.size(); ++i)
    word |= std::to_integer<uint64_t>(bytes[i]) << (8 * i);
  return word;
}

} // namespace

uint64_t keyed_hash(const hash_key& key, bytes_view bytes) {
  sip_state state{key};
  const auto length = static_cast<uint64_t>(bytes.size());
  for (; bytes.size() >= 8; bytes = bytes.subspan(8))
    state.add(word_of(bytes.first<8>()));
  state.add(word_of(bytes) | length << 56);
  return state.finish();
}

} // namespace chisme
