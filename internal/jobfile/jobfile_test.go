package jobfile

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"carillon/internal/job"
)

// roundTrip writes entries, reads them again and returns both texts.
func roundTrip(t rapid.TB, entries []Entry, write func([]Entry) ([]byte, error)) (first, second string) {
	t.Helper()
	raw, err := write(entries)
	if err != nil {
		t.Fatal(err)
	}
	read, err := Parse(raw)
	if err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	again, err := write(read)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw), string(again)
}

func TestFullFile(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	got, err := YAML(entries)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(raw), string(got)); diff != "" {
		t.Errorf("-file +written\n%s", diff)
	}
	asJSON, err := JSON(entries)
	if err != nil || !json.Valid(asJSON) {
		t.Fatalf("%v\n%s", err, asJSON)
	}
	fromJSON, err := Parse(asJSON)
	if err != nil {
		t.Fatal(err)
	}
	if got, err = YAML(fromJSON); err != nil || string(got) != string(raw) {
		t.Errorf("by way of JSON: %v\n%s", err, cmp.Diff(string(raw), string(got)))
	}
	d := entries[0].Definition
	if d.Timeout != 5400 || d.Retry.Limit != -1 || d.Schedule.EndAt.UTC() != time.Date(2026, 12, 31, 22, 0, 0, 0, time.UTC) || d.Args["environment"].(map[string]any)["NUMBER"] != "007" {
		t.Errorf("%+v", d)
	}
	if empty, err := YAML(nil); err != nil || string(empty) != "carillon: 1\njobs: []\n" {
		t.Errorf("nothing: %q, %v", empty, err)
	}
}

// anyEntry is an entry as the store may hold it.
func anyEntry() *rapid.Generator[Entry] {
	return rapid.Custom(func(t *rapid.T) Entry {
		e := defaults()
		d := &e.Definition
		word := rapid.StringN(1, 12, -1)
		d.Group, d.Name, d.Kind = word.Draw(t, "group"), word.Draw(t, "name"), "Console"
		d.Description, d.Owner = rapid.String().Draw(t, "description"), rapid.String().Draw(t, "owner")
		d.Tags = rapid.SliceOfN(word, 0, 3).Draw(t, "tags")
		d.Args = job.Args{"text": anyText().Draw(t, "text"), word.Draw(t, "key"): anyValue(2).Draw(t, "value")}
		d.Retry = job.Retry{Limit: rapid.IntRange(-1, 9).Draw(t, "limit"), Factor: rapid.Float64Range(1, 100).Draw(t, "factor"), Delay: anySpan().Draw(t, "delay")}
		d.Timeout, d.Grace = anySpan().Draw(t, "timeout"), anySpan().Draw(t, "grace")
		d.Priority = rapid.SampledFrom(job.Priorities()).Draw(t, "priority")
		d.Overlap, d.Misfire = rapid.SampledFrom(job.Overlaps()).Draw(t, "overlap"), rapid.SampledFrom(job.Misfires()).Draw(t, "misfire")
		d.Retention.KeepDays, d.MaxCount = rapid.IntRange(0, 9).Draw(t, "days"), rapid.IntRange(0, 1e9).Draw(t, "count")
		e.Enabled = rapid.Bool().Draw(t, "enabled")
		begin := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "begin"), 0).UTC()
		zone := rapid.SampledFrom([]string{"", "Europe/Berlin", "Asia/Kathmandu", "UTC"}).Draw(t, "zone")
		d.Schedule = rapid.SampledFrom([]job.Schedule{
			{Type: job.Cron, Cron: "*/5 * * * *", Zone: zone}, {Type: job.Cron, Cron: "@daily", Zone: zone, EndAt: begin},
			{Type: job.Interval, Every: anySpan().Draw(t, "every"), Zone: zone, BeginAt: begin}, {Type: job.Once, BeginAt: begin, Zone: zone},
		}).Draw(t, "schedule")
		return e
	})
}

