#include "messages/wire/decoder.hpp"

namespace chisme::wire {

const std::byte* decoder::take(size_t n) {
  if (failed())
    return nullptr;
  if (n > left()) {
    fail("needs " + std::to_string(n) + " bytes, " + std::to_string(left()) + " are left");
    return nullptr;
  }
  auto* p = source_.data() + at_;
  at_ += n;
  return p;
}

uint32_t decoder::uvarint() {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    auto* p = take(1);
    if (!p)
      return 0;
    auto byte = std::to_integer<uint64_t>(*p);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      if (value <= std::numeric_limits<uint32_t>::max())
        return static_cast<uint32_t>(value);
      break;
    }
  }
  fail("a varint does not fit in 32 bits");
  return 0;
}

std::optional<size_t> decoder::compact_length() {
  auto n = uvarint();
  if (n == 0)
    return failed() ? std::optional<size_t>{0} : std::nullopt;
  return n - 1;
}

/// Kafka's strings have at most 32767 bytes, also where their length could say more.
std::optional<size_t> decoder::string_length() {
  if (flexible_) {
    const auto n = compact_length();
    if (n && *n > static_cast<size_t>(std::numeric_limits<int16_t>::max()))
      fail("a string of " + std::to_string(*n) + " bytes is too long");
    return n;
  }
  int16_t n = 0;
  value(n, false);
  if (n < -1)
    fail("a negative length");
  return n < 0 ? std::nullopt : std::optional<size_t>{n};
}

std::optional<size_t> decoder::bytes_length() {
  if (flexible_)
    return compact_length();
  int32_t n = 0;
  value(n, false);
  if (n < -1)
    fail("a negative length");
  return n < 0 ? std::nullopt : std::optional<size_t>{n};
}

std::optional<size_t> decoder::array_length() { return bytes_length(); }

bool decoder::admit(size_t count, size_t least_size, size_t memory) {
  if (failed())
    return false;
  if (count > left() / least_size)
    fail("an array of " + std::to_string(count) + " elements does not fit in the " + std::to_string(left()) +
         " bytes left");
  else if (count > (max_array_memory - array_memory_) / memory)
    fail("too many array elements in one message");
  else
    array_memory_ += count * memory;
  return !failed();
}

bool decoder::next_tag(bool first) {
  const auto previous = tags_.wanted;
  tags_ = {.reading = true, .known = false, .wanted = uvarint()};
  if (!first && tags_.wanted <= previous)
    fail("tagged fields are not in ascending order, or one is there twice");
  const auto size = uvarint();
  if (!failed() && size > left())
    fail("a tagged field is longer than the message");
  if (failed())
    return false;
  end_ = at_ + size;
  return true;
}

void decoder::value(bool& x, bool) {
  if (auto* p = take(1))
    x = *p != std::byte{0};
}

void decoder::value(double& x, bool) {
  if (auto* p = take(sizeof(double)))
    x = std::bit_cast<double>(load_big_endian<uint64_t>(p));
}

void decoder::value(uuid& x, bool) {
  if (auto* p = take(x.bytes.size()))
    std::memcpy(x.bytes.data(), p, x.bytes.size());
}

void decoder::value(std::string& x, bool) {
  auto n = string_length();
  if (!n)
    fail("a string must not be null");
  else if (auto* p = take(*n))
    x.assign(reinterpret_cast<const char*>(p), *n);
}

void decoder::value(std::optional<std::string>& x, bool nullable) {
  auto n = string_length();
  if (!n)
    null(x, nullable);
  else if (auto* p = take(*n))
    x.emplace(reinterpret_cast<const char*>(p), *n);
}

void decoder::value(buffer& x, bool) {
  auto n = bytes_length();
  if (!n)
    fail("bytes must not be null");
  else if (take(*n))
    x = source_.slice(at_ - *n, *n);
}

void decoder::value(std::optional<buffer>& x, bool nullable) {
  auto n = bytes_length();
  if (!n)
    null(x, nullable);
  else if (take(*n))
    x = source_.slice(at_ - *n, *n);
}

void decoder::value(payload& x, bool) {
  auto n = bytes_length();
  if (n && take(*n))
    x = payload{source_.slice(at_ - *n, *n)};
}

void decoder::fail(std::string_view reason) {
  if (!failed())
    failure_ = std::string{field_} + ": " + std::string{reason};
}

} // namespace chisme::wire
