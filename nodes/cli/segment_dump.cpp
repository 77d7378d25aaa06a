#include "nodes/cli/segment_dump.hpp"

#include "actors/log/batch_scanner.hpp"
#include "actors/log/compression.hpp"
#include "actors/log/file_names.hpp"
#include "actors/log/index_file.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

namespace chisme::cli {

namespace {

/// A batch is read whole to be looked at; none that a node wrote is larger.
constexpr uint64_t largest_batch = 256u << 20;

std::string printable(const log::nullable_bytes& bytes) {
  if (bytes.is_null)
    return "null";
  std::string text{as_chars(bytes.bytes.first(std::min<size_t>(bytes.bytes.size(), 200)))};
  for (auto& c : text) {
    if (static_cast<unsigned char>(c) < 0x20)
      c = '.';
  }
  return text + (bytes.bytes.size() > 200 ? "..." : "");
}

class segment_printer {
public:
  segment_printer(std::ostream& out, log::files& disk, std::string path, const dump_options& wanted)
    : out_(out), disk_(disk), path_(std::move(path)), wanted_(wanted) {}

  result<bool> run() {
    auto opened = disk_.open(path_, log::open_mode::read);
    if (!opened)
      return tl::make_unexpected(opened.error());
    file_ = *opened;
    auto size = file_->size();
    if (!size)
      return tl::make_unexpected(size.error());
    if (!wanted_.json)
      out_ << path_ << "  " << *size << " bytes\n";
    // Headers are walked, checksums looked at one by one: a damaged batch does not end the dump.
    log::batch_scanner scanner{*file_, 0, *size, log::batch_scanner::check::headers};
    for (;;) {
      auto batch = scanner.next();
      if (!batch)
        return tl::make_unexpected(batch.error());
      if (!*batch)
        break;
      if (auto ok = show(**batch); !ok)
        return tl::make_unexpected(ok.error());
    }
    if (scanner.position() != *size)
      damage(scanner.position(), std::to_string(*size - scanner.position()) + " bytes behind the last batch: " +
                                   (scanner.problem() ? scanner.problem() : "not a batch"));
    if (wanted_.verify_index)
      verify_indexes();
    return sound_;
  }

private:
  result<void> show(const log::located_batch& batch) {
    const auto& h = batch.header;
    positions_.insert(batch.position);
    std::vector<std::byte> bytes(std::min(h.size(), largest_batch));
    auto n = file_->read_at(batch.position, bytes);
    if (!n)
      return tl::make_unexpected(n.error());
    const log::batch_view view{h, bytes_view{bytes}.first(*n)};
    const bool good = *n == h.size() && view.crc_matches();
    sound_ = sound_ && good;
    wanted_.json ? print_json(batch, good) : print_line(batch, good);
    if (wanted_.records && good)
      show_records(view);
    return {};
  }

  void print_line(const log::located_batch& batch, bool good) {
    const auto& h = batch.header;
    out_ << "  offsets " << h.base_offset << ".." << h.last_offset() << "  position " << batch.position << "  bytes "
         << h.size() << "  records " << h.record_count << "  epoch " << h.leader_epoch << "  "
         << log::to_string(h.compression()) << "  time " << h.max_timestamp
         << (h.is_log_append_time() ? " (append)" : "");
    if (h.has_producer())
      out_ << "  producer " << h.producer_id << "/" << h.producer_epoch << " sequence " << h.base_sequence;
    if (h.is_transactional())
      out_ << "  transactional";
    if (h.is_control())
      out_ << "  control";
    out_ << (good ? "  crc ok" : "  CRC WRONG") << "\n";
  }

