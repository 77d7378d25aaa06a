#include "config/assignment.hpp"

#include <charconv>
#include <optional>

namespace chisme {

namespace {

constexpr std::string_view blanks = " \t\f";

/// One logical line: continued lines joined, and the number of its first physical line.
struct logical_line {
  std::string text;
  size_t number;
};

bool is_continued(std::string_view line) {
  size_t backslashes = 0;
  while (backslashes < line.size() && line[line.size() - 1 - backslashes] == '\\')
    ++backslashes;
  return backslashes % 2 == 1;
}

std::string_view without_leading_blanks(std::string_view text) {
  auto first = text.find_first_not_of(blanks);
  return first == std::string_view::npos ? std::string_view{} : text.substr(first);
}

class line_reader {
public:
  explicit line_reader(std::string_view content) : rest_(content) {}

  /// The next line that is neither blank nor a comment.
  std::optional<logical_line> next() {
    while (!rest_.empty()) {
      auto first = without_leading_blanks(physical());
      if (first.empty() || first.front() == '#' || first.front() == '!')
        continue;
      logical_line line{std::string{first}, number_};
      while (is_continued(line.text)) {
        line.text.pop_back();
        line.text += without_leading_blanks(physical());
      }
      return line;
    }
    return std::nullopt;
  }

private:
  std::string_view physical() {
    auto end = std::min(rest_.find('\n'), rest_.size());
    auto line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    ++number_;
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    return line;
  }

  std::string_view rest_;
  size_t number_ = 0;
};

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

/// The four digits after \u as a character; false where they are none.
bool append_escaped_code(std::string& out, std::string_view digits) {
  unsigned code = 0;
  auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  if (failure != std::errc{} || digits.size() != 4 || end != digits.data() + 4 || (code >= 0xd800 && code < 0xe000))
    return false;
  append_utf8(out, code);
  return true;
}

char control(char letter) {
  switch (letter) {
    case 't':
      return '\t';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 'f':
      return '\f';
    default:
      return letter;
  }
}

/// Resolves backslashes; nullopt where a \u escape is broken.
std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
    } else if (text[++i] != 'u') {
      out += control(text[i]);
    } else {
      if (!append_escaped_code(out, text.substr(i + 1, 4)))
        return std::nullopt;
      i += 4;
    }
  }
  return out;
}

size_t name_length(std::string_view line) {
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\')
      ++i;
    else if (line[i] == '=' || line[i] == ':' || blanks.find(line[i]) != std::string_view::npos)
      return i;
  }
  return line.size();
}

std::string_view value_part(std::string_view rest) {
  rest = without_leading_blanks(rest);
  if (rest.starts_with('=') || rest.starts_with(':'))
    rest = without_leading_blanks(rest.substr(1));
  // Blanks at the end are part of a value in Java; here nothing needs them and everybody trips over them.
  auto last = rest.find_last_not_of(blanks);
  return last == std::string_view::npos ? std::string_view{} : rest.substr(0, last + 1);
}

} // namespace

assignments read_properties(std::string_view content, std::string_view path) {
  assignments read;
  std::map<std::string, std::string> seen;
  line_reader lines{content};
  while (auto line = lines.next()) {
    auto origin = std::string{path} + ":" + std::to_string(line->number);
    auto length = name_length(line->text);
    auto name = unescaped(std::string_view{line->text}.substr(0, length));
    auto text = unescaped(value_part(std::string_view{line->text}.substr(length)));
    if (!name || !text || name->empty()) {
      read.mistakes.push_back(origin + ": expected name=value" + (name && text ? "" : ", and four digits after \\u"));
      continue;
    }
    auto [earlier, fresh] = seen.emplace(*name, origin);
    if (!fresh)
      read.mistakes.push_back(origin + ": " + *name + " was already set at " + earlier->second);
    read.list.push_back({std::move(*name), std::move(*text), std::move(origin)});
  }
  return read;
}

} // namespace chisme