func anySpan() *rapid.Generator[job.Seconds] {
	return rapid.Map(rapid.Int64Range(1, int64(job.MaxSpan)), func(n int64) job.Seconds { return job.Seconds(n) })
}

// anyText is a text with what YAML has traps for.
func anyText() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{
		"a", " ", "\n", "\t", "#", ": ", "- ", "'", `"`, "\\", "yes", "null", "1e3", "0x1F", "2026-01-01", "|", ">", "&a", "*a", "!", "%", "@", "`",
		"\r", "\x00", "\x07", "\u0085", "\u2028", "\ufeff", "é", "备", "😀", "...", "---", "~", "<<", "{", "[", ",", "?",
	})
	return rapid.OneOf(rapid.Map(rapid.SliceOfN(piece, 0, 12), func(all []string) string { return strings.Join(all, "") }), rapid.String())
}

func anyValue(depth int) *rapid.Generator[any] {
	plain := rapid.OneOf(rapid.Map(anyText(), func(s string) any { return s }), rapid.Map(rapid.Float64(), func(f float64) any { return f + 0 }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }), rapid.Just[any](nil))
	if depth == 0 {
		return plain
	}
	return rapid.OneOf(plain,
		rapid.Map(rapid.SliceOfN(anyValue(depth-1), 0, 3), func(all []any) any { return all }),
		rapid.Map(rapid.MapOfN(anyText(), anyValue(depth-1), 0, 3), func(m map[string]any) any { return m }))
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		entries := []Entry{anyEntry().Draw(t, "entry")}
		for name, write := range map[string]func([]Entry) ([]byte, error){"YAML": YAML, "JSON": JSON} {
			first, second := roundTrip(t, entries, write)
			if first != second {
				t.Errorf("%s:\n%s", name, cmp.Diff(first, second))
			}
			read, err := Parse([]byte(first))
			if err != nil {
				t.Fatal(err)
			}
			if a, b := same(entries[0].Definition), same(read[0].Definition); a != b || entries[0].Enabled != read[0].Enabled {
				t.Errorf("%s:\n%s\n%s\n%s", name, first, a, b)
			}
		}
	})
}

