// Package static holds the front-end files and serves them under names that change
// with their content, so that browsers may keep them for ever.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// FS holds the files as they are served: css/app.css, js/*.js, vendor/*.js, icons/*.svg.
//
//go:embed css/app.css js/*.js vendor/*.js vendor/*.LICENSE vendor/VERSIONS icons/*.svg icons/LICENSE
var FS embed.FS

// Prefix is the path below the base path under which [Assets] are served.
const Prefix = "/static/"

// hashLength is how many hex digits of a file's SHA-256 its name carries.
const hashLength = 12

// Assets serves the files of [FS], compressed once at the start. It is safe for concurrent use.
type Assets struct {
	urls   map[string]string // by file name: "css/app.css"
	served map[string]asset  // by hashed name: "css/app.0123456789ab.css"
}

type asset struct {
	name    string
	etag    string
	kind    string // content type
	plain   []byte
	gzipped []byte // nil if it would not be smaller
}

// New reads and compresses the files.
func New() (*Assets, error) {
	a := &Assets{urls: map[string]string{}, served: map[string]asset{}}
	err := fs.WalkDir(FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return a.add(name)
	})
	if err != nil {
		return nil, fmt.Errorf("load static files: %w", err)
	}
	return a, nil
}

func (a *Assets) add(name string) error {
	content, err := FS.ReadFile(name)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])[:hashLength]
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "." + hash + ext
	packed, err := compress(content)
	if err != nil {
		return fmt.Errorf("compress %s: %w", name, err)
	}
	a.urls[name] = Prefix + hashed
	a.served[hashed] = asset{name: name, etag: `"` + hash + `"`, kind: contentType(ext), plain: content, gzipped: packed}
	return nil
}

// URL returns the path of a file, such as "css/app.css", without the base path under
// which the console is served; "" if there is no such file.
func (a *Assets) URL(name string) string { return a.urls[name] }

// ServeHTTP answers GET and HEAD of a hashed name below [Prefix]; the base path has
// been removed before. Other names are 404.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := a.served[strings.TrimPrefix(r.URL.Path, Prefix)]
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", file.etag)
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), file.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := file.plain
	if file.gzipped != nil && acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = file.gzipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the client is gone if this fails; nobody is left to tell
	}
}

// acceptsGzip reports whether the client takes gzip; "gzip;q=0" is a refusal.
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			q := strings.ReplaceAll(params, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}

// compress returns gzipped content, or nil if that saves nothing.
func compress(content []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(content); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	if b.Len() >= len(content) {
		return nil, nil
	}
	return b.Bytes(), nil
}

// contentType does not ask the system's MIME tables, which differ between machines.
func contentType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		return "text/plain; charset=utf-8"
	}
}
