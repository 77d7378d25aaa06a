#include "nodes/data_folder.hpp"
#include "nodes/posix_files.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <unistd.h>

namespace chisme::nodes {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class data_folder_test : public ::testing::Test {
protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "data_folder_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = std::filesystem::canonical(name).string();
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  result<data_folder> open(node_id id = 1, const std::string& cluster = "") {
    return data_folder::open(disk_, path(), id, cluster, [this] {
      uuid made;
      made.bytes[0] = ++made_;
      return made;
    });
  }

  /// Why it cannot be opened.
  std::string refusal(node_id id = 1, const std::string& cluster = "") {
    auto opened = open(id, cluster);
    EXPECT_FALSE(opened);
    return opened ? "" : opened.error().message;
  }

  void write_properties(std::string_view text) {
    ASSERT_TRUE(disk_.make_directories(path()));
    ASSERT_TRUE(disk_.replace(path() + "/meta.properties", text, false));
  }

  std::string path() const { return root_ + "/a/b"; }

  posix_files disk_;
  std::string root_;
  uint8_t made_ = 0;
};

TEST_F(data_folder_test, a_fresh_folder_is_made_and_gets_an_identity) {
  auto opened = open();
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->path(), path());
  uuid first, second;
  first.bytes[0] = 1;
  second.bytes[0] = 2;
  EXPECT_EQ(opened->cluster_id(), to_string(first));
  EXPECT_EQ(*disk_.read_all(path() + "/meta.properties"),
            "version=1\ncluster.id=" + to_string(first) + "\nnode.id=1\ndirectory.id=" + to_string(second) + "\n");
}

TEST_F(data_folder_test, the_identity_survives_a_restart) {
  const auto id = open()->cluster_id();
  auto again = open();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->cluster_id(), id);
}

TEST_F(data_folder_test, a_given_cluster_id_is_kept_and_compared) {
  EXPECT_EQ(open(1, "mine")->cluster_id(), "mine");
  EXPECT_EQ(open(1, "mine")->cluster_id(), "mine");
  EXPECT_EQ(open()->cluster_id(), "mine");
  EXPECT_THAT(refusal(1, "other"), HasSubstr("belongs to cluster mine, not other"));
}

TEST_F(data_folder_test, a_folder_in_use_is_refused_and_the_process_named) {
  auto first = open();
  ASSERT_TRUE(first);
  EXPECT_EQ(refusal(), path() + " is in use by another node (process " + std::to_string(::getpid()) +
                         "): stop that one, or choose another folder with --log.dirs");
}

TEST_F(data_folder_test, the_lock_ends_with_its_holder) {
  {
    auto first = open();
    ASSERT_TRUE(first);
    data_folder moved{std::move(*first)};
    EXPECT_FALSE(open()) << "it moved with the object";
  }
  EXPECT_TRUE(open());
}

TEST_F(data_folder_test, another_nodes_folder_is_refused) {
  ASSERT_TRUE(open(1));
  EXPECT_THAT(refusal(2), HasSubstr("belongs to node 1, this is node 2: set --node.id"));
  EXPECT_TRUE(open(1)) << "the refused one has let go of the lock";
}

TEST_F(data_folder_test, a_newer_version_is_refused_as_such) {
  write_properties("version=2\ncluster.id=x\nnode.id=1\n");
  EXPECT_THAT(refusal(), HasSubstr("layout version 2, this program knows 1: it was written by a newer version"));
}

TEST_F(data_folder_test, a_damaged_file_is_refused_as_such) {
  for (auto text : {"", "version=\n", "version=one\n", "version=1x\n", "version=0\n", "version=99999999999\n",
                    "node.id=1\ncluster.id=x\n", "\n\n====\n"}) {
    write_properties(text);
    EXPECT_THAT(refusal(), HasSubstr("the file is damaged")) << text;
  }
}

TEST_F(data_folder_test, comments_and_unknown_properties_do_not_matter) {
  write_properties("#\n# a comment\nversion=1\nfuture=yes\nnode.id=7\ncluster.id=c=d\n");
  auto opened = open(7);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->cluster_id(), "c=d");
}

