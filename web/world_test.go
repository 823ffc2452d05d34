package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"carillon/db"
	"carillon/db/dbtest"
	"carillon/internal/access"
	"carillon/internal/clock"
	"carillon/internal/control"
	"carillon/internal/event"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/internal/kind"
	"carillon/internal/kind/console"
	"carillon/internal/kind/shell"
	"carillon/internal/kind/sleep"
	"carillon/internal/metrics"
	"carillon/internal/output"
	"carillon/static"
	"carillon/web"
)

// world is a whole console over a fresh database, with nothing that runs jobs.
type world struct {
	t        testing.TB
	server   *web.Server
	store    *db.Store
	accounts *control.Accounts
	jobs     *control.Jobs
	events   *event.Hub
	output   *output.Recorder
	system   *systemFacts
	log      *logBuffer
	users    map[string]access.User
	cookies  map[string]string
	tokens   map[string]string
}

// idle is an engine that carries out nothing.
type idle struct{}

func (idle) Submit(context.Context, ...job.Ticket)         {}
func (idle) Cancel(context.Context, job.RunID, job.Reason) {}

// systemFacts are the facts of a process that a test may change.
type systemFacts struct {
	mu     sync.Mutex
	status web.SystemStatus
	err    error
}

func (s *systemFacts) Status(context.Context) (web.SystemStatus, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(s.err, errPanic) {
		panic("boom")
	}
	return s.status, s.err
}

// errPanic makes the next question for the status a panic.
var errPanic = errors.New("panic")

func (s *systemFacts) set(change func(*web.SystemStatus)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.status)
}

// logBuffer keeps what was logged.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// The cast: one of each role.
const (
	ada  = "ada"  // administrator
	ed   = "ed"   // editor
	olga = "olga" // operator
	vic  = "vic"  // viewer
)

func cast() map[string]access.Role {
	return map[string]access.Role{ada: access.Admin, ed: access.Editor, olga: access.Operator, vic: access.Viewer}
}

// newWorld returns a console with the cast signed in.
func newWorld(t testing.TB, change ...func(*web.Deps)) *world {
	t.Helper()
	w := emptyWorld(t, change...)
	for name, role := range cast() {
		user := dbtest.AddUser(t, w.store, name, role)
		id, err := w.accounts.OpenSession(t.Context(), user, "192.0.2.1", "test")
		if err != nil {
			t.Fatal(err)
		}
		secret, _, err := w.accounts.CreateToken(t.Context(), access.CLI("test"), name, "test", 0)
		if err != nil {
			t.Fatal(err)
		}
		w.users[name], w.cookies[name], w.tokens[name] = user, id, secret
	}
	return w
}

