// What sim_files is made of: files and folders with what is on the disk beside what is read, and what is open of them.
#pragma once

#include "tests/support/sim_files.hpp"

#include <algorithm>
#include <cstring>
#include <set>

namespace chisme::test {

/// One change of a file's content that is not on the disk.
struct inode_change {
  bool is_truncation = false;
  uint64_t position = 0; ///< or the new size
  std::string bytes;
};

constexpr uint64_t block_size = 512;

inline uint64_t blocks_of(uint64_t bytes) { return (bytes + block_size - 1) / block_size; }

inline void redo(std::string& content, const inode_change& c) {
  if (c.is_truncation) {
    content.resize(c.position, '\0');
    return;
  }
  if (content.size() < c.position + c.bytes.size())
    content.resize(c.position + c.bytes.size(), '\0');
  content.replace(c.position, c.bytes.size(), c.bytes);
}

/// A file or a folder; what is on the disk stands beside what is read.
struct sim_files::inode {
  using entries = std::map<std::string, inode_ptr>;
  /// Names that change in one step: removals, and what the name refers to from then on.
  using entry_change = std::vector<std::pair<std::string, inode_ptr>>;

  explicit inode(bool folder) : is_directory(folder) {}

  static void apply_to(entries& names, const entry_change& c) {
    for (const auto& [name, target] : c) {
      if (target)
        names[name] = target;
      else
        names.erase(name);
    }
  }
  void change_names(entry_change c) {
    apply_to(names, c);
    name_changes.push_back(std::move(c));
  }
  /// The pages in which [position, end) lies.
  static std::pair<uint64_t, uint64_t> pages_of(uint64_t position, uint64_t end) {
    return {position / block_size, blocks_of(end)};
  }
  bool is_in_memory(uint64_t position, uint64_t length) const {
    const auto [first, end] = pages_of(position, std::min<uint64_t>(position + length, now.size()));
    const auto i = cold.lower_bound(first);
    return i == cold.end() || *i >= end;
  }
  void warm(uint64_t position, uint64_t length) {
    const auto [first, end] = pages_of(position, position + length);
    if (first < end)
      cold.erase(cold.lower_bound(first), cold.lower_bound(end));
  }
  /// Pages that are not on the disk yet cannot leave the memory.
  template <class Goes>
  void cool_down(Goes goes) {
    for (uint64_t page = 0; changes.empty() && page < blocks_of(now.size()); ++page)
      if (goes())
        cold.insert(page);
  }

  void change_content(inode_change c, std::optional<timestamp_ms> when) {
    redo(now, c);
    if (c.is_truncation)
      cold.erase(cold.lower_bound(blocks_of(now.size())), cold.end());
    else
      warm(c.position, c.bytes.size());
    modified_at = when;
    ++writes;
    changes.push_back(std::move(c));
  }
  void write_back() {
    for (const auto& c : changes)
      redo(durable, c);
    changes.clear();
  }
  /// The first `count` changes of names are on the disk.
  void commit_names(size_t count) {
    for (size_t i = 0; i < count; ++i)
      apply_to(durable_names, name_changes[i]);
    name_changes.erase(name_changes.begin(), name_changes.begin() + static_cast<std::ptrdiff_t>(count));
  }

  /// Some file systems keep the order of what is not synced, others do not.
  void lose_names(std::mt19937_64& random) {
    if (random() % 2)
      return commit_names(random() % (name_changes.size() + 1));
    std::erase_if(name_changes, [&](const entry_change&) { return random() % 2; });
    commit_names(name_changes.size());
  }

  const bool is_directory;
  std::string now;
  std::string durable;
  std::set<uint64_t> cold; ///< pages that are on the disk only
  std::vector<inode_change> changes;
  uint64_t errors = 0; ///< failed write-backs
  bool errors_were_told = true;
  std::optional<timestamp_ms> modified_at;
  uint64_t writes = 0;
  entries names;
  entries durable_names;
  std::vector<entry_change> name_changes;
};

struct sim_files::found_path {
  inode_ptr folder; ///< null where there is none
  std::string name;
};

class sim_file final : public log::file {
public:
  sim_file(sim_files& disk, std::shared_ptr<sim_files::inode> node, std::string path)
    : disk_(disk), node_(std::move(node)), path_(std::move(path)),
      told_(node_->errors_were_told ? node_->errors : node_->errors - 1) {}

  result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
    std::lock_guard guard{disk_.mutex_};
    if (auto fault = disk_.next_fault_of_reads())
      return disk_.refuse("read", path_, *fault);
    if (!node_->is_in_memory(position, into.size()))
      disk_.note_wait(path_);
    node_->warm(position, into.size());
    return copy(position, into);
  }

  result<std::optional<size_t>> read_from_memory(uint64_t position, std::span<std::byte> into) override {
    std::lock_guard guard{disk_.mutex_};
    if (!node_->is_in_memory(position, into.size()))
      return std::nullopt;
    return std::optional{copy(position, into)};
  }

  bool is_in_memory(uint64_t position, uint64_t length) override {
    std::lock_guard guard{disk_.mutex_};
    return node_->is_in_memory(position, length);
  }

