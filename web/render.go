package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/a-h/templ"

	"carillon/internal/access"
	"carillon/internal/i18n"
	"carillon/internal/route"
	"carillon/views/layout"
)

// render answers with a page. It is rendered whole before anything is sent, so that a
// failure half-way becomes an error page and not half a page.
func (q *request) render(status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(q.ctx(), &b); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	q.send(status, "text/html; charset=utf-8", b.Bytes())
	return nil
}

const (
	// worthPacking is the size from which a body is compressed.
	worthPacking = 1 << 10
	// packing is the level of compression: pages come out a quarter smaller than at the
	// fastest, in about the same time.
	packing = 5
)

// send answers with a body, compressed if the client takes that.
func (q *request) send(status int, kind string, body []byte) {
	h := q.w.Header()
	h.Set("Content-Type", kind)
	h.Add("Vary", "Accept-Encoding")
	if len(body) >= worthPacking && takesGzip(q.r) {
		if packed, err := pack(body); err == nil {
			h.Set("Content-Encoding", "gzip")
			body = packed
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	q.w.WriteHeader(status)
	_, _ = q.w.Write(body) // if this fails, nobody is there to be told
}

func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, params, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			q, _ := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
			weight, err := strconv.ParseFloat(q, 64)
			return err != nil || weight > 0
		}
	}
	return false
}

func pack(body []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, packing)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

// shell is what every page needs of the request.
func (q *request) shell(title i18n.Msg, section layout.Section) (layout.Shell, error) {
	s := q.s.bareShell(q, title)
	s.Section = section
	flash, err := q.s.takeFlash(q.w, q.r)
	if err != nil {
		return s, err
	}
	s.Flash = flash
	s.Banners = q.s.banners(q.ctx())
	return s, nil
}

// bareShell is the shell of a page that must come about whatever is broken: it asks
// nothing that could fail.
func (s *Server) bareShell(q *request, title i18n.Msg) layout.Shell {
	user := q.user()
	return layout.Shell{
		Title: title, User: user, Asset: s.assetURL, Now: s.Clock.Now(), Zone: q.zone(), Theme: user.Theme,
		Can:     func(p access.Permission) bool { return user.ID != "" && user.Role.Can(p) },
		Query:   q.query().Get("q"),
		Seen:    strconv.FormatUint(q.seen, 10),
		Path:    route.To(q.ctx(), q.r.URL.RequestURI()),
		Version: s.Version, Dev: s.Dev,
	}
}

// assetURL is the URL of a static file; "" if there is no such file.
func (s *Server) assetURL(name string) string {
	if path := s.Assets.URL(name); path != "" {
		return s.BasePath + path
	}
	return ""
}

// done answers a state change: a toast and the part for htmx, a message on the next
// page for plain browsers. part may be nil: then the toast is all.
func (q *request) done(text i18n.Msg, back string, part func() error) error {
	if q.htmx() {
		toast(q.w, layout.ToneOK, i18n.Text(q.ctx(), text))
		if part != nil {
			return part()
		}
		q.w.Header().Set("Hx-Reswap", "none")
		q.w.WriteHeader(http.StatusOK)
		return nil
	}
	if err := q.s.addFlash(q.w, q.r, layout.ToneOK, text); err != nil {
		return err
	}
	http.Redirect(q.w, q.r, back, http.StatusSeeOther)
	return nil
}

// leave sends the reader to another page with a message there.
func (q *request) leave(to string, text i18n.Msg) error {
	if !text.IsZero() {
		if err := q.s.addFlash(q.w, q.r, layout.ToneOK, text); err != nil {
			return err
		}
	}
	if q.htmx() {
		q.w.Header().Set("Hx-Location", asciiJSON(map[string]string{"path": to, "target": "body"}))
		q.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(q.w, q.r, to, http.StatusSeeOther)
	return nil
}

// toast tells app.js to show a short message.
func toast(w http.ResponseWriter, tone layout.Tone, text string) {
	w.Header().Set("Hx-Trigger", asciiJSON(map[string]any{"toast": map[string]string{"tone": string(tone), "text": text}}))
}

// asciiJSON encodes v for a header, which browsers read as Latin-1.
func asciiJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return "{}"
	}
	var b strings.Builder
	for _, c := range string(raw) {
		switch {
		case c < 0x80:
			b.WriteRune(c)
		case c > 0xffff:
			hi, lo := utf16.EncodeRune(c)
			fmt.Fprintf(&b, `\u%04x\u%04x`, hi, lo)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	return b.String()
}
