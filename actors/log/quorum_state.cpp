#include "actors/log/quorum_state.hpp"

#include "actors/log/big_endian.hpp"
#include "actors/log/crc32c.hpp"
#include "actors/log/file_names.hpp"

namespace chisme::log {

namespace quorum_slot {

namespace {

constexpr size_t crc_at = size - 4;
constexpr uint32_t slot_magic = 0x43685153; // "ChQS"
constexpr int16_t slot_version = 1;
constexpr int16_t lost_disk_flag = 1;

} // namespace

std::array<std::byte, size> encode(const raft::hard_state& state, uint64_t sequence) {
  std::array<std::byte, size> slot{};
  auto* to = store_be(slot.data(), slot_magic);
  to = store_be(to, slot_version);
  to = store_be(to, static_cast<int16_t>(state.has_lost_disk ? lost_disk_flag : 0));
  to = store_be(to, sequence);
  to = store_be(to, state.term);
  to = store_be(to, state.voted_for);
  to = store_be(to, state.lost_until);
  store_be(to, crc32c_of(bytes_view{slot}.first(crc_at)));
  return slot;
}

std::optional<decoded> decode(bytes_view bytes) {
  if (bytes.size() < size || load_be<uint32_t>(bytes.data()) != slot_magic ||
      load_be<uint32_t>(bytes.data() + crc_at) != crc32c_of(bytes.first(crc_at)))
    return std::nullopt;
  decoded out;
  out.is_newer = load_be<int16_t>(bytes.data() + 4) > slot_version;
  out.state.has_lost_disk = load_be<int16_t>(bytes.data() + 6) & lost_disk_flag;
  out.sequence = load_be<uint64_t>(bytes.data() + 8);
  out.state.term = load_be<int32_t>(bytes.data() + 16);
  out.state.voted_for = load_be<int32_t>(bytes.data() + 20);
  out.state.lost_until = load_be<int32_t>(bytes.data() + 24);
  return out;
}

} // namespace quorum_slot

result<quorum_state> quorum_state::open(files& disk, const std::string& dir) {
  quorum_state out{std::make_unique<latched_files>(disk), dir + "/" + std::string{quorum_file_name}};
  auto there = disk.exists(out.path_);
  if (!there)
    return tl::make_unexpected(there.error());
  if (*there)
    if (auto ok = out.read(); !ok)
      return tl::make_unexpected(ok.error());
  return out;
}

// What is read may be in the system's cache only, left by a process that was killed or by a sync that failed: it is
// written once more, the same bytes in the same place, and has to be synced before anybody goes by it.
result<void> quorum_state::read() {
  auto content = disk_->read_all(path_, 2 * quorum_slot::distance);
  if (!content)
    return tl::make_unexpected(content.error());
  std::optional<quorum_slot::decoded> newest;
  for (int i = 0; i < 2; ++i) {
    const auto at = quorum_slot::distance * static_cast<uint64_t>(i);
    const auto slot = quorum_slot::decode(as_bytes(*content).subspan(std::min<uint64_t>(at, content->size())));
    if (!slot)
      continue;
    if (slot->is_newer)
      return fail(error_code::unsupported_version, path_ + ": written by a newer version of this program");
    if (newest && slot->sequence < newest->sequence)
      continue;
    newest = slot;
    slot_on_disk_ = i;
  }
  if (!newest)
    return fail(error_code::corrupt_message,
                path_ + ": damaged: neither of its two slots is whole. What this replica " +
                  "has voted for is not known any more; it must not vote again as if it " + "had not");
  sequence_ = newest->sequence;
  auto f = disk_->open(path_, open_mode::read_write);
  if (!f)
    return tl::make_unexpected(f.error());
  const auto bytes = quorum_slot::encode(newest->state, sequence_);
  const bytes_view parts[] = {bytes};
  if (auto ok = (*f)->write_at(quorum_slot::distance * static_cast<uint64_t>(slot_on_disk_), parts); !ok)
    return ok;
  if (auto ok = open_folders(); !ok)
    return ok;
  file_ = std::move(*f);
  is_named_ = is_unsure_ = true;
  if (sequence_ > 0)
    found_ = newest->state;
  return {};
}

/// The file's name is in the one, and the name of that one, which may be as new, in the other.
result<void> quorum_state::open_folders() {
  const auto dir = path_.substr(0, path_.rfind('/'));
  auto folder = disk_->open_directory(dir);
  if (!folder)
    return tl::make_unexpected(folder.error());
  if (const auto slash = dir.rfind('/'); slash != std::string::npos && slash > 0) {
    auto parent = disk_->open_directory(dir.substr(0, slash));
    if (!parent)
      return tl::make_unexpected(parent.error());
    parent_ = std::move(*parent);
  }
  folder_ = std::move(*folder);
  return {};
}

/// A temporary file that an earlier attempt has left is taken over: nothing counts that is in it.
result<void> quorum_state::prepare() {
  if (file_)
    return {};
  auto f = disk_->open(path_ + std::string{temporary_suffix}, open_mode::create_new);
  if (!f)
    return tl::make_unexpected(f.error());
  const auto bytes = quorum_slot::encode({}, 0);
  const bytes_view parts[] = {bytes};
  if (auto ok = (*f)->write_at(0, parts); !ok)
    return ok;
  if (auto ok = open_folders(); !ok)
    return ok;
  file_ = std::move(*f);
  is_unsure_ = true;
  ++ticket_;
  return {};
}

/// When a slot of it is on disk. The name is on disk with what is written next.
result<void> quorum_state::give_name() {
  if (is_named_)
    return {};
  auto ok = disk_->rename(path_ + std::string{temporary_suffix}, path_);
  is_named_ = ok.has_value();
  return ok;
}

quorum_state::unsynced quorum_state::dirty() const {
  unsynced out{{}, ticket_};
  if (!is_dirty())
    return out;
  out.files.push_back(file_);
  if (folder_ && is_named_)
    out.files.push_back(folder_);
  if (parent_)
    out.files.push_back(parent_);
  return out;
}

result<void> quorum_state::store(const raft::hard_state& state) {
  if (const auto* failed = disk_->latch()->failure())
    return tl::make_unexpected(*failed);
  if (auto ok = prepare(); !ok)
    return ok;
  if (is_dirty())
    waiting_ = state;
  else if (auto ok = write(state); !ok)
    return ok;
  ++stores_;
  if (!waiting_)
    stores_written_ = stores_;
  return {};
}

/// Into the slot that does not hold what is on disk. While this one is being synced nothing else is written: its bytes
/// would be half of something else where the power goes just when it was called synced.
result<void> quorum_state::write(const raft::hard_state& state) {
  if (auto ok = give_name(); !ok)
    return ok;
  const int slot = 1 - slot_on_disk_;
  const auto bytes = quorum_slot::encode(state, sequence_ + 1);
  const bytes_view parts[] = {bytes};
  if (auto ok = file_->write_at(quorum_slot::distance * static_cast<uint64_t>(slot), parts); !ok)
    return ok;
  ++sequence_;
  ++ticket_;
  written_ = state;
  return {};
}

result<void> quorum_state::mark_synced(const unsynced& what) {
  if (!is_dirty() || what.ticket != ticket_)
    return {};
  parent_ = nullptr;
  if (is_named_)
    folder_ = nullptr;
  if (std::exchange(is_unsure_, false)) {
    on_disk_ = found_;
  } else {
    on_disk_ = std::exchange(written_, std::nullopt);
    slot_on_disk_ = 1 - slot_on_disk_;
    stores_on_disk_ = stores_written_;
  }
  return write_waiting();
}

/// Where it fails, who has stored it is told, and has to do so again. Nobody waits for the name alone: where it cannot
/// be given, the next store() does that, or is told.
result<void> quorum_state::write_waiting() {
  if (!waiting_) {
    (void)give_name();
    return {};
  }
  const auto next = *std::exchange(waiting_, std::nullopt);
  if (auto ok = write(next); !ok) {
    stores_ = stores_on_disk_;
    return ok;
  }
  stores_written_ = stores_;
  return {};
}

result<void> quorum_state::sync() {
  while (is_dirty()) {
    const auto what = dirty();
    for (const auto& f : what.files)
      if (auto ok = f->sync(); !ok)
        return ok;
    if (auto ok = mark_synced(what); !ok)
      return ok;
  }
  return {};
}

} // namespace chisme::log
