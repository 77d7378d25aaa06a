// A partition's folder with anything in its files: opening it gives an error or a log that can be read, appended to
// and opened again.
#include "actors/log/batch_builder.hpp"
#include "actors/log/partition_log.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/support/sim_files.hpp"

namespace {

using namespace chisme;

void put(test::sim_files& disk, const std::string& path, std::string_view content) {
  auto f = disk.open(path, log::open_mode::create_new);
  const bytes_view parts[] = {as_bytes(content)};
  (void)(*f)->write_at(0, parts);
}

/// A valid log whose files are then overwritten in places that the input chooses.
void damage(test::sim_files& disk, fuzz::input in) {
  static const char* const names[] = {"00000000000000000000.log",       "00000000000000000000.index",
                                      "00000000000000000000.timeindex", "recovery-point",
                                      "leader-epoch-checkpoint",        "00000000000000000004.snapshot"};
  while (in.size() >= 4) {
    const auto path = std::string{"/d/"} + names[in.byte() % 6];
    auto content = disk.exists(path).value_or(false) ? disk.content(path) : std::string{};
    const auto at = in.number(2) % (content.size() + 1);
    const auto written = in.take(in.byte() % 32);
    content.replace(at, std::min(written.size(), content.size() - at), written);
    put(disk, path, content);
  }
}

void fill(log::partition_log& l) {
  for (int i = 0; i < 3; ++i) {
    log::batch_builder b;
    b.header.base_offset = l.end_offset();
    b.header.leader_epoch = 1;
    b.header.producer_id = 1;
    b.header.producer_epoch = 0;
    b.header.base_sequence = i * 2;
    b.add("key", "value", 1000).add("key", "value", 1001);
    const auto bytes = *b.finish();
    const log::stamped_batch one[] = {
      {log::batch_header::parse(bytes.data()), bytes.view().subspan(log::batch_header_size)}};
    fuzz::require(l.append(one, 1000).has_value());
  }
}

std::unique_ptr<log::partition_log> open(test::sim_files& disk) {
  topic_settings settings;
  settings.index_interval_bytes = 1;
  log::recovery_report report;
  auto opened = log::partition_log::open(disk, "/d", settings, {}, report);
  return opened ? std::move(*opened) : nullptr;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0)
    return 0;
  test::sim_files disk;
  auto log = open(disk);
  fill(*log);
  fuzz::input in{data, size};
  if (in.byte() & 1)
    (void)log->close();
  log.reset();
  damage(disk, in);
  log = open(disk);
  if (!log)
    return 0;
  for (auto at = log->start_offset(); at < log->end_offset();) {
    auto r = log->read(at, 100, log->end_offset());
    if (!r || r->next_offset <= at)
      break;
    at = r->next_offset;
  }
  (void)log->offset_for_timestamp(1001, log->end_offset());
  (void)log->max_timestamp(log->end_offset());
  if (log->end_offset() < 1'000'000'000)
    fill(*log);
  const auto end = log->end_offset();
  log = open(disk);
  fuzz::require(log && log->end_offset() == end);
  return 0;
}
