#include "nodes/cli/segment_dump.hpp"

#include "actors/log/compression.hpp"
#include "actors/log/file_names.hpp"
#include "nodes/cli/index_check.hpp"

namespace chisme::cli {

namespace {

/// A batch is read whole; larger ones than this are no one's batches.
constexpr uint64_t max_batch = 256u << 20;

/// The offset in the file's name; 0 where the file has another name (a copy, say).
offset_t base_offset_of(const std::string& path) {
  auto slash = path.rfind('/');
  auto name = std::string_view{path}.substr(slash == std::string::npos ? 0 : slash + 1);
  return log::offset_in_name(name, log::log_suffix).value_or(0);
}

class segment_walk {
public:
  segment_walk(log::file& f, uint64_t size, bool records, dump_sink& sink)
    : file_(f), scanner_(f, 0, size, log::batch_scanner::check::headers), size_(size), records_(records), sink_(sink) {}

  result<dump_totals> run(index_check* indexes) {
    for (;;) {
      auto next = scanner_.next();
      if (!next)
        return tl::make_unexpected(next.error());
      if (!*next)
        break;
      if (indexes)
        indexes->pass(**next);
      if (auto shown = show(**next); !shown)
        return tl::make_unexpected(shown.error());
    }
    if (scanner_.position() < size_)
      totals_.problems.push_back("position " + std::to_string(scanner_.position()) + ": " +
                                 (scanner_.problem() ? scanner_.problem() : "unreadable") + "; the last " +
                                 std::to_string(size_ - scanner_.position()) + " bytes are no batches");
    return std::move(totals_);
  }

private:
  result<void> show(const log::located_batch& located) {
    dumped_batch shown{located, false, {}};
    if (located.header.size() > max_batch) {
      shown.problem = "too large to look into";
    } else {
      buffer_builder whole{located.header.size()};
      auto got = file_.read_at(located.position, whole.span());
      if (!got)
        return tl::make_unexpected(got.error());
      auto bytes = std::move(whole).freeze(*got);
      shown.crc_ok = *got == located.header.size() && log::batch_view{located.header, bytes.view()}.crc_matches();
      if (!shown.crc_ok)
        shown.problem = "the checksum does not match";
      else if (records_)
        return show_with_records(shown, bytes);
    }
    count(shown);
    sink_.batch(shown);
    return {};
  }

  result<void> show_with_records(dumped_batch& shown, const buffer& bytes) {
    auto body = bytes.slice(log::batch_header_size);
    auto codec = shown.at.header.compression();
    auto block = codec == log::codec::none ? result<buffer>{body} : log::decompress(codec, body);
    if (!block)
      shown.problem = block.error().message;
    count(shown);
    sink_.batch(shown);
    if (block)
      show_records(shown.at.header, *block);
    return {};
  }

  void show_records(const log::batch_header& header, const buffer& block) {
    log::record_reader records{block.view()};
    while (auto r = records.next()) {
      auto time = header.is_log_append_time() ? header.max_timestamp : header.base_timestamp + r->timestamp_delta;
      sink_.record({header.base_offset + r->offset_delta, time, *r});
    }
    if (records.failed())
      totals_.problems.push_back("batch at offset " + std::to_string(header.base_offset) +
                                 ": its records are malformed");
  }

  void count(const dumped_batch& shown) {
    ++totals_.batches;
    totals_.records += static_cast<uint64_t>(std::max(shown.at.header.record_count, 0));
    totals_.bytes += shown.at.header.size();
    if (!shown.problem.empty())
      ++totals_.corrupt;
  }

  log::file& file_;
  log::batch_scanner scanner_;
  uint64_t size_;
  bool records_;
  dump_sink& sink_;
  dump_totals totals_;
};

} // namespace

result<dump_totals> dump_segment(log::files& disk, const std::string& path, const dump_options& options,
                                 dump_sink& sink) {
  auto file = disk.open(path, log::open_mode::read);
  if (!file)
    return tl::make_unexpected(file.error());
  auto size = (*file)->size();
  if (!size)
    return tl::make_unexpected(size.error());
  std::optional<index_check> indexes;
  if (options.verify_index) {
    auto stem = path.substr(0, path.size() - log::log_suffix.size());
    auto opened = index_check::open(disk, stem, base_offset_of(path));
    if (!opened)
      return tl::make_unexpected(opened.error());
    indexes = std::move(*opened);
  }
  sink.file(path);
  auto totals = segment_walk{**file, *size, options.records, sink}.run(indexes ? &*indexes : nullptr);
  if (!totals)
    return totals;
  if (indexes)
    for (auto& problem : indexes->finish())
      totals->problems.push_back(std::move(problem));
  sink.end(*totals);
  return totals;
}

} // namespace chisme::cli
