// The client side of the suite's line protocol (see ../README.md).
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"sync"
)

type unsupported string

func (u unsupported) Error() string { return string(u) }

// []byte travels as base64, nil as null: what encoding/json does with it.
type header struct {
	Name  string
	Value []byte
}

func (h header) MarshalJSON() ([]byte, error) { return json.Marshal([]any{h.Name, h.Value}) }

func (h *header) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&h.Name, &h.Value})
}

type record struct {
	Partition int      `json:"partition"`
	Offset    int64    `json:"offset"`
	Timestamp *int64   `json:"timestamp"`
	Key       []byte   `json:"key"`
	Value     []byte   `json:"value"`
	Headers   []header `json:"headers"`
}

// The fields of all requests.
type request struct {
	Op          string             `json:"op"`
	Topic       string             `json:"topic"`
	Partitions  int                `json:"partitions"`
	Partition   int                `json:"partition"`
	Total       int                `json:"total"`
	Configs     map[string]*string `json:"configs"`
	Kind        string             `json:"kind"`
	Name        string             `json:"name"`
	Incremental bool               `json:"incremental"`
	Codec       string             `json:"codec"`
	Idempotent  bool               `json:"idempotent"`
	Records     []record           `json:"records"`
	Start       struct {
		Offset *int64 `json:"offset"`
		Time   *int64 `json:"time"`
	} `json:"start"`
	Until int64           `json:"until"`
	Spec  json.RawMessage `json:"spec"`
	Count int             `json:"count"`
	Size  int             `json:"size"`
}

var saying sync.Mutex

func say(name string, value any) {
	saying.Lock()
	defer saying.Unlock()
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{name: value})
}

// Answers requests until stdin ends.
func serve(operations map[string]func(request) (any, error)) {
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var r request
		var result any
		if err = json.Unmarshal(line, &r); err == nil {
			if operation, ok := operations[r.Op]; ok {
				result, err = operation(r)
			} else {
				err = unsupported("the library has no such function, or this program does not use it")
			}
		}
		var reason unsupported
		switch {
		case errors.As(err, &reason):
			say("unsupported", string(reason))
		case err != nil:
			say("error", err.Error())
		default:
			say("ok", result)
		}
	}
}