func TestParseTellsLines(t *testing.T) {
	t.Parallel()
	const job = "carillon: 1\njobs:\n  - group: g\n    name: n\n    kind: Console\n    schedule: {cron: '* * * * *'}\n"
	for _, c := range []struct{ file, want string }{
		{"", "line 1: The file is empty"},
		{"jobs: []\n", "line 1: The key “carillon” must"},
		{"carillon: 2\njobs: []\n", "line 1: The key “carillon” must"},
		{"carillon: 1\njob: []\n", "line 2: “job” is no key of the file. There are carillon, jobs."},
		{"- a\n", "line 1: What is expected here is the file"},
		{"carillon: 1\njobs: 5\n", "line 2: “jobs” must be a list"},
		{"carillon: 1\njobs:\n  - x\n", "line 3: What is expected here is a job"},
		{job + "    retries: 3\n", "line 7: “retries” is no key of a job."},
		{job + "    retry: {times: 3}\n", "line 7: “times” is no key of retry. There are limit, delay, factor, max_delay."},
		{job + "    name: again\n", "line 7: “name” is given twice"},
		{job + "    timeout: soon\n", "line 7: “timeout” must be a span"},
		{job + "    timeout: ''\n", "line 7: “timeout” must be a span"},
		{job + "    max_count: many\n", "line 7: “max_count” must be a whole number"},
		{job + "    priority: urgent\n", "line 7: “priority” must be one of"},
		{job + "    enabled: 'no'\n", "line 7: “enabled” must be"},
		{job + "    tags: x\n", "line 7: “tags” must be a list"},
		{job + "    args: [a]\n", "line 7: “args” must be"},
		{job + "    args: {a: 1, a: 2}\n", "line 7: "},
		{job + "    args: {a: .inf}\n", "line 7: \".inf\" is no number"},
		{job + "    args: {a: !!binary aGk=}\n", "line 7: !!binary is not supported"},
		{job + "    owner: {}\n", "line 7: “owner” must be a text"},
		{job + "    owner: ~\n", "line 7: “owner” must be a text"},
		{job + "    description: &d x\n    owner: *d\n", "line 8: Aliases are not supported"},
		{job + "    args: &a {x: *a}\n", "Aliases are not supported"},
		{job + "  - group: g\n    name: n\n    kind: Console\n    schedule: {every: 5m}\n", "line 7: The job g/n stands in line 3 already"},
		{job + "---\na: b\n", "one document only"},
		{"carillon: 1\njobs:\n  - group: g\n    name: n\n", "line 3: The job needs a “schedule”"},
		{"carillon: 1\njobs:\n  - schedule: {cron: '* * * * *', every: 5m}\n", "line 3: A schedule needs one of cron, every and at"},
		{"carillon: 1\njobs:\n  - schedule: {}\n", "line 3: A schedule needs one of"},
		{"carillon: 1\njobs:\n  - schedule: {at: 2030-01-01}\n", "line 3: “at” must be a time with its offset"},
		{"carillon: 1\njobs:\n  - schedule: {at: '2030-01-01T00:00:00Z', begin: '2030-01-01T00:00:00Z'}\n", "line 3: “begin” does not go with “at”"},
		{"carillon: 1\njobs:\n\t- x\n", "This is no YAML"},
	} {
		entries, err := Parse([]byte(c.file))
		var e *Error
		if entries != nil || !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q\ngave %v, %v\nwant %s", c.file, entries, err, c.want)
		}
	}
	if _, err := Parse([]byte(job + "    a: 1\n    b: 2\n")); err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("not every fault is told: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	raw, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		entries, err := Parse(raw)
		if err != nil {
			return
		}
		if first, second := roundTrip(t, entries, YAML); first != second {
			t.Errorf("%s", cmp.Diff(first, second))
		}
	})
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]job.Seconds{"90s": 90, "1m30s": 90, "1w1d": 691200, "0s": 0, "36h": 129600} {
		if got, ok := parseSpan(text); !ok || got != want {
			t.Errorf("%s: %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "5", "1s1m", "-5s", "1.5h", " 5m", "9999999999s"} {
		if got, ok := parseSpan(text); ok {
			t.Errorf("%q: %d", text, got)
		}
	}
	for span, want := range map[job.Seconds]string{0: "0s", 59: "59s", 3600: "1h", 90061: "1d1h1m1s", 604800: "7d"} {
		if got := formatSpan(span); got != want {
			t.Errorf("%d: %s, want %s", span, got, want)
		}
	}
}

// TestSchemaKnowsEveryKey compares the schema with the reader.
func TestSchemaKnowsEveryKey(t *testing.T) {
	t.Parallel()
	type object struct {
		AdditionalProperties *bool             `json:"additionalProperties"`
		Properties           map[string]object `json:"properties"`
		Description          string            `json:"description"`
	}
	var s struct {
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(Schema()), &s); err != nil {
		t.Fatal(err)
	}
	compareKeys := func(what string, o object, want []string) {
		var got []string
		for key, property := range o.Properties {
			got = append(got, key)
			if property.Description == "" {
				t.Errorf("%s.%s has no description", what, key)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" || o.AdditionalProperties == nil || *o.AdditionalProperties {
			t.Errorf("%s: -reader +schema\n%s", what, diff)
		}
	}
	of := s.Defs["job"]
	compareKeys("job", of, keys(fields()))
	compareKeys("retry", of.Properties["retry"], keys(retryFields()))
	compareKeys("schedule", of.Properties["schedule"], []string{"cron", "every", "at", "zone", "begin", "end", "jitter"})
	compareKeys("retention", of.Properties["retention"], []string{"keep_runs", "keep_days", "keep_failed_days"})
}
