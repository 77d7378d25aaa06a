import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeMap;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;

/**
 * What a broker of Kafka does to each record before it stores a batch, with Kafka's classes and in its order
 * (UnifiedLog.analyzeAndValidateRecords, LogValidator): the CRC, then every record without its key and value.
 * Argument: the folder that `chisme_bench --only validate --batches FOLDER` wrote. Prints microseconds of this thread
 * for each MB of uncompressed records.
 */
public final class Validation {
    private static final int ROUNDS = 7;
    private static final long BYTES_A_ROUND = 200L << 20;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final BufferSupplier buffers = BufferSupplier.create();

    public static void main(String[] args) throws Exception {
        TreeMap<String, byte[]> batches = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(args[0]))) {
            for (Path p : files)
                batches.put(p.getFileName().toString(), Files.readAllBytes(p));
        }
        for (String name : batches.keySet()) {
            String shape = name.substring(name.indexOf('-'));
            long raw = batches.get("none" + shape).length - 61;
            System.out.printf("%-16s %10.1f us/MB%n", name, new Validation().measure(batches.get(name), raw));
        }
    }

    private double measure(byte[] bytes, long raw) {
        int times = (int) Math.max(3, BYTES_A_ROUND / raw);
        double[] rounds = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; ++round) { // the first ones warm up
            long begin = THREADS.getCurrentThreadCpuTime();
            for (int i = 0; i < times; ++i)
                validate(bytes);
            rounds[round] = (THREADS.getCurrentThreadCpuTime() - begin) / 1e3 / times;
        }
        double[] warm = Arrays.copyOfRange(rounds, 2, ROUNDS);
        Arrays.sort(warm);
        return warm[warm.length / 2] / (raw / 1e6);
    }

    private void validate(byte[] bytes) {
        for (MutableRecordBatch batch : MemoryRecords.readableRecords(ByteBuffer.wrap(bytes)).batches()) {
            batch.ensureValid();
            long expected = 0;
            long max = -1;
            try (CloseableIterator<Record> records = batch.skipKeyValueIterator(buffers)) {
                while (records.hasNext()) {
                    Record record = records.next();
                    if (!record.hasKey() || record.offset() != expected++)
                        throw new IllegalStateException("record " + expected);
                    max = Math.max(max, record.timestamp());
                }
            }
            if (max != batch.maxTimestamp())
                throw new IllegalStateException("largest timestamp " + max);
        }
    }
}
