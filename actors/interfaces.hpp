// Every actor of a node, and what it can be told: one line of intent for each message.
//
//            session (io thread)                    session (io thread)
//               | append_batch, read_request, ...      | change
//               v                                      v
//   flusher <-- partition --replica_opened--> supervisor <--cluster_changed-- coordinator
//   cleaner <--+   ^  ^---------- spawns, watches -----/ \                        |
//   disk_worker <--/   <------------ search_request ----/ \--remove_request--> remover
//                  ^------------- append_batch, read_request to __cluster --------/
//
//   session --group_call--> group_coordinator --append_batch, read_request--> its partition of __consumer_offsets
//
//   links (io threads) --message_arrived, peer_up, peer_down--> heartbeats <--group_changed, group_news--> partition
//                      \--message_arrived, link_up, link_down--> membership --peer_suspected--> heartbeats
//
// Sessions are no actors: they talk through ports (partition/port.hpp, coordinator/port.hpp), which send these same
// messages, and are answered through replies (reply.hpp).
#pragma once

#include "actors/broker_endpoint.hpp"
#include "actors/cleaner/messages.hpp"
#include "actors/coordinator/forward_port.hpp"
#include "actors/coordinator/messages.hpp"
#include "actors/disk_worker/messages.hpp"
#include "actors/flusher/messages.hpp"
#include "actors/groups/group_timings.hpp"
#include "actors/groups/port.hpp"
#include "actors/groups/topic_catalog.hpp"
#include "actors/heartbeats/port.hpp"
#include "actors/journal/replicated_steps.hpp"
#include "actors/membership/port.hpp"
#include "actors/partition/messages.hpp"
#include "actors/peers/port.hpp"
#include "actors/remover/messages.hpp"
#include "actors/supervisor/messages.hpp"
#include "actors/supervisor/timers.hpp"
#include "config/topic_settings.hpp"
#include "messages/type_ids.hpp"

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

