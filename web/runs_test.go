package web_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"carillon/db/dbtest"
	"carillon/internal/event"
	"carillon/internal/job"
)

// written stores output of a run, as if it had been captured.
func (w *world) written(id job.RunID, chunks ...job.Chunk) {
	w.t.Helper()
	for i := range chunks {
		chunks[i].RunID, chunks[i].Seq, chunks[i].At = id, int64(i+1), time.Now()
		if chunks[i].Stream == 0 {
			chunks[i].Stream = job.Stdout
		}
	}
	if err := w.store.AppendChunks(w.t.Context(), chunks); err != nil {
		w.t.Fatal(err)
	}
}

func text(s string) job.Chunk { return job.Chunk{Data: []byte(s)} }

func TestRunPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := dbtest.AddJob(t, w.store, func(j *job.Job) { j.Name = "noisy" })
	run := dbtest.AddRun(t, w.store, j, job.RunFailed, func(r *job.Run) {
		r.Error = `<script>alert(1)</script>`
		r.Args = job.Args{"headers": map[string]any{"Authorization": "Bearer canary", "Accept": "text/plain"}}
	})
	w.written(run.ID, text("\x1b[31mred\x1b[0m <img src=x onerror=alert(1)>\n"), job.Chunk{Dropped: 5000},
		job.Chunk{Stream: job.Stderr, Data: []byte("\x1b]0;title\x07problem\n")})
	path := "/runs/" + run.ID.String()
	a := w.get(vic, path).want(http.StatusOK)
	a.contains(`<span class="term-fg31">red</span> &lt;img src=x onerror=alert(1)&gt;`, "problem", "4.9 KiB", "text/plain")
	a.lacks("<img src=x", "<script>alert", "title\x07", "Bearer canary")

	live := w.get(vic, path).htmx("run-live").want(http.StatusOK).lacks("<html", "term-fg31")
	if live.doc().Find("#run-live").Length() != 1 {
		t.Error("no live part")
	}
	raw := w.get(vic, path+"/output").want(http.StatusOK)
	raw.has("Content-Type", "text/plain; charset=utf-8").has("X-Content-Type-Options", "nosniff").contains("\x1b[31mred\x1b[0m <img src=x onerror=alert(1)>\n", "problem")
	if csp := raw.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "sandbox;") {
		t.Errorf("policy %q", csp)
	}
	w.get(vic, "/runs/"+noID+"/output").want(http.StatusNotFound)
	w.get(vic, "/runs/"+noID+"/stream").want(http.StatusNotFound)

	list := w.get(vic, "/runs?state=bad").want(http.StatusOK).contains(run.ID.String())
	list.lacks("<script>alert")
	w.get(vic, "/runs?state=succeeded").want(http.StatusOK).lacks(run.ID.String())
	w.get(vic, "/runs?job="+j.ID.String()).htmx("runs-live").want(http.StatusOK).lacks("<html").contains(run.ID.String())
	for _, query := range []string{"job=" + noID, "job=x", "state=x", "trigger=manual", "from=x&to=2030-01-01T00:00", "group=a&kind=b&q=c"} {
		w.get(vic, "/runs?"+query).want(http.StatusOK)
	}
}

