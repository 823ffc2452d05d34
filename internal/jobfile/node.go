package jobfile

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// mapping returns the fields of an entry that are not the default, in their order.
func mapping(list []field, e *Entry) *yaml.Node {
	m := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, f := range list {
		if v := f.write(e); v != nil {
			m.Content = append(m.Content, text(f.key), v)
		}
	}
	return m
}

// text returns a string. Several lines become a block, if the form of a block keeps them
// as they are.
func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	switch {
	case blockSafe(s):
		n.Style = yaml.LiteralStyle
	case !plainSafe(s):
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

// plainSafe reports whether the encoder may choose how to write a string. It knows which
// ones look like numbers and the like; the rest are written in quotes to be sure.
func plainSafe(s string) bool {
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off", "<<", "=":
		return false // readers take them for booleans, or for more than a text
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// blockSafe reports whether a string of several lines reads the same from a block.
func blockSafe(s string) bool {
	body := strings.TrimSuffix(s, "\n")
	if !strings.Contains(body, "\n") || strings.HasSuffix(body, "\n") {
		return false
	}
	for line := range strings.SplitSeq(body, "\n") {
		if strings.TrimRight(line, " \t") != line || strings.ContainsFunc(line, func(r rune) bool { return r != '\t' && !unicode.IsPrint(r) }) {
			return false
		}
	}
	first, _, _ := strings.Cut(body, "\n")
	return first != "" && strings.TrimLeft(first, " \t") == first
}

// scalar returns a number or a boolean, as JSON writes it.
func scalar(v any) *yaml.Node {
	raw, err := json.Marshal(v)
	if err != nil {
		return text(fmt.Sprint(v))
	}
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: string(raw), Tag: "!!float"}
	switch n.Value {
	case "null":
		n.Tag = "!!null"
	case "-0":
		n.Value, n.Tag = "0", "!!int" // it reads back as that
	case "true", "false":
		n.Tag = "!!bool"
	default:
		if _, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
			n.Tag = "!!int"
		} else if f, isFloat := v.(float64); isFloat && !strings.ContainsAny(n.Value, ".eE") {
			n.Value = strconv.FormatFloat(f, 'e', -1, 64) // too great to be read as a whole number
		}
	}
	return n
}

// value returns any JSON value; the keys of objects are sorted.
func value(v any) *yaml.Node {
	switch v := v.(type) {
	case string:
		return text(v)
	case map[string]any:
		m := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			m.Content = append(m.Content, text(key), value(v[key]))
		}
		return m
	case []any:
		list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		for _, item := range v {
			list.Content = append(list.Content, value(item))
		}
		return list
	default:
		return scalar(v)
	}
}
