package compat_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"carillon/internal/apperr"
	"carillon/internal/job"
	"carillon/web/compat"
)

var (
	now   = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	kinds = []job.KindSpec{{Name: "Console", Params: []job.Param{{Name: "message", Type: job.ParamText}}}}
)

func TestJobOnTheWire(t *testing.T) {
	t.Parallel()
	j := job.Job{
		ID: "0198c0de-0000-7000-8000-000000000001", Source: job.SourceUser, Revision: 1, State: job.Active,
		Definition: job.Definition{
			Group: "ops", Name: "nightly", Description: "d", Kind: "Console", Args: job.Args{"message": "hi"},
			Schedule: job.Schedule{Type: job.Cron, Cron: "0 3 * * *"}, MaxCount: 2, MaxTries: 3,
			Priority: job.Normal, LockTimeout: 30, Node: "n1",
		},
		TriggerCount: 4, TryCount: 1, CreatedAt: now, CreatedBy: job.By{ID: "u1", Name: "ada"},
		NextRunAt: now.Add(19 * time.Hour), LastRunAt: now.Add(-5 * time.Hour).Add(250 * time.Millisecond),
	}
	last := job.Run{State: job.RunSucceeded, Result: "done"}
	got, err := json.MarshalIndent(compat.FromJob(j, job.Live{}, &last), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want := `{
 "id": "0198c0de-0000-7000-8000-000000000001",
 "name": "nightly",
 "group": "ops",
 "type": "Console",
 "result": "done",
 "args": {
  "message": "hi"
 },
 "status": 5,
 "isEnabled": true,
 "description": "d",
 "beginTime": "2026-03-01T08:00:00Z",
 "endTime": null,
 "lastRunTime": "2026-03-01T03:00:00.25Z",
 "nextRunTime": "2026-03-02T03:00:00Z",
 "jobType": 1,
 "cron": "0 3 * * *",
 "source": 0,
 "priority": 15,
 "triggerCount": 4,
 "tryCount": 1,
 "maxTryCount": 3,
 "maxCount": 2,
 "isAbandoned": false,
 "interval": 300,
 "lockTimeOut": 30,
 "nodeName": "n1",
 "concurrencyStamp": "` + compat.Stamp(j) + `",
 "creationTime": "2026-03-01T08:00:00Z",
 "creatorId": "u1",
 "lastModificationTime": null,
 "lastModifierId": null
}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("job (-want +got):\n%s", diff)
	}
	edited := j
	edited.Revision = 2
	if compat.Stamp(j) == compat.Stamp(edited) || len(compat.Stamp(j)) != 32 {
		t.Errorf("stamps %q and %q", compat.Stamp(j), compat.Stamp(edited))
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	cases := []struct {
		state job.State
		live  job.Live
		want  compat.Status
	}{
		{job.Active, job.Live{}, compat.StatusQueuing},
		{job.Active, job.Live{Queued: 1}, compat.StatusQueuing},
		{job.Active, job.Live{Waiting: 1}, compat.StatusFailedRetry},
		{job.Active, job.Live{Running: 1, Waiting: 1}, compat.StatusRunning},
		{job.Paused, job.Live{}, compat.StatusPaused},
		{job.Paused, job.Live{Running: 1}, compat.StatusRunning},
		{job.Stopped, job.Live{}, compat.StatusStopped},
		{job.Completed, job.Live{}, compat.StatusCompleted},
	}
	for _, c := range cases {
		if got := compat.FromJob(job.Job{State: c.state}, c.live, nil); got.Status != c.want || got.IsEnabled != (c.state != job.Stopped) {
			t.Errorf("%s with %+v: status %d, enabled %v; want %d", c.state, c.live, got.Status, got.IsEnabled, c.want)
		}
	}
}

func create(t *testing.T, body string) (job.Definition, map[string]apperr.Fault) {
	t.Helper()
	var in compat.Input
	if err := compat.Decode([]byte(body), &in); err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("CET", 3600)
	def, faults := in.Create(compat.Setting{Zone: zone, Now: now, Kinds: kinds})
	return def, fieldsOf(faults.Err())
}

func fieldsOf(err error) map[string]apperr.Fault {
	if e, ok := errors.AsType[*apperr.Error](err); ok {
		return e.Fields
	}
	return nil
}

func TestCreate(t *testing.T) {
	t.Parallel()
	retry := func(delay job.Seconds) job.Retry { return job.Retry{Limit: -1, Delay: delay, Factor: 1.5} }
	cases := map[string]struct {
		body  string
		check func(job.Definition) any
		want  any
	}{
		"once at its time": {
			`{"name":"a","group":"g","type":"console","beginTime":"2026-03-02T10:00:00Z","jobType":0}`,
			func(d job.Definition) any { return d.Schedule },
			job.Schedule{Type: job.Once, BeginAt: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)},
		},
		"once is the default, and retries after the default interval": {
			`{"beginTime":"2026-03-02T10:00:00Z"}`,
			func(d job.Definition) any { return []any{d.Schedule.Type, d.Retry} }, []any{job.Once, retry(300)},
		},
		"once after an interval": {
			`{"beginTime":"2026-03-02T10:00:00Z","interval":60}`,
			func(d job.Definition) any { return []any{d.Schedule.BeginAt, d.Retry} },
			[]any{time.Date(2026, 3, 2, 10, 1, 0, 0, time.UTC), retry(60)},
		},
		"once in the past, after an interval from now": {
			`{"beginTime":"2020-01-01T00:00:00Z","interval":60}`,
			func(d job.Definition) any { return d.Schedule.BeginAt }, now.Add(time.Minute),
		},
		"time without an offset is the server's": {
			`{"beginTime":"2026-03-02T10:00:00"}`,
			func(d job.Definition) any { return d.Schedule.BeginAt }, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
		},
		"period": {
			`{"beginTime":"2026-03-02T10:00:00Z","jobType":1,"cron":"0 0 3 ? * MON"}`,
			func(d job.Definition) any { return []any{d.Schedule.Type, d.Schedule.Cron, d.Retry} },
			[]any{job.Cron, "0 0 3 ? * MON", job.Retry{Factor: 1}},
		},
		"persistent": {
			`{"beginTime":"2026-03-02T10:00:00Z","jobType":2,"interval":45,"maxTryCount":5,"maxCount":9,"lockTimeOut":7,"priority":25}`,
			func(d job.Definition) any {
				return []any{d.Schedule.Type, d.Schedule.Every, d.Retry, d.MaxTries, d.MaxCount, d.LockTimeout, d.Priority}
			},
			[]any{job.Interval, job.Seconds(45), retry(45), 5, 9, job.Seconds(7), job.High},
		},
		"unknown fields and parameters are ignored": {
			`{"beginTime":"2026-03-02T10:00:00Z","type":"Console","args":{"message":"m","tenant":"t","nothing":null},"extra":{"a":1}}`,
			func(d job.Definition) any { return d.Args }, job.Args{"message": "m"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			def, faults := create(t, c.body)
			if len(faults) > 0 {
				t.Fatalf("faults %v", faults)
			}
			if diff := cmp.Diff(c.want, c.check(def)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCreateFaults(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		`{}`:                        "beginTime",
		`{"beginTime":"yesterday"}`: "beginTime",
		`{"beginTime":"2026-03-02T10:00:00Z","endTime":"x"}`: "endTime",
		`{"beginTime":"2026-03-02T10:00:00Z","jobType":7}`:   "jobType",
		`{"beginTime":"2026-03-02T10:00:00Z","priority":7}`:  "priority",
		`{"beginTime":"2026-03-02T10:00:00Z","interval":-1}`: "interval",
	}
	for body, field := range cases {
		_, faults := create(t, body)
		if _, ok := faults[field]; !ok || len(faults) != 1 {
			t.Errorf("%s: faults %v, want one at %s", body, faults, field)
		}
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	cases := map[string]string{`{"name":`: "", `[]`: "", ``: "", `{"name":7}`: "name", `{"maxCount":"many"}`: "maxCount", `{"args":[]}`: "args"}
	for body, field := range cases {
		var in compat.Input
		err := compat.Decode([]byte(body), &in)
		if !apperr.Is(err, apperr.Invalid) {
			t.Errorf("%s: %v", body, err)
		}
		if _, ok := fieldsOf(err)[field]; field != "" && !ok {
			t.Errorf("%s: fault not at %s: %v", body, field, err)
		}
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	was := job.Definition{
		Group: "g", Name: "n", Kind: "Console", Node: "n1", Description: "old", Args: job.Args{"message": "m"},
		Schedule: job.Schedule{Type: job.Interval, Every: 60, BeginAt: now}, Priority: job.Low, Overlap: job.OverlapQueue,
		Retry: job.Retry{Limit: 3, Delay: 5, Factor: 2}, MaxCount: 3,
	}
	var in compat.Input
	body := `{"name":"x","group":"x","type":"x","nodeName":"x","beginTime":"2030-01-01T00:00:00Z","description":"new","maxCount":0}`
	if err := compat.Decode([]byte(body), &in); err != nil {
		t.Fatal(err)
	}
	got, faults := in.Update(was, compat.Setting{Zone: time.UTC, Now: now, Kinds: kinds})
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	want := was
	want.Description, want.MaxCount = "new", 0
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("only what may change changes (-want +got):\n%s", diff)
	}

	in = compat.Input{}
	if err := compat.Decode([]byte(`{"jobType":1,"cron":"* * * * *"}`), &in); err != nil {
		t.Fatal(err)
	}
	got, _ = in.Update(was, compat.Setting{Zone: time.UTC, Now: now, Kinds: kinds})
	if got.Schedule.Type != job.Cron || got.Schedule.Cron != "* * * * *" || got.Retry.Limit != 0 {
		t.Errorf("to another type: %+v, %+v", got.Schedule, got.Retry)
	}
}

func TestJobQuery(t *testing.T) {
	t.Parallel()
	yes := true
	v, err := url.ParseQuery("Filter=f&name=n&group=g&type=t&status=20&jobType=2&priority=25&source=10&isAbandoned=True" +
		"&beginTime=2026-01-01T00:00:00Z&endTime=2026-01-02T00:00:00Z&beginLastRunTime=2026-01-03T00:00:00Z&endLastRunTime=2026-01-04T00:00:00Z" +
		"&beginCreationTime=2026-01-05T02:00:00+02:00&endCreationTime=2026-01-06T00:00:00&sorting=name+DESC&skipCount=20&maxResultCount=1000")
	if err != nil {
		t.Fatal(err)
	}
	f, p, none, err := compat.JobQuery(v, time.UTC)
	if err != nil || none {
		t.Fatalf("none %v, error %v", none, err)
	}
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	want := job.Filter{
		Text: "f", Name: "n", Group: "g", Kind: "t", States: []job.State{job.Paused}, Type: job.Interval, Priority: job.High,
		Source: job.SourceSystem, Abandoned: &yes, BeginFrom: day(1), EndTo: day(2), LastRunFrom: day(3), LastRunTo: day(4),
		CreatedFrom: day(5), CreatedTo: day(6),
	}
	if diff := cmp.Diff(want, f); diff != "" {
		t.Errorf("filter (-want +got):\n%s", diff)
	}
	if want := (job.JobPage{Sort: job.SortName, Desc: true, Limit: 1000, Offset: 20}); p != want {
		t.Errorf("page %+v, want %+v", p, want)
	}
	if _, p, _, err = compat.JobQuery(url.Values{}, time.UTC); err != nil {
		t.Error(err)
	}
	if want := (job.JobPage{Sort: job.SortCreated, Desc: true, Limit: 10}); p != want {
		t.Errorf("default page %+v, want %+v", p, want)
	}
	if _, _, none, err := compat.JobQuery(url.Values{"status": {"-1"}}, time.UTC); !none || err != nil {
		t.Errorf("status none: none %v, error %v", none, err)
	}
}

func TestQueryFaults(t *testing.T) {
	t.Parallel()
	for query, field := range map[string]string{
		"status=x": "status", "isAbandoned=perhaps": "isAbandoned", "beginTime=x": "beginTime", "maxResultCount=0": "maxResultCount",
		"maxResultCount=1001": "maxResultCount", "skipCount=-1": "skipCount", "sorting=password": "sorting", "sorting=name+up": "sorting",
	} {
		v, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		_, _, _, err = compat.JobQuery(v, time.UTC)
		if _, ok := fieldsOf(err)[field]; !ok {
			t.Errorf("%s: %v, want a fault at %s", query, err, field)
		}
	}
}

func TestLogOnTheWire(t *testing.T) {
	t.Parallel()
	good := job.Run{ID: "r1", Name: "n", Group: "g", Kind: "Shell", State: job.RunSucceeded, StartedAt: now}
	bad := good
	bad.State, bad.Result, bad.Error = job.RunFailed, "last line", "exit code 3"
	lost := good
	lost.State, lost.Reason = job.RunLost, job.ReasonNodeDied
	var b strings.Builder
	for _, run := range []job.Run{good, bad, lost} {
		raw, err := json.Marshal(compat.FromRun(run))
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(string(raw) + "\n")
	}
	want := `{"id":"r1","jobName":"n","jobGroup":"g","jobType":"Shell","message":"OK","runTime":"2026-03-01T08:00:00Z","exception":null}
{"id":"r1","jobName":"n","jobGroup":"g","jobType":"Shell","message":"last line","runTime":"2026-03-01T08:00:00Z","exception":"exit code 3"}
{"id":"r1","jobName":"n","jobGroup":"g","jobType":"Shell","message":"node_died","runTime":"2026-03-01T08:00:00Z","exception":"node_died"}
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("logs (-want +got):\n%s", diff)
	}
}
