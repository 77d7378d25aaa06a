import static java.util.Map.entry;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The official Java client: its producer, and its consumer with assigned partitions. */
public final class ClientProgram {
  private static final String BOOTSTRAP = System.getenv("BOOTSTRAP");
  /** As many bytes as the broker takes in one batch by default. */
  private static final int LARGEST_REQUEST = 1_048_588;
  private static final int WINDOW = 1000;

  private ClientProgram() {}

  private static KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
    Map<String, Object> config = new HashMap<>(more);
    config.put("bootstrap.servers", BOOTSTRAP);
    config.put("acks", "all");
    config.put("reconnect.backoff.max.ms", 500);
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static KafkaConsumer<byte[], byte[]> consumer() {
    Map<String, Object> config = Map.of(
        "bootstrap.servers", BOOTSTRAP, "enable.auto.commit", false, "auto.offset.reset", "none");
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static ProducerRecord<byte[], byte[]> toRecord(String topic, JsonObject row) {
    List<Header> headers = new ArrayList<>();
    for (JsonElement header : row.getAsJsonArray("headers")) {
      String name = header.getAsJsonArray().get(0).getAsString();
      headers.add(new RecordHeader(name, Protocol.fromWire(header.getAsJsonArray().get(1))));
    }
    Long timestamp = row.get("timestamp").isJsonNull() ? null : row.get("timestamp").getAsLong();
    byte[] key = Protocol.fromWire(row.get("key"));
    byte[] value = Protocol.fromWire(row.get("value"));
    return new ProducerRecord<>(topic, row.get("partition").getAsInt(), timestamp, key, value, headers);
  }

  private static Object produce(JsonObject fields) throws Exception {
    String topic = fields.get("topic").getAsString();
    Map<String, Object> config = Map.of(
        "compression.type", fields.get("codec").getAsString(),
        "enable.idempotence", fields.get("idempotent").getAsBoolean(),
        "max.request.size", LARGEST_REQUEST,
        "linger.ms", 20);
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer = producer(config)) {
      for (JsonElement row : fields.getAsJsonArray("records")) {
        sent.add(producer.send(toRecord(topic, row.getAsJsonObject())));
      }
    }
    List<Long> offsets = new ArrayList<>();
    for (Future<RecordMetadata> future : sent) {
      offsets.add(future.get().offset());
    }
    return offsets;
  }

  private static Map<String, Object> toWire(ConsumerRecord<byte[], byte[]> record) {
    List<Object> headers = new ArrayList<>();
    for (Header header : record.headers()) {
      // Not List.of: a header's value may be null.
      headers.add(new String[] {header.key(), Protocol.toWire(header.value())});
    }
    Map<String, Object> out = new HashMap<>();
    out.put("offset", record.offset());
    out.put("timestamp", record.timestamp());
    out.put("key", Protocol.toWire(record.key()));
    out.put("value", Protocol.toWire(record.value()));
    out.put("headers", headers);
    return out;
  }

  private static TopicPartition partition(JsonObject fields) {
    return new TopicPartition(fields.get("topic").getAsString(), fields.get("partition").getAsInt());
  }

  private static Object consume(JsonObject fields) {
    TopicPartition where = partition(fields);
    JsonObject start = fields.getAsJsonObject("start");
    long until = fields.get("until").getAsLong();
    List<Object> out = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      consumer.assign(List.of(where));
      if (start.has("time")) {
        long time = start.get("time").getAsLong();
        consumer.seek(where, consumer.offsetsForTimes(Map.of(where, time)).get(where).offset());
      } else if (start.has("offset")) {
        consumer.seek(where, start.get("offset").getAsLong());
      } else {
        consumer.seekToBeginning(List.of(where));
      }
      while (consumer.position(where) < until) {
        consumer.poll(Duration.ofSeconds(1)).forEach(record -> out.add(toWire(record)));
      }
    }
    return out;
  }

  private static Object listOffsets(JsonObject fields) {
    TopicPartition where = partition(fields);
    String spec = fields.get("spec").getAsString();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      if (spec.equals("earliest")) {
        return consumer.beginningOffsets(List.of(where)).get(where);
      }
      if (spec.equals("latest")) {
        return consumer.endOffsets(List.of(where)).get(where);
      }
      var found = consumer.offsetsForTimes(Map.of(where, Long.parseLong(spec))).get(where);
      return found == null ? null : found.offset();
    }
  }

  private static Object initTransactions(JsonObject fields) {
    Map<String, Object> config = Map.of("transactional.id", fields.get("id").getAsString());
    try (KafkaProducer<byte[], byte[]> producer = producer(config)) {
      producer.initTransactions();
    }
    return null;
  }

  private static byte[] numberedValue(int number, int size) {
    String start = number + ":";
    return (start + ".".repeat(size - start.length())).getBytes(StandardCharsets.US_ASCII);
  }

  private static Object write(JsonObject fields) throws Exception {
    boolean idempotent = fields.get("idempotent").getAsBoolean();
    String topic = fields.get("topic").getAsString();
    int size = fields.get("size").getAsInt();
    int partitions = fields.get("partitions").getAsInt();
    // Without idempotence only a single request in flight keeps the order over retries.
    Map<String, Object> config = Map.of(
        "enable.idempotence", idempotent,
        "max.in.flight.requests.per.connection", idempotent ? 5 : 1,
        "delivery.timeout.ms", 300_000,
        "linger.ms", 2);
    Semaphore window = new Semaphore(WINDOW);
    try (KafkaProducer<byte[], byte[]> producer = producer(config)) {
      for (int i = 0; i < fields.get("count").getAsInt(); i++) {
        long number = i;
        window.acquire();
        producer.send(new ProducerRecord<>(topic, i % partitions, null, numberedValue(i, size)), (done, error) -> {
          if (error == null) {
            Protocol.say("acked", List.of(List.of(number, done.partition(), done.offset())));
          }
          window.release();
        });
      }
    }
    return null;
  }

  public static void main(String[] arguments) throws Exception {
    Map<String, Protocol.Operation> operations = new HashMap<>(Map.ofEntries(
        entry("produce", ClientProgram::produce),
        entry("consume", ClientProgram::consume),
        entry("list_offsets", ClientProgram::listOffsets),
        entry("init_transactions", ClientProgram::initTransactions),
        entry("write", ClientProgram::write),
        entry("member", GroupMember::run)));
    Admin admin = Admin.create(Map.of("bootstrap.servers", BOOTSTRAP, "reconnect.backoff.max.ms", 500));
    operations.putAll(new AdminOperations(admin).operations());
    operations.putAll(new GroupAdminOperations(admin).operations());
    Protocol.serve(operations);
    System.exit(0);
  }
}
