#include "nodes/cli/dump_text.hpp"
#include "nodes/cli/json_text.hpp"

#include <ostream>

namespace chisme::cli {

namespace {

constexpr size_t max_shown = 120;

std::string hex_digits(std::byte b) {
  constexpr std::string_view digits = "0123456789abcdef";
  auto value = std::to_integer<size_t>(b);
  return {digits[value >> 4], digits[value & 15]};
}

/// Quoted; ASCII control characters, quotes and backslashes escaped, bytes above ASCII as they are (UTF-8,
/// mostly).
std::string shown(const log::nullable_bytes& value) {
  if (value.is_null)
    return "null";
  const bool plain = is_utf8(std::string{as_chars(value.bytes)});
  std::string text = "\"";
  for (auto b : value.bytes.first(std::min(value.bytes.size(), max_shown))) {
    auto c = static_cast<char>(b);
    if (c == '"' || c == '\\')
      text += std::string{'\\', c};
    else if (b < std::byte{0x20} || b == std::byte{0x7f} || (b >= std::byte{0x80} && !plain))
      text += "\\x" + hex_digits(b);
    else
      text += c;
  }
  auto cut = value.bytes.size() > max_shown;
  return text + "\"" + (cut ? "... (" + std::to_string(value.bytes.size()) + " bytes)" : "");
}

std::string flags_of(const log::batch_header& h) {
  std::string flags{to_string(h.compression())};
  flags += h.is_log_append_time() ? " append-time" : "";
  flags += h.is_transactional() ? " transactional" : "";
  flags += h.is_control() ? " control" : "";
  return flags;
}

} // namespace

void text_dump::file(const std::string& path) { out_ << path << "\n"; }

void text_dump::batch(const dumped_batch& batch) {
  auto& h = batch.at.header;
  out_ << "  offsets " << h.base_offset << ".." << h.last_offset() << "  records " << h.record_count << "  position "
       << batch.at.position << "  bytes " << h.size() << "  epoch " << h.leader_epoch << "  time " << h.max_timestamp
       << "  " << flags_of(h);
  if (h.has_producer())
    out_ << "  producer " << h.producer_id << "/" << h.producer_epoch << " sequence " << h.base_sequence;
  out_ << "  crc " << (batch.crc_ok ? "ok" : "BAD");
  if (!batch.problem.empty())
    out_ << "  " << batch.problem;
  out_ << "\n";
}

void text_dump::record(const dumped_record& record) {
  out_ << "    " << record.offset << "  time " << record.timestamp << "  key " << shown(record.view.key) << "  value "
       << shown(record.view.value);
  log::record_header_reader headers{record.view.headers};
  while (auto h = headers.next())
    out_ << "  header " << shown({false, as_bytes(h->key)}) << "=" << shown(h->value);
  out_ << "\n";
}

void text_dump::end(const dump_totals& totals) {
  for (auto& problem : totals.problems)
    out_ << "  " << problem << "\n";
  out_ << "  " << totals.batches << " batches, " << totals.records << " records, " << totals.bytes
       << " bytes: " << (totals.clean() ? "all well" : "DAMAGED") << "\n";
}

} // namespace chisme::cli
