#include "messages/kafka/68_consumer_group_heartbeat.hpp"
#include "tests/bench/groups/member.hpp"

#include <algorithm>

namespace chisme::bench {

namespace {

class consumer_member final : public member {
public:
  using member::member;

  void join() override;
  void leave() override;
  bool settled() const override { return epoch_ > 0; }

private:
  using request_type = kafka::consumer_group_heartbeat_request;
  using response_type = kafka::consumer_group_heartbeat_response;

  void heartbeat() override;
  kafka::offset_fetch_request::group identity() const override;
  request_type plain() const;
  void send(const request_type& r);
  void answered(const response_type& r);
  void reconcile(const response_type::member_assignment& a);

  std::string member_id_;
  int32_t epoch_ = 0;
  bool away_ = true;
  bool beating_ = false; // a heartbeat is not answered yet
  std::vector<request_type::owned_topic> owned_;
};

consumer_member::request_type consumer_member::plain() const {
  request_type r;
  r.group_id = group_;
  r.member_id = member_id_;
  r.member_epoch = epoch_;
  return r;
}

void consumer_member::join() {
  own({});
  owned_.clear();
  away_ = false;
  epoch_ = 0;
  // Any name that no other has will do; a new one, since a member that comes back is a new member.
  static uint64_t last = 0;
  member_id_ = "member-" + std::to_string(++last);
  auto r = plain();
  r.rebalance_timeout_ms = 60'000;
  r.subscribed_topic_names = {plan_.topic};
  r.topic_partitions.emplace();
  send(r);
}

void consumer_member::send(const request_type& r) {
  beating_ = true;
  coordinator().call<response_type>(r, [this](const response_type& answer) {
    beating_ = false;
    if (!away_)
      answered(answer);
  });
}

void consumer_member::heartbeat() {
  if (!away_ && epoch_ > 0 && !beating_)
    send(plain());
}

void consumer_member::answered(const response_type& r) {
  if (r.error == error_code::unknown_member_id || r.error == error_code::fenced_member_epoch)
    return join();
  if (r.error != error_code::none)
    throw std::runtime_error("a member is refused: " + to_string(r.error) + " " + r.error_message.value_or(""));
  epoch_ = r.member_epoch;
  if (r.assignment)
    reconcile(*r.assignment);
}

/// What went is given up and what came is taken at once, and the next heartbeat says so without waiting.
void consumer_member::reconcile(const response_type::member_assignment& a) {
  std::vector<int32_t> partitions;
  owned_.clear();
  for (const auto& t : a.topic_partitions) {
    partitions.insert(partitions.end(), t.partitions.begin(), t.partitions.end());
    owned_.push_back({t.topic_id, t.partitions});
  }
  own(std::move(partitions));
  auto r = plain();
  r.topic_partitions = owned_;
  send(r);
}

kafka::offset_fetch_request::group consumer_member::identity() const {
  kafka::offset_fetch_request::group g;
  g.group_id = group_;
  g.member_id = member_id_;
  g.member_epoch = epoch_;
  return g;
}

void consumer_member::leave() {
  own({});
  owned_.clear();
  away_ = true;
  epoch_ = 0;
  auto r = plain();
  r.member_epoch = -1;
  coordinator().call<response_type>(r, [](const response_type& answer) {
    if (answer.error != error_code::none)
      throw std::runtime_error("a member cannot leave: " + to_string(answer.error));
  });
}

} // namespace

std::unique_ptr<member> make_consumer_member(event_loop& loop, const group_plan& plan, std::string group,
                                             size_t number) {
  return std::make_unique<consumer_member>(loop, plan, std::move(group), number);
}

} // namespace chisme::bench
