// Who may send to this node: which hellos are accepted, and whose connections a new one replaces.
//
// A node that is started anew comes with another process id from where it was before, and replaces its former self at
// once: nobody has to wait until the old connections are known to be dead. From elsewhere the same node id is another
// process that claims it, and is refused while the first one's connections stand.
#pragma once

#include "actors/links/handshake.hpp"

#include <array>
#include <map>
#include <vector>

namespace chisme::links {

/// A connection that was accepted.
using connection_id = uint64_t;

struct admitted {
  int16_t version = 0;
  /// To be closed now; they have been forgotten here.
  std::vector<connection_id> replaced;

  friend bool operator==(const admitted&, const admitted&) = default;
};

class admission {
public:
  explicit admission(size_t most_nodes) : most_nodes_(most_nodes) {}

  /// `reached`: the process of that node that this node has dialled, and that is up.
  tl::expected<admitted, refusal> admit(const peer::process& self, connection_id c, const peer::hello& h,
                                        const peer::process* reached);

  /// Nothing where the connection was replaced or is not known.
  struct ended {
    node_id node = -1;
    bool was_last = false; ///< no other connection from this node is there

    friend bool operator==(const ended&, const ended&) = default;
  };
  std::optional<ended> closed(connection_id c);

  /// The connections from a node.
  std::vector<connection_id> of(node_id id) const;

private:
  struct node {
    peer::process process;
    std::array<std::optional<connection_id>, peer::lanes> connections;
  };

  static std::optional<refusal> claim(const peer::process& live, const peer::process& other);
  static std::vector<connection_id> take(node& n);

  size_t most_nodes_;
  std::map<node_id, node> nodes_; // each has a connection
};

} // namespace chisme::links
