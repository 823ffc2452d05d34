package web_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"carillon/internal/access"
	"carillon/web"
)

func TestHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/jobs", "/login", "/nothing", "/healthz"} {
		a := w.get(vic, path).do()
		a.has("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'")
		a.has("X-Content-Type-Options", "nosniff").has("X-Frame-Options", "DENY").has("Referrer-Policy", "same-origin")
		a.has("Cross-Origin-Opener-Policy", "same-origin").has("Cache-Control", "no-store").has("Strict-Transport-Security", "")
		if a.Header.Get("X-Request-ID") == "" || !strings.Contains(strings.Join(a.Header.Values("Vary"), ","), "HX-Request") {
			t.Errorf("%s: headers %v", path, a.Header)
		}
	}
}

// TestPagesKeepThePolicy looks for what the content policy forbids on every page.
func TestPagesKeepThePolicy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.addJob()
	for _, route := range web.RoutesOf(w.server) {
		if route.Method != http.MethodGet || route.Stream || strings.HasPrefix(route.Path, "/api/") {
			continue
		}
		path := strings.NewReplacer(":id", j.ID.String(), ":revision", "1", "*", "css/none.css").Replace(route.Path)
		a := w.get(ada, path).do()
		if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			continue
		}
		a.doc().Find("*").Each(func(_ int, s *goquery.Selection) {
			for _, attr := range s.Nodes[0].Attr {
				if attr.Key == "style" || strings.HasPrefix(attr.Key, "on") || strings.HasPrefix(attr.Key, "hx-on") {
					t.Errorf("%s: <%s %s=%q>", path, s.Nodes[0].Data, attr.Key, attr.Val)
				}
			}
		})
		a.doc().Find("script:not([src]), style").Each(func(_ int, s *goquery.Selection) { t.Errorf("%s: inline <%s>", path, s.Nodes[0].Data) })
	}
}

func TestHostsOnLoopback(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		change func(*web.Deps)
		hosts  map[string]int
	}{
		"listening on loopback": {func(*web.Deps) {}, map[string]int{
			"127.0.0.1:8080": 200, "localhost:8080": 200, "LOCALHOST": 200, "[::1]:8080": 200, "a.localhost": 200,
			"evil.example": 421, "evil.example:8080": 421, "127.0.0.1.evil.example": 421, "192.0.2.1": 421, "": 421,
		}},
		"with a public URL": {func(d *web.Deps) { d.PublicURL = "http://carillon.lan:9000" }, map[string]int{
			"carillon.lan:9000": 200, "localhost": 200, "evil.example": 421,
		}},
		"listening elsewhere": {func(d *web.Deps) { d.Loopback = false }, map[string]int{"anything.example": 200}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := emptyWorld(t, c.change)
			for host, want := range c.hosts {
				call := w.get("", "/healthz")
				call.r.Host = host
				if a := call.do(); a.StatusCode != want {
					t.Errorf("Host %q: %d, want %d", host, a.StatusCode, want)
				}
			}
		})
	}
}

func TestOwnOriginIsTrusted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *web.Deps) { d.PublicURL = "https://carillon.example.com" })
	for origin, want := range map[string]int{"https://carillon.example.com": 303, "http://127.0.0.1:8080": 303, "https://evil.example": 403} {
		c := w.post(vic, "/settings", url.Values{"theme": {"dark"}})
		c.r.Header.Del("Sec-Fetch-Site")
		if a := c.header("Origin", origin).do(); a.StatusCode != want {
			t.Errorf("Origin %s: %d, want %d", origin, a.StatusCode, want)
		}
	}
}

