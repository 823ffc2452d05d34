package form_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"carillon/internal/apperr"
	"carillon/internal/job"
	"carillon/web/form"
)

func kinds() []job.KindSpec {
	return []job.KindSpec{
		{Name: "Shell", Params: []job.Param{
			{Name: "command", Type: job.ParamArea}, {Name: "environment", Type: job.ParamMap}, {Name: "timeout", Type: job.ParamNumber},
		}},
		{Name: "HttpRequest", Params: []job.Param{
			{Name: "url", Type: job.ParamURL, Required: true}, {Name: "data", Type: job.ParamJSON},
			{Name: "follow", Type: job.ParamBoolean, Default: true},
		}},
	}
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func full(t *testing.T) job.Definition {
	t.Helper()
	return job.Definition{
		Group: "ops", Name: "nightly", Description: "one\ntwo", Owner: "ada", Tags: []string{"db", "slow"},
		Kind: "Shell", Args: job.Args{"command": "echo hi\nexit 3", "environment": map[string]any{"A": "1", "B": "x=y"}, "timeout": float64(30)},
		Schedule: job.Schedule{
			Type: job.Interval, Every: 90, Zone: "Europe/Warsaw", Jitter: 5,
			BeginAt: time.Date(2026, 3, 1, 7, 0, 30, 0, time.UTC), EndAt: time.Date(2027, 3, 1, 7, 0, 0, 0, time.UTC),
		},
		MaxCount: 5, MaxTries: 7, Retry: job.Retry{Limit: -1, Delay: 10, Factor: 1.5, MaxDelay: 3600},
		Timeout: 86400, Overlap: job.OverlapQueue, LockTimeout: 61, Priority: job.High, Misfire: job.MisfireRunAll,
		Grace: 60, MisfireCap: 3, Node: "web-1", Retention: job.Retention{KeepRuns: 10, KeepDays: 30, KeepFailedDays: 90},
	}
}

// asText turns args into what a form sends.
func asText(args job.Args) job.Args {
	text := job.Args{}
	for name, value := range args {
		text[name] = form.ArgText(value)
	}
	return text
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	want := full(t)
	in := form.Decode(form.Encode(want, time.UTC), job.Defaults(), kinds(), time.UTC)
	if err := in.Faults.Err(); err != nil {
		t.Fatal(err)
	}
	want.Tags = []string{"db", " slow"} // trimmed by validation
	want.Args = asText(want.Args)
	if diff := cmp.Diff(want, in.Definition); diff != "" {
		t.Errorf("definition (-want +got):\n%s", diff)
	}
}

func TestDecodeFaults(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"max_count": "web.fault.whole", "max_tries": "web.fault.whole", "retry.limit": "web.fault.whole",
		"priority": "web.fault.whole", "misfire_cap": "web.fault.whole", "revision": "web.fault.whole",
		"retention.keep_runs": "web.fault.whole", "retention.keep_days": "web.fault.whole", "retention.keep_failed_days": "web.fault.whole",
		"retry.factor": "web.fault.number", "retry.delay": "web.fault.span", "retry.max_delay": "web.fault.span",
		"timeout": "web.fault.span", "lock_timeout": "web.fault.span", "grace": "web.fault.span",
		"schedule.every": "web.fault.span", "schedule.jitter": "web.fault.span",
		"schedule.begin_at": "web.fault.time", "schedule.end_at": "web.fault.time",
	}
	v := url.Values{}
	for field := range cases {
		v.Set(field, "seven")
	}
	in := form.Decode(v, job.Defaults(), kinds(), time.UTC)
	got := map[string]string{}
	if e, ok := in.Faults.Err().(*apperr.Error); ok { //nolint:errorlint // Faults.Err returns it bare
		for field, fault := range e.Fields {
			got[field] = fault.Msg
		}
	}
	if diff := cmp.Diff(cases, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestDecodeKeepsWhatWasNotSent(t *testing.T) {
	t.Parallel()
	want := full(t)
	in := form.Decode(url.Values{"revision": {"4"}, "note": {" why "}}, want, kinds(), time.UTC)
	if diff := cmp.Diff(want, in.Definition); diff != "" {
		t.Errorf("definition (-want +got):\n%s", diff)
	}
	if in.Revision != 4 || in.Note != "why" || in.Disabled {
		t.Errorf("revision %d, note %q, disabled %v", in.Revision, in.Note, in.Disabled)
	}
}

func TestDecodeArgs(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		v    url.Values
		want job.Args
	}{
		"of the chosen kind only": {
			url.Values{"kind": {"httprequest"}, "args.url": {"http://x/"}, "args.command": {"rm"}, "args.follow": {"true"}},
			job.Args{"url": "http://x/", "follow": "true"},
		},
		"a box not ticked":   {url.Values{"kind": {"HttpRequest"}, "args.url": {""}}, job.Args{"url": "", "follow": false}},
		"another kind":       {url.Values{"kind": {"Shell"}}, job.Args{}},
		"an unknown kind":    {url.Values{"kind": {"Nope"}, "args.url": {"x"}}, job.Args{}},
		"first value counts": {url.Values{"kind": {"Shell"}, "args.command": {"a", "b"}}, job.Args{"command": "a"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := form.Decode(c.v, full(t), kinds(), time.UTC)
			if diff := cmp.Diff(c.want, in.Definition.Args); diff != "" {
				t.Errorf("args (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeTimes(t *testing.T) {
	t.Parallel()
	warsaw := mustZone(t, "Europe/Warsaw")
	// 02:30 comes twice on that day: at 00:30 and at 01:30 UTC.
	second := time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC)
	base := full(t)
	base.Schedule.BeginAt = second
	cases := map[string]struct {
		v    url.Values
		want time.Time
	}{
		"in the job's zone":       {url.Values{"schedule.begin_at": {"2026-07-01T12:00"}}, time.Date(2026, 7, 1, 10, 0, 0, 0, time.UTC)},
		"in the zone just chosen": {url.Values{"schedule.begin_at": {"2026-07-01T12:00:05"}, "schedule.zone": {"Asia/Shanghai"}}, time.Date(2026, 7, 1, 4, 0, 5, 0, time.UTC)},
		"in the server's zone":    {url.Values{"schedule.begin_at": {"2026-07-01T12:00"}, "schedule.zone": {""}}, time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)},
		"unknown zone":            {url.Values{"schedule.begin_at": {"2026-07-01T12:00"}, "schedule.zone": {"Nope/Nope"}}, time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)},
		"unchanged text":          {url.Values{"schedule.begin_at": {form.LocalTime(second, warsaw)}}, second},
		"emptied":                 {url.Values{"schedule.begin_at": {""}}, time.Time{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := form.Decode(c.v, base, kinds(), time.UTC)
			if err := in.Faults.Err(); err != nil {
				t.Fatal(err)
			}
			if got := in.Definition.Schedule.BeginAt; !got.Equal(c.want) {
				t.Errorf("begin %v, want %v", got, c.want)
			}
		})
	}
}

func TestArgText(t *testing.T) {
	t.Parallel()
	cases := []struct {
		value any
		want  string
	}{
		{nil, ""}, {"x", "x"}, {true, "true"}, {false, "false"}, {float64(20000), "20000"}, {1e15, "1000000000000000"},
		{map[string]any{"b": "2", "a": "1"}, "a=1\nb=2"},
		{map[string]any{"a": "1\n2"}, "{\n  \"a\": \"1\\n2\"\n}"},
		{map[string]any{"a:b": "1"}, "{\n  \"a:b\": \"1\"\n}"},
		{[]any{float64(1), "x"}, "[\n  1,\n  \"x\"\n]"},
	}
	for _, c := range cases {
		if got := form.ArgText(c.value); got != c.want {
			t.Errorf("ArgText(%v) = %q, want %q", c.value, got, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("name=a&kind=Shell&args.command=echo&schedule.type=cron&schedule.cron=*+*+*+*+*")
	f.Add("schedule.begin_at=2026-10-25T02:30&schedule.zone=Europe/Warsaw&retry.factor=1e999&grace=1d2h")
	f.Add("kind=HttpRequest&args.url=%00&max_count=99999999999999999999&tags=a,b,%ff")
	f.Fuzz(func(t *testing.T, query string) {
		v, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		in := form.Decode(v, job.Defaults(), kinds(), time.UTC)
		def, err := job.Validate(in.Definition, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.UTC)
		if err != nil || in.Faults.Len() > 0 {
			return
		}
		// What is good is shown and read again as the same.
		again := form.Decode(form.Encode(def, time.UTC), job.Defaults(), kinds(), time.UTC)
		if err := again.Faults.Err(); err != nil {
			t.Fatalf("faults in what was encoded: %v", err)
		}
		back, err := job.Validate(again.Definition, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.UTC)
		if err != nil {
			t.Fatalf("validate again: %v", err)
		}
		back.Args, def.Args = asText(back.Args), asText(def.Args)
		if diff := cmp.Diff(def, back); diff != "" {
			t.Fatalf("after a round trip (-want +got):\n%s", diff)
		}
	})
}
