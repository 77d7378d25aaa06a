#include "tests/tidy/rules.hpp"

#include <array>
#include <fstream>
#include <functional>
#include <regex>
#include <sstream>

namespace chisme::tidy {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> layers{"messages/", "config/", "actors/", "nodes/"};
constexpr size_t max_lines = 600;
constexpr size_t max_width = 120;

/// The layer's number from below; -1 for files of no layer (tests, examples).
int layer_of(std::string_view path) {
  for (size_t i = 0; i < layers.size(); ++i)
    if (path.starts_with(layers[i]))
      return static_cast<int>(i);
  return -1;
}

bool is_cpp(std::string_view path) { return path.ends_with(".hpp") || path.ends_with(".cpp"); }

void each_line(const std::string& text, const std::function<void(size_t number, const std::string&)>& visit) {
  std::istringstream lines{text};
  size_t number = 0;
  for (std::string line; std::getline(lines, line);)
    visit(++number, line);
}

std::string at(const source& file, size_t line) { return file.path + ":" + std::to_string(line) + ": "; }

/// Visits the included names of a C++ file, with < or " in front.
void each_include(const source& file, const std::function<void(size_t, const std::string&)>& visit) {
  static const std::regex include{R"(^\s*#\s*include\s*([<"][^>"]+))"};
  each_line(code_only(file.text), [&](size_t number, const std::string& line) {
    if (std::smatch match; std::regex_search(line, match, include))
      visit(number, match[1]);
  });
}

/// A family of headers and the files that may include it.
struct header_rule {
  std::regex headers;
  std::regex allowed;
  std::string rule;
};

const std::vector<header_rule>& header_rules() {
  static const std::vector<header_rule> rules{
    {std::regex{R"(^<caf/)"},
     std::regex{R"(^nodes/|^actors/(.*/)?[^/]*_actor\.[ch]pp$|^actors/interfaces\.hpp$)"
                R"(|^messages/type_ids\.[ch]pp$)"},
     "CAF belongs into *_actor.*, actors/interfaces.hpp, messages/type_ids.* and nodes/"},
    {std::regex{R"(^<boost/(asio|beast)[./])"}, std::regex{R"(^nodes/)"}, "Asio and Beast belong into nodes/"},
    {std::regex{R"(^<(unistd|fcntl|poll|netdb|pthread|signal|dirent)\.h|^<(sys|netinet|arpa|linux)/|^<csignal)"},
     std::regex{R"(^nodes/)"}, "POSIX belongs into nodes/: use the files interface or another seam"},
    {std::regex{R"(^<(thread|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier|stop_token)>?$)"},
     std::regex{R"(^nodes/)"}, "threads and locks belong into nodes/: state belongs to one actor"},
  };
  return rules;
}

} // namespace

violations check_layers(const source& file) {
  violations found;
  auto own = layer_of(file.path);
  if (own < 0 || !is_cpp(file.path))
    return found;
  each_include(file, [&](size_t line, const std::string& name) {
    auto included = name.substr(1);
    bool is_test = included.starts_with("tests/") || included.starts_with("examples/");
    if (layer_of(included) > own || is_test)
      found.push_back(at(file, line) + "includes " + included + ": arrows go messages <- config <- actors <- nodes");
  });
  return found;
}

violations check_headers(const source& file) {
  violations found;
  if (layer_of(file.path) < 0 || !is_cpp(file.path))
    return found;
  each_include(file, [&](size_t line, const std::string& name) {
    for (auto& rule : header_rules())
      if (std::regex_search(name, rule.headers) && !std::regex_search(file.path, rule.allowed))
        found.push_back(at(file, line) + "includes " + name.substr(1) + ": " + rule.rule);
  });
  return found;
}

violations check_clocks(const source& file) {
  static const std::regex forbidden{R"((steady|system|high_resolution|utc|file)_clock\s*::\s*now)"
                                    R"(|\bclock_gettime\b|\bgettimeofday\b|\brandom_device\b|\bsleep_(for|until)\b)"
                                    R"(|\bs?rand\s*\(|\bstd::time\s*\()"};
  violations found;
  auto own = layer_of(file.path);
  if (own < 0 || file.path.starts_with("nodes/") || !is_cpp(file.path))
    return found;
  each_line(code_only(file.text), [&](size_t line, const std::string& code) {
    if (std::smatch match; std::regex_search(code, match, forbidden))
      found.push_back(at(file, line) + match.str() + ": time and randomness come in as parameters, from nodes/");
  });
  return found;
}

violations check_shape(const source& file) {
  // In two halves, so that this file does not break its own rule.
  static const std::regex unfinished{"\\b(TO"
                                     "DO|FIX"
                                     "ME|XX"
                                     "X)\\b"};
  violations found;
  size_t lines = 0;
  const bool is_code = file.path.ends_with(".cpp") || file.path.ends_with(".hpp");
  each_line(file.text, [&](size_t line, const std::string& text) {
    lines = line;
    // The formatter leaves comments and tables as they are.
    if (is_code && text.size() > max_width)
      found.push_back(at(file, line) + "more than " + std::to_string(max_width) + " columns");
    if (std::smatch match; std::regex_search(text, match, unfinished))
      found.push_back(at(file, line) + match.str() + ": finish it or write an issue");
  });
  if (lines > max_lines)
    found.push_back(at(file, lines) + "more than " + std::to_string(max_lines) + " lines: cut it by what it does");
  return found;
}

violations check_links(const source& file, const fs::path& root) {
  static const std::regex link{R"(\]\(([^)#\s]+)(#[^)\s]*)?\))"};
  violations found;
  if (!file.path.ends_with(".md"))
    return found;
  auto folder = (root / file.path).parent_path();
  each_line(file.text, [&](size_t line, const std::string& text) {
    for (std::sregex_iterator i{text.begin(), text.end(), link}, end; i != end; ++i) {
      auto target = (*i)[1].str();
      if (target.find("://") == std::string::npos && !fs::exists(folder / target))
        found.push_back(at(file, line) + "the link to " + target + " leads nowhere");
    }
  });
  return found;
}

std::vector<source> read_sources(const fs::path& root) {
  static const std::set<std::string> kinds{".hpp", ".cpp", ".md", ".sh", ".py", ".cmake", ".js", ".mjs", ".java"};
  static const std::set<std::string> folders{"messages", "config", "actors", "nodes", "tests", "examples"};
  std::vector<source> all;
  auto read = [&](const fs::path& path) {
    std::ifstream in{path};
    all.push_back({fs::relative(path, root).generic_string(), {std::istreambuf_iterator<char>{in}, {}}});
  };
  for (auto& entry : fs::directory_iterator{root})
    if (entry.is_regular_file() && kinds.contains(entry.path().extension().string()))
      read(entry.path());
  for (auto& folder : folders)
    for (fs::recursive_directory_iterator i{root / folder}, end; i != end; ++i) {
      auto name = i->path().filename().string();
      if (i->is_directory() && (name.starts_with(".") || name == "node_modules" || name == "target"))
        i.disable_recursion_pending();
      else if (i->is_regular_file() && kinds.contains(i->path().extension().string()))
        read(i->path());
    }
  return all;
}

} // namespace chisme::tidy