func TestRunVerbs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := dbtest.AddJob(t, w.store)
	queued := dbtest.AddRun(t, w.store, j, job.RunQueued)
	done := dbtest.AddRun(t, w.store, j, job.RunSucceeded)
	path := func(r job.Run, verb string) string { return "/runs/" + r.ID.String() + "/" + verb }

	w.post(vic, path(queued, "cancel"), nil).want(http.StatusForbidden)
	w.post(olga, path(queued, "retry"), nil).want(http.StatusConflict)
	w.post(ed, path(queued, "delete"), nil).want(http.StatusConflict)
	w.post(olga, path(queued, "cancel"), nil).htmx("run-live").want(http.StatusOK).lacks("<html").contains("run-live")
	w.post(olga, path(queued, "cancel"), nil).want(http.StatusConflict)
	w.post(olga, path(done, "cancel"), nil).want(http.StatusConflict)
	if r, _ := w.store.Run(t.Context(), queued.ID); r.State != job.RunCancelled {
		t.Errorf("cancelled run is %s", r.State)
	}
	location := w.post(olga, path(done, "retry"), nil).want(http.StatusSeeOther).Header.Get("Location")
	if !strings.HasPrefix(location, "/runs/") || location == "/runs/"+done.ID.String() {
		t.Errorf("a retry leads to %q", location)
	}
	w.post(olga, path(done, "retry"), nil).htmx("run-live").want(http.StatusNoContent)
	w.post(olga, path(done, "delete"), nil).want(http.StatusForbidden)
	if a := w.post(ed, path(done, "delete"), nil).htmx("run-" + done.ID.String()).want(http.StatusOK); a.body != "" {
		t.Errorf("a deleted row leaves %q", a.body)
	}
	w.post(ed, path(queued, "delete"), nil).want(http.StatusSeeOther).has("Location", "/runs")
	for _, verb := range []string{"cancel", "retry", "delete"} {
		w.post(ed, "/runs/"+noID+"/"+verb, nil).want(http.StatusNotFound)
	}
}

func TestAttemptsAreListed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := dbtest.AddJob(t, w.store)
	first := dbtest.AddRun(t, w.store, j, job.RunFailed)
	second := dbtest.AddRun(t, w.store, j, job.RunSucceeded, func(r *job.Run) { r.RootID, r.Attempt = first.ID, 2 })
	other := dbtest.AddRun(t, w.store, j, job.RunSucceeded)
	w.get(vic, "/runs/"+second.ID.String()).want(http.StatusOK).contains("/runs/" + first.ID.String()).lacks("/runs/" + other.ID.String())
}

// sseEvent is one event as a browser sees it.
type sseEvent struct{ name, id, data string }

// stream opens an event stream and returns its events.
func (w *world) stream(srv *httptest.Server, who, path, last string) <-chan sseEvent {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, srv.URL+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "carillon", Value: w.cookies[who]})
	r.Header.Set("Accept", "text/event-stream")
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	res, err := srv.Client().Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		w.t.Fatalf("%s: status %d, %s", path, res.StatusCode, res.Header.Get("Content-Type"))
	}
	events := make(chan sseEvent, 100)
	go func() {
		defer close(events)
		defer func() { _ = res.Body.Close() }()
		var e sseEvent
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "event":
				e.name = value
			case "id":
				e.id = value
			case "data":
				e.data += value + "\n"
			case "":
				if e.name != "" {
					events <- e
				}
				e = sseEvent{}
			}
		}
	}()
	return events
}

// next waits for the next event.
func next(t *testing.T, events <-chan sseEvent) sseEvent {
	t.Helper()
	select {
	case e, ok := <-events:
		if !ok {
			t.Fatal("the stream has ended")
		}
		return e
	case <-time.After(20 * time.Second):
		t.Fatal("no event")
		return sseEvent{}
	}
}

// untilEnd collects events up to the one that ends the stream, and returns the data of the others.
func untilEnd(t *testing.T, events <-chan sseEvent) (data, lastID string) {
	t.Helper()
	for {
		e := next(t, events)
		if e.name == "end" {
			return data, lastID
		}
		data += e.data
		if e.id != "" {
			lastID = e.id
		}
	}
}

func TestStreamOfAnEndedRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := w.serve()
	j := dbtest.AddJob(t, w.store)
	run := dbtest.AddRun(t, w.store, j, job.RunSucceeded)
	w.written(run.ID, text("one\n\x1b[32mtwo\n"), text("three"), job.Chunk{Stream: job.Stderr, Data: []byte("<b>four\n")})
	data, last := untilEnd(t, w.stream(srv, vic, "/runs/"+run.ID.String()+"/stream", ""))
	for _, want := range []string{"one", `<span class="term-fg32">two</span>`, `<span class="term-fg32">three</span>`, "&lt;b&gt;four"} {
		if !strings.Contains(data, want) {
			t.Errorf("no %q in %q", want, data)
		}
	}
	if data, _ := untilEnd(t, w.stream(srv, vic, "/runs/"+run.ID.String()+"/stream", last)); data != "" {
		t.Errorf("resuming at the end (%s) brings %q", last, data)
	}
	data, _ = untilEnd(t, w.stream(srv, vic, "/runs/"+run.ID.String()+"/stream?after=2", ""))
	if strings.Contains(data, "three") || !strings.Contains(data, "four") {
		t.Errorf("after the second chunk: %q", data)
	}
}

