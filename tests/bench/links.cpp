// Links between nodes beside what they stand on: a message there and back beside an Asio ping-pong, record batches out
// of a file beside a loop that only calls sendfile. Both sides are in this process, each on a thread of its own.
#include "nodes/peer_links.hpp"
#include "tests/bench/benches.hpp"
#include "tests/bench/machine.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <condition_variable>
#include <fcntl.h>
#include <fstream>
#include <latch>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

namespace chisme::bench {

namespace {

using tcp = boost::asio::ip::tcp;

constexpr size_t batch_size = 1 << 20;
constexpr ptrdiff_t window = 4;

/// Answers pings and counts batches on one side; on the other lets whoever waits for an answer go on.
class bench_receiver final : public links::receiver {
public:
  std::weak_ptr<links::port> port;
  std::latch up{1};

  void wait_for_answer() {
    std::unique_lock lock{mutex_};
    came_.wait(lock, [this] { return answers_ > 0; });
    --answers_;
  }

  void arrived(node_id from, peer_message m) override {
    if (const auto* ping = std::get_if<peer::ping>(&m); ping && ping->is_answer)
      count_answer();
    else if (const auto to = port.lock())
      to->send(from, peer::ping{0, true});
  }
  void peer_up(node_id, uint64_t) override { up.count_down(); }
  void peer_down(node_id, const std::string&) override {}

private:
  void count_answer() {
    {
      std::lock_guard lock{mutex_};
      ++answers_;
    }
    came_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable came_;
  size_t answers_ = 0; // under mutex_
};

struct side {
  explicit side(node_id id) {
    nodes::peer_links::config c;
    c.listeners = {{"PEER", "127.0.0.1", 0}};
    c.self.id = id;
    c.self.process_id = static_cast<uint64_t>(id);
    links = std::make_shared<nodes::peer_links>(std::move(c), loop, random_source{uint64_t{1}}, told);
    if (!links->listen())
      give_up("listen");
    told->port = links;
    loop.start();
    links->start();
  }
  ~side() { links->stop(); }

  nodes::io_loop loop;
  std::shared_ptr<bench_receiver> told = std::make_shared<bench_receiver>();
  std::shared_ptr<nodes::peer_links> links;
};

struct pair {
  side a{1};
  side b{2};
  pair() {
    a.links->set_peer(2, b.links->address());
    a.told->up.wait();
    b.told->up.wait();
  }
};

/// Seconds for one round trip.
double link_round_trip(pair& p, size_t count) {
  const auto begin = now();
  for (size_t i = 0; i < count; ++i) {
    p.a.links->send(2, peer::ping{static_cast<int64_t>(i)});
    p.a.told->wait_for_answer();
  }
  return (now() - begin) / static_cast<double>(count);
}

/// The same number of bytes, over one connection: the sender blocks, the other side is an Asio loop.
double bare_round_trip(size_t count) {
  boost::asio::io_context context;
  tcp::acceptor acceptor{context, {boost::asio::ip::address_v4::loopback(), 0}};
  tcp::socket client{context};
  client.connect(acceptor.local_endpoint());
  auto server = acceptor.accept();
  client.set_option(tcp::no_delay{true});
  server.set_option(tcp::no_delay{true});
  std::array<char, 16> theirs{};
  std::function<void()> serve = [&] {
    boost::asio::async_read(server, boost::asio::buffer(theirs), [&](auto e, size_t) {
      if (e)
        return;
      boost::asio::write(server, boost::asio::buffer(theirs));
      serve();
    });
  };
  serve();
  std::jthread other{[&] { context.run(); }};
  std::array<char, 16> ours{};
  const auto begin = now();
  for (size_t i = 0; i < count; ++i) {
    boost::asio::write(client, boost::asio::buffer(ours));
    boost::asio::read(client, boost::asio::buffer(ours));
  }
  const auto each = (now() - begin) / static_cast<double>(count);
  client.close();
  return each;
}

/// MiB a second; `window` batches are on their way at a time.
double link_bulk(pair& p, int fd, size_t count) {
  const auto begin = now();
  for (size_t i = 0; i < count + window; ++i) {
    if (i >= window)
      p.a.told->wait_for_answer();
    if (i >= count)
      continue;
    peer::bulk_ping batch;
    batch.records.append(file_slice{nullptr, fd, 0, batch_size});
    while (!p.a.links->send(2, batch))
      std::this_thread::yield();
  }
  return static_cast<double>(count * batch_size >> 20) / (now() - begin);
}

double bare_bulk(int fd, size_t count) {
  boost::asio::io_context context;
  tcp::acceptor acceptor{context, {boost::asio::ip::address_v4::loopback(), 0}};
  tcp::socket client{context};
  client.connect(acceptor.local_endpoint());
  auto server = acceptor.accept();
  const auto begin = now();
  std::jthread other{[&] {
    std::vector<char> into(batch_size);
    for (size_t left = count * batch_size; left > 0;) {
      const auto n = ::recv(server.native_handle(), into.data(), into.size(), 0);
      if (n <= 0)
        give_up("recv");
      left -= static_cast<size_t>(n);
    }
  }};
  for (size_t i = 0; i < count; ++i) {
    off_t at = 0;
    while (at < static_cast<off_t>(batch_size))
      if (::sendfile(client.native_handle(), fd, &at, batch_size - static_cast<size_t>(at)) <= 0)
        give_up("sendfile");
  }
  other.join();
  return static_cast<double>(count * batch_size >> 20) / (now() - begin);
}

} // namespace

void measure_links(const options& o, report& out) {
  temporary_folder folder{o.folder};
  const auto file = (folder.path() / "batch").string();
  std::ofstream{file} << std::string(batch_size, 'x');
  const auto fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    give_up("open " + file);
  std::vector<double> trips, bare_trips, bulk, bare;
  {
    pair p;
    link_bulk(p, fd, window);
    for (size_t round = 0; round < o.rounds(); ++round) {
      trips.push_back(link_round_trip(p, o.scaled(20'000)) * 1e6);
      bare_trips.push_back(bare_round_trip(o.scaled(20'000)) * 1e6);
      bulk.push_back(link_bulk(p, fd, o.scaled(1024)));
      bare.push_back(bare_bulk(fd, o.scaled(1024)));
    }
  }
  ::close(fd);
  out.add({"a message between nodes and back (bound: Asio)", median(trips), "us", median(bare_trips)});
  out.add({"record batches between nodes (bound: sendfile)", median(bulk), "MiB/s", median(bare)});
}

} // namespace chisme::bench