  void print_json(const log::located_batch& batch, bool good) {
    const auto& h = batch.header;
    out_ << nlohmann::json{{"file", path_},
                           {"position", batch.position},
                           {"size", h.size()},
                           {"base_offset", h.base_offset},
                           {"last_offset", h.last_offset()},
                           {"records", h.record_count},
                           {"leader_epoch", h.leader_epoch},
                           {"codec", log::to_string(h.compression())},
                           {"base_timestamp", h.base_timestamp},
                           {"max_timestamp", h.max_timestamp},
                           {"log_append_time", h.is_log_append_time()},
                           {"producer_id", h.producer_id},
                           {"producer_epoch", h.producer_epoch},
                           {"base_sequence", h.base_sequence},
                           {"transactional", h.is_transactional()},
                           {"control", h.is_control()},
                           {"crc_ok", good}}
              .dump()
         << "\n";
  }

  void show_records(const log::batch_view& batch) {
    auto block = buffer::copy_of(batch.body());
    if (batch.header.compression() != log::codec::none) {
      auto plain = log::decompress(batch.header.compression(), batch.body());
      if (!plain)
        return damage(0, "offset " + std::to_string(batch.header.base_offset) + ": " + plain.error().message);
      block = *plain;
    }
    log::record_reader records{block};
    while (auto r = records.next())
      show_record(batch.header, *r);
    if (records.failed())
      damage(0, "offset " + std::to_string(batch.header.base_offset) + ": a record that does not parse");
  }

  void show_record(const log::batch_header& h, const log::record_view& r) {
    const auto offset = h.base_offset + r.offset_delta;
    const auto time = h.is_log_append_time() ? h.max_timestamp : h.base_timestamp + r.timestamp_delta;
    if (wanted_.json) {
      out_ << nlohmann::json{{"offset", offset},
                             {"timestamp", time},
                             {"key", r.key.is_null ? nlohmann::json{} : nlohmann::json(printable(r.key))},
                             {"value", r.value.is_null ? nlohmann::json{} : nlohmann::json(printable(r.value))},
                             {"headers", r.header_count}}
                .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
           << "\n";
      return;
    }
    out_ << "    " << offset << "  time " << time << "  key " << printable(r.key) << "  value " << printable(r.value);
    if (r.header_count > 0)
      out_ << "  headers " << r.header_count;
    out_ << "\n";
  }

  void verify_indexes() {
    const auto name = std::filesystem::path{path_}.filename().string();
    const auto base = log::offset_in_name(name, log::log_suffix);
    if (!base)
      return damage(0, "the file's name is no offset: its indexes cannot be found");
    const auto stem = path_.substr(0, path_.size() - log::log_suffix.size());
    std::error_code e;
    const auto index_path = stem + std::string{log::index_suffix};
    const auto size = std::filesystem::file_size(index_path, e);
    if (e)
      return; // none: it is made anew when it is needed
    log::offset_index index{disk_, stem, "", *base, size};
    for (uint64_t i = 0; i < index.count(); ++i) {
      auto entry = index.at(i);
      if (!entry || !*entry)
        return damage(0, index_path + ": entry " + std::to_string(i) + " cannot be read");
      if (!positions_.contains((*entry)->position))
        damage((*entry)->position, index_path + ": entry " + std::to_string(i) + " points at no batch");
    }
    if (!wanted_.json)
      out_ << "  index: " << index.count() << " entries checked\n";
  }

  void damage(uint64_t position, const std::string& what) {
    sound_ = false;
    if (wanted_.json)
      out_ << nlohmann::json{{"file", path_}, {"position", position}, {"damage", what}}.dump() << "\n";
    else
      out_ << "  DAMAGE at " << position << ": " << what << "\n";
  }

  std::ostream& out_;
  log::files& disk_;
  std::string path_;
  dump_options wanted_;
  log::file_ptr file_;
  std::set<uint64_t> positions_;
  bool sound_ = true;
};

} // namespace

result<bool> dump_segment(std::ostream& out, log::files& disk, const std::string& path, const dump_options& wanted) {
  return segment_printer{out, disk, path, wanted}.run();
}

} // namespace chisme::cli
