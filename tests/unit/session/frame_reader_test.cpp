#include "actors/session/frame_reader.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <set>
#include <unistd.h>

namespace chisme::session {
namespace {

constexpr size_t mebi = 1 << 20;

std::string prefixed(const std::string& body) {
  std::string out(4, '\0');
  for (int i = 0; i < 4; ++i)
    out[static_cast<size_t>(i)] = static_cast<char>(body.size() >> (8 * (3 - i)));
  return out + body;
}

/// A body whose bytes tell where they belong.
std::string body_of(size_t size, unsigned seed) {
  std::string s(size, '\0');
  for (size_t i = 0; i < size; ++i)
    s[i] = static_cast<char>((i * 131 + seed * 17 + (i >> 8)) & 0xff);
  return s;
}

/// Copies `bytes` in, at most `most` at a time as `piece` says, and collects the frames.
template <class Piece>
std::vector<buffer> read_all(frame_reader& reader, std::string_view bytes, Piece piece) {
  std::vector<buffer> frames;
  while (!bytes.empty()) {
    auto into = reader.prepare();
    EXPECT_FALSE(into.empty());
    const auto n = std::min({into.size(), bytes.size(), std::max<size_t>(1, piece())});
    std::memcpy(into.data(), bytes.data(), n);
    bytes.remove_prefix(n);
    reader.commit(n);
    for (;;) {
      auto frame = reader.next();
      EXPECT_TRUE(frame) << frame.error().message;
      if (!frame || !*frame)
        break;
      frames.push_back(std::move(**frame));
    }
  }
  return frames;
}

const std::vector<std::vector<size_t>> streams = {
  {0},
  {1},
  {4},
  {0, 0, 0, 1, 0, 4},
  {65536 - 5, 65536 - 4, 65536 - 3, 65536 - 1, 65536, 65537},
  {mebi, mebi + 1, 3, mebi - 1},
  {32 * 1024 - 4, 32 * 1024 - 3, 10, 32 * 1024, 0, 100000, 7, 7, 7},
  {100, 200, 60000, 100, 60000, 100, 5, 0, 70000, 1, 70000, 70000, 2},
};

/// Any splitting of a stream gives the same frames, and a frame that was handed out does not change when more
/// is read.
TEST(frame_reader, any_splitting_gives_the_same_frames) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    std::mt19937 random{seed};
    for (const auto& sizes : streams) {
      std::string bytes;
      std::vector<std::string> expected;
      for (size_t i = 0; i < sizes.size(); ++i) {
        expected.push_back(body_of(sizes[i], static_cast<unsigned>(i) + seed));
        bytes += prefixed(expected.back());
      }
      const size_t largest = std::array<size_t, 5>{3, 100, 5000, 66000, 2 * mebi}[seed % 5];
      frame_reader reader{4 * mebi};
      // Pieces of three bytes of a megabyte take long and show nothing more than those of a few kilobytes.
      const size_t most = bytes.size() > mebi ? std::max<size_t>(largest, 1000) : largest;
      auto frames = read_all(reader, bytes, [&] { return 1 + random() % most; });
      ASSERT_EQ(frames.size(), expected.size()) << "seed " << seed;
      for (size_t i = 0; i < frames.size(); ++i)
        ASSERT_TRUE(as_chars(frames[i]) == expected[i]) << "seed " << seed << " frame " << i;
      EXPECT_FALSE(reader.mid_frame());
      EXPECT_EQ(reader.buffered(), 0u);
    }
  }
}

/// As above, with frames let go at random, so that chunks are used again.
TEST(frame_reader, chunks_that_nobody_holds_are_used_again) {
  std::mt19937 random{7};
  frame_reader reader{mebi};
  std::set<const std::byte*> blocks;
  for (unsigned i = 0; i < 2000; ++i) {
    const auto expected = body_of(1000, i);
    auto frames = read_all(reader, prefixed(expected), [] { return mebi; });
    ASSERT_EQ(frames.size(), 1u);
    ASSERT_TRUE(as_chars(frames[0]) == expected);
    blocks.insert(frames[0].data());
  }
  EXPECT_EQ(blocks.size(), 1u);
}

TEST(frame_reader, a_frame_that_is_held_is_not_overwritten) {
  frame_reader reader{mebi};
  std::vector<buffer> held;
  for (unsigned i = 0; i < 500; ++i) {
    auto frames = read_all(reader, prefixed(body_of(1000, i)), [] { return mebi; });
    held.push_back(frames.at(0));
  }
  for (unsigned i = 0; i < 500; ++i)
    ASSERT_TRUE(as_chars(held[i]) == body_of(1000, i));
}

