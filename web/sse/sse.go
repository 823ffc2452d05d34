// Package sse writes streams of server-sent events.
package sse

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"carillon/internal/clock"
)

// patience is how long one write may take before the reader counts as gone.
const patience = 30 * time.Second

// Stream is one open response. It is not safe for concurrent use.
type Stream struct {
	w     http.ResponseWriter
	rc    *http.ResponseController
	clock clock.Clock
}

// Open starts a stream: it sends the headers and lifts the server's write timeout.
func Open(w http.ResponseWriter, clk clock.Clock) (*Stream, error) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // proxies must pass events on at once
	s := &Stream{w: w, rc: http.NewResponseController(w), clock: clk}
	w.WriteHeader(http.StatusOK)
	return s, s.write("retry: 2000\n\n")
}

// Send sends an event. An empty id leaves the reader's last id as it is.
func (s *Stream) Send(event, id, data string) error {
	var b strings.Builder
	if event != "" {
		b.WriteString("event: " + oneLine(event) + "\n")
	}
	if id != "" {
		b.WriteString("id: " + oneLine(id) + "\n")
	}
	for line := range strings.SplitSeq(lineEnds.Replace(data), "\n") {
		b.WriteString("data: " + line + "\n")
	}
	b.WriteString("\n")
	return s.write(b.String())
}

// Beat sends a comment, which keeps proxies from closing an idle stream and finds out
// whether the reader is still there.
func (s *Stream) Beat() error { return s.write(":\n\n") }

func (s *Stream) write(text string) error {
	err := s.rc.SetWriteDeadline(s.clock.Now().Add(patience))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("set deadline of event stream: %w", err)
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	if err := s.rc.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("flush event: %w", err)
	}
	return nil
}

// lineEnds makes all line ends alike: a carriage return would end a line of the format.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// oneLine keeps a value from breaking out of its line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == 0 {
			return -1
		}
		return r
	}, s)
}
