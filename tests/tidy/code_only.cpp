#include "tests/tidy/rules.hpp"

namespace chisme::tidy {

namespace {

/// Walks over the text once; what is not code becomes blanks, line ends excepted.
class blanker {
public:
  explicit blanker(std::string_view text) : text_(text) {}

  std::string run() && {
    while (!text_.empty()) {
      if (text_.starts_with("//"))
        blank(std::min(text_.find('\n'), text_.size()));
      else if (text_.starts_with("/*"))
        blank(after("*/", 2));
      else if (text_.starts_with("R\""))
        blank(raw_string());
      else if (text_.front() == '"' && !is_include_line())
        blank(quoted('"'));
      else if (text_.front() == '\'' && !follows_digit())
        blank(quoted('\''));
      else
        keep();
    }
    return std::move(out_);
  }

private:
  void keep() {
    out_ += text_.front();
    text_.remove_prefix(1);
  }

  void blank(size_t length) {
    for (auto c : text_.substr(0, length))
      out_ += c == '\n' ? '\n' : ' ';
    text_.remove_prefix(length);
  }

  size_t after(std::string_view end, size_t from) const {
    auto found = text_.find(end, from);
    return found == std::string_view::npos ? text_.size() : found + end.size();
  }

  size_t raw_string() const {
    auto open = std::min(text_.find('('), text_.size());
    return after(")" + std::string{text_.substr(2, open - 2)} + "\"", open);
  }

  size_t quoted(char quote) const {
    size_t i = 1;
    while (i < text_.size() && text_[i] != quote && text_[i] != '\n')
      i += text_[i] == '\\' ? 2 : 1;
    return std::min(i + 1, text_.size());
  }

  /// The names of included files are kept: rules are about them.
  bool is_include_line() const {
    auto end = out_.rfind('\n');
    auto line = out_.substr(end == std::string::npos ? 0 : end + 1);
    std::erase(line, ' ');
    return line.starts_with("#include");
  }

  /// 1'000 is a number.
  bool follows_digit() const { return !out_.empty() && std::isxdigit(static_cast<unsigned char>(out_.back())); }

  std::string_view text_;
  std::string out_;
};

} // namespace

std::string code_only(std::string_view text) { return blanker{text}.run(); }

} // namespace chisme::tidy
