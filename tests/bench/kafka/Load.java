import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.Scanner;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The load of the comparison: one process for all brokers, so that none of them meets a client that is colder than the
 * others'. Reads a command a line, "name key=value ...", and answers each with a line: "key=value ...", times in
 * seconds. Client settings are the library's defaults but for what a command names.
 */
public class Load {
    static final int PARTITIONS = 3;

    public static void main(String[] args) throws Exception {
        var lines = new Scanner(System.in);
        while (lines.hasNextLine()) {
            String[] words = lines.nextLine().split(" ");
            var given = new Properties();
            for (int i = 1; i < words.length; i++) {
                String[] pair = words[i].split("=", 2);
                given.setProperty(pair[0], pair[1]);
            }
            try {
                System.out.println(run(words[0], given));
            } catch (Exception e) {
                e.printStackTrace(); // whoever started this sees the end and looks for the reason there
                System.exit(1);
            }
        }
    }

    static String run(String command, Properties given) throws Exception {
        switch (command) {
            case "create": return create(given);
            case "delete": return delete(given);
            case "produce": return produce(given);
            case "paced": return paced(given);
            case "consume": return consume(given);
            default: throw new IllegalArgumentException(command);
        }
    }

    static int number(Properties given, String key) {
        return Integer.parseInt(given.getProperty(key));
    }

    static Properties connection(Properties given) {
        var p = new Properties();
        p.put("bootstrap.servers", given.getProperty("broker"));
        return p;
    }

    static String create(Properties given) throws Exception {
        try (var admin = Admin.create(connection(given))) {
            var topic = new NewTopic(given.getProperty("topic"), Optional.of(PARTITIONS), Optional.empty());
            admin.createTopics(List.of(topic)).all().get();
        }
        writeOneToEach(given);
        return "ok=1";
    }

    /**
     * Kafka answers before the partitions are led. An idempotent producer that comes meanwhile has its first batches
     * refused and later ones taken, and never gets the first ones through: so the first records are of one that is not.
     */
    static void writeOneToEach(Properties given) throws Exception {
        var p = connection(given);
        p.put("enable.idempotence", "false");
        try (var producer = new KafkaProducer<>(p, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < PARTITIONS; i++)
                producer.send(new ProducerRecord<>(given.getProperty("topic"), i, null, new byte[1])).get();
        }
    }

    static String delete(Properties given) throws Exception {
        try (var admin = Admin.create(connection(given))) {
            admin.deleteTopics(List.of(given.getProperty("topic"))).all().get();
        }
        return "ok=1";
    }

    static KafkaProducer<byte[], byte[]> producer(Properties given) {
        var p = connection(given);
        p.put("compression.type", given.getProperty("compression", "none"));
        return new KafkaProducer<>(p, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Text-like: half of it words that come again, so that a codec finds what it finds in logs. */
    static byte[] value(int size) {
        var random = new Random(4711);
        var out = new byte[size];
        byte[] word = "offset=4711 level=info ".getBytes();
        for (int i = 0; i < size; i++)
            out[i] = i / 32 % 2 == 0 ? word[i % word.length] : (byte) ('!' + random.nextInt(90));
        return out;
    }

    /** Makes the metadata known, so that the first record is like the others. */
    static void prepare(KafkaProducer<byte[], byte[]> producer, String topic) {
        producer.partitionsFor(topic);
    }

    static void fail(AtomicReference<Exception> first, Exception e) {
        if (e != null)
            first.compareAndSet(null, e);
    }

    static void check(AtomicReference<Exception> first) throws Exception {
        if (first.get() != null)
            throw first.get();
    }

    /** As fast as it goes. */
    static String produce(Properties given) throws Exception {
        var topic = given.getProperty("topic");
        var value = value(number(given, "size"));
        var failure = new AtomicReference<Exception>();
        try (var producer = producer(given)) {
            prepare(producer, topic);
            long begin = System.nanoTime();
            for (int i = 0, n = number(given, "count"); i < n; i++)
                producer.send(new ProducerRecord<>(topic, value), (m, e) -> fail(failure, e));
            producer.flush();
            double seconds = (System.nanoTime() - begin) / 1e9;
            check(failure);
            return "seconds=" + seconds;
        }
    }

    /** So many a second; times count from when a record was due, so that a stall shows in all that it holds up. */
    static String paced(Properties given) throws Exception {
        var topic = given.getProperty("topic");
        var value = value(number(given, "size"));
        int count = number(given, "count");
        long step = 1_000_000_000L / number(given, "rate");
        var latencies = new long[count];
        var failure = new AtomicReference<Exception>();
        try (var producer = producer(given)) {
            prepare(producer, topic);
            long begin = System.nanoTime();
            for (int i = 0; i < count; i++) {
                int at = i;
                long due = begin + i * step;
                for (long now = System.nanoTime(); now < due; now = System.nanoTime())
                    LockSupport.parkNanos(due - now);
                producer.send(new ProducerRecord<>(topic, value), (m, e) -> {
                    latencies[at] = System.nanoTime() - due;
                    fail(failure, e);
                });
            }
            producer.flush();
            double seconds = (System.nanoTime() - begin) / 1e9;
            check(failure);
            // The first tenth fills caches and windows.
            var counted = Arrays.copyOfRange(latencies, count / 10, count);
            Arrays.sort(counted);
            return "seconds=" + seconds + " p50=" + share(counted, 0.5) + " p99=" + share(counted, 0.99) + " p999="
                + share(counted, 0.999);
        }
    }

    static double share(long[] sorted, double part) {
        return sorted[(int) (part * (sorted.length - 1))] / 1e9;
    }

    /** All of a topic from its begin. */
    static String consume(Properties given) {
        var partitions = new ArrayList<TopicPartition>();
        for (int i = 0; i < PARTITIONS; i++)
            partitions.add(new TopicPartition(given.getProperty("topic"), i));
        var bytes = new ByteArrayDeserializer();
        try (var consumer = new KafkaConsumer<>(connection(given), bytes, bytes)) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            for (var p : partitions)
                consumer.position(p);
            long begin = System.nanoTime();
            for (int left = number(given, "count"); left > 0;)
                left -= consumer.poll(Duration.ofSeconds(1)).count();
            return "seconds=" + (System.nanoTime() - begin) / 1e9;
        }
    }
}
