package kind

import (
	"encoding/json"
	"strconv"
	"strings"

	"carillon/internal/job"
)

// maxEntries bounds the entries of a map parameter.
const maxEntries = 500

// coerceMap returns an object of strings. It takes an object, the JSON text of one,
// or lines "KEY=value" or "Key: value"; numbers and booleans become their text.
func coerceMap(p job.Param, v any) (any, *fault) {
	entries := map[string]any{}
	switch v := v.(type) {
	case map[string]string:
		for k, e := range v {
			entries[k] = e
		}
	case map[string]any:
		entries = v
	case string:
		if strings.HasPrefix(strings.TrimSpace(v), "{") {
			if json.Unmarshal([]byte(v), &entries) != nil {
				return nil, bad("error.kind.param_json")
			}
		} else if flt := parseLines(v, entries); flt != nil {
			return nil, flt
		}
	default:
		return nil, bad("error.kind.param_map")
	}
	return stringMap(p, entries)
}

// parseLines reads one entry a line; the first "=" or ":" ends the key.
func parseLines(text string, into map[string]any) *fault {
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if strings.TrimSpace(line) == "" {
			continue
		}
		i := strings.IndexAny(line, "=:")
		if i < 0 {
			return bad("error.kind.param_map_line", "line", n)
		}
		key, value := strings.TrimSpace(line[:i]), line[i+1:]
		if line[i] == ':' {
			value = strings.TrimSpace(value)
		}
		if _, twice := into[key]; twice {
			return bad("error.kind.param_map_twice", "key", Cut(key, 100))
		}
		into[key] = value
	}
	return nil
}

func stringMap(p job.Param, entries map[string]any) (any, *fault) {
	if len(entries) == 0 {
		return nil, nil
	}
	if len(entries) > maxEntries {
		return nil, bad("error.kind.param_map_many", "max", maxEntries)
	}
	longest, size := p.MaxLength, 0
	if longest == 0 {
		longest = MaxText
	}
	texts := make(map[string]any, len(entries))
	for key, v := range entries {
		if strings.TrimSpace(key) == "" {
			return nil, bad("error.kind.param_map_key")
		}
		text, ok := scalarText(v)
		if !ok {
			return nil, bad("error.kind.param_map_value", "key", Cut(key, 100))
		}
		if flt := checkStrings(key+text, 0); flt != nil {
			return nil, flt
		}
		texts[key] = text
		if size += len(key) + len(text); size > longest {
			return nil, bad("error.kind.param_too_long", "max", longest)
		}
	}
	return texts, nil
}

func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case json.Number:
		return v.String(), true
	case int:
		return strconv.Itoa(v), true
	case float64:
		raw, err := json.Marshal(v)
		return string(raw), err == nil
	}
	return "", false
}
