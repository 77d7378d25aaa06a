// For compaction: the newest offset of each key, within a bound of memory.
#pragma once

#include "messages/buffer.hpp"
#include "messages/ids.hpp"
#include "messages/keyed_hash.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace chisme::log {

/// Keeps the keys themselves, not digests of them: two keys that collide would cost one of them its value.
class offset_map {
public:
  /// `key`: secret, or clients could choose keys that collide.
  offset_map(size_t memory_limit, const hash_key& key) : limit_(memory_limit), newest_(0, by_hash{key}) {}

  /// False where the key is new and does not fit any more; nothing is changed then.
  bool put(bytes_view key, offset_t offset) {
    if (auto it = newest_.find(as_chars(key)); it != newest_.end()) {
      it->second = offset;
      return true;
    }
    const auto cost = key.size() + cost_per_key;
    if (used_ + cost > limit_ && !newest_.empty())
      return false;
    used_ += cost;
    newest_.emplace(keep(key), offset);
    return true;
  }

  std::optional<offset_t> find(bytes_view key) const {
    auto it = newest_.find(as_chars(key));
    return it == newest_.end() ? std::nullopt : std::optional{it->second};
  }

private:
  struct by_hash {
    hash_key key;
    size_t operator()(std::string_view k) const { return keyed_hash(key, as_bytes(k)); }
  };

  static constexpr size_t cost_per_key = 64; ///< a node of the table and its bucket
  static constexpr size_t block_size = 256 * 1024;

  std::string_view keep(bytes_view key) {
    if (key.size() > block_size / 4) {
      large_.push_back(std::make_unique<std::string>(as_chars(key)));
      return *large_.back();
    }
    if (blocks_.empty() || at_ + key.size() > block_size) {
      blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_size));
      at_ = 0;
    }
    auto* to = blocks_.back().get() + at_;
    if (!key.empty())
      std::memcpy(to, key.data(), key.size());
    at_ += key.size();
    return {to, key.size()};
  }

  size_t limit_;
  size_t used_ = 0;
  size_t at_ = 0;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<std::unique_ptr<std::string>> large_;
  std::unordered_map<std::string_view, offset_t, by_hash> newest_;
};

} // namespace chisme::log