// A message and its intent on each line.
// clang-format off
namespace chisme {

/// An actor's message to itself: comes back behind everything that is in the mailbox now, so that all of that can
/// be handled in one go.
struct drain {};

/// A timer of the actor that gets it has run out.
struct tick {};

namespace flusher {

using flusher_actor = caf::typed_actor<
  caf::replies_to<flush_request>::with<flush_result>, // make these files durable, with everybody else's
  caf::reacts_to<drain>>;                             // run the round that the waiting requests share

} // namespace flusher

namespace cleaner {

using cleaner_actor = caf::typed_actor<
  caf::replies_to<clean_request>::with<clean_result>>; // compact these closed segments into new files

} // namespace cleaner

namespace disk_worker {

using disk_worker_actor = caf::typed_actor<
  caf::replies_to<open_request>::with<open_result>,           // open this replica's log
  caf::replies_to<close_log_request>::with<close_log_result>, // close it: it is synced already
  caf::replies_to<work_request>::with<work_result>,           // cut this log, or begin it anew
  caf::replies_to<search_request>::with<search_result>,       // which folders belong to nobody?
  caf::replies_to<warm_request>::with<warm_result>,           // read this into memory, for who must not block
  caf::reacts_to<close_request>>;                             // let go of these files, which were removed

} // namespace disk_worker

namespace remover {

using remover_actor = caf::typed_actor<
  caf::replies_to<remove_request>::with<remove_result>, // free the name of a deleted topic's folder, remove its files
  caf::reacts_to<drain>,                                // rename the folders that wait, with one sync for all
  caf::reacts_to<tick>>;                                // remove the files of the next one

} // namespace remover

namespace partition {

/// The topic's settings are different from now on.
struct settings_changed {
  topic_settings settings;
};

/// Delete what retention allows, roll what is due, forget producers that have been silent for so long.
struct housekeeping_due {
  int64_t producer_expiration_ms = 86'400'000;
};

/// Compact where it is worth it.
struct compaction_due {};

/// Note how far the log is synced, so that a restart scans only what is behind.
struct checkpoint_due {};

/// What kept the log from being opened may have passed: try again.
struct reopen {};

/// Let another replica of the group lead, which has everything.
struct hand_over {
  node_id to = -1;
};

/// End: sync and close the log, or just let go of it, because its folder is going to be removed.
struct stop_request {
  bool remove = false;
};

/// What could not be stored of the vote may be by now.
struct store_due {};

/// The timer that the consensus wanted.
struct wake_due {
  uint64_t number = 0;
};

using partition_actor = caf::typed_actor<
  caf::reacts_to<append_batch>,           // append these record batches; answered by what each one's acks ask for
  caf::reacts_to<read_request>,           // give committed batches from an offset on, or keep the waiter
  caf::reacts_to<list_offset_request>,    // which offset belongs to this time?
  caf::reacts_to<epoch_end_request>,      // where did this leader epoch end?
  caf::reacts_to<delete_records_request>, // forget what is before this offset
  caf::reacts_to<describe_request>,       // how large are you?
  caf::reacts_to<settings_changed>,       // the topic's configs changed
  caf::reacts_to<housekeeping_due>,       // retention, segment rolls
  caf::reacts_to<compaction_due>,         // look whether there is enough to compact
  caf::reacts_to<checkpoint_due>,         // make the next restart short
  caf::reacts_to<reopen>,                 // the log could not be opened before
  caf::reacts_to<hand_over>,              // another replica is to lead
  caf::reacts_to<stop_request>,           // the topic goes, or the node does
  caf::reacts_to<peers::arrival>,         // another replica of the group: vote, copy, or note what it has copied
  caf::reacts_to<heartbeats::group_news>, // nodes of the group come and go; who leads
  caf::reacts_to<wake_due>,               // the consensus has waited long enough
  caf::reacts_to<store_due>,              // try again to store the vote
  caf::reacts_to<tick>,                   // tell the heartbeats what is committed
  caf::reacts_to<drain>>;                 // append all that has been collected, in one write

} // namespace partition

namespace supervisor {

/// A timer that the supervision wanted has run out.
struct timer_due {
  any_timer what;
};

using supervisor_actor = caf::typed_actor<
  caf::reacts_to<cluster_changed>,     // topics came, changed or went: start and stop replicas accordingly
  caf::reacts_to<replica_opened>,      // a replica serves, or cannot
  caf::reacts_to<replica_role>,        // a replica here leads, or knows who does
  caf::reacts_to<leader_claim>,        // who leads a partition, by hearsay
  caf::reacts_to<brokers_changed>,     // nodes came or went
  caf::reacts_to<checkpoint_wanted>,   // a replica has something to checkpoint in a while
  caf::reacts_to<compaction_wanted>,   // a replica has closed segments that are not compacted
  caf::reacts_to<shut_down>,           // close everything, cleanly
  caf::reacts_to<drain>,               // publish what all changes so far add up to
  caf::reacts_to<timer_due>>;          // housekeeping, reminders, another attempt

} // namespace supervisor

namespace coordinator {

/// A change that waits for the coordinator's answer has waited long enough.
struct forward_overdue {
  int64_t correlation = 0;
};

using coordinator_actor = caf::typed_actor<
  caf::reacts_to<change>,                       // decide; answer when the records are committed and acted on
  caf::reacts_to<journal::input::log_read>,     // replay
  caf::reacts_to<journal::input::log_appended>, // the records under way are committed, or not
  caf::reacts_to<journal::input::published>,    // the supervisor acts by what was committed up to there
  caf::reacts_to<journal::input::retry_due>,    // try again to read the log
  caf::reacts_to<journal::input::more_committed>, // read on
  caf::reacts_to<log_role>,                     // decide, or leave that to another node and follow
  caf::reacts_to<brokers_changed>,              // where replicas can be put
  caf::reacts_to<peer_forward>,                 // a change that another node was asked for
  caf::reacts_to<peer_answer>,                  // what became of one that was forwarded
  caf::reacts_to<forward_overdue>,              // nobody has answered
  caf::reacts_to<drain>>;                       // append the records that have been decided, in one batch

/// This node is a member for good, and its disk says so.
struct joined_cluster {
  std::string cluster_id;
  std::vector<node_id> voters; ///< of `__cluster`
  bool is_founder = false;     ///< see formation
};

using forming_actor = caf::typed_actor<
  caf::reacts_to<brokers_changed>, // nodes that can be reached: ask them for their cluster
  caf::reacts_to<peers::arrival>,  // what one of them says of it
  caf::reacts_to<tick>>;           // say again what may have been lost

} // namespace coordinator

namespace groups {

/// Topics came, changed or went.
struct topics_changed {
  std::shared_ptr<const topic_catalog> topics;
};

/// Configs of groups changed.
struct timings_changed {
  std::shared_ptr<const group_timings> timings;
};

using group_coordinator_actor = caf::typed_actor<
  caf::reacts_to<group_call>,                   // a request that concerns one group of this partition
  caf::reacts_to<journal::input::log_read>,     // replay
  caf::reacts_to<journal::input::log_appended>, // the records under way are committed, or not
  caf::reacts_to<journal::input::retry_due>,    // try again to read the partition
  caf::reacts_to<drain>,                        // append the records that have been decided, in one batch
  caf::reacts_to<tick>,                         // a deadline of some group has come
  caf::reacts_to<topics_changed>,               // groups read topics, and commit offsets for them
  caf::reacts_to<timings_changed>>;             // running groups go by them from the next heartbeat on

} // namespace groups

namespace heartbeats {

using heartbeats_actor = caf::typed_actor<
  caf::reacts_to<group_opened>,           // this replica is to be told of its peers
  caf::reacts_to<input::group_changed>,   // its role, epoch, members or commit moved
  caf::reacts_to<group_closed>,           // it has ended
  caf::reacts_to<input::message_arrived>, // a peer's heartbeat
  caf::reacts_to<input::peer_up>,         // it can be reached
  caf::reacts_to<input::peer_down>,       // its link was closed
  caf::reacts_to<input::peer_suspected>,  // others think that it is gone
  caf::reacts_to<tick>>;                  // send to everybody, look who is silent

} // namespace heartbeats

namespace membership {

using membership_actor = caf::typed_actor<
  caf::reacts_to<input::message_arrived>,   // gossip of another node
  caf::reacts_to<input::link_up>,           // it can be reached
  caf::reacts_to<input::link_down>,         // its link was closed: ask whether it is there
  caf::reacts_to<input::partitions_led>,    // spread that this node leads them
  caf::reacts_to<input::forget_topic>,      // it was deleted
  caf::reacts_to<input::addresses_changed>, // spread where this node is
  caf::reacts_to<input::leave>,             // say farewell, and end
  caf::reacts_to<tick>>;                    // look at all deadlines

} // namespace membership

namespace root {

/// The replica of the metadata log leads or follows, or why it cannot be opened.
struct metadata_log_role {
  result<coordinator::log_role> role;
};

/// The metadata is read and acted on, or why it could not be.
struct coordinator_ready {
  result<void> outcome;
};

/// Sync and close everything; answered when that is done.
struct end_request {
  reply<supervisor::completed> ended;
};

/// Every log is closed.
struct logs_closed {};

/// The membership has said farewell and ended.
struct has_left {};

using root_actor = caf::typed_actor<
  caf::reacts_to<coordinator::joined_cluster>, // start everything that needs the cluster
  caf::reacts_to<metadata_log_role>,   // start the coordinator, or tell it
  caf::reacts_to<brokers_changed>,     // tell the supervisor and the coordinator
  caf::reacts_to<supervisor::leader_claim>, // tell the supervisor
  caf::reacts_to<peers::arrival>,      // hand it to the coordinator
  caf::reacts_to<coordinator_ready>,   // tell whoever started the node
  caf::reacts_to<end_request>,         // have the logs closed
  caf::reacts_to<logs_closed>,         // tell the other nodes that this one leaves
  caf::reacts_to<has_left>>;           // end all actors

} // namespace root

} // namespace chisme

