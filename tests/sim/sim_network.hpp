// The network between simulated nodes, from one seed: it takes the place of nodes/peer_links, and decides as that does
// by links::roster, links::admission and links::outbox. What is simulated is TCP and what befalls it.
//
//   - Each message is encoded when it is sent (bytes of files are read then) and decoded when it is delivered.
//   - The two lanes from one node to another are connections of their own, each in order while it lives. They take so
//     many bytes on their way; what is more waits in the bounded queue that the real links have.
//   - A connection may break: what is on its way is lost, and the two sides hear of it at different times. What is sent
//     until then is lost without a word.
//   - A direction may be stopped: what is on its way arrives when it goes on, or the connection ends after as long as
//     the real one does.
//   - A process that ends lets its connections break at once; one that loses its power leaves them as they are.
//   - A node that pauses handles nothing; all comes when it goes on.
//   - Harsher than TCP, where asked for: single frames vanish, come twice, overtake; frames that nobody has sent.
#pragma once

#include "actors/links/admission.hpp"
#include "actors/links/outbox.hpp"
#include "actors/links/port.hpp"
#include "actors/links/roster.hpp"
#include "tests/sim/sim_trace.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>

namespace chisme::test {

/// What may befall a frame on its way.
struct weather {
  // Milliseconds.
  int64_t shortest_delay = 0;
  int64_t longest_delay = 2;
  int64_t longest_slow_delay = 100;
  // Of 10,000 frames.
  int64_t slow = 50;
  int64_t breaks = 0; ///< its connection does
  int64_t vanish = 0;
  int64_t come_twice = 0;
  int64_t overtake = 0;
  int64_t forged = 0; ///< something that no node would send comes in front of it

  friend bool operator==(const weather&, const weather&) = default;
};

struct network_counts {
  uint64_t sent = 0; ///< taken by a queue
  uint64_t unsent = 0;
  uint64_t arrived = 0;
  uint64_t lost = 0;    ///< of those that were taken
  uint64_t skipped = 0; ///< of a kind or version that is not known
  uint64_t refused = 0; ///< bytes that are no message: their connections were closed
  uint64_t broken = 0;  ///< connections
};

class sim_network {
public:
  /// The real links' limits (nodes/peer_limits.hpp), without what the system's buffers add.
  struct limits {
    uint64_t control_frame = 1 << 20, bulk_frame = 16 << 20;
    uint64_t control_queue = 1 << 20, bulk_queue = 4 << 20;
    uint64_t control_on_the_way = 128 << 10, bulk_on_the_way = 1 << 20;
    int64_t dial = 2000, stalled = 10'000;
  };
  enum class parting : uint8_t {
    closes,   ///< the system closes the connections of a process that is gone
    vanishes, ///< the machine has lost its power: nobody hears of it
  };

  sim_network(uint64_t seed, sim_trace& trace) : sim_network(seed, trace, limits{}) {}
  sim_network(uint64_t seed, sim_trace& trace, limits l) : random_(seed), trace_(trace), limits_(l) {}

  /// A process of the node has started; its address is `self.at`. The port is its own, and dead when it has left.
  std::shared_ptr<links::port> join(peer::process self, std::shared_ptr<links::receiver> told);
  /// It is gone; nothing is told to its receiver any more.
  void leave(node_id id, parting how);

  // -- faults ------------------------------------------------------------------------------------------------------
  weather& now_blowing() { return weather_; }
  /// Nothing passes in this direction.
  void stop(node_id from, node_id to);
  void go_on(node_id from, node_id to);
  void all_go_on();
  bool is_stopped(node_id from, node_id to) const { return stopped_.contains({from, to}); }
  /// All connections that the one has dialled to the other.
  void cut(node_id from, node_id to, const std::string& why);
  void pause(node_id id) { paused_.insert(id); }
  void resume(node_id id) { paused_.erase(id); }
  bool is_paused(node_id id) const { return paused_.contains(id); }

  // -- time --------------------------------------------------------------------------------------------------------
  timestamp_ms now() const { return now_; }
  /// Nothing happens by that: step() does.
  void set_time(timestamp_ms now) { now_ = now; }
  /// One thing that is due happens. False where none is.
  bool step();
  bool has_due() const;
  /// When the next thing is due; nothing: never.
  std::optional<timestamp_ms> next() const;

