// chisme log dump: looks at segment files without a node. Reads only; fine on a folder that a node is using.

#include "nodes/cli/segment_dump.hpp"
#include "nodes/cli/arguments.hpp"
#include "nodes/posix_files.hpp"

#include "actors/log/file_names.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

namespace chisme::cli {

namespace {

namespace fs = std::filesystem;

/// The segments that an argument means: the file itself, or those of a partition's folder, or of all partitions' in
/// a data folder.
std::vector<std::string> segments_in(const std::string& path) {
  std::error_code e;
  if (!fs::is_directory(path, e))
    return {path};
  std::vector<std::string> found;
  for (fs::recursive_directory_iterator i{path, e}, end; !e && i != end; i.increment(e)) {
    if (i->path().extension() == log::log_suffix)
      found.push_back(i->path().string());
  }
  std::ranges::sort(found);
  return found;
}

} // namespace

outcome dump_log(const call& c) {
  options::options_description described{"options"};
  auto add = described.add_options();
  add("records", options::bool_switch(), "also the records of each batch");
  add("verify-index", options::bool_switch(), "check the index files against the segment");
  add("json", options::bool_switch(), "one JSON object a line, for programs");
  auto arguments = parse(c, described, 1, 1000);
  if (arguments.ended)
    return *arguments.ended;
  posix_files disk;
  dump_options wanted{arguments.flag("records"), arguments.flag("verify-index"), arguments.flag("json")};
  bool damaged = false;
  for (const auto& name : arguments.list("name")) {
    const auto segments = segments_in(name);
    if (segments.empty())
      return c.failed(name + ": there is no segment (*.log) in this folder");
    for (const auto& segment : segments) {
      auto sound = dump_segment(c.out(), disk, segment, wanted);
      if (!sound)
        return c.failed(sound.error().message);
      damaged = damaged || !*sound;
    }
  }
  if (damaged)
    return c.failed("damage was found; it is marked above");
  return outcome::ok;
}

} // namespace chisme::cli
