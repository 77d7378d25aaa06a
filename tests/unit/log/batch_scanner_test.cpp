#include "actors/log/batch_scanner.hpp"

#include "actors/log/batch_builder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace chisme::log {
namespace {

/// A file in memory that counts what is read of it.
class counted_file final : public file {
public:
  void add(const buffer& b) { bytes_.insert(bytes_.end(), b.data(), b.data() + b.size()); }
  uint64_t bytes_read() const { return bytes_read_; }
  uint64_t reads() const { return reads_; }

  result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
    const auto n = std::min<size_t>(into.size(), bytes_.size() - position);
    std::memcpy(into.data(), bytes_.data() + position, n);
    bytes_read_ += n;
    ++reads_;
    return n;
  }
  result<void> write_at(uint64_t, std::span<const bytes_view>) override { return {}; }
  result<void> sync() override { return {}; }
  result<void> truncate(uint64_t) override { return {}; }
  result<uint64_t> size() override { return bytes_.size(); }
  int native_handle() const override { return -1; }
  const std::string& path() const override { return path_; }

private:
  std::vector<std::byte> bytes_;
  uint64_t bytes_read_ = 0;
  uint64_t reads_ = 0;
  std::string path_ = "counted";
};

buffer batch_of(offset_t base, size_t value_size) {
  batch_builder builder;
  builder.header.base_offset = base;
  builder.add("", std::string(value_size, 'v'), 1000);
  return builder.finish().value();
}

size_t count(counted_file& f, batch_scanner::check what) {
  batch_scanner scanner{f, 0, f.size().value(), what};
  size_t n = 0;
  for (offset_t expected = 0;; ++expected, ++n) {
    auto batch = scanner.next().value();
    if (!batch)
      break;
    EXPECT_EQ(batch->header.base_offset, expected);
  }
  EXPECT_EQ(scanner.problem(), nullptr);
  return n;
}

TEST(batch_scanner, reads_little_but_the_headers_of_large_batches) {
  counted_file f;
  for (offset_t i = 0; i < 64; ++i)
    f.add(batch_of(i, 16 << 10));
  EXPECT_EQ(count(f, batch_scanner::check::headers), 64u);
  EXPECT_LT(f.bytes_read(), 64 * batch_header_size + (8 << 10) + 1) << "of a MiB";
}

TEST(batch_scanner, reads_many_small_batches_at_once) {
  counted_file f;
  for (offset_t i = 0; i < 1000; ++i)
    f.add(batch_of(i, 30));
  EXPECT_EQ(count(f, batch_scanner::check::headers), 1000u);
  EXPECT_LT(f.reads(), 30u);
}

TEST(batch_scanner, goes_over_from_large_batches_to_small_ones_and_back) {
  counted_file f;
  offset_t next = 0;
  for (auto size : {16 << 10, 30, 30, 30, 16 << 10, 30, 2 << 10, 16 << 10})
    f.add(batch_of(next++, static_cast<size_t>(size)));
  EXPECT_EQ(count(f, batch_scanner::check::headers), 8u);
  EXPECT_EQ(count(f, batch_scanner::check::crc), 8u);
}

} // namespace
} // namespace chisme::log
