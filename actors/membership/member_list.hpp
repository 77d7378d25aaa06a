// Who is in the cluster, as far as this node knows, itself included.
//
// What is known of a node only grows in one order - incarnation, process, state (alive < suspect < dead < left) - so
// that all nodes end with the same, in whatever order they hear it. Members that are gone stay in the list for a while,
// so that old gossip does not bring them back.
#pragma once

#include "actors/membership/suspicion.hpp"
#include "messages/peer/membership.hpp"

#include <map>
#include <optional>

namespace chisme::membership {

struct member_entry {
  peer::member who;
  peer::member_state state = peer::member_state::alive;
  timestamp_ms since = 0;         ///< of the state
  std::optional<suspicion> doubt; ///< of state suspect, where this node waits for its end
};

constexpr bool is_gone(peer::member_state s) { return s >= peer::member_state::dead; }

/// Whether somebody may say that: bounds of names, numbers and lists.
bool is_valid(const peer::member& m);
bool is_valid(const peer::member_update& u);

class member_list {
public:
  static constexpr size_t buckets = 64;

  explicit member_list(size_t most) : most_(most) {}

  enum class outcome : uint8_t { taken, known, older, refused };
  /// `taken`: the entry is the update now, without doubt. Refused: there are too many.
  outcome take(timestamp_ms now, const peer::member_update& u);
  /// What take() would make of it, if there is room.
  outcome judge(const peer::member_update& u) const;
  /// Whether that start of the node overrules what is known of it, whatever the states are.
  bool overrules(const peer::member& m) const;

  const member_entry* find(node_id id) const;
  member_entry* find(node_id id);
  void erase(node_id id);
  const std::map<node_id, member_entry>& entries() const { return entries_; }
  std::map<node_id, member_entry>& entries() { return entries_; }
  /// Alive or suspect.
  size_t present() const { return present_; }

  /// Hashes of those who are present, suspected or not: the gone ones are forgotten at different times, doubts pass.
  std::vector<uint64_t> hashes() const;
  uint64_t sum() const;
  static size_t bucket_of(node_id id);

private:
  bool make_room();

  size_t most_;
  size_t present_ = 0;
  std::map<node_id, member_entry> entries_;
};

} // namespace chisme::membership
