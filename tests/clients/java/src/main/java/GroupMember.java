import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A member of a group, in both protocols; reads until the next line of stdin has come. */
final class GroupMember implements ConsumerRebalanceListener {
  private static final Map<String, Class<?>> ASSIGNORS =
      Map.of("range", RangeAssignor.class, "cooperative-sticky", CooperativeStickyAssignor.class);

  private final Journal journal;
  private final KafkaConsumer<byte[], byte[]> consumer;

  private GroupMember(JsonObject fields) {
    JsonElement limit = fields.get("commit_below");
    JsonElement pattern = fields.get("pattern");
    journal = new Journal(
        limit.isJsonNull() ? null : limit.getAsLong(),
        pattern.isJsonNull() ? TopicPartition::partition : TopicPartition::toString);
    consumer = new KafkaConsumer<>(config(fields), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    if (pattern.isJsonNull()) {
      consumer.subscribe(List.of(fields.get("topic").getAsString()), this);
    } else {
      consumer.subscribe(new SubscriptionPattern(pattern.getAsString()), this);
    }
  }

  static Object run(JsonObject fields) {
    AtomicBoolean leave = Protocol.atNextLine();
    new GroupMember(fields).readUntil(leave);
    return null;
  }

  private static Map<String, Object> config(JsonObject fields) {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", System.getenv("BOOTSTRAP"));
    config.put("group.id", fields.get("group").getAsString());
    config.put("enable.auto.commit", false);
    config.put("auto.offset.reset", "earliest");
    config.put("reconnect.backoff.max.ms", 500);
    config.put("max.poll.records", 20);
    config.put("group.protocol", fields.get("protocol").getAsString());
    if (!fields.get("instance").isJsonNull()) {
      config.put("group.instance.id", fields.get("instance").getAsString());
    }
    if (fields.get("protocol").getAsString().equals("classic")) {
      config.put("session.timeout.ms", fields.get("session_ms").getAsInt());
      config.put("heartbeat.interval.ms", 500);
      if (!fields.get("assignor").isJsonNull()) {
        config.put("partition.assignment.strategy", List.of(ASSIGNORS.get(fields.get("assignor").getAsString())));
      }
    }
    return config;
  }

  private void readUntil(AtomicBoolean leave) {
    while (!leave.get()) {
      consumer.poll(Duration.ofMillis(100)).forEach(record ->
          journal.read(new TopicPartition(record.topic(), record.partition()), record.offset()));
      commit();
    }
    journal.leaving();
    consumer.close();
  }

  private void commit() {
    journal.commit(offsets -> {
      Map<TopicPartition, OffsetAndMetadata> wanted = new HashMap<>();
      offsets.forEach((partition, next) -> wanted.put(partition, new OffsetAndMetadata(next)));
      consumer.commitSync(wanted);
    });
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    journal.gained(partitions);
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    commit();
    journal.gaveUp(partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    journal.trouble(new IllegalStateException("partitions lost"));
    journal.forget(partitions);
    journal.gaveUp(partitions);
  }
}
