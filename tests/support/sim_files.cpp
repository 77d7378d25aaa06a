#include "tests/support/sim_files.hpp"

#include <algorithm>

namespace chisme::test {

class sim_file final : public log::file {
public:
  sim_file(sim_files& disk, std::shared_ptr<sim_files::inode> node, std::string path)
    : disk_(disk), node_(std::move(node)), path_(std::move(path)) {}

  result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
    std::lock_guard guard{disk_.mutex_};
    if (position >= node_->now.size())
      return 0;
    const auto n = std::min<uint64_t>(into.size(), node_->now.size() - position);
    std::memcpy(into.data(), node_->now.data() + position, n);
    return n;
  }

  result<void> write_at(uint64_t position, std::span<const bytes_view> parts) override {
    std::lock_guard guard{disk_.mutex_};
    std::string bytes;
    for (const auto& p : parts)
      bytes += as_chars(p);
    const auto fault = disk_.next_fault();
    if (fault == disk_fault::full)
      bytes.resize(bytes.size() / 2);
    if (fault != disk_fault::io_error && !bytes.empty())
      change({false, position, std::move(bytes)});
    return fault ? disk_.refuse("write", path_, *fault) : result<void>{};
  }

  result<void> sync() override {
    std::lock_guard guard{disk_.mutex_};
    if (auto fault = disk_.next_fault())
      return disk_.refuse("sync", path_, *fault);
    ++disk_.syncs_;
    node_->durable = node_->now;
    node_->changes.clear();
    return {};
  }

  result<void> truncate(uint64_t size) override {
    std::lock_guard guard{disk_.mutex_};
    if (auto fault = disk_.next_fault())
      return disk_.refuse("truncate", path_, *fault);
    change({true, size, {}});
    return {};
  }

  result<uint64_t> size() override {
    std::lock_guard guard{disk_.mutex_};
    return node_->now.size();
  }

  int native_handle() const override { return -1; }
  const std::string& path() const override { return path_; }

private:
  void change(sim_files::change c) {
    sim_files::apply(node_->now, c);
    node_->changes.push_back(std::move(c));
  }

  sim_files& disk_;
  std::shared_ptr<sim_files::inode> node_;
  std::string path_;
};

sim_files::sim_files() = default;

void sim_files::apply(std::string& content, const change& c) {
  if (c.is_truncation) {
    content.resize(c.position, '\0');
    return;
  }
  if (content.size() < c.position + c.bytes.size())
    content.resize(c.position + c.bytes.size(), '\0');
  content.replace(c.position, c.bytes.size(), c.bytes);
}

void sim_files::apply(name_map& names, const name_change& c) {
  if (!c.renamed_from.empty())
    names.erase(c.renamed_from);
  if (c.target)
    names[c.path] = c.target;
  else
    names.erase(c.path);
}

void sim_files::change_name(name_change c) {
  apply(names_, c);
  name_changes_.push_back(std::move(c));
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

tl::unexpected<error> sim_files::refuse(const char* operation, const std::string& path, disk_fault what) const {
  return fail(error_code::kafka_storage_error,
              std::string{operation} + " " + path +
                (what == disk_fault::full ? ": the disk is full" : ": input/output error"));
}

result<log::file_ptr> sim_files::open(const std::string& path, log::open_mode mode) {
  std::lock_guard guard{mutex_};
  auto found = names_.find(path);
  const bool may_create = mode == log::open_mode::create || mode == log::open_mode::create_new;
  if (found == names_.end() && !may_create)
    return fail(error_code::kafka_storage_error, "open " + path + ": no such file");
  if (found == names_.end()) {
    if (auto fault = next_fault())
      return refuse("open", path, *fault);
    change_name({path, std::make_shared<inode>(), {}});
    found = names_.find(path);
  }
  auto node = found->second;
  if (mode == log::open_mode::create_new && !node->now.empty()) {
    node->now.clear();
    node->changes.push_back({true, 0, {}});
  }
  return std::make_shared<sim_file>(*this, node, path);
}

result<bool> sim_files::exists(const std::string& path) {
  std::lock_guard guard{mutex_};
  return names_.contains(path) || directories_.contains(path);
}

result<std::vector<log::dir_entry>> sim_files::list(const std::string& path) {
  std::lock_guard guard{mutex_};
  std::vector<log::dir_entry> out;
  const auto prefix = path + "/";
  for (const auto& [name, node] : names_)
    if (name.starts_with(prefix) && name.find('/', prefix.size()) == std::string::npos)
      out.push_back({name.substr(prefix.size()), false, node->now.size()});
  for (const auto& d : directories_)
    if (d.starts_with(prefix) && d.find('/', prefix.size()) == std::string::npos)
      out.push_back({d.substr(prefix.size()), true, 0});
  return out;
}

result<void> sim_files::make_directories(const std::string& path) {
  std::lock_guard guard{mutex_};
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1))
    directories_.insert(path.substr(0, at));
  directories_.insert(path);
  return {};
}