/// A stream of large frames is received where it stays: the reader moves no byte of it but the first one's.
TEST(frame_reader, large_frames_are_received_in_place) {
  frame_reader reader{4 * mebi};
  const auto body = body_of(mebi, 1);
  read_all(reader, prefixed(body), [] { return 10 * mebi; });
  for (int i = 0; i < 3; ++i) {
    auto prefix = reader.prepare();
    ASSERT_EQ(prefix.size(), 4u) << "the size alone";
    std::memcpy(prefix.data(), prefixed(body).data(), 4);
    reader.commit(4);
    ASSERT_FALSE(*reader.next());
    auto into = reader.prepare();
    ASSERT_EQ(into.size(), mebi) << "exactly the frame";
    std::memcpy(into.data(), body.data(), mebi);
    reader.commit(mebi);
    auto frame = *reader.next();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->data(), into.data());
    EXPECT_EQ(frame->size(), mebi);
  }
}

std::string refusal_of(std::string_view bytes, size_t max_frame) {
  frame_reader reader{max_frame};
  auto into = reader.prepare();
  std::memcpy(into.data(), bytes.data(), bytes.size());
  reader.commit(bytes.size());
  auto frame = reader.next();
  EXPECT_FALSE(frame);
  return frame ? "" : frame.error().message;
}

TEST(frame_reader, frames_that_cross_the_end_of_a_chunk_are_not_moved) {
  frame_reader reader{mebi};
  const size_t size = 23'000;
  std::string stream;
  for (unsigned i = 0; i < 40; ++i)
    stream += prefixed(body_of(size, i));
  // Where the stream's bytes were received: a frame lies where it came in, but for the first one that meets an end.
  std::vector<const std::byte*> received;
  std::vector<buffer> frames;
  std::string_view rest = stream;
  while (!rest.empty()) {
    auto into = reader.prepare();
    const auto n = std::min(into.size(), rest.size());
    std::memcpy(into.data(), rest.data(), n);
    for (size_t i = 0; i < n; ++i)
      received.push_back(into.data() + i);
    rest.remove_prefix(n);
    reader.commit(n);
    while (auto frame = *reader.next())
      frames.push_back(std::move(*frame));
  }
  ASSERT_EQ(frames.size(), 40u);
  size_t moved = 0;
  for (size_t i = 0; i < frames.size(); ++i) {
    EXPECT_EQ(as_chars(frames[i]), body_of(size, static_cast<unsigned>(i)));
    moved += frames[i].data() != received[i * (size + 4) + 4];
  }
  EXPECT_LE(moved, 1u);
}