func TestStreamFollowsARun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := w.serve()
	j := dbtest.AddJob(t, w.store)
	run := dbtest.AddRun(t, w.store, j, job.RunQueued)
	path := "/runs/" + run.ID.String() + "/stream"
	events := w.stream(srv, vic, path, "")

	started, err := w.store.StartRun(t.Context(), run.ID, "node-1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	capture := w.output.Open(run.ID)
	w.events.Publish(event.Event{Type: event.RunChanged, JobID: j.ID, RunID: run.ID, State: "running"})
	fmt.Fprint(capture.Stdout(), "first line\nsecond ")
	e := next(t, events)
	if e.name != "output" || !strings.Contains(e.data, "first line") {
		t.Fatalf("event %+v", e)
	}
	resume := e.id
	fmt.Fprint(capture.Stdout(), "half\nthird\n")
	if _, err := capture.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	started.State, started.FinishedAt = job.RunSucceeded, time.Now()
	if err := w.store.FinishRun(t.Context(), started); err != nil {
		t.Fatal(err)
	}
	w.events.Publish(event.Event{Type: event.RunChanged, JobID: j.ID, RunID: run.ID, State: "succeeded"})
	rest, _ := untilEnd(t, events)
	if got := plain(e.data + rest); got != "first line second half third" {
		t.Errorf("streamed %q", got)
	}
	// A reader that lost the connection after the first event gets the rest, each line once.
	again, _ := untilEnd(t, w.stream(srv, vic, path, resume))
	if got, all := plain(e.data+again), "first line second half third"; got != all {
		t.Errorf("resumed at %s: %q", resume, got)
	}
}

// plain takes the tags away and joins the words.
func plain(html string) string {
	var b strings.Builder
	inside := false
	for _, c := range html {
		switch {
		case c == '<':
			inside = true
		case c == '>':
			inside = false
		case !inside:
			b.WriteRune(c)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := w.serve()
	j, other := dbtest.AddJob(t, w.store), dbtest.AddJob(t, w.store)
	all := w.stream(srv, vic, "/events", "")
	one := w.stream(srv, vic, "/events?job="+j.ID.String(), "")
	for w.events.Subscribers() < 2 {
		time.Sleep(time.Millisecond)
	}
	for range 200 { // a flood makes few hints
		w.events.Publish(event.Event{Type: event.RunChanged, JobID: other.ID})
	}
	if e := next(t, all); e.name != "changed" {
		t.Errorf("event %+v", e)
	}
	w.events.Publish(event.Event{Type: event.JobChanged, JobID: j.ID})
	if e := next(t, one); e.name != "changed" {
		t.Errorf("event %+v", e)
	}
	if n := len(one) + len(all); n > 10 {
		t.Errorf("%d hints wait", n)
	}
	// A page that was made before the last change is told at once, one made after it is not.
	w.get(vic, "/jobs").want(http.StatusOK).contains("/events?seen=201")
	late := w.stream(srv, vic, "/events?seen=200", "")
	if e := next(t, late); e.name != "changed" {
		t.Errorf("event %+v", e)
	}
	current := w.stream(srv, vic, "/events?seen=201", "")
	w.server.CloseStreams()
	for e := range current {
		t.Errorf("a page that shows everything was told of %+v", e)
	}
	for range all { //nolint:revive // until the stream ends
	}
	for range one { //nolint:revive // until the stream ends
	}
	for w.events.Subscribers() > 0 {
		time.Sleep(time.Millisecond)
	}
}

func TestStreamsPerUserAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := w.serve()
	for range 24 {
		w.stream(srv, vic, "/events", "")
	}
	w.get(vic, "/events").want(http.StatusServiceUnavailable)
	next(t, w.streamAndHint(srv, olga))
	w.server.CloseStreams()
}

// streamAndHint opens a stream and makes something change.
func (w *world) streamAndHint(srv *httptest.Server, who string) <-chan sseEvent {
	events := w.stream(srv, who, "/events", "")
	w.events.Publish(event.Event{Type: event.SystemNote})
	return events
}

func TestStreamsDoNotExtendASession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seen := func() time.Time {
		t.Helper()
		list, err := w.accounts.Sessions(t.Context(), w.users[vic].Actor("session", "", ""))
		if err != nil || len(list) != 1 {
			t.Fatalf("%d sessions, %v", len(list), err)
		}
		return list[0].LastSeenAt
	}
	old := time.Now().Add(-2 * time.Hour).Truncate(time.Millisecond)
	list, err := w.accounts.Sessions(t.Context(), w.users[vic].Actor("session", "", ""))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.TouchSession(t.Context(), list[0].IDHash, old); err != nil {
		t.Fatal(err)
	}
	w.get(vic, "/jobs").htmx("jobs-live").want(http.StatusOK)
	if got := seen(); !got.Equal(old) {
		t.Errorf("a part that the page fetched moved %v to %v", old, got)
	}
	w.get(vic, "/jobs").want(http.StatusOK)
	if got := seen(); !got.After(old) {
		t.Error("opening a page did not count")
	}
}

