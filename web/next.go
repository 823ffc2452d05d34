package web

import (
	"net/http"
	"net/url"
	"strings"

	"carillon/internal/route"
)

// maxNext is the longest address to come back to, in bytes.
const maxNext = 2000

// safeNext returns where to go after signing in: a path of this console, else its home.
// Anything that a browser could read as another site is refused: "//evil", "/\evil",
// and control characters, which browsers remove before they look.
func safeNext(r *http.Request, next string) string {
	base, home := route.Base(r.Context()), route.Home(r.Context())
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || len(next) > maxNext || strings.ContainsFunc(next, strange) {
		return home
	}
	u, err := url.Parse(next)
	// A path with encoded slashes or back-slashes may become another one on its way.
	if err != nil || u.Host != "" || strings.HasPrefix(u.Path, "//") || strings.ContainsFunc(u.Path, strange) {
		return home
	}
	if base != "" && !strings.HasPrefix(u.Path, base+"/") {
		return home
	}
	switch strings.TrimPrefix(u.Path, base) {
	case "/login", "/login/code", "/logout", "/setup":
		return home
	}
	return next
}

// strange reports whether a character has no place in an address of ours.
func strange(c rune) bool { return c <= ' ' || c >= 0x7f || c == '\\' }

// wanted is where a request was going, for coming back to it after signing in. A part
// of a page is not a place to go to: then it is the page that the browser shows.
func wanted(r *http.Request) string {
	if r.Header.Get("Hx-Request") != "" {
		u, err := url.Parse(r.Header.Get("Hx-Current-Url"))
		if err != nil {
			return ""
		}
		return u.RequestURI()
	}
	if changes(r.Method) {
		return ""
	}
	return (&url.URL{Path: route.To(r.Context(), r.URL.Path), RawQuery: r.URL.RawQuery}).RequestURI()
}

// loginURL is the sign-in page that leads back to where the request was going.
func loginURL(r *http.Request) string {
	query := url.Values{}
	if next := safeNext(r, wanted(r)); next != route.Home(r.Context()) {
		query.Set("next", next)
	}
	return route.With(route.Login(r.Context()), query)
}
