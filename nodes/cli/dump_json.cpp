#include "nodes/cli/dump_text.hpp"
#include "nodes/cli/json_text.hpp"

#include <ostream>

namespace chisme::cli {

namespace {

using json = nlohmann::json;

json hex(bytes_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (auto b : bytes) {
    text += digits[std::to_integer<size_t>(b) >> 4];
    text += digits[std::to_integer<size_t>(b) & 15];
  }
  return {{"hex", text}};
}

json shown(bytes_view bytes) {
  std::string text{as_chars(bytes)};
  return is_utf8(text) ? json(text) : hex(bytes);
}

json shown(const log::nullable_bytes& value) { return value.is_null ? json(nullptr) : shown(value.bytes); }

} // namespace

void json_dump::file(const std::string& path) { out_ << json_line({{"type", "file"}, {"path", path}}) << "\n"; }

void json_dump::batch(const dumped_batch& batch) {
  auto& h = batch.at.header;
  json line{{"type", "batch"},
            {"base_offset", h.base_offset},
            {"last_offset", h.last_offset()},
            {"position", batch.at.position},
            {"bytes", h.size()},
            {"records", h.record_count},
            {"leader_epoch", h.leader_epoch},
            {"codec", to_string(h.compression())},
            {"log_append_time", h.is_log_append_time()},
            {"transactional", h.is_transactional()},
            {"control", h.is_control()},
            {"max_timestamp", h.max_timestamp},
            {"producer_id", h.producer_id},
            {"producer_epoch", h.producer_epoch},
            {"base_sequence", h.base_sequence},
            {"crc_ok", batch.crc_ok},
            {"problem", batch.problem}};
  out_ << json_line(line) << "\n";
}

void json_dump::record(const dumped_record& record) {
  auto headers = json::array();
  log::record_header_reader reader{record.view.headers};
  while (auto h = reader.next())
    headers.push_back({shown(as_bytes(h->key)), shown(h->value)});
  json line{{"type", "record"},
            {"offset", record.offset},
            {"timestamp", record.timestamp},
            {"key", shown(record.view.key)},
            {"value", shown(record.view.value)},
            {"headers", headers}};
  out_ << json_line(line) << "\n";
}

void json_dump::end(const dump_totals& totals) {
  json line{{"type", "end"},         {"batches", totals.batches}, {"records", totals.records},
            {"bytes", totals.bytes}, {"corrupt", totals.corrupt}, {"problems", totals.problems}};
  out_ << json_line(line) << "\n";
}

} // namespace chisme::cli