  result<void> write_at(uint64_t position, std::span<const bytes_view> parts) override {
    std::lock_guard guard{disk_.mutex_};
    if (auto ok = disk_.may_change("write", path_); !ok)
      return ok;
    std::string bytes;
    for (const auto& p : parts)
      bytes += as_chars(p);
    const auto fault = disk_.next_fault();
    if (fault == disk_fault::full)
      bytes.resize(bytes.size() / 2);
    const auto room = (blocks_of(node_->now.size()) + disk_.blocks_left()) * block_size;
    const bool fits = position + bytes.size() <= room;
    if (!fits)
      bytes.resize(room > position ? room - position : 0);
    if (fault != disk_fault::io_error && !bytes.empty())
      node_->change_content({false, position, std::move(bytes)}, disk_.now_);
    if (fault || !fits)
      return disk_.refuse("write", path_, fault.value_or(disk_fault::full));
    return {};
  }

  result<void> sync() override {
    std::lock_guard guard{disk_.mutex_};
    if (auto ok = disk_.may_change("sync", path_); !ok)
      return ok;
    const auto fault = disk_.next_fault();
    if (fault) {
      disk_.lose_writes(*node_);
      disk_.note_error(*node_);
    }
    ++disk_.syncs_;
    node_->write_back();
    if (std::exchange(told_, node_->errors) == node_->errors)
      return {};
    node_->errors_were_told = true;
    ++disk_.failed_syncs_;
    return disk_.refuse("sync", path_, fault.value_or(disk_fault::io_error));
  }

  result<void> truncate(uint64_t size) override {
    std::lock_guard guard{disk_.mutex_};
    if (auto ok = disk_.may_change("truncate", path_); !ok)
      return ok;
    if (auto fault = disk_.next_fault())
      return disk_.refuse("truncate", path_, *fault);
    node_->change_content({true, size, {}}, disk_.now_);
    return {};
  }

  result<uint64_t> size() override {
    std::lock_guard guard{disk_.mutex_};
    if (auto fault = disk_.next_fault_of_reads())
      return disk_.refuse("size of", path_, *fault);
    return node_->now.size();
  }

  std::optional<int64_t> change_stamp() override {
    std::lock_guard guard{disk_.mutex_};
    return static_cast<int64_t>(node_->writes);
  }
  std::optional<timestamp_ms> modified_at() override {
    std::lock_guard guard{disk_.mutex_};
    return node_->modified_at;
  }

  int native_handle() const override { return disk_.descriptors_ ? 1 << 20 : -1; }
  const std::string& path() const override { return path_; }

private:
  size_t copy(uint64_t position, std::span<std::byte> into) const {
    if (position >= node_->now.size())
      return 0;
    const auto n = std::min<uint64_t>(into.size(), node_->now.size() - position);
    std::memcpy(into.data(), node_->now.data() + position, n);
    return n;
  }

  sim_files& disk_;
  std::shared_ptr<sim_files::inode> node_;
  std::string path_;
  uint64_t told_; ///< how many failed write-backs of the file this handle knows of
};

class sim_directory final : public log::file {
public:
  sim_directory(sim_files& disk, std::shared_ptr<sim_files::inode> node, std::string path)
    : disk_(disk), node_(std::move(node)), path_(std::move(path)) {}

  result<size_t> read_at(uint64_t, std::span<std::byte>) override { return is_a_folder("read"); }
  result<void> write_at(uint64_t, std::span<const bytes_view>) override { return is_a_folder("write"); }
  result<void> truncate(uint64_t) override { return is_a_folder("truncate"); }
  result<uint64_t> size() override { return 0; }

  result<void> sync() override {
    std::lock_guard guard{disk_.mutex_};
    if (auto ok = disk_.may_change("sync", path_); !ok)
      return ok;
    if (auto fault = disk_.next_fault()) {
      disk_.read_only_ = true;
      ++disk_.failed_syncs_;
      return disk_.refuse("sync", path_, *fault);
    }
    ++disk_.syncs_;
    node_->commit_names(node_->name_changes.size());
    return {};
  }

  int native_handle() const override { return -1; }
  const std::string& path() const override { return path_; }

private:
  tl::unexpected<error> is_a_folder(const char* operation) const {
    return fail(error_code::kafka_storage_error, std::string{operation} + " " + path_ + ": is a directory");
  }

  sim_files& disk_;
  std::shared_ptr<sim_files::inode> node_;
  std::string path_;
};

class sim_filesystem final : public log::filesystem {
public:
  sim_filesystem(sim_files& disk, std::string path)
    : disk_(disk), path_(std::move(path)), told_(disk.errors_were_told_ ? disk.errors_ : disk.errors_ - 1) {}

  result<void> sync() override {
    std::lock_guard guard{disk_.mutex_};
    if (auto ok = disk_.may_change("sync", path_); !ok)
      return ok;
    const auto dirty = disk_.dirty_files();
    if (auto fault = disk_.next_fault(); fault && !dirty.empty()) {
      auto& unlucky = *dirty[disk_.random_() % dirty.size()];
      disk_.lose_writes(unlucky);
      disk_.note_error(unlucky);
    }
    ++disk_.syncs_;
    for (const auto& f : dirty)
      f->write_back();
    commit_all_names(*disk_.root_);
    if (std::exchange(told_, disk_.errors_) == disk_.errors_)
      return {};
    disk_.errors_were_told_ = true;
    ++disk_.failed_syncs_;
    return disk_.refuse("sync", path_, disk_fault::io_error);
  }

private:
  static void commit_all_names(sim_files::inode& folder) {
    folder.commit_names(folder.name_changes.size());
    for (auto& [name, child] : folder.names)
      if (child->is_directory)
        commit_all_names(*child);
  }

  sim_files& disk_;
  std::string path_;
  uint64_t told_;
};

} // namespace chisme::test