func TestBasePath(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(d *web.Deps) { d.BasePath = "/carillon/" })
	w.get("", "/carillon").want(http.StatusTemporaryRedirect).has("Location", "/carillon/")
	w.get("", "/").want(http.StatusTemporaryRedirect).has("Location", "/carillon/")
	w.get("", "/jobs").want(http.StatusNotFound)
	w.get("", "/carillonx").want(http.StatusNotFound)
	w.get("", "/carillon/jobs?q=a").want(http.StatusSeeOther).has("Location", "/carillon/login?next="+url.QueryEscape("/carillon/jobs?q=a"))
	doc := w.get(vic, "/carillon/jobs").want(http.StatusOK).doc()
	doc.Find("[href],[src],[action],[formaction],[hx-get],[hx-post],[sse-connect]").Each(func(_ int, s *goquery.Selection) {
		for _, attr := range s.Nodes[0].Attr {
			if strings.HasPrefix(attr.Val, "/") && !strings.HasPrefix(attr.Val, "/carillon/") {
				t.Errorf("%s=%q leads outside the base path", attr.Key, attr.Val)
			}
		}
	})
	css, _ := doc.Find(`link[rel=stylesheet]`).Attr("href")
	w.get("", css).want(http.StatusOK).has("Cache-Control", "public, max-age=31536000, immutable")
	out := w.post(vic, "/carillon/logout", nil).want(http.StatusSeeOther).has("Location", "/carillon/login")
	if c := out.cookie("carillon"); c == nil || c.Path != "/carillon/" {
		t.Errorf("cookie %+v", c)
	}
	api := w.call("", http.MethodGet, "/carillon/api/task-management/background-jobs", "", "")
	api.header("Authorization", "Bearer "+w.tokens[vic]).want(http.StatusOK)
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	big := url.Values{"name": {strings.Repeat("x", 2<<20)}}
	w.post(ed, "/jobs", big).want(http.StatusRequestEntityTooLarge)
	c := w.post(ed, "/jobs", big)
	c.r.ContentLength = -1 // as a chunked body comes
	c.want(http.StatusRequestEntityTooLarge)
	a := w.api(ed, http.MethodPost, "", `{"name":"`+strings.Repeat("x", 2<<20)+`"}`)
	a.r.ContentLength = -1
	a.want(http.StatusRequestEntityTooLarge).has("Content-Type", "application/json; charset=utf-8")
	w.call(ed, http.MethodPost, "/jobs", "application/x-www-form-urlencoded", "name=%zz").want(http.StatusBadRequest)
	w.call(ed, http.MethodPost, "/jobs", "multipart/form-data; boundary=x", "no parts").want(http.StatusBadRequest)
}

func TestGzip(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plain := w.get(vic, "/jobs").want(http.StatusOK).has("Content-Encoding", "")
	packed := w.get(vic, "/jobs").header("Accept-Encoding", "br, gzip;q=0.5").want(http.StatusOK).has("Content-Encoding", "gzip")
	z, err := gzip.NewReader(strings.NewReader(packed.body))
	if err != nil {
		t.Fatal(err)
	}
	if body := readAll(t, z); !strings.Contains(body, "</html>") || len(packed.body) >= len(plain.body) {
		t.Errorf("%d bytes packed, %d unpacked, %d plain", len(packed.body), len(body), len(plain.body))
	}
	w.get(vic, "/jobs").header("Accept-Encoding", "gzip;q=0").want(http.StatusOK).has("Content-Encoding", "")
	w.get("", "/healthz").header("Accept-Encoding", "gzip").want(http.StatusOK).has("Content-Encoding", "") // too short
}

func TestHead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.call(vic, http.MethodHead, "/jobs", "", "").want(http.StatusOK)
	if a.body != "" || a.Header.Get("Content-Length") == "" {
		t.Errorf("body of %d bytes, Content-Length %q", len(a.body), a.Header.Get("Content-Length"))
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	proxy := netip.MustParsePrefix("10.0.0.0/8")
	cases := map[string]struct {
		trusted      []netip.Prefix
		peer, xff    string
		proto        string
		want         string
		secureCookie bool
	}{
		"direct":                   {nil, "192.0.2.7:1234", "", "", "192.0.2.7", false},
		"forged":                   {nil, "192.0.2.7:1234", "1.2.3.4", "https", "192.0.2.7", false},
		"behind the proxy":         {[]netip.Prefix{proxy}, "10.1.2.3:1234", "1.2.3.4", "https", "1.2.3.4", true},
		"forged through the proxy": {[]netip.Prefix{proxy}, "10.1.2.3:1234", "9.9.9.9, 1.2.3.4", "http", "1.2.3.4", false},
		"past the proxy":           {[]netip.Prefix{proxy}, "192.0.2.7:1234", "1.2.3.4", "https", "192.0.2.7", false},
		"private is not trusted":   {[]netip.Prefix{proxy}, "192.168.0.1:1234", "1.2.3.4", "https", "192.168.0.1", false},
		"two proxies":              {[]netip.Prefix{proxy}, "10.1.2.3:1234", "1.2.3.4, 10.9.9.9", "https", "1.2.3.4", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(d *web.Deps) { d.TrustedProxies = c.trusted })
			call := w.post("", "/login", url.Values{"name": {"vic"}, "password": {"wrong password"}})
			call.r.RemoteAddr = c.peer
			call.header("X-Forwarded-For", c.xff).header("X-Forwarded-Proto", c.proto)
			a := call.want(http.StatusUnprocessableEntity)
			page, err := w.jobs.Audit(t.Context(), access.CLI("test"), refusals, "", 1)
			if err != nil || len(page.Items) != 1 {
				t.Fatalf("%d audit entries, %v", len(page.Items), err)
			}
			if got := page.Items[0].Address; got != c.want {
				t.Errorf("address %q, want %q", got, c.want)
			}
			if secure := a.Header.Get("Strict-Transport-Security") != ""; secure != c.secureCookie {
				t.Errorf("secure %v, want %v", secure, c.secureCookie)
			}
		})
	}
}

func TestInternalErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.system.mu.Lock()
	w.system.err = errors.New("disk on fire at /secret/path")
	w.system.mu.Unlock()
	a := w.get(vic, "/system").want(http.StatusInternalServerError).lacks("on fire")
	id := a.Header.Get("X-Request-ID")
	a.contains(id)
	if n := strings.Count(w.log.String(), "on fire"); n != 1 || !strings.Contains(w.log.String(), id) {
		t.Errorf("logged %d times", n)
	}
	toast := w.get(vic, "/system").htmx("main").want(http.StatusInternalServerError).has("HX-Reswap", "none")
	if !strings.Contains(toast.Header.Get("Hx-Trigger"), toast.Header.Get("X-Request-ID")) || toast.body != "" {
		t.Errorf("toast %q, body %q", toast.Header.Get("Hx-Trigger"), toast.body)
	}
}

func TestPanicCostsOneAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.system.mu.Lock()
	w.system.err = errPanic
	w.system.mu.Unlock()
	a := w.get(vic, "/system").want(http.StatusInternalServerError).lacks("boom")
	if log := w.log.String(); !strings.Contains(log, "boom") || !strings.Contains(log, a.Header.Get("X-Request-ID")) {
		t.Error("the log does not tell of the panic")
	}
	a.contains("Something is not right")
	w.system.mu.Lock()
	w.system.err = nil
	w.system.mu.Unlock()
	w.get(vic, "/system").want(http.StatusOK)
}

func TestProbes(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	w.get("", "/healthz").want(http.StatusOK).contains(`"ok"`)
	w.get("", "/readyz").want(http.StatusOK).contains(`"ready"`)
	cases := map[string]func(*web.SystemStatus){
		"scheduler": func(s *web.SystemStatus) { s.LastTick = time.Now().Add(-31 * time.Second) },
		"database":  func(s *web.SystemStatus) { s.LastTick = time.Now(); s.DatabaseOK = false },
		"draining":  func(s *web.SystemStatus) { s.DatabaseOK = true; s.Draining = true },
	}
	for _, reason := range []string{"scheduler", "database", "draining"} {
		w.system.set(cases[reason])
		var got struct {
			Status  string
			Reasons []string
		}
		a := w.get("", "/readyz").want(http.StatusServiceUnavailable)
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || len(got.Reasons) != 1 || got.Reasons[0] != reason {
			t.Errorf("%s: %+v, %v", reason, got, err)
		}
	}
	w.get("", "/healthz").want(http.StatusOK)
}

func TestBanners(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.system.set(func(s *web.SystemStatus) { s.Draining = true })
	w.get(vic, "/jobs").want(http.StatusOK).contains("about to stop")
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lang := func(a *answer) string {
		l, _ := a.doc().Find("html").Attr("lang")
		return l
	}
	if got := lang(w.get(vic, "/jobs").header("Accept-Language", "zh-CN,zh;q=0.9,en;q=0.1").want(200)); got != "zh-CN" {
		t.Errorf("as the browser asks: %q", got)
	}
	a := w.post(vic, "/settings", url.Values{"language": {"zh-CN"}, "back": {"/jobs?q=a"}}).want(http.StatusSeeOther).has("Location", "/jobs?q=a")
	if got := lang(w.get(vic, "/jobs").header("Accept-Language", "en").want(200)); got != "zh-CN" {
		t.Errorf("as the user wants: %q", got)
	}
	login := w.get("", "/login").header("Accept-Language", "en")
	login.r.AddCookie(a.cookie("carillon_language"))
	if got := lang(login.want(200)); got != "zh-CN" {
		t.Errorf("as the cookie remembers: %q", got)
	}
	if got := lang(w.get(vic, "/nothing").want(404)); got != "zh-CN" {
		t.Errorf("an error page: %q", got)
	}
	w.post(vic, "/settings", url.Values{"language": {"tlh"}}).want(http.StatusUnprocessableEntity)
	if u, _ := w.store.User(t.Context(), w.users[vic].ID); u.Language != "zh-CN" || u.Theme != "" {
		t.Errorf("stored %+v", u)
	}
}

func TestTextInHeadersIsASCII(t *testing.T) {
	t.Parallel()
	got := web.ASCIIJSON(map[string]string{"a": "已暂停 \"x\" 😀\n"})
	for _, c := range got {
		if c > 0x7e || c < ' ' {
			t.Errorf("%q holds %q", got, c)
		}
	}
	var back map[string]string
	if err := json.Unmarshal([]byte(got), &back); err != nil || back["a"] != "已暂停 \"x\" 😀\n" {
		t.Errorf("%q reads as %q, %v", got, back["a"], err)
	}
}