// emptyWorld returns a console that nobody has set up.
func emptyWorld(t testing.TB, change ...func(*web.Deps)) *world {
	t.Helper()
	clk := clock.System()
	w := &world{
		t: t, store: dbtest.New(t), events: event.NewHub(), log: &logBuffer{},
		users: map[string]access.User{}, cookies: map[string]string{}, tokens: map[string]string{},
		system: &systemFacts{status: web.SystemStatus{DatabaseOK: true, LastTick: clk.Now().Add(time.Hour), Started: clk.Now(), Node: "node-1"}},
	}
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	sh, err := shell.New(shell.Options{ScriptDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	kinds, err := kind.NewRegistry(console.New(), sleep.New(), sh)
	if err != nil {
		t.Fatal(err)
	}
	w.output = output.New(w.store, clk, log, output.Limits{})
	t.Cleanup(func() {
		if err := w.output.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	w.jobs = control.NewJobs(control.JobsDeps{
		Store: w.store, Kinds: kinds, Engine: idle{}, Events: w.events, Clock: clk, Zone: time.UTC, Node: "node-1",
		DeleteOutput: w.output.Delete,
	})
	w.accounts = control.NewAccounts(control.AccountsDeps{Store: w.store, Hasher: access.NewHasher(), Clock: clk})
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	deps := web.Deps{
		Jobs: w.jobs, Accounts: w.accounts, Outputs: w.output, System: w.system, Events: w.events,
		Metrics: metrics.New(metrics.Options{Version: "test", Now: clk.Now, Facts: func(context.Context) (metrics.Facts, error) {
			return metrics.Facts{DatabaseOK: true, Workers: 7}, nil
		}}),
		Catalog: catalog, Clock: clk, Log: log, Version: "test", Loopback: true,
	}
	for _, c := range change {
		c(&deps)
	}
	if deps.Assets, err = static.New(); err != nil {
		t.Fatal(err)
	}
	if w.server, err = web.New(deps); err != nil {
		t.Fatal(err)
	}
	return w
}

// call is one request of a test.
type call struct {
	w *world
	r *http.Request
}

// get begins a GET as somebody of the cast; "" is nobody.
func (w *world) get(who, path string) *call { return w.call(who, http.MethodGet, path, "", "") }

// post begins the POST of a form, as a browser of the same origin sends it.
func (w *world) post(who, path string, form url.Values) *call {
	return w.call(who, http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode())
}

// api begins a request to the JSON interface with a Bearer token.
func (w *world) api(who, method, path, body string) *call {
	c := w.call("", method, "/api/task-management/background-jobs"+path, "application/json", body)
	if who != "" {
		c.header("Authorization", "Bearer "+w.tokens[who])
	}
	c.r.Header.Del("Sec-Fetch-Site")
	return c
}

func (w *world) call(who, method, path, kind, body string) *call {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), method, "http://127.0.0.1:8080"+path, strings.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if who != "" {
		r.AddCookie(&http.Cookie{Name: "carillon", Value: w.cookies[who]})
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return &call{w: w, r: r}
}

// header sets a header of the request.
func (c *call) header(name, value string) *call {
	c.r.Header.Set(name, value)
	return c
}

// htmx makes it a request of htmx for a target.
func (c *call) htmx(target string) *call {
	return c.header("HX-Request", "true").header("HX-Target", target)
}

// do sends the request.
func (c *call) do() *answer {
	c.w.t.Helper()
	rec := httptest.NewRecorder()
	c.w.server.ServeHTTP(rec, c.r)
	return &answer{t: c.w.t, call: c, Response: rec.Result(), body: rec.Body.String()}
}

// want sends the request and fails the test unless the answer has that status.
func (c *call) want(status int) *answer {
	c.w.t.Helper()
	a := c.do()
	if a.StatusCode != status {
		c.w.t.Fatalf("%s %s: status %d, want %d; body:\n%s", c.r.Method, c.r.URL, a.StatusCode, status, clip(a.body))
	}
	return a
}

func clip(s string) string {
	if len(s) > 2000 {
		return s[:2000] + "…"
	}
	return s
}

// answer is what came back.
type answer struct {
	*http.Response
	t    testing.TB
	call *call
	body string
}

// doc returns the answer as HTML.
func (a *answer) doc() *goquery.Document {
	a.t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.body))
	if err != nil {
		a.t.Fatal(err)
	}
	return doc
}

// contains fails the test unless the body holds every text.
func (a *answer) contains(texts ...string) *answer {
	a.t.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			a.t.Errorf("%s %s: no %q in\n%s", a.call.r.Method, a.call.r.URL, text, clip(a.body))
		}
	}
	return a
}

// lacks fails the test if the body holds any of the texts.
func (a *answer) lacks(texts ...string) *answer {
	a.t.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			a.t.Errorf("%s %s: %q in\n%s", a.call.r.Method, a.call.r.URL, text, clip(a.body))
		}
	}
	return a
}

// has fails the test unless a header has that value.
func (a *answer) has(name, value string) *answer {
	a.t.Helper()
	if got := a.Header.Get(name); got != value {
		a.t.Errorf("%s %s: %s is %q, want %q", a.call.r.Method, a.call.r.URL, name, got, value)
	}
	return a
}

// json decodes the body.
func (a *answer) json(v any) {
	a.t.Helper()
	if err := json.NewDecoder(strings.NewReader(a.body)).Decode(v); err != nil {
		a.t.Fatalf("decode %q: %v", clip(a.body), err)
	}
}

// cookie returns the cookie of that name that the answer sets; nil if there is none.
func (a *answer) cookie(name string) *http.Cookie {
	for _, c := range a.Cookies() {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// addJob makes a job as the program would.
func (w *world) addJob(change ...func(*control.NewJob)) job.Job {
	w.t.Helper()
	in := control.NewJob{Definition: job.Defaults()}
	in.Definition.Group, in.Definition.Name, in.Definition.Kind = "ops", "nightly", "Console"
	in.Definition.Args = job.Args{"message": "hello"}
	in.Definition.Schedule.Cron = "0 3 * * *"
	for _, c := range change {
		c(&in)
	}
	j, err := w.jobs.Create(w.t.Context(), access.CLI("test"), in)
	if err != nil {
		w.t.Fatal(err)
	}
	return j
}

// job reads a job.
func (w *world) job(id job.ID) job.Job {
	w.t.Helper()
	j, err := w.store.Job(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return j
}

// jobForm is a good form of a new job.
func jobForm() url.Values {
	return url.Values{
		"group": {"ops"}, "name": {"nightly"}, "kind": {"Console"}, "args.message": {"hello"},
		"schedule.type": {"cron"}, "schedule.cron": {"0 3 * * *"}, "schedule.zone": {"Europe/Warsaw"},
	}
}

// serve starts a real server, for streams.
func (w *world) serve() *httptest.Server {
	w.t.Helper()
	srv := httptest.NewUnstartedServer(w.server)
	srv.Config = web.NewHTTPServer(w.server)
	srv.Start()
	w.t.Cleanup(srv.Close)
	return srv
}

// readAll reads a body.
func readAll(t *testing.T, r io.Reader) string {
	t.Helper()
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
