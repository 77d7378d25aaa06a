// An ordered map that is cheap to copy and to change: copies share what they have in common.
//
//   blocks_ --> [a..f] [g..m] [n..z]        a copy copies the pointers; a change copies the pointers and one block
//
// For what one thread changes and others read: they get a copy. With n entries a change costs O(sqrt n) with a small
// constant, as does a copy, and so does finding out in what two related maps differ. Values should be small, shared
// pointers for example.
//
// Invariant: no block is empty or has more than `block_size` entries; keys ascend, in a block and from block to block.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace chisme {

template <class Key, class Value, size_t block_size = 64>
class snapshot_map {
  static_assert(block_size >= 2);

public:
  using value_type = std::pair<Key, Value>;

private:
  using block = std::vector<value_type>;
  using blocks = std::vector<std::shared_ptr<const block>>;

public:
  class const_iterator {
  public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = snapshot_map::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = const value_type*;
    using reference = const value_type&;

    const_iterator() = default;
    reference operator*() const { return (**block_)[place_]; }
    pointer operator->() const { return &**this; }
    const_iterator& operator++() {
      if (++place_ == (*block_)->size()) {
        ++block_;
        place_ = 0;
      }
      return *this;
    }
    const_iterator operator++(int) {
      auto before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const const_iterator&, const const_iterator&) = default;

  private:
    friend snapshot_map;
    using block_iterator = typename blocks::const_iterator;

    explicit const_iterator(block_iterator in, size_t place = 0) : block_(in), place_(place) {}
    /// The block that begins here; null in the middle of one.
    const block* begun_block() const { return place_ == 0 ? block_->get() : nullptr; }

    block_iterator block_{};
    size_t place_ = 0;
  };
  using iterator = const_iterator;

  const_iterator begin() const { return const_iterator{blocks_.begin()}; }
  const_iterator end() const { return const_iterator{blocks_.end()}; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// Null where it is not there. Valid until this map is changed.
  template <class K>
  const Value* find(const K& key) const {
    const auto b = block_of(key);
    if (b == blocks_.end())
      return nullptr;
    const auto i = place_of(**b, key);
    return i != (*b)->end() && !less_(key, i->first) ? &i->second : nullptr;
  }
  template <class K>
  bool contains(const K& key) const {
    return find(key) != nullptr;
  }

  /// Adds it, or replaces what was there.
  void put(Key key, Value value) {
    if (blocks_.empty()) {
      blocks_.push_back(std::make_shared<const block>(block{{std::move(key), std::move(value)}}));
      size_ = 1;
      return;
    }
    auto at = block_of(key);
    if (at == blocks_.end())
      --at; // behind all others
    block changed = **at;
    const auto i = changed.begin() + (place_of(changed, key) - changed.cbegin());
    if (i != changed.end() && !less_(key, i->first)) {
      i->second = std::move(value);
    } else {
      changed.emplace(i, std::move(key), std::move(value));
      ++size_;
    }
    replace(at, std::move(changed));
  }

  /// Returns whether it was there.
  template <class K>
  bool erase(const K& key) {
    const auto at = block_of(key);
    if (at == blocks_.end())
      return false;
    const auto i = place_of(**at, key);
    if (i == (*at)->end() || less_(key, i->first))
      return false;
    --size_;
    if ((*at)->size() == 1) {
      blocks_.erase(at);
      return true;
    }
    block changed;
    changed.reserve((*at)->size() - 1);
    changed.insert(changed.end(), (*at)->begin(), i);
    changed.insert(changed.end(), i + 1, (*at)->end());
    replace(at, std::move(changed));
    return true;
  }

  void clear() { *this = {}; }

  /// Calls `differs(key, before, after)` for each key that only one of the maps has (the other's value is null then) or
  /// whose values are unequal. Skips what both share.
  template <class Visitor>
  static void difference(const snapshot_map& before, const snapshot_map& after, Visitor differs) {
    auto b = before.begin();
    auto a = after.begin();
    while (b != before.end() || a != after.end()) {
      if (b == before.end() || (a != after.end() && less_(a->first, b->first))) {
        differs(a->first, static_cast<const Value*>(nullptr), &a->second);
        ++a;
      } else if (a == after.end() || less_(b->first, a->first)) {
        differs(b->first, &b->second, static_cast<const Value*>(nullptr));
        ++b;
      } else if (b.begun_block() && b.begun_block() == a.begun_block()) {
        ++b.block_;
        ++a.block_;
      } else {
        if (!(b->second == a->second))
          differs(a->first, &b->second, &a->second);
        ++b;
        ++a;
      }
    }
  }

  friend bool operator==(const snapshot_map& x, const snapshot_map& y) {
    bool same = x.size_ == y.size_;
    if (same)
      difference(x, y, [&](const Key&, const Value*, const Value*) { same = false; });
    return same;
  }

private:
  static constexpr std::less<> less_{};

  /// The one that has the key or would get it; end where all keys are smaller.
  template <class K>
  typename blocks::const_iterator block_of(const K& key) const {
    return std::partition_point(blocks_.begin(), blocks_.end(),
                                [&](const auto& b) { return less_(b->back().first, key); });
  }
  template <class K>
  static typename block::const_iterator place_of(const block& in, const K& key) {
    return std::partition_point(in.begin(), in.end(), [&](const value_type& x) { return less_(x.first, key); });
  }

  /// Two halves where it has become too large.
  void replace(typename blocks::const_iterator at, block changed) {
    const auto i = blocks_.begin() + (at - blocks_.cbegin());
    if (changed.size() <= block_size) {
      *i = std::make_shared<const block>(std::move(changed));
      return;
    }
    const auto middle = changed.begin() + static_cast<std::ptrdiff_t>(changed.size() / 2);
    auto second =
      std::make_shared<const block>(std::make_move_iterator(middle), std::make_move_iterator(changed.end()));
    changed.erase(middle, changed.end());
    *i = std::make_shared<const block>(std::move(changed));
    blocks_.insert(i + 1, std::move(second));
  }

  blocks blocks_;
  size_t size_ = 0;
};

} // namespace chisme
