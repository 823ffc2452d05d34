package jobfile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// document returns the whole file as a tree.
func document(entries []Entry) *yaml.Node {
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for i := range entries {
		list.Content = append(list.Content, mapping(fields(), &entries[i]))
	}
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{
		text("carillon"), scalar(Version), text("jobs"), list,
	}}
}

// YAML writes the file as YAML, with an empty line between jobs.
func YAML(entries []Entry) ([]byte, error) {
	if len(entries) == 0 {
		return fmt.Appendf(nil, "carillon: %d\njobs: []\n", Version), nil
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "carillon: %d\njobs:\n", Version)
	for i := range entries {
		raw, err := encode(mapping(fields(), &entries[i]))
		if err != nil {
			return nil, err
		}
		sign := "  - "
		if i > 0 {
			sign = "\n" + sign
		}
		for line := range strings.Lines(string(raw)) {
			if line != "\n" {
				b.WriteString(sign)
			}
			b.WriteString(line)
			sign = "    "
		}
	}
	return b.Bytes(), nil
}

// encode writes one node as YAML.
func encode(n *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(n); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	if err := e.Close(); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return b.Bytes(), nil
}

// JSON writes the file as JSON with the keys in the same order.
func JSON(entries []Entry) ([]byte, error) {
	var b bytes.Buffer
	if err := writeJSON(&b, document(entries)); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, b.Bytes(), "", "  "); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	indented.WriteByte('\n')
	return indented.Bytes(), nil
}

func writeJSON(b *bytes.Buffer, n *yaml.Node) error {
	switch n.Kind {
	case yaml.MappingNode:
		b.WriteByte('{')
		for i := 0; i+1 < len(n.Content); i += 2 {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := writeJSON(b, n.Content[i]); err != nil {
				return err
			}
			b.WriteByte(':')
			if err := writeJSON(b, n.Content[i+1]); err != nil {
				return err
			}
		}
		b.WriteByte('}')
	case yaml.SequenceNode:
		b.WriteByte('[')
		for i, item := range n.Content {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := writeJSON(b, item); err != nil {
				return err
			}
		}
		b.WriteByte(']')
	default:
		if n.Tag != "!!str" {
			b.WriteString(n.Value)
			return nil
		}
		return writeString(b, n.Value)
	}
	return nil
}

// writeString writes a string, with escapes for what a reader of YAML does not take as it is.
func writeString(b *bytes.Buffer, s string) error {
	var raw bytes.Buffer
	e := json.NewEncoder(&raw)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return err
	}
	for _, r := range strings.TrimSuffix(raw.String(), "\n") {
		if r <= 0xffff && !unicode.IsPrint(r) {
			fmt.Fprintf(b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return nil
}
