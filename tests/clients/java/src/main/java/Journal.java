import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * What a member of a group tells: what it owns, read and committed, at times of the machine's monotonic clock. What is
 * read is told before it may be committed: a commit of what was never told would hide a lost record.
 */
final class Journal {
  private final Long commitBelow;
  private final TreeSet<Integer> owned = new TreeSet<>();
  private final List<List<Long>> unsaid = new ArrayList<>();
  private final Map<Integer, Long> positions = new HashMap<>();
  private boolean over;

  Journal(Long commitBelow) {
    this.commitBelow = commitBelow;
    Protocol.say(Map.of("pid", ProcessHandle.current().pid()));
  }

  void gained(Collection<Integer> partitions) {
    owned.addAll(partitions);
    sayOwned();
  }

  void gaveUp(Collection<Integer> partitions) {
    owned.removeAll(partitions);
    sayOwned();
  }

  /** They belong to somebody else already: nothing of them can be committed any more. */
  void forget(Collection<Integer> partitions) {
    positions.keySet().removeAll(partitions);
  }

  /** To be called when reading has ended, before the library leaves the group: from here on nothing is owned. */
  void leaving() {
    owned.clear();
    sayOwned();
    over = true;
  }

  void read(int partition, long offset) {
    unsaid.add(List.of((long) partition, offset));
    positions.put(partition, offset + 1);
  }

  /** `commit` throws when it fails; then the same is tried again at the next call. */
  void commit(Consumer<Map<Integer, Long>> commit) {
    flush();
    if (positions.isEmpty()) {
      return;
    }
    Map<Integer, Long> offsets = new HashMap<>();
    positions.forEach((partition, next) ->
        offsets.put(partition, commitBelow == null ? next : Math.min(next, commitBelow)));
    try {
      commit.accept(offsets);
    } catch (RuntimeException error) {
      trouble(error);
      return;
    }
    positions.clear();
    List<List<Long>> pairs = new ArrayList<>();
    offsets.forEach((partition, next) -> pairs.add(List.of((long) partition, next)));
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
      Protocol.say(Map.of("owns", owned, "at", now()));
    }
  }

  private static double now() {
    return System.nanoTime() / 1e9;
  }
}