CHISME_LOCAL_MESSAGE(chisme::drain)
CHISME_LOCAL_MESSAGE(chisme::tick)
CHISME_LOCAL_MESSAGE(chisme::flusher::flush_request)
CHISME_LOCAL_MESSAGE(chisme::flusher::flush_result)
CHISME_LOCAL_MESSAGE(chisme::cleaner::clean_request)
CHISME_LOCAL_MESSAGE(chisme::cleaner::clean_result)
CHISME_LOCAL_MESSAGE(chisme::disk_worker::open_request)
CHISME_LOCAL_MESSAGE(chisme::disk_worker::open_result)
CHISME_LOCAL_MESSAGE(chisme::disk_worker::close_log_request)
CHISME_LOCAL_MESSAGE(chisme::disk_worker::close_log_result)
CHISME_LOCAL_MESSAGE(chisme::disk_worker::work_request)
CHISME_LOCAL_MESSAGE(chisme::disk_worker::work_result)
CHISME_LOCAL_MESSAGE(chisme::disk_worker::search_request)
CHISME_LOCAL_MESSAGE(chisme::disk_worker::search_result)
CHISME_LOCAL_MESSAGE(chisme::disk_worker::warm_request)
CHISME_LOCAL_MESSAGE(chisme::disk_worker::warm_result)
CHISME_LOCAL_MESSAGE(chisme::disk_worker::close_request)
CHISME_LOCAL_MESSAGE(chisme::remover::remove_request)
CHISME_LOCAL_MESSAGE(chisme::remover::remove_result)
CHISME_LOCAL_MESSAGE(chisme::partition::append_batch)
CHISME_LOCAL_MESSAGE(chisme::partition::read_request)
CHISME_LOCAL_MESSAGE(chisme::partition::list_offset_request)
CHISME_LOCAL_MESSAGE(chisme::partition::epoch_end_request)
CHISME_LOCAL_MESSAGE(chisme::partition::delete_records_request)
CHISME_LOCAL_MESSAGE(chisme::partition::describe_request)
CHISME_LOCAL_MESSAGE(chisme::partition::settings_changed)
CHISME_LOCAL_MESSAGE(chisme::partition::housekeeping_due)
CHISME_LOCAL_MESSAGE(chisme::partition::compaction_due)
CHISME_LOCAL_MESSAGE(chisme::partition::checkpoint_due)
CHISME_LOCAL_MESSAGE(chisme::partition::reopen)
CHISME_LOCAL_MESSAGE(chisme::partition::hand_over)
CHISME_LOCAL_MESSAGE(chisme::partition::stop_request)
CHISME_LOCAL_MESSAGE(chisme::partition::wake_due)
CHISME_LOCAL_MESSAGE(chisme::partition::store_due)
CHISME_LOCAL_MESSAGE(chisme::peers::arrival)
CHISME_LOCAL_MESSAGE(chisme::supervisor::cluster_changed)
CHISME_LOCAL_MESSAGE(chisme::supervisor::replica_opened)
CHISME_LOCAL_MESSAGE(chisme::supervisor::checkpoint_wanted)
CHISME_LOCAL_MESSAGE(chisme::supervisor::shut_down)
CHISME_LOCAL_MESSAGE(chisme::supervisor::compaction_wanted)
CHISME_LOCAL_MESSAGE(chisme::supervisor::timer_due)
CHISME_LOCAL_MESSAGE(chisme::journal::input::log_read)
CHISME_LOCAL_MESSAGE(chisme::journal::input::log_appended)
CHISME_LOCAL_MESSAGE(chisme::journal::input::published)
CHISME_LOCAL_MESSAGE(chisme::journal::input::retry_due)
CHISME_LOCAL_MESSAGE(chisme::coordinator::change)
CHISME_LOCAL_MESSAGE(chisme::coordinator::log_role)
CHISME_LOCAL_MESSAGE(chisme::coordinator::peer_forward)
CHISME_LOCAL_MESSAGE(chisme::coordinator::peer_answer)
CHISME_LOCAL_MESSAGE(chisme::coordinator::forward_overdue)
CHISME_LOCAL_MESSAGE(chisme::coordinator::joined_cluster)
CHISME_LOCAL_MESSAGE(chisme::journal::input::more_committed)
CHISME_LOCAL_MESSAGE(chisme::brokers_changed)
CHISME_LOCAL_MESSAGE(chisme::supervisor::replica_role)
CHISME_LOCAL_MESSAGE(chisme::supervisor::leader_claim)
CHISME_LOCAL_MESSAGE(chisme::root::metadata_log_role)
CHISME_LOCAL_MESSAGE(chisme::root::coordinator_ready)
CHISME_LOCAL_MESSAGE(chisme::root::end_request)
CHISME_LOCAL_MESSAGE(chisme::root::logs_closed)
CHISME_LOCAL_MESSAGE(chisme::root::has_left)
CHISME_LOCAL_MESSAGE(chisme::heartbeats::group_opened)
CHISME_LOCAL_MESSAGE(chisme::heartbeats::group_closed)
CHISME_LOCAL_MESSAGE(chisme::heartbeats::group_news)
CHISME_LOCAL_MESSAGE(chisme::heartbeats::input::group_changed)
CHISME_LOCAL_MESSAGE(chisme::heartbeats::input::message_arrived)
CHISME_LOCAL_MESSAGE(chisme::heartbeats::input::peer_up)
CHISME_LOCAL_MESSAGE(chisme::heartbeats::input::peer_down)
CHISME_LOCAL_MESSAGE(chisme::heartbeats::input::peer_suspected)
CHISME_LOCAL_MESSAGE(chisme::membership::input::message_arrived)
CHISME_LOCAL_MESSAGE(chisme::membership::input::link_up)
CHISME_LOCAL_MESSAGE(chisme::membership::input::link_down)
CHISME_LOCAL_MESSAGE(chisme::membership::input::partitions_led)
CHISME_LOCAL_MESSAGE(chisme::membership::input::forget_topic)
CHISME_LOCAL_MESSAGE(chisme::membership::input::addresses_changed)
CHISME_LOCAL_MESSAGE(chisme::membership::input::leave)
CHISME_LOCAL_MESSAGE(chisme::groups::group_call)
CHISME_LOCAL_MESSAGE(chisme::groups::topics_changed)
CHISME_LOCAL_MESSAGE(chisme::groups::timings_changed)