func TestAuditSystemAndGallery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.addJob()
	w.post(olga, "/jobs/"+j.ID.String()+"/pause", nil).want(http.StatusSeeOther)
	w.get(ed, "/audit").want(http.StatusOK).contains("olga", "ops/nightly")
	w.get(ed, "/audit?actor=olga&action=job.pause&from=2020-01-01T00:00").want(http.StatusOK).contains("ops/nightly")
	w.get(ed, "/audit?actor=nobody").want(http.StatusOK).lacks("ops/nightly")
	w.get(vic, "/audit").want(http.StatusForbidden)
	w.get(vic, "/system").want(http.StatusOK).contains("node-1")
}

func TestStreamEndsWithTheSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := w.serve()
	run := dbtest.AddRun(t, w.store, dbtest.AddJob(t, w.store), job.RunQueued)
	events := w.stream(srv, vic, "/runs/"+run.ID.String()+"/stream", "")
	if err := w.accounts.CloseSession(t.Context(), w.cookies[vic]); err != nil {
		t.Fatal(err)
	}
	select {
	case e, ok := <-events:
		if ok {
			t.Errorf("event %+v", e)
		}
	case <-time.After(20 * time.Second):
		t.Error("the stream goes on without a session")
	}
}

func TestStreamsEndWithTheServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := w.serve()
	run := dbtest.AddRun(t, w.store, dbtest.AddJob(t, w.store), job.RunRunning)
	capture := w.output.Open(run.ID)
	streams := []<-chan sseEvent{
		w.stream(srv, vic, "/runs/"+run.ID.String()+"/stream", ""), w.stream(srv, vic, "/events", ""),
	}
	if err := srv.Config.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, events := range streams {
		for e := range events {
			t.Errorf("event %+v", e)
		}
	}
	if _, err := capture.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestStreamShowsALineThatWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := w.serve()
	run := dbtest.AddRun(t, w.store, dbtest.AddJob(t, w.store), job.RunRunning)
	capture := w.output.Open(run.ID)
	events := w.stream(srv, vic, "/runs/"+run.ID.String()+"/stream", "")
	fmt.Fprint(capture.Stdout(), "\x1b[1mGo on? ")
	first := next(t, events)
	if !strings.Contains(first.data, `<span class="term-fg1">Go on? </span>`) {
		t.Errorf("event %+v", first)
	}
	fmt.Fprint(capture.Stdout(), "yes\n")
	if second := next(t, events); plain(second.data) != "yes" || !strings.Contains(second.data, "term-fg1") {
		t.Errorf("event %+v", second)
	}
	w.server.CloseStreams()
	if _, err := capture.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
