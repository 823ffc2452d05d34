package jobfile

import (
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"carillon/internal/job"
)

// Fault is what is wrong in one line of a file.
type Fault struct {
	Line int
	Text string // a sentence
}

// Error holds everything that is wrong in a file.
type Error struct{ Faults []Fault }

// Error implements error: one line for each fault.
func (e *Error) Error() string {
	lines := make([]string, 0, len(e.Faults))
	for _, f := range e.Faults {
		lines = append(lines, fmt.Sprintf("line %d: %s", f.Line, f.Text))
	}
	return strings.Join(lines, "\n")
}

// Parse reads a file, YAML or JSON. What it returns is checked for its form only; whether
// the jobs are right is asked of control. The error is an [Error] with every fault.
func Parse(raw []byte) ([]Entry, error) {
	r := &reader{}
	if len(raw) > MaxBytes {
		return nil, &Error{[]Fault{{1, fmt.Sprintf("The file is longer than %d MiB.", MaxBytes>>20)}}}
	}
	d := yaml.NewDecoder(strings.NewReader(string(raw)))
	var doc, more yaml.Node
	if err := d.Decode(&doc); err != nil {
		return nil, syntaxError(err)
	}
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, &Error{[]Fault{{max(more.Line, 1), "The file must hold one document only."}}}
	}
	entries := r.document(doc.Content[0])
	if len(r.faults) > 0 {
		slices.SortStableFunc(r.faults, func(a, b Fault) int { return a.Line - b.Line })
		return nil, &Error{r.faults}
	}
	return entries, nil
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// syntaxError words an error of the YAML parser.
func syntaxError(err error) error {
	if errors.Is(err, io.EOF) {
		return &Error{[]Fault{{1, "The file is empty. It must begin with “carillon: 1”."}}}
	}
	f := Fault{1, err.Error()}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		if line, convErr := strconv.Atoi(m[1]); convErr == nil {
			f.Line = line
		}
		f.Text = "This is no YAML: " + m[2] + "."
	}
	return &Error{[]Fault{f}}
}

// reader goes through a tree and gathers faults.
type reader struct{ faults []Fault }

func (r *reader) faultf(n *yaml.Node, format string, args ...any) {
	r.faults = append(r.faults, Fault{n.Line, fmt.Sprintf(format, args...)})
}

// document reads the whole file.
func (r *reader) document(n *yaml.Node) []Entry {
	var entries []Entry
	version := ""
	list := []field{
		{key: "carillon", read: func(_ *reader, v *yaml.Node, _ *Entry) { version = v.Value }},
		{key: "jobs", read: func(r *reader, v *yaml.Node, _ *Entry) { entries = r.jobs(v) }},
	}
	if r.mapping("the file", n, list, nil); version != strconv.Itoa(Version) && n.Kind == yaml.MappingNode {
		r.faultf(n, "The key “carillon” must tell the version of the file's form, which is %d.", Version)
	}
	return entries
}

func (r *reader) jobs(n *yaml.Node) []Entry {
	if n.Kind != yaml.SequenceNode {
		r.faultf(n, "“jobs” must be a list.")
		return nil
	}
	entries := make([]Entry, 0, len(n.Content))
	lines := map[string]int{}
	for _, item := range n.Content {
		e := defaults()
		e.Line, e.Definition.Schedule.Type = item.Line, ""
		r.mapping("a job", item, fields(), &e)
		if item.Kind == yaml.MappingNode && !slices.ContainsFunc(item.Content, func(c *yaml.Node) bool { return c.Value == "schedule" }) {
			r.faultf(item, "The job needs a “schedule”.")
		}
		if first, twice := lines[e.Key()]; twice {
			r.faultf(item, "The job %s stands in line %d already.", e.Key(), first)
		}
		lines[e.Key()] = e.Line
		entries = append(entries, e)
	}
	return entries
}

// mapping reads keys and values. A key that is not in the list, or that is given twice,
// is a fault.
func (r *reader) mapping(what string, n *yaml.Node, list []field, e *Entry) {
	if n.Kind != yaml.MappingNode {
		r.faultf(n, "What is expected here is %s: keys and values.", what)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, v := n.Content[i], n.Content[i+1]
		at := slices.IndexFunc(list, func(f field) bool { return f.key == key.Value })
		switch {
		case at < 0:
			r.faultf(key, "“%s” is no key of %s. There are %s.", key.Value, what, words(keys(list)))
		case seen[key.Value]:
			r.faultf(key, "“%s” is given twice.", key.Value)
		case v.Kind == yaml.AliasNode:
			r.faultf(v, "Aliases are not supported. Write the value out.")
		default:
			list[at].read(r, v, e)
		}
		seen[key.Value] = true
	}
}

func keys(list []field) []string {
	all := make([]string, 0, len(list))
	for _, f := range list {
		all = append(all, f.key)
	}
	return all
}

func words(list []string) string { return strings.Join(list, ", ") }

// text reads a string. Numbers and the like count as what is written.
func (r *reader) text(key string, n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.faultf(n, "“%s” must be a text.", key)
		return ""
	}
	return n.Value
}

func (r *reader) span(key string, n *yaml.Node) job.Seconds {
	s, ok := parseSpan(n.Value)
	if n.Kind != yaml.ScalarNode || !ok {
		r.faultf(n, "“%s” must be a span of time such as 90s, 5m, 1h30m or 7d.", key)
	}
	return s
}

func (r *reader) time(key string, n *yaml.Node) time.Time {
	t, err := time.Parse(time.RFC3339, n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		r.faultf(n, "“%s” must be a time with its offset, such as 2026-12-31T23:00:00+01:00.", key)
	}
	return t.UTC()
}

// scheduleType checks that the keys of a schedule go together.
func (r *reader) scheduleType(n *yaml.Node, e *Entry) {
	var found []string
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		switch key := n.Content[i].Value; key {
		case "cron", "every", "at":
			found = append(found, key)
		case "begin":
			if e.Definition.Schedule.Type == job.Once {
				r.faultf(n.Content[i], "“begin” does not go with “at”.")
			}
		}
	}
	if len(found) != 1 && n.Kind == yaml.MappingNode {
		r.faultf(n, "A schedule needs one of cron, every and at.")
	}
}

// value reads any value as JSON would hold it. Times stay texts.
func (r *reader) value(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if _, twice := m[key.Value]; twice {
				r.faultf(key, "“%s” is given twice.", key.Value)
			}
			m[key.Value] = r.value(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			list = append(list, r.value(item))
		}
		return list
	case yaml.ScalarNode:
		return r.scalar(n)
	default:
		r.faultf(n, "Aliases are not supported. Write the value out.")
		return nil
	}
}

func (r *reader) scalar(n *yaml.Node) any {
	switch n.Tag {
	case "!!null":
		return nil
	case "!!bool", "!!int", "!!float":
		var v any
		if err := n.Decode(&v); err != nil {
			r.faultf(n, "%q cannot be read.", n.Value)
		}
		if f, ok := v.(float64); ok && (math.IsInf(f, 0) || math.IsNaN(f)) {
			r.faultf(n, "%q is no number that JSON knows.", n.Value)
		}
		return v
	case "!!str", "!!timestamp":
		return n.Value
	default:
		r.faultf(n, "%s is not supported.", n.Tag)
		return nil
	}
}
