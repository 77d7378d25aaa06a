// Changes that another node decides: as bytes there and back, and those that wait for their answer. Pure.
#pragma once

#include "actors/coordinator/forward_port.hpp"
#include "actors/coordinator/messages.hpp"

#include <map>
#include <optional>
#include <vector>

namespace chisme::coordinator {

/// Fails with MESSAGE_TOO_LARGE where the request is larger than what is forwarded.
result<peer::change_forward> to_wire(int64_t correlation, const change_request& request);
/// Fails for bytes that are no request that changes the cluster.
result<change_request> from_wire(const peer::change_forward& forward);

/// Without words for people and configs where it would be too large with them: what was decided is told in any case.
peer::change_answer to_wire(int64_t correlation, const change_result& result);
/// Fails with the answer's error, and for bytes that do not answer such a request.
result<change_response> from_wire(const peer::change_answer& answer, const change_request& asked);

/// Of a change that nobody decided: another node has to be asked, or the same one later. Each client gets the code that
/// makes it try again.
error nobody_decides(const change_request& asked, std::string why);

/// The changes that were forwarded and not answered, and those that wait until somebody leads.
class forwarded_changes {
public:
  /// `first`: of the correlations; random, so that no answer to a process before this one is taken for one to this.
  explicit forwarded_changes(int64_t first) : next_(first) {}

  /// Waits for the answer of `to`. Fails where the request cannot be forwarded; `c` is as before then.
  result<peer_forward> add(change& c, node_id to);
  /// Waits for somebody to forward it to. Returns its number.
  int64_t hold(change c);
  /// Those that were held: somebody leads now.
  std::vector<change> release();
  /// The change that `from` may answer under this number, and that does not wait any more; nullopt: none does.
  std::optional<change> answered(node_id from, int64_t correlation);
  /// Likewise, whoever was asked.
  std::optional<change> overdue(int64_t correlation);
  /// Those that were forwarded to another node than this one: it does not decide any more.
  std::vector<change> not_with(node_id leader);

private:
  struct waiting {
    node_id to = -1; ///< nobody: it is held
    change what;
  };
  template <class Is>
  std::vector<change> take_all(Is is_meant);

  int64_t next_;
  std::map<int64_t, waiting> waiting_;
};

} // namespace chisme::coordinator
