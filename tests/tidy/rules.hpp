// The rules of the architecture as functions of one file's path and text, so that they can be tried on
// made-up files.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace chisme::tidy {

struct source {
  std::string path; ///< from the repository's root, with '/'
  std::string text;
};

/// "actors/log/index.cpp:12: ..." : what is wrong, and what the rule is.
using violations = std::vector<std::string>;

/// The text with comments, and the insides of string and character literals, blanked out; lines stay where
/// they are.
std::string code_only(std::string_view text);

/// messages <- config <- actors <- nodes: a file includes its own layer and those to the left.
violations check_layers(const source& file);

/// CAF, Asio, POSIX and thread headers only where the layer may touch them.
violations check_headers(const source& file);

/// No wall clock, no monotonic clock and no entropy outside nodes/: they come in as parameters.
violations check_clocks(const source& file);

/// At most 600 lines, code no wider than 120 columns, and nothing left for later.
violations check_shape(const source& file);

/// Relative links of a Markdown file lead to something under `root`.
violations check_links(const source& file, const std::filesystem::path& root);

/// All text files of the repository that the rules are about; build folders are left out.
std::vector<source> read_sources(const std::filesystem::path& root);

} // namespace chisme::tidy
