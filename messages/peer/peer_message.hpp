// What travels between two nodes: the table of all messages, and their frames.
//
//   frame   size uint32 of what follows, kind uint8, version uint8, body
//
// Who adds a message writes its struct into a file of its own beside this one and a row into the table below. The
// versions of a body are numbered by those of the protocol (peer::newest_version), which two nodes agree upon in their
// hello: a body is sent in the newest version that it has up to that one. Record bytes are the last field of their
// message and neither copied into the frame nor out of it.
#pragma once

#include "messages/errors.hpp"
#include "messages/payload.hpp"
#include "messages/peer/change_answer.hpp"
#include "messages/peer/change_forward.hpp"
#include "messages/peer/forming.hpp"
#include "messages/peer/gossip_exchange.hpp"
#include "messages/peer/heartbeat.hpp"
#include "messages/peer/hello.hpp"
#include "messages/peer/ping.hpp"
#include "messages/peer/raft_append.hpp"
#include "messages/peer/raft_append_answer.hpp"
#include "messages/peer/raft_follow.hpp"
#include "messages/peer/raft_reset.hpp"
#include "messages/peer/raft_timeout_now.hpp"
#include "messages/peer/raft_vote.hpp"
#include "messages/peer/swim_ack.hpp"
#include "messages/peer/swim_ping.hpp"
#include "messages/peer/swim_ping_request.hpp"

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <variant>

namespace chisme {

namespace peer {

template <class Body, uint8_t Kind, lane Via>
struct row {
  using body = Body;
  static constexpr uint8_t kind = Kind;
  static constexpr lane via = Via;
};

template <class... Rows>
struct table {
  using any_body = std::variant<typename Rows::body...>;
};

/// Kinds are numbers on the wire: never reused. 0 is none: a client of Kafka that has come to the wrong port sends it.
using all = table<                            //
  row<hello, 1, lane::control>,               // on either lane, as the first message
  row<hello_answer, 2, lane::control>,        //
  row<ping, 3, lane::control>,                //
  row<bulk_ping, 4, lane::bulk>,              //
  row<heartbeat, 5, lane::control>,           //
  row<swim_ping, 6, lane::control>,           //
  row<swim_ping_request, 7, lane::control>,   //
  row<swim_ack, 8, lane::control>,            //
  row<gossip_exchange, 9, lane::control>,     //
  row<raft_vote_request, 10, lane::control>,  //
  row<raft_vote_answer, 11, lane::control>,   //
  row<raft_append, 12, lane::bulk>,           //
  row<raft_append_answer, 13, lane::control>, //
  row<raft_reset, 14, lane::bulk>,            //
  row<raft_timeout_now, 15, lane::control>,   //
  row<raft_follow, 16, lane::control>,        //
  row<change_forward, 17, lane::control>,     //
  row<change_answer, 18, lane::control>,      //
  row<forming, 19, lane::control>>;

} // namespace peer

using peer_message = peer::all::any_body;

namespace peer {

/// In front of a body: size, kind, version.
inline constexpr size_t size_prefix = 4;
inline constexpr size_t frame_header = 2;

/// The connection that the message travels on.
lane lane_of(const peer_message& m);
std::string_view name_of(const peer_message& m);

/// A whole frame, size included. `agreed`: the version that the two nodes speak.
payload encode_frame(const peer_message& m, int16_t agreed);

/// Reads a frame without its size; record bytes of the result are slices of it. Fails with unsupported_version where it
/// is of a kind or a version that is not known here or was not agreed upon, which is to be skipped, and with
/// invalid_request for bytes that are no such message.
result<peer_message> decode_frame(const buffer& frame, int16_t agreed);

/// All fields, and the name as "message".
nlohmann::json to_json(const peer_message& m);

} // namespace peer

} // namespace chisme
