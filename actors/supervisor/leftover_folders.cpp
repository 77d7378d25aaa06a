#include "actors/supervisor/leftover_folders.hpp"

#include "actors/log/folder_content.hpp"
#include "actors/log/folder_names.hpp"
#include "actors/log/partition_metadata.hpp"

#include <algorithm>

namespace chisme::supervisor {

namespace {

constexpr size_t few = 5;

/// The topic that has this folder's name, where there is one with this partition.
coordinator::topic_ptr owner_of(const topic_partition& name, const coordinator::cluster_state& cluster) {
  auto topic = cluster.find(name.topic);
  return topic && static_cast<size_t>(name.partition) < topic->replicas.size() ? topic : nullptr;
}

class search {
public:
  search(log::files& disk, const std::string& data_dir, const coordinator::cluster_state& cluster,
         const topic_ids& deleted)
    : disk_(disk), data_dir_(data_dir), cluster_(cluster), deleted_(deleted) {}

  void look_at(const std::string& name) {
    switch (log::kind_of_folder(name)) {
      case log::folder_kind::doomed:
        found_.doomed.push_back(name);
        break;
      case log::folder_kind::stray:
        found_.unknown.push_back(name);
        break;
      case log::folder_kind::partition:
        look_at_partition(name);
        break;
      case log::folder_kind::other:
        break;
    }
  }
  leftovers take() { return std::move(found_); }

private:
  void look_at_partition(const std::string& name) {
    const auto parsed = *log::parse_folder_name(name);
    if (internal_topics::metadata == parsed.topic)
      return;
    const auto owner = owner_of(parsed, cluster_);
    // Whoever opens it reads its note, too. Only a deletion can have left a folder in the way of a newer topic.
    if (owner && deleted_.empty())
      return;
    const auto path = data_dir_ + "/" + name;
    const auto note = log::read_partition_metadata(disk_, path);
    if (note && *note && owner && **note == owner->id)
      return;
    if (note && *note && deleted_.contains(**note))
      found_.deleted.push_back({name, *note});
    else if (owner)
      return;
    else if (is_illegible(note) && log::holds_records(disk_, path) == false)
      found_.deleted.push_back({name, std::nullopt});
    else
      found_.unknown.push_back(name);
  }

  static bool is_illegible(const result<std::optional<uuid>>& note) {
    return note ? !*note : note.error().code == error_code::corrupt_message;
  }

  log::files& disk_;
  const std::string& data_dir_;
  const coordinator::cluster_state& cluster_;
  const topic_ids& deleted_;
  leftovers found_;
};

} // namespace

result<leftovers> find_leftovers(log::files& disk, const std::string& data_dir,
                                 const coordinator::cluster_state& cluster, const topic_ids& deleted) {
  auto entries = disk.list(data_dir);
  if (!entries)
    return tl::make_unexpected(entries.error());
  std::ranges::sort(*entries, {}, &log::dir_entry::name);
  search looking{disk, data_dir, cluster, deleted};
  for (const auto& e : *entries)
    if (e.is_directory)
      looking.look_at(e.name);
  return looking.take();
}

std::string first_few(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < std::min(few, names.size()); ++i)
    text += (i > 0 ? ", " : "") + names[i];
  if (names.size() > few)
    text += " and " + std::to_string(names.size() - few) + " more";
  return text;
}

} // namespace chisme::supervisor
