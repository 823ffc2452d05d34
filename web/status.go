package web

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"carillon/internal/i18n"
	"carillon/views/layout"
)

const (
	// statusFor is how long a status is good for the banners of pages.
	statusFor = 2 * time.Second
	// lateTick is the age of the last tick from which the scheduler counts as not working.
	lateTick = 30 * time.Second
)

// statusCache keeps the last status, so that pages do not ask for it each time.
type statusCache struct {
	mu     sync.Mutex
	asking bool
	at     time.Time // zero: never asked
	value  SystemStatus
}

// recent returns a status of the last seconds, or an older one while somebody else asks
// for a new one. It is for what may be missing: false means that there is none.
func (s *Server) recent(ctx context.Context) (SystemStatus, bool) {
	c, now := &s.status, s.Clock.Now()
	c.mu.Lock()
	value, known := c.value, !c.at.IsZero()
	if age := now.Sub(c.at); c.asking || known && age >= 0 && age < statusFor {
		c.mu.Unlock()
		return value, known
	}
	c.asking = true
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.asking = false
	}()
	fresh, err := s.System.Status(ctx)
	if err != nil {
		s.Log.LogAttrs(ctx, slog.LevelWarn, "ask for the system's status", slog.String("error", err.Error()))
		return value, known
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.value = now, fresh
	return fresh, true
}

// banners are what every page should know.
func (s *Server) banners(ctx context.Context) []layout.Banner {
	status, ok := s.recent(ctx)
	if !ok {
		return nil
	}
	var banners []layout.Banner
	if status.Draining {
		banners = append(banners, layout.Banner{Tone: layout.ToneWarning, Text: i18n.M("web.banner.draining")})
	} else if late := s.tickAge(status); late > lateTick {
		banners = append(banners, layout.Banner{
			Tone: layout.ToneFailed, Text: i18n.M("web.banner.late", "age", i18n.Duration(ctx, late)),
		})
	}
	return banners
}

// tickAge is how long ago the scheduler looked for due jobs; before its first look, how
// long the process has been up.
func (s *Server) tickAge(status SystemStatus) time.Duration {
	since := status.LastTick
	if since.IsZero() {
		since = status.Started
	}
	return s.Clock.Now().Sub(since)
}

// healthz says that the process answers. It asks nothing, so that a busy database does
// not get the process restarted.
func (s *Server) healthz(q *request) error {
	q.send(http.StatusOK, "application/json", []byte(`{"status":"ok"}`+"\n"))
	return nil
}

// readyz says whether the program does its work: 503 while the database fails, the
// scheduler does not tick, or the process is about to end.
func (s *Server) readyz(q *request) error {
	status, err := s.System.Status(q.ctx())
	var reasons []string
	if err != nil || !status.DatabaseOK {
		reasons = append(reasons, "database")
	}
	if err == nil && s.tickAge(status) > lateTick {
		reasons = append(reasons, "scheduler")
	}
	if status.Draining {
		reasons = append(reasons, "draining")
	}
	answer := struct {
		Status  string   `json:"status"`
		Reasons []string `json:"reasons,omitempty"`
	}{"ready", reasons}
	code := http.StatusOK
	if len(reasons) > 0 {
		answer.Status, code = "unavailable", http.StatusServiceUnavailable
	}
	raw, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	q.send(code, "application/json", append(raw, '\n'))
	return nil
}
