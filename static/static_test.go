package static_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"carillon/static"
)

func assets(t *testing.T) *static.Assets {
	t.Helper()
	a, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func get(a http.Handler, method, url string, header ...string) *http.Response {
	r := httptest.NewRequest(method, url, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Result()
}

func TestEveryFileIsServedForEver(t *testing.T) {
	t.Parallel()
	a := assets(t)
	served := 0
	err := fs.WalkDir(static.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		served++
		want, err := static.FS.ReadFile(name)
		if err != nil {
			return err
		}
		res := get(a, http.MethodGet, a.URL(name))
		got, _ := io.ReadAll(res.Body)
		if res.StatusCode != http.StatusOK || !bytes.Equal(got, want) {
			t.Errorf("%s: status %d, %d bytes, want %d", name, res.StatusCode, len(got), len(want))
		}
		if cc := res.Header.Get("Cache-Control"); !strings.Contains(cc, "immutable") {
			t.Errorf("%s: Cache-Control %q", name, cc)
		}
		if res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: headers %v", name, res.Header)
		}
		return nil
	})
	if err != nil || served < 8 {
		t.Errorf("%d files, error %v", served, err)
	}
}

func TestTypes(t *testing.T) {
	t.Parallel()
	a := assets(t)
	for name, want := range map[string]string{
		"css/app.css": "text/css; charset=utf-8", "js/app.js": "text/javascript; charset=utf-8",
		"icons/sprite.svg": "image/svg+xml", "vendor/VERSIONS": "text/plain; charset=utf-8",
	} {
		if got := get(a, http.MethodGet, a.URL(name)).Header.Get("Content-Type"); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	a := assets(t)
	url := a.URL("vendor/htmx.min.js")
	want, err := static.FS.ReadFile("vendor/htmx.min.js")
	if err != nil {
		t.Fatal(err)
	}
	for accept, packed := range map[string]bool{"": false, "br": false, "gzip": true, "br, GZIP;q=0.5": true, "gzip;q=0": false, "identity": false} {
		res := get(a, http.MethodGet, url, "Accept-Encoding", accept)
		if got := res.Header.Get("Content-Encoding") == "gzip"; got != packed {
			t.Errorf("Accept-Encoding %q: gzip is %v, want %v", accept, got, packed)
			continue
		}
		body := io.Reader(res.Body)
		if packed {
			if body, err = gzip.NewReader(res.Body); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := io.ReadAll(body); err != nil || !bytes.Equal(got, want) {
			t.Errorf("Accept-Encoding %q: %d bytes, error %v", accept, len(got), err)
		}
	}
}

func TestOtherRequests(t *testing.T) {
	t.Parallel()
	a := assets(t)
	url := a.URL("css/app.css")
	etag := get(a, http.MethodGet, url).Header.Get("ETag")
	for _, tc := range []struct {
		method, url string
		header      []string
		want        int
	}{
		{http.MethodHead, url, nil, http.StatusOK},
		{http.MethodGet, url, []string{"If-None-Match", etag}, http.StatusNotModified},
		{http.MethodGet, url, []string{"If-None-Match", `"other"`}, http.StatusOK},
		{http.MethodPost, url, nil, http.StatusMethodNotAllowed},
		{http.MethodGet, "/static/css/app.css", nil, http.StatusNotFound},
		{http.MethodGet, "/static/../static.go", nil, http.StatusNotFound},
		{http.MethodGet, "/static/", nil, http.StatusNotFound},
	} {
		res := get(a, tc.method, tc.url, tc.header...)
		if res.StatusCode != tc.want {
			t.Errorf("%s %s: %d, want %d", tc.method, tc.url, res.StatusCode, tc.want)
		}
		if body, _ := io.ReadAll(res.Body); tc.method == http.MethodHead && len(body) > 0 {
			t.Errorf("HEAD has a body of %d bytes", len(body))
		}
	}
	if got := a.URL("no/such.file"); got != "" {
		t.Errorf("URL of a file that is not there: %q", got)
	}
}

// The vendored files are exactly those that VERSIONS names.
func TestVendoredFilesAreUntouched(t *testing.T) {
	t.Parallel()
	versions, err := static.FS.ReadFile("vendor/VERSIONS")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for line := range strings.Lines(string(versions)) {
		f := strings.Fields(line)
		if strings.HasPrefix(line, "#") || len(f) != 4 || strings.HasPrefix(f[0], "..") {
			continue
		}
		file, err := static.FS.ReadFile("vendor/" + f[0])
		if err != nil {
			t.Error(err)
			continue
		}
		if sum := sha256.Sum256(file); hex.EncodeToString(sum[:]) != f[3] {
			t.Errorf("%s differs from %s %s", f[0], f[1], f[2])
		}
		checked++
	}
	if checked != 3 {
		t.Errorf("%d files checked, want 3", checked)
	}
}

// The stylesheet and scripts load nothing from elsewhere.
func TestNothingIsLoadedFromElsewhere(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"css/app.css", "js/app.js", "js/theme.js"} {
		file, err := static.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"@import", "url(http", "//cdn", "eval(", "new Function", "innerHTML"} {
			if strings.Contains(string(file), bad) {
				t.Errorf("%s contains %q", name, bad)
			}
		}
	}
}
