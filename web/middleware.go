package web

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"carillon/internal/i18n"
	"carillon/internal/route"
)

// maxBody is the longest body of a request.
const maxBody = 1 << 20

// middleware wraps the router. A request passes the steps in the order written here.
func (s *Server) middleware(next http.Handler) http.Handler {
	steps := []func(http.Handler) http.Handler{
		s.begin,        // request id, address, access log
		s.withLanguage, // of the cookie or the browser; of the user once known
		s.recover,      // a defect costs one answer, not the process
		s.headers,      // what every answer carries
		s.checkHost,    // DNS rebinding
		s.limitBody,    //
		s.checkOrigin,  // cross-site requests
		s.checkPath,    // nothing outside the base path
		s.heads,        // HEAD is answered as GET without a body
	}
	for _, step := range slices.Backward(steps) {
		next = step(next)
	}
	return next
}

// begin makes the visit and writes the access log: one line a
// request, without its query, in which secrets such as the set-up token may stand.
func (s *Server) begin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := s.Clock.Now()
		v := &visit{id: rand.Text(), address: s.address(r), secure: s.isSecure(r)}
		path, inside := strings.CutPrefix(r.URL.Path, s.BasePath)
		v.api = inside && (strings.HasPrefix(path, "/api/") || path == metricsPath)
		ctx := route.WithBase(withVisit(r.Context(), v), s.BasePath)
		r = r.WithContext(ctx)
		rec := &recorder{ResponseWriter: w}
		w.Header().Set("X-Request-ID", v.id)
		defer func() {
			s.Metrics.Request(r.Method, v.route, cmp.Or(rec.status, http.StatusOK))
			s.Log.LogAttrs(ctx, accessLevel(path, rec.status), "request",
				slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", rec.status),
				slog.Int64("bytes", rec.bytes), slog.Duration("took", s.Clock.Now().Sub(start)),
				slog.String("address", v.address), slog.String("user", v.who.user.Name), slog.String("request", v.id))
		}()
		next.ServeHTTP(rec, r)
	})
}

// accessLevel keeps probes and assets out of the usual log.
func accessLevel(path string, status int) slog.Level {
	quiet := path == "/healthz" || path == "/readyz" || path == metricsPath || strings.HasPrefix(path, "/static/")
	if quiet && status < http.StatusBadRequest {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// recover turns a panic into an internal error.
func (s *Server) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler { //nolint:errorlint // compared as net/http does
				panic(p)
			}
			err := fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			if rec, ok := w.(*recorder); ok && rec.status != 0 {
				s.logError(r, err)
				panic(http.ErrAbortHandler) // the answer has begun: break it off visibly
			}
			s.fail(w, r, err)
		}()
		next.ServeHTTP(w, r)
	})
}

// policy is the Content-Security-Policy of every answer.
const policy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// hsts is a year.
const hsts = "max-age=31536000"

// headers sets what every answer carries.
func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store") // pages are not kept by browsers and proxies
		h.Set("Vary", "HX-Request, HX-Target, HX-History-Restore-Request")
		if visitOf(r).secure {
			h.Set("Strict-Transport-Security", hsts)
		}
		next.ServeHTTP(w, r)
	})
}

// checkHost refuses names that are not ours while the server listens on loopback: a
// page elsewhere may let its name point at this machine, and would then count as the
// same origin.
func (s *Server) checkHost(next http.Handler) http.Handler {
	if !s.Loopback || len(s.TrustedProxies) > 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isLoopbackHost(r.Host) || s.public != nil && strings.EqualFold(r.Host, s.public.Host) {
			next.ServeHTTP(w, r)
			return
		}
		s.fail(w, r, refuse(http.StatusMisdirectedRequest, i18n.M("web.error.host", "host", r.Host)))
	})
}

