// kafka-go: writing, reading by assigned partitions, and its admin functions.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
)

var (
	bootstrap = strings.Split(os.Getenv("BOOTSTRAP"), ",")
	client    = &kafka.Client{Addr: kafka.TCP(bootstrap...), Timeout: 60 * time.Second}
	forever   = context.Background()
	codecs    = map[string]kafka.Compression{
		"none": 0, "gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd,
	}
)

func main() {
	serve(map[string]func(request) (any, error){
		"create_topic":      createTopic,
		"delete_topic":      deleteTopic,
		"list_topics":       listTopics,
		"describe_topic":    describeTopic,
		"create_partitions": createPartitions,
		"describe_configs":  describeConfigs,
		"alter_configs":     alterConfigs,
		"produce":           produce,
		"consume":           consume,
		"list_offsets":      listOffsets,
		"write":             write,
	})
}

// -- writing ----------------------------------------------------------------------------------------------------

// Tells the offsets of what has been acknowledged; several batches at a time may be.
type writer struct {
	kafka.Writer
	told func(messages []kafka.Message)
	lock sync.Mutex
}

func newWriter(topic, codec string, idempotent bool, told func([]kafka.Message)) (*writer, error) {
	if idempotent {
		return nil, unsupported("the library has no idempotent producer")
	}
	w := &writer{told: told}
	w.Writer = kafka.Writer{
		Addr:         kafka.TCP(bootstrap...),
		Topic:        topic,
		Compression:  codecs[codec],
		RequiredAcks: kafka.RequireAll,
		BatchTimeout: time.Millisecond,
		BatchBytes:   1_048_588,
		// Outlives the broker: it is killed and started again.
		MaxAttempts:     1000,
		WriteBackoffMin: 50 * time.Millisecond,
		WriteBackoffMax: 500 * time.Millisecond,
		Balancer: kafka.BalancerFunc(func(m kafka.Message, _ ...int) int {
			return m.WriterData.(place).partition
		}),
		Completion: func(messages []kafka.Message, err error) {
			if err == nil {
				w.lock.Lock()
				defer w.lock.Unlock()
				w.told(messages)
			}
		},
	}
	return w, nil
}

func firstOf(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// Where a message belongs, and which one it is.
type place struct{ partition, number int }

func produce(r request) (any, error) {
	offsets := make([]int64, len(r.Records))
	w, err := newWriter(r.Topic, r.Codec, r.Idempotent, func(messages []kafka.Message) {
		for _, m := range messages {
			offsets[m.WriterData.(place).number] = m.Offset
		}
	})
	if err != nil {
		return nil, err
	}
	messages := make([]kafka.Message, len(r.Records))
	for i, in := range r.Records {
		m := kafka.Message{Key: in.Key, Value: in.Value, WriterData: place{in.Partition, i}}
		if in.Timestamp != nil {
			m.Time = time.UnixMilli(*in.Timestamp)
		}
		for _, h := range in.Headers {
			if h.Value == nil {
				return nil, unsupported("a header value that is null is read as an empty one")
			}
			m.Headers = append(m.Headers, kafka.Header{Key: h.Name, Value: h.Value})
		}
		messages[i] = m
	}
	err = w.WriteMessages(forever, messages...)
	return offsets, firstOf(err, w.Close())
}

func write(r request) (any, error) {
	w, err := newWriter(r.Topic, "none", r.Idempotent, func(messages []kafka.Message) {
		rows := make([][3]int64, len(messages))
		for i, m := range messages {
			at := m.WriterData.(place)
			rows[i] = [3]int64{int64(at.number), int64(at.partition), m.Offset}
		}
		say("acked", rows)
	})
	if err != nil {
		return nil, err
	}
	const chunk = 180
	for from := 0; from < r.Count && err == nil; from += chunk {
		var messages []kafka.Message
		for i := from; i < from+chunk && i < r.Count; i++ {
			value := append([]byte(fmt.Sprintf("%d:", i)), make([]byte, r.Size)...)[:r.Size]
			for j := range value {
				if value[j] == 0 {
					value[j] = '.'
				}
			}
			messages = append(messages, kafka.Message{Value: value, WriterData: place{i % r.Partitions, i}})
		}
		err = w.WriteMessages(forever, messages...)
	}
	return nil, firstOf(err, w.Close())
}

// -- reading ----------------------------------------------------------------------------------------------------

func consume(r request) (any, error) {
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers:   bootstrap,
		Topic:     r.Topic,
		Partition: r.Partition,
		MinBytes:  1,
		MaxBytes:  10_000_000,
		MaxWait:   500 * time.Millisecond,
	})
	defer reader.Close()
	var err error
	switch {
	case r.Start.Time != nil:
		err = reader.SetOffsetAt(forever, time.UnixMilli(*r.Start.Time))
	case r.Start.Offset != nil:
		err = reader.SetOffset(*r.Start.Offset)
	default:
		err = reader.SetOffset(kafka.FirstOffset)
	}
	records := []record{}
	for at := int64(0); at < r.Until && err == nil; {
		var m kafka.Message
		if m, err = reader.ReadMessage(forever); err != nil {
			break
		}
		at = m.Offset + 1
		time := m.Time.UnixMilli()
		out := record{r.Partition, m.Offset, &time, m.Key, m.Value, []header{}}
		for _, h := range m.Headers {
			out.Headers = append(out.Headers, header{h.Key, append([]byte{}, h.Value...)})
		}
		records = append(records, out)
	}
	return records, err
}

func listOffsets(r request) (any, error) {
	asked := kafka.OffsetRequest{Partition: r.Partition}
	switch spec := string(r.Spec); spec {
	case `"earliest"`:
		asked = kafka.FirstOffsetOf(r.Partition)
	case `"latest"`:
		asked = kafka.LastOffsetOf(r.Partition)
	default:
		var ms int64
		if _, err := fmt.Sscan(spec, &ms); err != nil {
			return nil, err
		}
		asked = kafka.TimeOffsetOf(r.Partition, time.UnixMilli(ms))
	}
	topics := map[string][]kafka.OffsetRequest{r.Topic: {asked}}
	answer, err := client.ListOffsets(forever, &kafka.ListOffsetsRequest{Topics: topics})
	if err != nil {
		return nil, err
	}
	found := answer.Topics[r.Topic][0]
	if found.Error != nil {
		return nil, found.Error
	}
	switch asked.Timestamp {
	case kafka.FirstOffset:
		return found.FirstOffset, nil
	case kafka.LastOffset:
		return found.LastOffset, nil
	}
	for offset := range found.Offsets {
		if offset >= 0 {
			return offset, nil
		}
	}
	return nil, nil
}
