#include "actors/log/files.hpp"

namespace chisme::log {

result<void> files::sync_directory(const std::string& path) {
  auto folder = open_directory(path);
  return folder ? (*folder)->sync() : tl::make_unexpected(folder.error());
}

result<std::string> files::read_all(const std::string& path, uint64_t limit) {
  auto f = open(path, open_mode::read);
  if (!f)
    return tl::make_unexpected(f.error());
  auto size = (*f)->size();
  if (!size)
    return tl::make_unexpected(size.error());
  if (*size > limit)
    return fail(error_code::kafka_storage_error, path + ": " + std::to_string(*size) + " bytes, more than the " +
                                                   std::to_string(limit) + " such a file may have");
  std::string content(*size, '\0');
  auto n = (*f)->read_at(0, std::as_writable_bytes(std::span{content}));
  if (!n)
    return tl::make_unexpected(n.error());
  content.resize(*n);
  return content;
}

result<void> files::replace(const std::string& path, std::string_view content, bool durable) {
  const auto temporary = path + ".tmp";
  auto written = write_new(temporary, content, durable);
  if (written)
    written = rename(temporary, path);
  if (!written) {
    (void)remove(temporary);
    return written;
  }
  if (!durable)
    return {};
  auto slash = path.rfind('/');
  return sync_directory(slash == std::string::npos ? "." : path.substr(0, slash));
}

result<void> files::write_new(const std::string& path, std::string_view content, bool durable) {
  auto f = open(path, open_mode::create_new);
  if (!f)
    return tl::make_unexpected(f.error());
  const bytes_view parts[] = {as_bytes(content)};
  if (auto ok = (*f)->write_at(0, parts); !ok)
    return ok;
  return durable ? (*f)->sync() : result<void>{};
}

} // namespace chisme::log
