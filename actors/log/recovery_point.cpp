#include "actors/log/recovery_point.hpp"

#include "actors/log/big_endian.hpp"
#include "actors/log/crc32c.hpp"
#include "actors/log/file_names.hpp"

#include <array>

namespace chisme::log {

namespace {

constexpr size_t slot_size = 128;
constexpr size_t crc_at = slot_size - 4;
constexpr uint32_t slot_magic = 0x43685250; // "ChRP"
constexpr int16_t slot_version = 1;
constexpr int16_t resetting_flag = 1;
constexpr int16_t established_flag = 2;
constexpr int16_t marks_come_first_flag = 4;

int16_t flags_of(const recovery_point& p) {
  return static_cast<int16_t>((p.resetting ? resetting_flag : 0) | (p.established ? established_flag : 0) |
                              (p.marks_come_first ? marks_come_first_flag : 0));
}

using slot_bytes = std::array<std::byte, slot_size>;

slot_bytes encode(const recovery_point& p, uint64_t sequence) {
  slot_bytes slot{};
  auto* to = store_be(slot.data(), slot_magic);
  to = store_be(to, slot_version);
  to = store_be(to, flags_of(p));
  to = store_be(to, sequence);
  to = store_be(to, p.segment_base);
  to = store_be(to, p.position);
  to = store_be(to, p.offset);
  to = store_be(to, p.max_timestamp);
  to = store_be(to, p.max_timestamp_offset);
  to = store_be(to, p.start_offset);
  to = store_be(to, p.snapshot_offset);
  to = store_be(to, p.compacted_upto);
  to = store_be(to, p.segment_count);
  to = store_be(to, p.segment_hash);
  store_be(to, p.gaps_upto);
  store_be(slot.data() + crc_at, crc32c_of(bytes_view{slot}.first(crc_at)));
  return slot;
}

recovery_point decode(const std::byte* slot) {
  recovery_point p;
  const auto flags = load_be<int16_t>(slot + 6);
  p.resetting = flags & resetting_flag;
  p.established = flags & established_flag;
  p.marks_come_first = flags & marks_come_first_flag;
  p.segment_base = load_be<int64_t>(slot + 16);
  p.position = load_be<uint64_t>(slot + 24);
  p.offset = load_be<int64_t>(slot + 32);
  p.max_timestamp = load_be<int64_t>(slot + 40);
  p.max_timestamp_offset = load_be<int64_t>(slot + 48);
  p.start_offset = load_be<int64_t>(slot + 56);
  p.snapshot_offset = load_be<int64_t>(slot + 64);
  p.compacted_upto = load_be<int64_t>(slot + 72);
  p.segment_count = load_be<uint32_t>(slot + 80);
  p.segment_hash = load_be<uint32_t>(slot + 84);
  p.gaps_upto = load_be<int64_t>(slot + 88);
  return p;
}

bool is_whole(bytes_view slot) {
  return load_be<uint32_t>(slot.data()) == slot_magic &&
         load_be<uint32_t>(slot.data() + crc_at) == crc32c_of(slot.first(crc_at));
}

} // namespace

result<recovery_point_file> recovery_point_file::open(files& disk, const std::string& dir) {
  recovery_point_file out{disk, dir + "/" + std::string{recovery_file_name}};
  auto there = disk.exists(out.path_);
  if (!there)
    return tl::make_unexpected(there.error());
  if (!*there)
    return out;
  auto content = disk.read_all(out.path_);
  if (!content)
    return tl::make_unexpected(content.error());
  out.exists_ = true;
  bool newer = false;
  out.read_slots(*content, newer);
  if (newer)
    return fail(error_code::unsupported_version, out.path_ + ": written by a newer version of this program");
  return out;
}

void recovery_point_file::read_slots(std::string_view content, bool& newer) {
  for (int i = 0; i < 2 && content.size() >= slot_size * static_cast<size_t>(i + 1); ++i) {
    const auto slot = as_bytes(content).subspan(slot_size * static_cast<size_t>(i), slot_size);
    if (!is_whole(slot))
      continue;
    newer = newer || load_be<int16_t>(slot.data() + 4) > slot_version;
    const auto sequence = load_be<uint64_t>(slot.data() + 8);
    if (point_ && sequence <= sequence_)
      continue;
    point_ = decode(slot.data());
    sequence_ = sequence;
    current_slot_ = durable_slot_ = i;
    unsure_ = true;
  }
}

result<void> recovery_point_file::write(const recovery_point& p, bool durable) {
  const int slot = durable_slot_ == 0 ? 1 : 0;
  auto f = disk_->open(path_, open_mode::create);
  if (!f)
    return tl::make_unexpected(f.error());
  const auto bytes = encode(p, sequence_ + 1);
  const bytes_view parts[] = {bytes};
  exists_ = true;
  if (unsure_)
    if (auto ok = make_sure(); !ok)
      return ok;
  torn_ = true;
  if (auto ok = (*f)->write_at(static_cast<uint64_t>(slot) * slot_size, parts); !ok)
    return ok;
  torn_ = false;
  ++sequence_;
  point_ = p;
  current_slot_ = slot;
  if (!durable)
    return {};
  if (auto ok = (*f)->sync(); !ok)
    return ok;
  durable_slot_ = slot;
  return {};
}

result<void> recovery_point_file::write_again() {
  if (!point_)
    return {};
  auto f = disk_->open(path_, open_mode::read_write);
  if (!f)
    return tl::make_unexpected(f.error());
  const auto bytes = encode(*point_, sequence_);
  const bytes_view parts[] = {bytes};
  return (*f)->write_at(static_cast<uint64_t>(current_slot_) * slot_size, parts);
}

result<void> recovery_point_file::make_sure() {
  if (!unsure_)
    return {};
  if (auto ok = write_again(); !ok)
    return ok;
  auto f = disk_->open(path_, open_mode::read_write);
  if (!f)
    return tl::make_unexpected(f.error());
  auto ok = (*f)->sync();
  unsure_ = !ok;
  return ok;
}

result<file_ptr> recovery_point_file::open_file() const {
  if (!exists_)
    return file_ptr{};
  return disk_->open(path_, open_mode::read_write);
}

} // namespace chisme::log
