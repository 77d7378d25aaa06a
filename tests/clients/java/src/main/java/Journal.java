import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;

/**
 * What a member of a group tells: what it owns, read and committed, at times of the machine's monotonic clock. What is
 * read is told before it may be committed: a commit of what was never told would hide a lost record.
 */
final class Journal {
  private final Long commitBelow;
  private final Function<TopicPartition, Object> name;
  private final Set<TopicPartition> owned = new HashSet<>();
  private final List<List<Object>> unsaid = new ArrayList<>();
  private final Map<TopicPartition, Long> positions = new HashMap<>();
  private boolean over;

  /** `name` is how partitions are told. */
  Journal(Long commitBelow, Function<TopicPartition, Object> name) {
    this.commitBelow = commitBelow;
    this.name = name;
    Protocol.say(Map.of("pid", ProcessHandle.current().pid()));
  }

  void gained(Collection<TopicPartition> partitions) {
    owned.addAll(partitions);
    sayOwned();
  }

  void gaveUp(Collection<TopicPartition> partitions) {
    owned.removeAll(partitions);
    sayOwned();
  }

  /** They belong to somebody else already: nothing of them can be committed any more. */
  void forget(Collection<TopicPartition> partitions) {
    positions.keySet().removeAll(partitions);
  }

  /** To be called when reading has ended, before the library leaves the group: from here on nothing is owned. */
  void leaving() {
    owned.clear();
    sayOwned();
    over = true;
  }

  void read(TopicPartition partition, long offset) {
    unsaid.add(List.of(name.apply(partition), offset));
    positions.put(partition, offset + 1);
  }

  /** `commit` throws when it fails; then the same is tried again at the next call. */
  void commit(Consumer<Map<TopicPartition, Long>> commit) {
    flush();
    if (positions.isEmpty()) {
      return;
    }
    Map<TopicPartition, Long> offsets = new HashMap<>();
    positions.forEach((partition, next) ->
        offsets.put(partition, commitBelow == null ? next : Math.min(next, commitBelow)));
    try {
      commit.accept(offsets);
    } catch (RuntimeException error) {
      trouble(error);
      return;
    }
    positions.clear();
    List<List<Object>> pairs = new ArrayList<>();
    offsets.forEach((partition, next) -> pairs.add(List.of(name.apply(partition), next)));
    Protocol.say(Map.of("committed", pairs, "at", now()));
  }

  void trouble(Exception error) {
    Protocol.say(Map.of("trouble", error.toString()));
  }

  private void flush() {
    if (!unsaid.isEmpty()) {
      Protocol.say(Map.of("read", unsaid));
      unsaid.clear();
    }
  }

  private void sayOwned() {
    if (!over) {
      Protocol.say(Map.of("owns", owned.stream().map(name).toList(), "at", now()));
    }
  }

  private static double now() {
    return System.nanoTime() / 1e9;
  }
}