// isLoopbackHost reports whether a Host header names this machine.
func isLoopbackHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func (s *Server) limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > maxBody {
			s.fail(w, r, &http.MaxBytesError{Limit: maxBody})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

// checkOrigin refuses state changes that another site caused. A browser that says
// neither where a request comes from nor what caused it, yet sends our cookie, is not
// believed. A Bearer token is sent by nothing but a program that was given it.
func (s *Server) checkOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.isBearer(r) {
			next.ServeHTTP(w, r)
			return
		}
		if err := s.origins.Check(r); err != nil {
			s.fail(w, r, refuse(http.StatusForbidden, i18n.M("web.error.cross_origin")))
			return
		}
		silent := r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == ""
		if changes(r.Method) && silent && s.sessions.hasCookie(r) {
			s.fail(w, r, refuse(http.StatusForbidden, i18n.M("web.error.cross_origin")))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// changes reports whether a method may change anything.
func changes(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return false
	default:
		return true
	}
}

// checkPath strips the base path; "/carillon" alone leads to "/carillon/".
func (s *Server) checkPath(next http.Handler) http.Handler {
	if s.BasePath == "" {
		return next
	}
	inside := http.StripPrefix(s.BasePath, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, s.BasePath+"/"):
			inside.ServeHTTP(w, r)
		case r.URL.Path == s.BasePath || r.URL.Path == "/":
			http.Redirect(w, r, s.BasePath+"/", http.StatusTemporaryRedirect)
		default:
			s.fail(w, r, refuse(http.StatusNotFound, i18n.Msg{}))
		}
	})
}

// languageCookie remembers the language of people who are not signed in.
const languageCookie = "carillon_language"

// withLanguage puts the printer of the browser's language into the context. Once the
// user is known, the user's own language takes its place.
func (s *Server) withLanguage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(s.speak(r, "")))
	})
}

// speak returns the request's context with the printer of the best language.
func (s *Server) speak(r *http.Request, own string) context.Context {
	wish := ""
	if c, err := r.Cookie(languageCookie); err == nil {
		wish = c.Value
	}
	lang := s.Catalog.Match(own, wish, r.Header.Get("Accept-Language"))
	return i18n.WithPrinter(r.Context(), s.Catalog.Printer(lang))
}

// heads answers HEAD by the handler of GET; net/http drops the body.
func (s *Server) heads(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			clone := r.Clone(r.Context())
			clone.Method = http.MethodGet
			next.ServeHTTP(headWriter{w}, clone)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// headWriter drops the body of an answer to HEAD.
type headWriter struct{ http.ResponseWriter }

// Write implements http.ResponseWriter.
func (h headWriter) Write(p []byte) (int, error) { return len(p), nil }

// Unwrap lets http.ResponseController reach the connection.
func (h headWriter) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// isSecure reports whether the client speaks TLS.
func (s *Server) isSecure(r *http.Request) bool {
	if r.TLS != nil || s.public != nil && s.public.Scheme == "https" && strings.EqualFold(r.Host, s.public.Host) {
		return true
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https") {
		return false
	}
	for _, proxy := range s.TrustedProxies {
		if proxy.Contains(peer.Addr().Unmap()) {
			return true
		}
	}
	return false
}

// addressOf returns how the client's address is found: the connection's own, or what
// trusted proxies say.
func addressOf(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, prefix := range trusted {
		options = append(options, echo.TrustIPRange(&net.IPNet{
			IP:   prefix.Masked().Addr().AsSlice(),
			Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// within gives a request at most d.
func within(r *http.Request, d time.Duration) (*http.Request, context.CancelFunc) {
	ctx, cancel := context.WithTimeoutCause(r.Context(), d, errSlow)
	return r.WithContext(ctx), cancel
}

// errSlow is the cause of a request's end that took too long.
var errSlow = errors.New("request took too long")

// clientGone reports whether an error only says that nobody waits for the answer.
func clientGone(r *http.Request, err error) bool {
	return errors.Is(err, context.Canceled) && context.Cause(r.Context()) != nil && !errors.Is(context.Cause(r.Context()), errSlow)
}