result<void> sim_files::remove(const std::string& path) {
  std::lock_guard guard{mutex_};
  if (auto fault = next_fault())
    return refuse("remove", path, *fault);
  if (!names_.contains(path))
    return fail(error_code::kafka_storage_error, "remove " + path + ": no such file");
  change_name({path, nullptr, {}});
  return {};
}

result<void> sim_files::remove_all(const std::string& path) {
  std::lock_guard guard{mutex_};
  std::vector<std::string> gone;
  for (const auto& [name, node] : names_)
    if (name == path || name.starts_with(path + "/"))
      gone.push_back(name);
  for (auto& name : gone)
    change_name({std::move(name), nullptr, {}});
  std::erase_if(directories_, [&](const auto& d) { return d == path || d.starts_with(path + "/"); });
  return {};
}

result<void> sim_files::rename(const std::string& from, const std::string& to) {
  std::lock_guard guard{mutex_};
  if (auto fault = next_fault())
    return refuse("rename", from, *fault);
  auto found = names_.find(from);
  if (found == names_.end())
    return fail(error_code::kafka_storage_error, "rename " + from + ": no such file");
  change_name({to, found->second, from});
  return {};
}

result<void> sim_files::sync_directory(const std::string& path) {
  std::lock_guard guard{mutex_};
  if (auto fault = next_fault())
    return refuse("sync", path, *fault);
  ++syncs_;
  // The journal is ordered: what was written to it before this folder's last change is on disk as well.
  size_t keep = 0;
  for (size_t i = 0; i < name_changes_.size(); ++i)
    if (name_changes_[i].path.starts_with(path + "/"))
      keep = i + 1;
  for (size_t i = 0; i < keep; ++i)
    apply(durable_names_, name_changes_[i]);
  name_changes_.erase(name_changes_.begin(), name_changes_.begin() + static_cast<std::ptrdiff_t>(keep));
  return {};
}

result<void> sim_files::sync_filesystem(const std::string& path) {
  std::lock_guard guard{mutex_};
  if (auto fault = next_fault())
    return refuse("sync", path, *fault);
  ++syncs_;
  for (auto& [name, node] : names_) {
    node->durable = node->now;
    node->changes.clear();
  }
  durable_names_ = names_;
  name_changes_.clear();
  return {};
}

result<uint64_t> sim_files::free_space(const std::string&) { return uint64_t{1} << 40; }

void sim_files::crash_content(inode& i, std::mt19937_64& random) {
  auto content = i.durable;
  for (auto& c : i.changes) {
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
        apply(content, c);
    }
  }
  i.now = i.durable = std::move(content);
  i.changes.clear();
}

void sim_files::crash(std::mt19937_64& random) {
  std::lock_guard guard{mutex_};
  const auto survive = name_changes_.empty() ? 0 : random() % (name_changes_.size() + 1);
  for (size_t i = 0; i < survive; ++i)
    apply(durable_names_, name_changes_[i]);
  name_changes_.clear();
  names_ = durable_names_;
  std::set<inode*> seen;
  for (auto& [name, node] : names_)
    if (seen.insert(node.get()).second)
      crash_content(*node, random);
  fault_.reset();
}

void sim_files::fail_operation(uint64_t after, disk_fault what) {
  std::lock_guard guard{mutex_};
  fault_ = planned_fault{after, what};
}

void sim_files::flip_bit(const std::string& path, uint64_t position, int bit) {
  std::lock_guard guard{mutex_};
  auto& node = *names_.at(path);
  for (auto* content : {&node.now, &node.durable})
    if (position < content->size())
      (*content)[position] = static_cast<char>((*content)[position] ^ (1 << bit));
}

std::string sim_files::content(const std::string& path) {
  std::lock_guard guard{mutex_};
  return names_.at(path)->now;
}

} // namespace chisme::test
