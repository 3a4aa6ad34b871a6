// A worker in Go that keeps the base level, with nothing but what comes with the language.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type object = map[string]json.RawMessage

var methods = map[string][]string{"add": {"a", "b"}, "echo": {"message"}}

func fault(code int, text string) string {
	return fmt.Sprintf(`"error":{"code":%d,"message":%q}`, code, text)
}

func answerTo(request object) string {
	var version, method string
	json.Unmarshal(request["jsonrpc"], &version)
	params, named, listed := request["params"], object{}, []json.RawMessage{}
	isWrong := params != nil && json.Unmarshal(params, &named) != nil && json.Unmarshal(params, &listed) != nil
	if json.Unmarshal(request["method"], &method) != nil || version != "2.0" || isWrong || string(params) == "null" {
		return fault(-32600, "Invalid request")
	}
	for at, name := range methods[method] {
		if at < len(listed) {
			named[name] = listed[at]
		}
	}
	var a, b int64
	if methods[method] == nil {
		return fault(-32601, "Method not found: "+method)
	} else if method == "echo" && named["message"] != nil {
		return `"result":` + string(named["message"])
	} else if method == "add" && json.Unmarshal(named["a"], &a) == nil && json.Unmarshal(named["b"], &b) == nil {
		return fmt.Sprintf(`"result":%d`, a+b)
	}
	return fault(-32602, "Invalid params")
}

func main() {
	input := bufio.NewReader(os.Stdin)
	for line, err := input.ReadString('\n'); err == nil; line, err = input.ReadString('\n') {
		request, id, answer := object{}, "null", fault(-32600, "Invalid request")
		if line = strings.TrimSpace(line); line == "" {
			continue
		} else if !json.Valid([]byte(line)) {
			answer = fault(-32700, "Parse error")
		} else if json.Unmarshal([]byte(line), &request) == nil && len(request) > 0 {
			if request["method"] == nil || request["id"] == nil {
				continue // an answer, or a notification
			}
			if id = string(request["id"]); !strings.ContainsAny(id[:1], "{[tf") {
				answer = answerTo(request)
			} else {
				id = "null"
			}
		}
		fmt.Printf("{\"jsonrpc\":\"2.0\",\"id\":%s,%s}\n", id, answer)
	}
}
