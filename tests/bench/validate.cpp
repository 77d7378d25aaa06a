// What it costs to look into every record of a batch before it is stored, for each codec, on one thread.
//
// The bound is a loop that has to do as much and no more: the batch's CRC, and the library's usual way to decompress
// the whole block into memory that is there already. validation/ measures the same batches with Kafka's own code:
//   chisme_bench --only validate --batches FOLDER
//   (cd tests/bench/validation && mvn package && java -cp "target/*:target/lib/*" Validation FOLDER)
#include "actors/log/batch_builder.hpp"
#include "actors/log/batch_validator.hpp"
#include "actors/log/big_endian.hpp"
#include "actors/log/block_decoder.hpp"
#include "actors/log/crc32c.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/counting.hpp"
#include "tests/bench/machine.hpp"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <lz4frame.h>
#include <random>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

namespace chisme::bench {

namespace {

using log::codec;

constexpr codec codecs[] = {codec::none, codec::gzip, codec::snappy, codec::lz4, codec::zstd};
constexpr timestamp_ms batch_time = 1'700'000'000'000;

struct shape {
  const char* name;
  size_t records;
  size_t value_size;
};
constexpr shape shapes[] = {{"160 x 100 B", 160, 100}, {"1000 x 1 KiB", 1000, 1024}};

/// Like the values of a log of events: the codecs make a quarter to a third of it.
std::string value_of(size_t size, std::mt19937& random) {
  static constexpr const char* words[] = {"order", "customer", "paid", "shipped", "region", "europe", "amount", "item"};
  std::string text{"{"};
  while (text.size() < size)
    text += "\"" + std::string{words[random() % 8]} + "\":" + std::to_string(random() % 100'000) + ",";
  text.resize(size);
  return text;
}

buffer make_sample(codec c, const shape& s) {
  std::mt19937 random{42};
  log::batch_builder b{c};
  for (size_t i = 0; i < s.records; ++i) {
    const auto key = std::to_string(random() % 1'000'000);
    b.add(key, value_of(s.value_size, random), batch_time + static_cast<timestamp_ms>(i));
  }
  auto batch = b.finish();
  if (!batch)
    give_up("compress");
  return *batch;
}

double thread_seconds() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// Decompresses into memory that is large enough; returns how much it was.
class plain_loop {
public:
  explicit plain_loop(size_t size) : memory_(size + 64) {}
  ~plain_loop() {
    LZ4F_freeDecompressionContext(lz4_);
    ZSTD_freeDCtx(zstd_);
  }
  plain_loop(const plain_loop&) = delete;
  plain_loop& operator=(const plain_loop&) = delete;

  size_t run(codec c, bytes_view body) {
    switch (c) {
      case codec::none:
        return body.size();
      case codec::gzip:
        return gzip(body);
      case codec::snappy:
        return snappy(body);
      case codec::lz4:
        return lz4(body);
      case codec::zstd:
        return ZSTD_decompressDCtx(zstd_, memory_.data(), memory_.size(), body.data(), body.size());
    }
    return 0;
  }

private:
  size_t gzip(bytes_view body) {
    z_stream z{};
    inflateInit2(&z, 15 + 16);
    z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(body.data()));
    z.avail_in = static_cast<uInt>(body.size());
    z.next_out = reinterpret_cast<Bytef*>(memory_.data());
    z.avail_out = static_cast<uInt>(memory_.size());
    inflate(&z, Z_FINISH);
    inflateEnd(&z);
    return z.total_out;
  }
  size_t snappy(bytes_view body) {
    size_t total = 0;
    for (body = body.subspan(log::xerial_header.size()); !body.empty();) {
      const auto length = static_cast<size_t>(log::load_be<int32_t>(body.data()));
      const auto* from = reinterpret_cast<const char*>(body.data() + 4);
      size_t made = 0;
      if (!snappy::GetUncompressedLength(from, length, &made) ||
          !snappy::RawUncompress(from, length, reinterpret_cast<char*>(memory_.data()) + total))
        give_up("snappy");
      total += made;
      body = body.subspan(4 + length);
    }
    return total;
  }
  size_t lz4(bytes_view body) {
    auto made = memory_.size();
    auto eaten = body.size();
    LZ4F_resetDecompressionContext(lz4_);
    LZ4F_decompress(lz4_, memory_.data(), &made, body.data(), &eaten, nullptr);
    return made;
  }

  static LZ4F_dctx* make_lz4() {
    LZ4F_dctx* made = nullptr;
    LZ4F_createDecompressionContext(&made, LZ4F_VERSION);
    return made;
  }

  std::vector<std::byte> memory_;
  LZ4F_dctx* lz4_ = make_lz4();
  ZSTD_DCtx* zstd_ = ZSTD_createDCtx();
};

/// Runs `f` often enough to measure it; microseconds of this thread for each call.
template <class F>
double cost_of(const options& o, size_t bytes, F f) {
  const auto times = std::max<size_t>(3, o.scaled(200u << 20) / bytes);
  std::vector<double> rounds;
  for (size_t round = 0; round < o.rounds(); ++round) {
    const auto begin = thread_seconds();
    for (size_t i = 0; i < times; ++i)
      f();
    rounds.push_back((thread_seconds() - begin) * 1e6 / static_cast<double>(times));
  }
  return median(rounds);
}

void measure(codec c, const shape& s, const options& o, report& out) {
  const auto batch = make_sample(c, s);
  if (!o.batches.empty()) {
    std::filesystem::create_directories(o.batches);
    std::ofstream file{o.batches + "/" + std::string{to_string(c)} + "-" + std::to_string(s.records), std::ios::binary};
    file << as_chars(batch);
  }
  topic_settings settings;
  settings.max_message_bytes = 16 << 20;
  log::validation_rules rules;
  rules.settings = &settings;
  const auto validate = [&] {
    if (auto ok = log::validate(batch, rules, batch_time); !ok)
      give_up("validate: " + ok.error().why.message);
  };
  const auto raw = make_sample(codec::none, s).size() - log::batch_header_size;
  plain_loop plain{raw};
  const auto body = batch.view().subspan(log::batch_header_size);
  const auto bound = cost_of(o, raw, [&] {
    log::crc32c crc;
    crc.add(batch.view().subspan(log::crc_covers_from));
    if (plain.run(c, body) != raw || crc.value() == 0)
      give_up("the plain loop");
  });
  validate();
  const auto before = count();
  validate();
  const auto allocated = count() - before;
  const auto mb = static_cast<double>(raw) / 1e6;
  const auto what = std::string{to_string(c)} + ", " + s.name;
  out.add({what, cost_of(o, raw, validate) / mb, "us/MB", bound / mb});
  out.add(at_most(what + ": allocations per batch", static_cast<double>(allocated.allocations), "", 0));
}

} // namespace

void measure_validation(const options& o, report& out) {
  for (const auto& s : shapes)
    for (auto c : codecs)
      measure(c, s, o, out);
}

} // namespace chisme::bench
