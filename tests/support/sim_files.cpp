#include "tests/support/sim_inode.hpp"

#include <algorithm>

namespace chisme::test {

sim_files::sim_files(uint64_t seed) : random_(seed), root_(std::make_shared<inode>(true)) {}

// Folders refer to what is in them, open files to their inodes: nothing refers upwards.
sim_files::~sim_files() = default;

sim_files::found_path sim_files::parent_of(const std::string& path) const {
  found_path at{root_, {}};
  for (size_t begin = 0; begin < path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    if (end > begin) {
      if (!at.name.empty()) {
        auto next = at.folder->names.find(at.name);
        if (next == at.folder->names.end() || !next->second->is_directory)
          return {nullptr, {}};
        at.folder = next->second;
      }
      at.name = path.substr(begin, end - begin);
    }
    begin = end + 1;
  }
  return at;
}

sim_files::inode_ptr sim_files::find(const std::string& path) const {
  const auto at = parent_of(path);
  if (!at.folder || at.name.empty())
    return at.folder;
  auto found = at.folder->names.find(at.name);
  return found == at.folder->names.end() ? nullptr : found->second;
}

result<void> sim_files::may_change(const char* operation, const std::string& path) {
  refused_ |= operations_ >= last_operation_ || read_only_;
  if (++operations_ > last_operation_)
    return fail(error_code::kafka_storage_error, std::string{operation} + " " + path + ": the process was killed");
  if (read_only_)
    return fail(error_code::kafka_storage_error, std::string{operation} + " " + path + ": read-only file system");
  return {};
}

std::optional<disk_fault> sim_files::next_fault() {
  if (!fault_)
    return std::nullopt;
  if (fault_->after > 0) {
    --fault_->after;
    return std::nullopt;
  }
  const auto what = fault_->what;
  fault_.reset();
  return what;
}

tl::unexpected<error> sim_files::no_descriptors(const char* operation, const std::string& path) {
  refused_ = true;
  return fail(error_code::kafka_storage_error, std::string{operation} + " " + path + ": too many open files");
}

std::optional<disk_fault> sim_files::next_fault_of_reads() {
  return fault_ && fault_->reads_too ? next_fault() : std::nullopt;
}

tl::unexpected<error> sim_files::refuse(const char* operation, const std::string& path, disk_fault what) {
  last_refused_ = std::string{operation} + " " + path;
  refused_ = true;
  return fail(error_code::kafka_storage_error,
              std::string{operation} + " " + path +
                (what == disk_fault::full ? ": the disk is full" : ": input/output error"));
}

tl::unexpected<error> sim_files::no_such(const char* operation, const std::string& path) const {
  return fail(error_code::kafka_storage_error, std::string{operation} + " " + path + ": no such file");
}

/// At least one of the writes, where there is one, never reaches the disk; truncations are in the journal.
void sim_files::lose_writes(inode& file) {
  const auto writes = std::ranges::count_if(file.changes, [](const inode_change& c) { return !c.is_truncation; });
  auto must_go = writes == 0 ? 0 : static_cast<int64_t>(random_() % static_cast<uint64_t>(writes));
  std::erase_if(file.changes,
                [&](const inode_change& c) { return !c.is_truncation && (must_go-- == 0 || random_() % 2 == 0); });
  file.write_back();
}

void sim_files::note_error(inode& file) {
  ++file.errors;
  file.errors_were_told = false;
  ++errors_;
  errors_were_told_ = false;
}

result<log::file_ptr> sim_files::open(const std::string& path, log::open_mode mode) {
  std::lock_guard guard{mutex_};
  if (opens_refused_)
    return no_descriptors("open", path);
  const bool may_create = mode == log::open_mode::create || mode == log::open_mode::create_new;
  auto node = find(path);
  if (node && node->is_directory)
    return fail(error_code::kafka_storage_error, "open " + path + ": is a directory");
  const auto at = parent_of(path);
  if (node)
    if (auto fault = next_fault_of_reads())
      return refuse("open", path, *fault);
  if (!node && (!may_create || !at.folder))
    return no_such("open", path);
  if (!node) {
    if (auto ok = may_change("open", path); !ok)
      return tl::make_unexpected(ok.error());
    if (auto fault = next_fault())
      return refuse("open", path, *fault);
    if (!has_room(1))
      return refuse("open", path, disk_fault::full);
    node = std::make_shared<inode>(false);
    at.folder->change_names({{at.name, node}});
  }
  if (mode == log::open_mode::create_new && !node->now.empty()) {
    if (auto ok = may_change("open", path); !ok)
      return tl::make_unexpected(ok.error());
    node->change_content({true, 0, {}}, now_);
  }
  return std::make_shared<sim_file>(*this, node, path);
}

result<log::file_ptr> sim_files::open_directory(const std::string& path) {
  std::lock_guard guard{mutex_};
  if (opens_refused_)
    return no_descriptors("open", path);
  auto node = find(path);
  if (!node || !node->is_directory)
    return no_such("open", path);
  if (auto fault = next_fault_of_reads())
    return refuse("open", path, *fault);
  return std::make_shared<sim_directory>(*this, node, path);
}

result<log::filesystem_ptr> sim_files::open_filesystem(const std::string& path) {
  std::lock_guard guard{mutex_};
  return std::make_shared<sim_filesystem>(*this, path);
}

result<bool> sim_files::exists(const std::string& path) {
  std::lock_guard guard{mutex_};
  if (auto fault = next_fault_of_reads())
    return refuse("look for", path, *fault);
  return find(path) != nullptr;
}

result<std::vector<log::dir_entry>> sim_files::list(const std::string& path) {
  std::lock_guard guard{mutex_};
  if (opens_refused_)
    return no_descriptors("list", path);
  auto node = find(path);
  if (!node || !node->is_directory)
    return no_such("list", path);
  if (auto fault = next_fault_of_reads())
    return refuse("list", path, *fault);
  std::vector<log::dir_entry> out;
  for (const auto& [name, child] : node->names)
    out.push_back({name, child->is_directory, child->now.size()});
  if (lists_backwards_)
    std::ranges::reverse(out);
  return out;
}

result<void> sim_files::make_directories(const std::string& path) {
  std::lock_guard guard{mutex_};
  for (size_t end = 0; end < path.size();) {
    end = std::min(path.find('/', end + 1), path.size());
    const auto folder = path.substr(0, end);
    if (auto node = find(folder)) {
      if (!node->is_directory)
        return fail(error_code::kafka_storage_error, "make folder " + folder + ": is a file");
      continue;
    }
    if (auto ok = may_change("make folder", folder); !ok)
      return ok;
    if (auto fault = next_fault())
      return refuse("make folder", folder, *fault);
    if (!has_room(1))
      return refuse("make folder", folder, disk_fault::full);
    const auto at = parent_of(folder);
    at.folder->change_names({{at.name, std::make_shared<inode>(true)}});
    // What stands at the top is where a file system is mounted.
    if (at.folder == root_)
      root_->commit_names(root_->name_changes.size());
  }
  return {};
}

result<void> sim_files::remove(const std::string& path) {
  std::lock_guard guard{mutex_};
  auto node = find(path);
  if (!node || node->is_directory)
    return no_such("remove", path);
  if (auto ok = may_change("remove", path); !ok)
    return ok;
  if (auto fault = next_fault())
    return refuse("remove", path, *fault);
  const auto at = parent_of(path);
  at.folder->change_names({{at.name, nullptr}});
  return {};
}

result<void> sim_files::remove_all(const std::string& path) {
  std::lock_guard guard{mutex_};
  const auto at = parent_of(path);
  if (!at.folder || !at.folder->names.contains(at.name))
    return {};
  return remove_tree(path, *at.folder, at.name);
}

/// Name by name, so that a fault or a crash leaves a part.
result<void> sim_files::remove_tree(const std::string& path, inode& parent, const std::string& name) {
  const auto node = parent.names.at(name);
  while (!node->names.empty()) {
    const auto child = node->names.begin()->first;
    if (auto ok = remove_tree(path + "/" + child, *node, child); !ok)
      return ok;
  }
  if (auto ok = may_change("remove", path); !ok)
    return ok;
  if (auto fault = next_fault())
    return refuse("remove", path, *fault);
  parent.change_names({{name, nullptr}});
  return {};
}

result<void> sim_files::rename(const std::string& from, const std::string& to) {
  std::lock_guard guard{mutex_};
  auto node = find(from);
  const auto source = parent_of(from);
  const auto target = parent_of(to);
  if (!node || !target.folder)
    return no_such("rename", from);
  if (auto ok = may_change("rename", from); !ok)
    return ok;
  if (auto fault = next_fault())
    return refuse("rename", from, *fault);
  if (source.folder == target.folder) {
    source.folder->change_names({{source.name, nullptr}, {target.name, node}});
  } else {
    target.folder->change_names({{target.name, node}});
    source.folder->change_names({{source.name, nullptr}});
  }
  return {};
}

result<uint64_t> sim_files::free_space(const std::string& path) {
  std::lock_guard guard{mutex_};
  if (auto fault = next_fault_of_reads())
    return refuse("space of", path, *fault);
  return blocks_left() * block_size;
}

void sim_files::fill_up(uint64_t blocks_left) {
  const auto used = used_blocks();
  std::lock_guard guard{mutex_};
  capacity_ = used + blocks_left;
}

void sim_files::make_room() {
  std::lock_guard guard{mutex_};
  capacity_.reset();
}

uint64_t sim_files::used_by(const inode& folder) {
  uint64_t used = 0;
  for (const auto& [name, child] : folder.names)
    used += 1 + (child->is_directory ? used_by(*child) : blocks_of(child->now.size()));
  return used;
}

uint64_t sim_files::used_blocks() {
  std::lock_guard guard{mutex_};
  return used_by(*root_);
}

uint64_t sim_files::blocks_left() const {
  if (!capacity_)
    return (uint64_t{1} << 40) / block_size;
  const auto used = used_by(*root_);
  return used < *capacity_ ? *capacity_ - used : 0;
}

bool sim_files::has_room(uint64_t blocks) const { return blocks_left() >= blocks; }

size_t sim_files::file_count(const std::string& path) {
  std::lock_guard guard{mutex_};
  const auto folder = find(path);
  return folder ? folder->names.size() : 0;
}

void sim_files::collect(const inode_ptr& from, std::vector<inode_ptr>& into) const {
  for (const auto& [name, child] : from->names) {
    if (child->is_directory)
      collect(child, into);
    else
      into.push_back(child);
  }
}

std::vector<sim_files::inode_ptr> sim_files::dirty_files() const {
  std::vector<inode_ptr> all;
  collect(root_, all);
  std::erase_if(all, [](const inode_ptr& f) { return f->changes.empty(); });
  return all;
}

void sim_files::fail_write_back() {
  std::lock_guard guard{mutex_};
  const auto dirty = dirty_files();
  if (dirty.empty())
    return;
  auto& unlucky = *dirty[random_() % dirty.size()];
  lose_writes(unlucky);
  note_error(unlucky);
}

void sim_files::cool_down(std::mt19937_64& random) {
  std::lock_guard guard{mutex_};
  std::vector<inode_ptr> all;
  collect(root_, all);
  for (auto& f : all)
    if (random() % 2)
      f->cool_down([&] { return random() % 4 != 0; });
}

bool sim_files::drop_clean_pages() {
  std::lock_guard guard{mutex_};
  bool changed = false;
  std::vector<inode_ptr> all;
  collect(root_, all);
  for (auto& f : all) {
    auto content = f->durable;
    for (const auto& c : f->changes)
      redo(content, c);
    changed |= content != f->now;
    f->now = std::move(content);
    f->cool_down([] { return true; });
  }
  return changed;
}

namespace {

/// What a crash leaves of the unsynced changes of a file: any of them, whole or torn.
void survive(std::string& content, std::vector<inode_change>& changes, std::mt19937_64& random) {
  for (auto& c : changes) {
    switch (random() % 4) {
      case 0:
        continue;
      case 1:
        if (!c.is_truncation && !c.bytes.empty()) {
          const auto from = random() % c.bytes.size();
          if (random() % 2) {
            c.bytes.resize(from);
          } else {
            c.bytes.erase(0, from);
            c.position += from;
          }
        }
        [[fallthrough]];
      default:
        redo(content, c);
    }
  }
  changes.clear();
}

} // namespace

void sim_files::crash(std::mt19937_64& random) {
  std::lock_guard guard{mutex_};
  // Open files keep the inodes of before; the disk goes on with copies, each once however many names it has.
  std::map<const inode*, inode_ptr> after;
  const auto restart = [&](const auto& self, const inode_ptr& old) -> inode_ptr {
    if (auto known = after.find(old.get()); known != after.end())
      return known->second;
    auto fresh = std::make_shared<inode>(old->is_directory);
    after.emplace(old.get(), fresh);
    if (!old->is_directory) {
      fresh->durable = old->durable;
      survive(fresh->durable, old->changes, random);
      fresh->modified_at = old->modified_at;
      fresh->now = fresh->durable;
      fresh->cool_down([] { return true; });
      return fresh;
    }
    old->lose_names(random);
    for (const auto& [name, child] : old->durable_names)
      fresh->names[name] = self(self, child);
    fresh->durable_names = fresh->names;
    return fresh;
  };
  root_ = restart(restart, root_);
  fault_.reset();
  read_only_ = false;
  opens_refused_ = false;
  may_wait_ = true;
  errors_ = 0;
  errors_were_told_ = true;
}

void sim_files::fail_operation(uint64_t after, disk_fault what) {
  std::lock_guard guard{mutex_};
  fault_ = planned_fault{after, what};
}

void sim_files::fail_any_operation(uint64_t after, disk_fault what) {
  std::lock_guard guard{mutex_};
  fault_ = planned_fault{after, what, true};
}

void sim_files::flip_bit(const std::string& path, uint64_t position, int bit) {
  std::lock_guard guard{mutex_};
  auto node = find(path);
  for (auto* content : {&node->now, &node->durable})
    if (position < content->size())
      (*content)[position] = static_cast<char>((*content)[position] ^ (1 << bit));
}

std::string sim_files::content(const std::string& path) {
  std::lock_guard guard{mutex_};
  return find(path)->now;
}

} // namespace chisme::test