  const network_counts& counts() const { return counts_; }
  /// Whether the way from one node's process to the other's is up as the first one sees it.
  bool is_up(node_id from, node_id to) const;
  /// What waits in the queue of a lane, in bytes.
  uint64_t queued(node_id from, node_id to, peer::lane via) const;

private:
  using connection_id = links::connection_id;

  /// A process.
  struct station {
    peer::process self; ///< as it has started; see roster for its cluster
    std::shared_ptr<links::receiver> told;
    links::roster roster;
    links::admission door{1000};
    std::map<std::pair<node_id, peer::lane>, connection_id> in_use{};
    std::map<links::dial_id, connection_id> dialled{};
    std::optional<timestamp_ms> wakes{};
  };
  struct connection {
    connection_id id = 0;
    links::dial what;
    peer::hello hello;
    node_id to = -1; ///< the node that is at the address
    uint64_t to_process = 0;
    int16_t version = 0;
    std::optional<links::outbox> box{}; ///< while it is in use
    std::deque<buffer> on_the_way{};
    std::deque<uint64_t> unconfirmed{}; ///< sizes of frames that have arrived without the sender's knowing
    uint64_t bytes_on_the_way = 0;      ///< as the sender knows it
    int held = 0;                       ///< arrivals that wait until their direction goes on
    bool caller_is_open = true, callee_is_open = false;
    bool is_answered = false;
    bool is_broken = false; ///< what is sent is lost

    node_id from() const { return hello.from.id; }
    uint64_t from_process() const { return hello.from.process_id; }
  };
  struct event {
    node_id at = -1;
    uint64_t process = 0; ///< 0: whichever there is
    std::function<void()> what;
  };
  class port;

  // -- chance and time ---------------------------------------------------------------------------------------------
  int64_t pick(int64_t low, int64_t high);
  bool happens(int64_t of_ten_thousand);
  int64_t delay();
  void later(int64_t ms, node_id at, uint64_t process, std::function<void()> what);
  std::map<std::pair<timestamp_ms, uint64_t>, event>::const_iterator first_event() const;

  // -- what a process asks for ---------------------------------------------------------------------------------------
  station* find(node_id id, uint64_t process);
  const station* find(node_id id) const;
  connection* find(connection_id id);
  bool send(node_id from, uint64_t process, node_id to, const peer_message& m);
  void decide(station& s, const std::function<void(links::roster&, links::actions&)>& ask);
  void perform(station& s, const links::dial& a);
  void perform(station& s, const links::hang_up& a);
  void perform(station& s, const links::use& a);
  void perform(station& s, const links::came_up& a);
  void perform(station& s, const links::went_down& a);
  void perform(station& s, const links::complaint& a);
  void wake_later(station& s);
  void shut_out(station& s, node_id id);
  void check_again(station& s);

  // -- connections ---------------------------------------------------------------------------------------------------
  void knock(connection_id id);
  void answer(const connection& c, const peer::hello_answer& a);
  void pump(connection& c);
  void put_on_the_way(connection& c, buffer frame);
  void arrival_later(const connection& c);
  buffer forged(const buffer& frame);
  void arrive(connection_id id);
  void confirm(connection& c, uint64_t bytes);
  void caller_loses(connection_id id, const std::string& why);
  void callee_loses(connection_id id);
  void callee_shuts(station& s, connection_id id, const std::string& why);
  void lose_what_is_on_the_way(connection& c);
  void forget_if_closed(connection_id id);
  void break_off(connection& c, int64_t at_caller, int64_t at_callee, const std::string& why);
  void stall(const connection& c);
  void say(sim_trace::level of, node_id at, const std::string& what) { trace_.note(of, now_, at, what); }

  std::mt19937_64 random_;
  sim_trace& trace_;
  limits limits_;
  weather weather_;
  timestamp_ms now_ = 0;
  uint64_t order_ = 0;
  connection_id last_connection_ = 0;
  std::map<std::pair<timestamp_ms, uint64_t>, event> events_;
  std::map<node_id, station> stations_;
  std::map<peer::address, node_id> hosts_;
  std::set<node_id> without_power_;
  std::map<connection_id, connection> connections_;
  std::map<std::pair<node_id, node_id>, uint64_t> stopped_; ///< the how-manieth stop it is
  uint64_t stops_ = 0;
  std::set<node_id> paused_;
  network_counts counts_;
};

} // namespace chisme::test
