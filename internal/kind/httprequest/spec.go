package httprequest

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"carillon/internal/apperr"
	"carillon/internal/job"
	"carillon/internal/kind"
)

// Bounds and defaults of the parameters.
const (
	defaultTimeout   = 30 // seconds
	maxTimeout       = 24 * 60 * 60
	defaultRedirects = 3
	maxRedirects     = 10
	defaultMaxBody   = 64 << 10 // bytes
	maxMaxBody       = 10 << 20
	defaultExpected  = "200-299"
)

func methods() []string {
	return []string{
		http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodHead, http.MethodOptions,
	}
}

// Spec implements [kind.Kind].
func (*HTTPRequest) Spec() job.KindSpec {
	return job.KindSpec{
		Name: "HttpRequest",
		Icon: "globe",
		Params: []job.Param{
			{Name: "url", Type: job.ParamURL, Required: true, MaxLength: 8192, Placeholder: "https://example.com/health"},
			{Name: "method", Type: job.ParamChoice, Default: http.MethodGet, Options: methods()},
			{Name: "headers", Type: job.ParamMap, MaxLength: 32 << 10, Placeholder: "Accept: application/json"},
			{Name: "data", Type: job.ParamArea, Placeholder: `{"key": "value"}`},
			{Name: "contentType", Type: job.ParamText, MaxLength: 255, Placeholder: "application/json"},
			{Name: "expectedStatus", Type: job.ParamText, Default: defaultExpected, MaxLength: 200, Placeholder: "200-299, 404"},
			{Name: "timeout", Type: job.ParamNumber, Default: float64(defaultTimeout), Min: 1, Max: maxTimeout},
			{Name: "maxRedirects", Type: job.ParamNumber, Default: float64(defaultRedirects), Min: 0, Max: maxRedirects, Advanced: true},
			{Name: "maxBody", Type: job.ParamNumber, Default: float64(defaultMaxBody), Min: 0, Max: maxMaxBody, Advanced: true},
			{Name: "culture", Type: job.ParamText, MaxLength: 35, Advanced: true, Placeholder: "en"},
		},
	}
}

// Check implements [kind.Kind].
func (h *HTTPRequest) Check(args job.Args) error {
	var faults apperr.Faults
	if u, err := url.Parse(kind.String(args, "url")); err == nil {
		// A literal address is judged at once; names when they are resolved.
		if addr, err := netip.ParseAddr(u.Hostname()); err == nil && h.guard.Check(addr) != nil {
			faults.Add("url", "error.kind.http_denied", "address", addr.String())
		}
	}
	for name, value := range kind.Map(args, "headers") {
		checkHeader(name, value, &faults)
	}
	if text := kind.String(args, "contentType"); !validValue(text) {
		faults.Add("contentType", "error.kind.http_content_type")
	}
	if _, err := parseStatuses(kind.String(args, "expectedStatus")); err != nil {
		faults.Add("expectedStatus", "error.kind.http_expected")
	}
	if text := kind.String(args, "culture"); text != "" {
		if _, err := language.Parse(text); err != nil {
			faults.Add("culture", "error.kind.http_culture")
		}
	}
	return faults.Err()
}

func checkHeader(name, value string, faults *apperr.Faults) {
	short := kind.Cut(kind.Line(name), 100)
	// These describe the message itself or the connection; the transport sets them.
	ours := []string{"Connection", "Content-Length", "Transfer-Encoding", "Trailer", "Upgrade", "Keep-Alive", "Proxy-Connection", "Te", "Expect"}
	switch {
	case !validName(name):
		faults.Add("headers", "error.kind.http_header_name", "name", short)
	case slices.Contains(ours, http.CanonicalHeaderKey(name)):
		faults.Add("headers", "error.kind.http_header_ours", "name", short)
	case !validValue(value):
		faults.Add("headers", "error.kind.http_header_value", "name", short)
	}
}

// validName reports whether name is a token of RFC 9110.
func validName(name string) bool {
	if name == "" {
		return false
	}
	for _, c := range []byte(name) {
		alnum := c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !alnum && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) {
			return false
		}
	}
	return true
}

// validValue reports whether value can stand in a header line: no line break, no
// other control character but the tab.
func validValue(value string) bool {
	for _, c := range []byte(value) {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