TEST_F(data_folder_test, partitions_without_identity_or_metadata_are_refused) {
  const auto partition = path() + "/orders-0";
  ASSERT_TRUE(disk_.make_directories(partition));
  ASSERT_TRUE(open()) << "a folder that holds no partition";
  ASSERT_TRUE(disk_.replace(partition + "/partition.metadata", "version: 0", false));
  EXPECT_THAT(refusal(), HasSubstr("/__cluster-0 is missing, though the folder holds orders-0"));
  ASSERT_TRUE(disk_.make_directories(path() + "/__cluster-0"));
  ASSERT_TRUE(open());
  ASSERT_TRUE(disk_.remove(path() + "/meta.properties"));
  EXPECT_THAT(refusal(), HasSubstr("/meta.properties is missing, though the folder holds orders-0"));
}

TEST_F(data_folder_test, a_path_that_is_a_file_is_an_error) {
  ASSERT_TRUE(disk_.replace(root_ + "/a", "a file", false));
  EXPECT_THAT(refusal(), HasSubstr(root_ + "/a"));
}

// A node with peers.

using phase = coordinator::formation::phase;

class forming_folder_test : public data_folder_test {
protected:
  result<data_folder> open_with_peers(const std::string& cluster = "") {
    return data_folder::open(
      disk_, path(), 1, cluster, [] { return uuid{{9}}; }, true);
  }
  const coordinator::formation promised_{phase::bound, "c", 1, {1, 2, 3}, {1, 2, 3}};
  const coordinator::formation formed_{phase::member, "c", -1, {}, {1, 2, 3}, true};
};

TEST_F(forming_folder_test, has_no_cluster_until_one_is_formed_and_keeps_what_was_promised) {
  EXPECT_EQ(open_with_peers().value().cluster_id(), "");
  {
    auto folder = open_with_peers().value();
    EXPECT_EQ(folder.formation(), coordinator::formation{});
    ASSERT_TRUE(folder.keep(disk_, promised_));
  }
  {
    auto folder = open_with_peers().value();
    EXPECT_EQ(folder.formation(), promised_);
    ASSERT_TRUE(folder.keep(disk_, formed_));
  }
  EXPECT_EQ(open_with_peers().value().formation(), formed_);
  EXPECT_THAT(refusal(), HasSubstr("--peer.listeners and --seeds"));
  EXPECT_EQ(*disk_.read_all(path() + "/meta.properties"),
            "version=1\ncluster.id=c\nnode.id=1\ndirectory.id=" + to_string(uuid{{9}}) +
              "\ncluster.founder=true\ncluster.voters=1,2,3\n");
}

TEST_F(forming_folder_test, a_node_that_was_alone_is_the_first_voter) {
  const auto alone = open().value().cluster_id();
  const coordinator::formation first{phase::member, alone, -1, {}, {1}, true};
  EXPECT_EQ(open_with_peers().value().formation(), first);
  EXPECT_EQ(open_with_peers().value().formation(), first) << "and its folder says so";
}

TEST_F(forming_folder_test, a_given_cluster_is_none_before_it_is_joined) {
  EXPECT_EQ(open_with_peers("c").value().formation(), coordinator::formation{});
}

TEST_F(forming_folder_test, a_promise_that_was_taken_back_leaves_nothing) {
  {
    auto folder = open_with_peers().value();
    ASSERT_TRUE(folder.keep(disk_, promised_));
    ASSERT_TRUE(folder.keep(disk_, {}));
  }
  EXPECT_EQ(open_with_peers().value().formation(), coordinator::formation{});
  EXPECT_NE(open().value().cluster_id(), "") << "a node that is alone by now makes one";
}

TEST_F(forming_folder_test, who_has_promised_does_not_begin_alone) {
  {
    auto folder = open_with_peers().value();
    ASSERT_TRUE(folder.keep(disk_, promised_));
  }
  EXPECT_THAT(refusal(), HasSubstr("has promised node 1"));
}

TEST_F(forming_folder_test, a_damaged_promise_is_no_reason_to_form_another_cluster) {
  for (const auto* text : {"forming.members=1,x", "forming.members=", "forming.proposer=1\nforming.members=1;2"}) {
    write_properties("version=1\nnode.id=1\nforming.cluster.id=c\n" + std::string{text} + "\n");
    EXPECT_FALSE(open_with_peers()) << text;
  }
}

} // namespace
} // namespace chisme::nodes