TEST(frame_reader, says_how_much_of_a_frame_is_missing) {
  frame_reader reader{mebi};
  EXPECT_EQ(reader.missing(), 0u);
  const auto one = prefixed(body_of(300'000, 1));
  read_all(reader, std::string_view{one}.substr(0, 3), [] { return 3; });
  EXPECT_EQ(reader.missing(), 1u) << "of the size";
  read_all(reader, std::string_view{one}.substr(3, 1000), [] { return 1000; });
  EXPECT_EQ(reader.missing(), one.size() - 1003);
  read_all(reader, std::string_view{one}.substr(1003), [] { return 1 << 20; });
  EXPECT_EQ(reader.missing(), 0u);
}

TEST(frame_reader, sizes_beyond_the_limit_are_refused_with_a_hint) {
  using ::testing::HasSubstr;
  EXPECT_THAT(refusal_of({"\0\0\1\1", 4}, 256),
              HasSubstr("frame of 257 bytes, more than the 256 of socket.request.max.bytes"));
  EXPECT_THAT(refusal_of("\xff\xff\xff\xff", mebi), HasSubstr("frame of -1 bytes"));
  EXPECT_THAT(refusal_of({"\x80\0\0\0", 4}, mebi), HasSubstr("frame of -2147483648 bytes"));
  EXPECT_THAT(refusal_of("\x16\x03\x01\x02", mebi), HasSubstr("TLS"));
  EXPECT_THAT(refusal_of("GET / HTTP/1.1\r\n", mebi), HasSubstr("HTTP"));
  EXPECT_THAT(refusal_of("POST /topics", mebi), HasSubstr("HTTP"));
  EXPECT_THAT(refusal_of("PUT /topics", mebi), HasSubstr("HTTP"));
}

TEST(frame_reader, a_size_that_equals_the_limit_is_accepted) {
  frame_reader reader{256};
  EXPECT_EQ(read_all(reader, prefixed(body_of(256, 0)), [] { return mebi; }).size(), 1u);
}

/// Also behind a large frame, where the size is received alone.
TEST(frame_reader, a_bad_size_behind_a_large_frame_is_refused) {
  frame_reader reader{mebi};
  read_all(reader, prefixed(body_of(mebi, 0)), [] { return 10 * mebi; });
  auto into = reader.prepare();
  ASSERT_EQ(into.size(), 4u);
  std::memcpy(into.data(), "\x7f\xff\xff\xff", 4);
  reader.commit(4);
  EXPECT_FALSE(reader.next());
}

TEST(frame_reader, release_gives_memory_back_only_where_nothing_is_buffered) {
  frame_reader reader{mebi};
  auto into = reader.prepare();
  std::memcpy(into.data(), "\0\0\0\2a", 5);
  reader.commit(5);
  ASSERT_FALSE(*reader.next());
  reader.release();
  EXPECT_TRUE(reader.mid_frame());
  EXPECT_EQ(reader.buffered(), 5u);
  auto frames = read_all(reader, "b", [] { return mebi; });
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(as_chars(frames[0]), "ab");
  reader.release();
  EXPECT_EQ(as_chars(frames[0]), "ab") << "who holds a frame keeps its block";
  EXPECT_EQ(read_all(reader, prefixed("again"), [] { return mebi; }).size(), 1u);
}

TEST(frame_reader, release_between_the_bytes_of_a_size_keeps_them) {
  frame_reader reader{mebi};
  read_all(reader, prefixed(body_of(mebi, 0)), [] { return 10 * mebi; });
  const auto next = prefixed(body_of(70000, 1));
  std::vector<buffer> frames;
  for (auto piece : {next.substr(0, 1), next.substr(1, 2), next.substr(3, 100), next.substr(103)}) {
    for (auto& f : read_all(reader, piece, [] { return 10 * mebi; }))
      frames.push_back(std::move(f));
    reader.release();
  }
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_TRUE(as_chars(frames[0]) == body_of(70000, 1));
}

size_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  size_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

/// P6: what somebody only announces costs address space, not memory.
TEST(frame_reader, an_announced_frame_of_which_nothing_arrives_costs_no_memory) {
  const auto before = resident_bytes();
  std::vector<frame_reader> readers;
  for (int i = 0; i < 50; ++i) {
    auto& reader = readers.emplace_back(100 * mebi);
    auto into = reader.prepare();
    std::memcpy(into.data(), "\x06\x40\0\0", 4); // 100 MiB
    reader.commit(4);
    ASSERT_FALSE(*reader.next());
    ASSERT_GE(reader.prepare().size(), 100 * mebi - 4);
  }
  EXPECT_LT(resident_bytes() - before, 50 * mebi) << "for 5000 MiB announced";
}

/// Frames may be left in the reader for a while; what is under way is none of them.
TEST(frame_reader_test, what_has_come_whole_is_not_under_way) {
  frame_reader reader{1 << 20};
  const std::string two_frames{"\0\0\0\2ab\0\0\0\2cd", 12};
  auto into = reader.prepare();
  std::memcpy(into.data(), two_frames.data(), two_frames.size());
  reader.commit(two_frames.size());
  ASSERT_TRUE(reader.next()->has_value());
  EXPECT_EQ(reader.under_way(), 0u);
  EXPECT_EQ(reader.missing(), 0u);
  EXPECT_TRUE(reader.mid_frame());
  ASSERT_TRUE(reader.next()->has_value());
  EXPECT_EQ(reader.under_way(), 0u);
  EXPECT_FALSE(reader.mid_frame());
}

TEST(frame_reader, a_chunk_that_nobody_holds_serves_the_next_reader) {
  frame_reader first{mebi}, second{mebi};
  (void)read_all(first, prefixed("gone"), [] { return mebi; });
  const auto* chunk = first.prepare().data();
  first.release();
  EXPECT_EQ(second.prepare().data(), chunk);
  EXPECT_NE(first.prepare().data(), chunk) << "that one is the second's now";
}

TEST(frame_reader, a_chunk_that_somebody_holds_does_not) {
  frame_reader first{mebi}, second{mebi};
  const auto held = read_all(first, prefixed("held"), [] { return mebi; });
  first.release();
  const auto into = second.prepare();
  std::fill(into.begin(), into.end(), std::byte{'x'});
  EXPECT_EQ(as_chars(held.at(0)), "held");
}

} // namespace
} // namespace chisme::session
