package httprequest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"carillon/internal/job"
	"carillon/internal/kind"
	"carillon/internal/kind/kindtest"
	"carillon/internal/netguard"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// target is a server with a page for each kind of answer.
func target(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "all\nis well") })
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s|%s|%s|%s|%s", r.Method, r.Host, r.Header.Get("Content-Type"), r.Header.Get("Accept-Language"), r.Header.Get("X-Test"), body)
	})
	mux.HandleFunc("/status/{code}", func(w http.ResponseWriter, r *http.Request) {
		var code int
		fmt.Sscan(r.PathValue("code"), &code)
		w.WriteHeader(code)
		fmt.Fprint(w, "the reason")
	})
	mux.HandleFunc("/hop/{n}", func(w http.ResponseWriter, r *http.Request) {
		var n int
		fmt.Sscan(r.PathValue("n"), &n)
		if n == 0 {
			fmt.Fprint(w, "arrived")
			return
		}
		http.Redirect(w, r, fmt.Sprintf("/hop/%d", n-1), http.StatusFound)
	})
	mux.HandleFunc("/to", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("url"), http.StatusFound)
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/stall", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "begun")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/broken", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/big", func(w http.ResponseWriter, _ *http.Request) {
		for range 40 << 10 {
			if _, err := w.Write([]byte(strings.Repeat("x", 1023) + "\n")); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/sized", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, strings.Repeat("0123456789", 100))
	})
	mux.HandleFunc("/secrets", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("Set-Cookie", "session=canary")
		w.Header().Add("X-Auth-Token", "canary")
		w.Header().Add("X-Plain", "shown")
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

func newKind(t *testing.T, o Options) *HTTPRequest {
	t.Helper()
	h := New(o)
	t.Cleanup(h.Close)
	return h
}

func run(t *testing.T, h *HTTPRequest, args job.Args) (string, kind.Result, error) {
	t.Helper()
	var out kindtest.Buffer
	result, err := h.Run(t.Context(), kindtest.Execution(t, h, args, &out))
	return out.String(), result, err
}

func TestConformance(t *testing.T) {
	server := target(t)
	h := New(Options{})
	kindtest.Run(t, h, kindtest.Cases{
		Valid: []job.Args{
			{"url": server.URL + "/ok"},
			{"url": server.URL + "/echo", "method": "post", "data": `{"a":1}`, "headers": "X-Test: yes", "culture": "zh-Hans"},
			{"url": server.URL + "/status/404", "expectedStatus": "200-299, 404", "timeout": "5"},
		},
		Failing: []job.Args{
			{"url": server.URL + "/status/502"},
			{"url": server.URL + "/hop/4"},
			{"url": server.URL + "/broken"},
			{"url": server.URL + "/slow", "timeout": 1},
			{"url": server.URL + "/stall", "timeout": 1},
			{"url": "http://127.0.0.1:1/"},
			{"url": "https" + strings.TrimPrefix(server.URL, "http") + "/"},
			{"url": "http://no-such-host.invalid/"},
			{"url": server.URL + "/to?url=http://169.254.169.254/latest"},
			{"url": server.URL + "/to?url=file:///etc/passwd"},
		},
		Slow:  job.Args{"url": server.URL + "/slow", "timeout": 3600},
		Close: func() { h.Close(); server.CloseClientConnections(); server.Close() },
	})
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	server := target(t)
	h := newKind(t, Options{})
	host := strings.TrimPrefix(server.URL, "http://")
	tests := []struct {
		name, message, err string
		args               job.Args
	}{
		{name: "success", args: job.Args{"url": "/ok"}, message: "200 OK: all is well"},
		{name: "no body", args: job.Args{"url": "/ok", "method": "HEAD"}, message: "200 OK"},
		{name: "unexpected status", args: job.Args{"url": "/status/502"}, message: "502 Bad Gateway: the reason", err: "HTTP 502 from " + host},
		{name: "expected failure", args: job.Args{"url": "/status/502", "expectedStatus": "500-599"}, message: "502 Bad Gateway: the reason"},
		{name: "success that is not expected", args: job.Args{"url": "/ok", "expectedStatus": "404"}, message: "200 OK: all is well", err: "HTTP 200 from " + host},
		{name: "redirects", args: job.Args{"url": "/hop/3"}, message: "200 OK: arrived"},
		{name: "too many redirects", args: job.Args{"url": "/hop/4"}, err: "more than 3 redirects"},
		{name: "no redirects wanted", args: job.Args{"url": "/hop/1", "maxRedirects": 0, "expectedStatus": "302"}, message: `302 Found: <a href="/hop/0">Found</a>.`},
		{name: "time limit", args: job.Args{"url": "/slow", "timeout": 1}, err: "timed out after 1 s"},
		{name: "time limit while reading", args: job.Args{"url": "/stall", "timeout": 1}, message: "200 OK: begun", err: "timed out after 1 s"},
		{name: "broken connection", args: job.Args{"url": "/broken"}, err: host + " closed the connection before its answer was complete"},
		{name: "host header", args: job.Args{"url": "/echo", "headers": "Host: example.org"}, message: "200 OK: GET example.org||||"},
		{name: "JSON body", args: job.Args{"url": "/echo", "method": "put", "data": `{"a":1}`, "culture": "de"}, message: "200 OK: PUT " + host + `|application/json|de||{"a":1}`},
		{name: "text body", args: job.Args{"url": "/echo", "method": "POST", "data": "a=b"}, message: "200 OK: POST " + host + "|text/plain; charset=utf-8|||a=b"},
		{name: "typed body", args: job.Args{"url": "/echo", "method": "POST", "data": "a=b", "contentType": "application/x-www-form-urlencoded"}, message: "200 OK: POST " + host + "|application/x-www-form-urlencoded|||a=b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.args["url"] = server.URL + tt.args["url"].(string)
			_, result, err := run(t, h, tt.args)
			if result.Message != tt.message {
				t.Errorf("message %q, want %q", result.Message, tt.message)
			}
			if got := text(err); got != tt.err {
				t.Errorf("error %q, want %q", got, tt.err)
			}
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestOutput(t *testing.T) {
	t.Parallel()
	server := target(t)
	h := newKind(t, Options{})
	out, _, err := run(t, h, job.Args{"url": server.URL + "/sized?token=canary&x=1", "maxBody": 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"GET " + server.URL + "/sized?token=***&x=1\n", "\nHTTP/1.1 200 OK\n", "Content-Length: 1000\n", "\n0123456789\n… 990 bytes left out …\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if out, _, err = run(t, h, job.Args{"url": server.URL + "/sized", "maxBody": 1000}); err != nil || strings.Contains(out, "left out") {
		t.Errorf("a body that just fits: %v\n%s", err, out)
	}
	out, _, err = run(t, h, job.Args{"url": server.URL + "/secrets"})
	if err != nil || strings.Contains(out, "canary") || !strings.Contains(out, "Set-Cookie: ***\n") || !strings.Contains(out, "X-Plain: shown\n") {
		t.Errorf("secrets of an answer: %v\n%s", err, out)
	}
	out, result, err := run(t, h, job.Args{"url": server.URL + "/big"})
	if err != nil || len(out) > 70<<10 || !strings.Contains(out, "… at least 262145 bytes left out …") || len(result.Message) > job.MaxResult+10 {
		t.Errorf("a big body: %v, %d bytes of output, message of %d", err, len(out), len(result.Message))
	}
}

func TestCredentialsStayWithTheirHost(t *testing.T) {
	t.Parallel()
	var got http.Header
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Clone() }))
	t.Cleanup(other.Close)
	server := target(t)
	h := newKind(t, Options{})
	headers := "Authorization: Bearer canary\nX-Api-Key: canary\nCookie: canary\nX-Plain: kept"
	_, _, err := run(t, h, job.Args{"url": server.URL + "/to?token=canary&url=" + other.URL, "headers": headers})
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range got {
		if strings.Contains(strings.Join(values, ""), "canary") {
			t.Errorf("%s reached another host: %v", name, values)
		}
	}
	if got.Get("X-Plain") != "kept" {
		t.Errorf("a plain header was lost: %v", got)
	}
}

func TestErrorsTellNoSecrets(t *testing.T) {
	t.Parallel()
	h := newKind(t, Options{})
	for _, url := range []string{"http://user:canary@127.0.0.1:1/?token=canary", "https://user:canary@no-such-host.invalid/x?key=canary"} {
		out, _, err := run(t, h, job.Args{"url": url})
		if err == nil || strings.Contains(err.Error()+out, "canary") {
			t.Errorf("error %v, output %q", err, out)
		}
		if s := h.Summary(job.Args{"url": url}); strings.Contains(s, "canary") || !strings.HasPrefix(s, "GET http") {
			t.Errorf("summary %q", s)
		}
	}
}

func TestGuard(t *testing.T) {
	t.Parallel()
	server := target(t)
	rules, err := netguard.ParseRules([]string{"private"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	guarded := newKind(t, Options{Guard: rules})
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]
	for _, host := range []string{"localhost", "2130706433", "0x7f000001", "127.1", "[::ffff:7f00:1]"} {
		x := kind.Execution{Args: job.Args{"url": "http://" + host + port + "/ok", "timeout": 10.0}, Stdout: io.Discard, Stderr: io.Discard}
		if result, err := guarded.Run(t.Context(), x); err == nil {
			t.Errorf("%s was reached: %+v", host, result)
		}
	}
	open := newKind(t, Options{})
	_, _, err = run(t, open, job.Args{"url": server.URL + "/to?url=http://169.254.169.254/latest"})
	if _, ok := errors.AsType[*netguard.DeniedError](err); !ok {
		t.Errorf("a redirect to metadata = %v, want a DeniedError", err)
	}
	reg, err := kind.NewRegistry(guarded)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := reg.Check("httprequest", job.Args{"url": server.URL}); !strings.Contains(text(err), "args.url") {
		t.Errorf("saving a denied address = %v, want a fault under args.url", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	reg, err := kind.NewRegistry(newKind(t, Options{}))
	if err != nil {
		t.Fatal(err)
	}
	for field, args := range map[string]job.Args{
		"args.headers":        {"headers": map[string]any{"A": "b\r\nC: d"}},
		"args.expectedStatus": {"expectedStatus": "200-"},
		"args.culture":        {"culture": "no language"},
		"args.maxRedirects":   {"maxRedirects": 11},
		"args.method":         {"method": "TRACE"},
	} {
		args["url"] = "http://example.com"
		if _, _, err := reg.Check("httprequest", args); !strings.Contains(text(err), field) {
			t.Errorf("Check(%v) = %v, want a fault under %s", args, err, field)
		}
	}
	for _, name := range []string{"Content-Length", "transfer-encoding", "A B", "Ä", ""} {
		args := job.Args{"url": "http://example.com", "headers": map[string]any{name: "x"}}
		if _, _, err := reg.Check("httprequest", args); !strings.Contains(text(err), "args.headers") {
			t.Errorf("header %q = %v, want a fault", name, err)
		}
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{",", "200-", "-200", "300-200", "99", "600", "2xx", "200;201"} {
		if _, err := parseStatuses(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
	s, err := parseStatuses(" 200 - 204, 404,")
	if err == nil {
		t.Errorf("a trailing comma was accepted: %v", s)
	}
	if s, err = parseStatuses("200 - 204, 404"); err != nil {
		t.Fatal(err)
	}
	for code, want := range map[int]bool{199: false, 200: true, 204: true, 205: false, 404: true} {
		if s.contains(code) != want {
			t.Errorf("contains(%d) = %v", code, !want)
		}
	}
}

// TestBurst sends many requests at once: all arrive, over a bounded number of
// connections that are used again.
func TestBurst(t *testing.T) {
	t.Parallel()
	const requests, conns = 3000, 100
	var served, opened atomic.Int64
	var open, most int64 // guarded by mu
	var mu sync.Mutex
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		served.Add(1)
		fmt.Fprint(w, strings.Repeat("x", 2000))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		switch state {
		case http.StateNew:
			opened.Add(1)
			open++
			most = max(most, open)
		case http.StateClosed, http.StateHijacked:
			open--
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	h := newKind(t, Options{MaxConnsPerHost: conns})
	x := kindtest.Execution(t, h, job.Args{"url": server.URL, "maxBody": 100}, io.Discard)
	for range 2 {
		var wg sync.WaitGroup
		for range requests / 2 {
			wg.Go(func() {
				if _, err := h.Run(context.WithoutCancel(t.Context()), x); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	// One that ends while another is asked for may be replaced, so a few more may be opened over time.
	mu.Lock()
	defer mu.Unlock()
	if served.Load() != requests || most > conns+1 || opened.Load() > 2*conns {
		t.Errorf("served %d of %d over %d connections, %d at once; want at most %d", served.Load(), requests, opened.Load(), most, conns)
	}
}

func TestStopTellsNoTimeout(t *testing.T) {
	t.Parallel()
	server := target(t)
	h := newKind(t, Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("by the test")
	time.AfterFunc(50*time.Millisecond, func() { cancel(cause) })
	_, err := h.Run(ctx, kindtest.Execution(t, h, job.Args{"url": server.URL + "/slow"}, io.Discard))
	if !errors.Is(err, cause) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the cause of the stop", err)
	}
}

// BenchmarkRun and BenchmarkBareClient make the same requests, so that their ratio is
// what a run costs above its request.
func BenchmarkRun(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	defer server.Close()
	h := New(Options{})
	defer h.Close()
	x := kind.Execution{Args: job.Args{"url": server.URL, "timeout": 30.0, "maxBody": 65536.0}, Stdout: io.Discard, Stderr: io.Discard}
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := h.Run(b.Context(), x); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkBareClient(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: DefaultMaxConns}}
	defer client.CloseIdleConnections()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			resp, err := client.Get(server.URL)
			if err != nil {
				b.Error(err)
				continue
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
	})
}
