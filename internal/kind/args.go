package kind

import (
	"encoding/json"
	"maps"

	"carillon/internal/job"
)

// String returns a text parameter, or "" if it is missing or no text.
func String(args job.Args, name string) string {
	s, _ := args[name].(string)
	return s
}

// Number returns a whole number parameter, or 0 if it is missing or no number.
func Number(args job.Args, name string) int64 {
	switch n := args[name].(type) {
	case float64:
		return int64(n)
	case int:
		return int64(n)
	case int64:
		return n
	case json.Number:
		whole, _ := n.Int64()
		return whole
	}
	return 0
}

// Boolean returns a boolean parameter, or false if it is missing or no boolean.
func Boolean(args job.Args, name string) bool {
	b, _ := args[name].(bool)
	return b
}

// Map returns a map parameter; entries that are no text are left out. The result is
// never nil and belongs to the caller.
func Map(args job.Args, name string) map[string]string {
	texts := map[string]string{}
	switch m := args[name].(type) {
	case map[string]any:
		for k, v := range m {
			if s, ok := v.(string); ok {
				texts[k] = s
			}
		}
	case map[string]string:
		maps.Copy(texts, m)
	}
	return texts
}
