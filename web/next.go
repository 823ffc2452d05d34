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
	home := route.Home(r.Context())
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || len(next) > maxNext {
		return home
	}
	for _, c := range next {
		if c <= ' ' || c == 0x7f || c == '\\' || c >= 0x80 {
			return home
		}
	}
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil {
		return home
	}
	// A path with encoded slashes or back-slashes may become another one on its way.
	if strings.HasPrefix(u.Path, "//") || strings.ContainsAny(u.Path, "\\\t\r\n") {
		return home
	}
	base := route.Base(r.Context())
	if base != "" && !strings.HasPrefix(u.Path, base+"/") {
		return home
	}
	switch strings.TrimPrefix(u.Path, base) {
	case "/login", "/logout", "/setup":
		return home
	}
	return next
}

// wanted is where a request was going, for coming back to it after signing in. A part
// of a page is not a place to go to: then it is the page that the browser shows.
func wanted(r *http.Request) string {
	if r.Header.Get("HX-Request") != "" {
		u, err := url.Parse(r.Header.Get("HX-Current-URL"))
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
