// Shared by the tests of the log: a simulated disk, a log on it, batches to append.
#pragma once

#include "actors/log/batch_builder.hpp"
#include "actors/log/partition_log.hpp"
#include "tests/support/payload_bytes.hpp"
#include "tests/support/sim_files.hpp"

#include <gtest/gtest.h>

namespace chisme::test {

/// A batch of `count` records "k<offset>" -> "v<offset>" at `base`; timestamps are `time`, `time` + 1, ...
inline buffer make_batch(offset_t base, int count, timestamp_ms time = 1000, leader_epoch_t epoch = 0,
                         log::codec compression = log::codec::none) {
  log::batch_builder builder{compression};
  builder.header.base_offset = base;
  builder.header.leader_epoch = epoch;
  for (int i = 0; i < count; ++i) {
    const auto n = std::to_string(base + i);
    builder.add("k" + n, "v" + n, time + i);
  }
  return builder.finish().value();
}

inline log::stamped_batch stamped(const buffer& batch) {
  return {log::batch_header::parse(batch.data()), batch.view().subspan(log::batch_header_size)};
}

inline result<void> append(log::partition_log& log, const buffer& batch, timestamp_ms now = 1000) {
  const log::stamped_batch one[] = {stamped(batch)};
  return log.append(one, now);
}

class log_fixture : public ::testing::Test {
protected:
  /// Opens (again), as a new process would.
  log::partition_log& open() {
    log.reset();
    report = {};
    auto opened = log::partition_log::open(disk, dir, settings, options, report);
    if (!opened)
      throw std::runtime_error{opened.error().message};
    log = std::move(*opened);
    return *log;
  }
  error open_fails() {
    log.reset();
    report = {};
    auto opened = log::partition_log::open(disk, dir, settings, options, report);
    return opened ? error{error_code::none, "it opened"} : opened.error();
  }
  /// Appends `batches` batches of `records` records at the end.
  void fill(int batches, int records = 3, timestamp_ms time = 1000) {
    for (int i = 0; i < batches; ++i)
      ASSERT_TRUE(append(*log, make_batch(log->end_offset(), records, time), time));
  }
  /// All bytes from `from` on.
  std::string read_from(offset_t from) {
    std::string out;
    while (from < log->end_offset()) {
      auto r = log->read(from, 1 << 20, log->end_offset());
      if (!r)
        return "failed: " + r.error().message;
      out += bytes_of(r->data);
      if (r->next_offset == from)
        return out + "stuck";
      from = r->next_offset;
    }
    return out;
  }
  std::string file(offset_t base, const char* suffix) {
    char name[64];
    std::snprintf(name, sizeof name, "/%020lld%s", static_cast<long long>(base), suffix);
    return dir + name;
  }

  sim_files disk;
  std::string dir = "/data/t-0";
  topic_settings settings;
  log::open_options options;
  log::recovery_report report;
  std::unique_ptr<log::partition_log> log;
};

} // namespace chisme::test
