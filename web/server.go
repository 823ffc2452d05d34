// Package web is everything HTTP: one route table, the middleware, the pages' and the
// JSON interface's handlers, and the live streams. A handler reads its input, calls one
// verb of control and chooses the response; every error goes up to one place.
//
// Echo routes requests and nothing else. Handlers see a [request], the middleware is
// plain net/http, so another router is a matter of one file.
package web

import (
	"context"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"carillon/internal/clock"
	"carillon/internal/control"
	"carillon/internal/event"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/static"
	"carillon/views/page"
)

// Outputs is where the output of runs is read.
type Outputs interface {
	// Follow gives the chunks with Seq > after, first those stored, then those to come,
	// until the run's capture closes or ctx ends.
	Follow(ctx context.Context, id job.RunID, after int64) iter.Seq2[job.Chunk, error]
	// Reader gives the whole output as it was written, with a line for each hole.
	Reader(ctx context.Context, id job.RunID) io.ReadCloser
}

// System tells about the running process.
type System interface {
	Status(ctx context.Context) (SystemStatus, error)
}

// Metrics counts requests and writes everything that is counted.
type Metrics interface {
	// Request counts one that was answered; the route is its pattern, "" if none fits.
	Request(method, route string, status int)
	// Write writes the metrics in the text form of Prometheus.
	Write(ctx context.Context, w io.Writer) error
}

// SystemStatus is what the System page, the banners and the readiness probe show.
type SystemStatus struct {
	Started       time.Time
	Node          string
	Database      string // "SQLite" or "PostgreSQL"
	DatabaseOK    bool
	DatabaseBytes int64 // 0 when not known
	OutputBytes   int64 // 0 when not known
	LastTick      time.Time
	Draining      bool
	Workers       int
	Queued        int
	Running       int
	GoVersion     string
	MemoryBytes   int64
	Duties        []page.Duty
}

// Deps are what the server needs. All fields without a remark are required.
type Deps struct {
	Jobs     *control.Jobs
	Accounts *control.Accounts
	Outputs  Outputs
	System   System
	Metrics  Metrics
	Events   *event.Hub
	Assets   *static.Assets
	Catalog  *i18n.Catalog
	Clock    clock.Clock
	Log      *slog.Logger
	Version  string

	// BasePath is the path below which the console is served, as "/carillon"; "" at the root.
	BasePath string
	// PublicURL is the address people use, as "https://carillon.example.com"; "" if it is
	// the one listened on.
	PublicURL string
	// Loopback says that the server listens on this machine's loopback only.
	Loopback bool
	// TrustedProxies are the addresses whose X-Forwarded-For and -Proto count.
	TrustedProxies []netip.Prefix
	// Dev offers the gallery.
	Dev bool
}

// Server answers HTTP requests. It is safe for concurrent use.
type Server struct {
	Deps
	handler  http.Handler
	echo     *echo.Echo
	public   *url.URL // nil without a PublicURL
	origins  *http.CrossOriginProtection
	address  echo.IPExtractor
	sessions *sessionStore
	streams  *streamCap
	status   statusCache

	homeFacts recentValue[homeFacts]

	closing   chan struct{}
	closeOnce sync.Once
}

// New returns a server. It fails on a BasePath or PublicURL that cannot be used.
func New(d Deps) (*Server, error) {
	s := &Server{Deps: d, streams: newStreamCap(), closing: make(chan struct{})}
	s.BasePath = strings.TrimRight(d.BasePath, "/")
	if s.BasePath != "" && !strings.HasPrefix(s.BasePath, "/") {
		return nil, fmt.Errorf("base path %q must begin with a slash", d.BasePath)
	}
	if d.PublicURL != "" {
		u, err := url.Parse(d.PublicURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("public URL %q must be an http or https address", d.PublicURL)
		}
		s.public = u
	}
	s.origins = http.NewCrossOriginProtection()
	if s.public != nil {
		if err := s.origins.AddTrustedOrigin(s.public.Scheme + "://" + s.public.Host); err != nil {
			return nil, fmt.Errorf("public URL %q: %w", d.PublicURL, err)
		}
	}
	s.address = addressOf(d.TrustedProxies)
	s.sessions = &sessionStore{accounts: d.Accounts, options: s.cookieOptions, address: s.address}
	s.echo = s.router()
	s.handler = s.middleware(s.echo)
	return s, nil
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// CloseStreams ends all live streams, now and to come, so that a shutdown need not wait for them.
func (s *Server) CloseStreams() { s.closeOnce.Do(func() { close(s.closing) }) }

// Limits of a connection. Streams lift the write timeout for themselves.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 1 << 20 // the form sends its fields in the query of its live previews
)

// NewHTTPServer returns an http.Server around the server with limits against slow and
// greedy clients. Its Shutdown ends live streams first.
func NewHTTPServer(s *Server) *http.Server {
	srv := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
	}
	srv.RegisterOnShutdown(s.CloseStreams)
	return srv
}
