// The admin functions of kafka-go.
package main

import (
	"github.com/segmentio/kafka-go"
)

// The error of the one topic or resource that was asked for.
func only[K comparable](errors map[K]error, err error) error {
	for _, one := range errors {
		if err == nil {
			err = one
		}
	}
	return err
}

func createTopic(r request) (any, error) {
	topic := kafka.TopicConfig{Topic: r.Topic, NumPartitions: r.Partitions, ReplicationFactor: -1}
	for name, value := range r.Configs {
		if *value == "" {
			return nil, unsupported("a config's value that is empty is sent as none")
		}
		topic.ConfigEntries = append(topic.ConfigEntries, kafka.ConfigEntry{ConfigName: name, ConfigValue: *value})
	}
	answer, err := client.CreateTopics(forever, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{topic}})
	if err != nil {
		return nil, err
	}
	return nil, only(answer.Errors, nil)
}

func deleteTopic(r request) (any, error) {
	answer, err := client.DeleteTopics(forever, &kafka.DeleteTopicsRequest{Topics: []string{r.Topic}})
	if err != nil {
		return nil, err
	}
	return nil, only(answer.Errors, nil)
}

func listTopics(request) (any, error) {
	answer, err := client.Metadata(forever, &kafka.MetadataRequest{})
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, topic := range answer.Topics {
		names = append(names, topic.Name)
	}
	return names, nil
}

func describeTopic(r request) (any, error) {
	answer, err := client.Metadata(forever, &kafka.MetadataRequest{Topics: []string{r.Topic}})
	if err != nil {
		return nil, err
	}
	return map[string]int{"partitions": len(answer.Topics[0].Partitions)}, answer.Topics[0].Error
}

func createPartitions(r request) (any, error) {
	topics := []kafka.TopicPartitionsConfig{{Name: r.Topic, Count: int32(r.Total)}}
	answer, err := client.CreatePartitions(forever, &kafka.CreatePartitionsRequest{Topics: topics})
	if err != nil {
		return nil, err
	}
	return nil, only(answer.Errors, nil)
}

func resource(r request) (kafka.ResourceType, error) {
	if r.Kind != "topic" {
		return 0, unsupported("the library knows no configs of groups")
	}
	return kafka.ResourceTypeTopic, nil
}

func describeConfigs(r request) (any, error) {
	kind, err := resource(r)
	if err != nil {
		return nil, err
	}
	resources := []kafka.DescribeConfigRequestResource{{ResourceType: kind, ResourceName: r.Name}}
	answer, err := client.DescribeConfigs(forever, &kafka.DescribeConfigsRequest{Resources: resources})
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, entry := range answer.Resources[0].ConfigEntries {
		values[entry.ConfigName] = entry.ConfigValue
	}
	return values, answer.Resources[0].Error
}

func alterConfigs(r request) (any, error) {
	kind, err := resource(r)
	if err != nil {
		return nil, err
	}
	if r.Incremental {
		asked := kafka.IncrementalAlterConfigsRequestResource{ResourceType: kind, ResourceName: r.Name}
		for name, value := range r.Configs {
			change := kafka.IncrementalAlterConfigsRequestConfig{Name: name, ConfigOperation: kafka.ConfigOperationDelete}
			if value != nil {
				change.Value, change.ConfigOperation = *value, kafka.ConfigOperationSet
			}
			asked.Configs = append(asked.Configs, change)
		}
		answer, err := client.IncrementalAlterConfigs(forever, &kafka.IncrementalAlterConfigsRequest{
			Resources: []kafka.IncrementalAlterConfigsRequestResource{asked},
		})
		if err != nil {
			return nil, err
		}
		return nil, answer.Resources[0].Error
	}
	asked := kafka.AlterConfigRequestResource{ResourceType: kind, ResourceName: r.Name}
	for name, value := range r.Configs {
		asked.Configs = append(asked.Configs, kafka.AlterConfigRequestConfig{Name: name, Value: *value})
	}
	answer, err := client.AlterConfigs(forever, &kafka.AlterConfigsRequest{
		Resources: []kafka.AlterConfigRequestResource{asked},
	})
	if err != nil {
		return nil, err
	}
	return nil, only(answer.Errors, nil)
}
