// chisme log dump: looks at segment files without a node. Reads only; fine on a folder that a node is using.

#include "actors/log/file_names.hpp"
#include "nodes/cli/arguments.hpp"
#include "nodes/cli/dump_text.hpp"
#include "nodes/posix_files.hpp"

#include <algorithm>

namespace chisme::cli {

namespace {

bool is_log(std::string_view name) { return name.ends_with(log::log_suffix); }

/// The segments in a folder, in order; where there are none, those of its sub-folders (a node's data folder).
result<std::vector<std::string>> segments_in(log::files& disk, const std::string& folder, bool look_below) {
  auto entries = disk.list(folder);
  if (!entries)
    return tl::make_unexpected(entries.error());
  std::ranges::sort(*entries, {}, &log::dir_entry::name);
  std::vector<std::string> found;
  for (auto& entry : *entries)
    if (!entry.is_directory && is_log(entry.name))
      found.push_back(folder + "/" + entry.name);
  if (!found.empty() || !look_below)
    return found;
  for (auto& entry : *entries)
    if (entry.is_directory) {
      auto below = segments_in(disk, folder + "/" + entry.name, false);
      if (!below)
        return below;
      found.insert(found.end(), below->begin(), below->end());
    }
  return found;
}

result<std::vector<std::string>> segments_of(log::files& disk, const std::vector<std::string>& paths) {
  std::vector<std::string> all;
  for (auto& path : paths) {
    if (is_log(path)) {
      all.push_back(path);
      continue;
    }
    auto found = segments_in(disk, path, true);
    if (!found)
      return found;
    if (found->empty())
      return fail(error_code::log_dir_not_found, path + " holds no segments: no file in it ends in .log");
    all.insert(all.end(), found->begin(), found->end());
  }
  return all;
}

options::options_description described() {
  options::options_description all{"Options", help_width};
  auto add = all.add_options();
  add("records", options::bool_switch(), "shows every record, not just batches");
  add("verify-index", options::bool_switch(), "holds the index files against the log");
  add("json", options::bool_switch(), "prints JSON, an object a line, for programs");
  return all;
}

} // namespace

outcome dump_log(const call& c) {
  auto arguments = parse(c, described(), 1, 10'000);
  if (arguments.ended)
    return *arguments.ended;
  posix_files disk;
  auto segments = segments_of(disk, arguments.list("name"));
  if (!segments)
    return c.failed(segments.error().message);
  text_dump text{c.out()};
  json_dump json{c.out()};
  dump_sink& sink = arguments.flag("json") ? static_cast<dump_sink&>(json) : text;
  auto ended = outcome::ok;
  for (auto& path : *segments) {
    auto totals = dump_segment(disk, path, {arguments.flag("records"), arguments.flag("verify-index")}, sink);
    if (!totals)
      ended = c.failed(totals.error().message);
    else if (!totals->clean())
      ended = c.failed(path + ": damaged, see above");
  }
  return ended;
}

} // namespace chisme::cli
