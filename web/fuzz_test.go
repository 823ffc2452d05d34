package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"carillon/internal/access"
	"carillon/internal/route"
	"carillon/web"
)

// FuzzSafeNext looks for an address that leads to another site, read as browsers do: they
// drop tabs and line ends, and take a back-slash for a slash.
func FuzzSafeNext(f *testing.F) {
	for _, seed := range []string{
		"/jobs?q=a", "//evil.example", `/\evil.example`, "/\t/evil.example", "/%09/evil", "/%5cevil", "/..//evil.example",
		"/./\\evil", "/@evil", "/jobs#//evil", "https:/evil", "/carillon/../..//evil", "/\u2028/evil", "/;//evil",
	} {
		f.Add(seed, "")
		f.Add(seed, "/carillon")
	}
	f.Fuzz(func(t *testing.T, next, base string) {
		if base != "" && base != "/carillon" {
			base = "/carillon"
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/login", nil)
		r = r.WithContext(route.WithBase(r.Context(), base))
		got := web.SafeNext(r, next)
		if got != next && got != base+"/" {
			t.Fatalf("%q became %q", next, got)
		}
		seen := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/").Replace(got)
		if !strings.HasPrefix(seen, base+"/") || strings.HasPrefix(seen, "//") {
			t.Fatalf("%q leads away", got)
		}
		from := &url.URL{Scheme: "http", Host: "console.example", Path: base + "/login"}
		to, err := from.Parse(seen)
		if err != nil || to.Host != from.Host || to.Scheme != from.Scheme || to.User != nil {
			t.Fatalf("%q leads to %v, %v", got, to, err)
		}
	})
}

// FuzzProof offers texts as cookies and as a token. Nothing but what the server gave out
// opens anything, and nothing makes it fail.
func FuzzProof(f *testing.F) {
	w := newWorld(f)
	for _, seed := range []string{
		"", "x", w.cookies[ada], w.tokens[ada], access.NewSecret(), access.NewToken(), strings.Repeat("A", 43), access.TokenPrefix,
		"crl_" + strings.Repeat("A", 42) + "=", "\x00", `"quoted"`, "a b", "ä", strings.Repeat("A", 5000), "../../etc", "' OR 1=1 --", " " + w.tokens[ada],
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, proof string) {
		for name, c := range map[string]struct {
			path string
			put  func(r *http.Request)
			ok   bool
		}{
			"cookie": {"/jobs", func(r *http.Request) { r.Header.Set("Cookie", "carillon="+proof) }, strings.Contains(proof, w.cookies[ada])},
			"code":   {"/jobs", func(r *http.Request) { r.Header.Set("Cookie", "carillon-code="+proof) }, strings.Contains(proof, "carillon=")},
			"token": {"/api/task-management/background-jobs", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+proof) },
				strings.TrimSpace(proof) == w.tokens[ada]},
		} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:8080"+c.path, nil)
			c.put(r)
			rec := httptest.NewRecorder()
			w.server.ServeHTTP(rec, r)
			if rec.Code >= http.StatusInternalServerError || rec.Code == http.StatusOK && !c.ok {
				t.Fatalf("%q as %s: %d", proof, name, rec.Code)
			}
		}
	})
}
