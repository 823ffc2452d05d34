package shell

import (
	"bytes"
	"io"
	"sync"

	"carillon/internal/job"
	"carillon/internal/kind"
)

// maxKept is how many bytes of a line are kept: enough for a result of four-byte
// runes with some terminal sequences among them.
const maxKept = 8 * job.MaxResult

// lastLine is a writer that remembers the last line with something to read in it.
// It keeps the beginnings of two lines, however much is written.
type lastLine struct {
	mu      sync.Mutex
	last    []byte // the last finished line that was not blank
	current []byte // the line being written
}

// Write implements [io.Writer]; it never fails.
func (l *lastLine) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for rest := p; len(rest) > 0; {
		line, after, ended := bytes.Cut(rest, []byte{'\n'})
		l.current = append(l.current, line[:min(len(line), maxKept-len(l.current))]...)
		if ended {
			if readable(l.current) {
				l.last, l.current = l.current, l.last
			}
			l.current = l.current[:0]
		}
		rest = after
	}
	return len(p), nil
}

// String returns the last line as a result message.
func (l *lastLine) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	line := l.last
	if readable(l.current) {
		line = l.current
	}
	// A progress bar writes over its line; what it showed last counts.
	line = bytes.TrimRight(line, "\r")
	if i := bytes.LastIndexByte(line, '\r'); i >= 0 && readable(line[i+1:]) {
		line = line[i+1:]
	}
	return kind.Line(string(line))
}

// readable reports whether the line has more than blanks and terminal sequences.
func readable(line []byte) bool {
	if bytes.IndexByte(line, 0x1b) >= 0 {
		return kind.Line(string(line)) != ""
	}
	return len(bytes.TrimSpace(line)) > 0
}

// tee returns a writer that passes everything to w and lets l see it.
func tee(w io.Writer, l *lastLine) io.Writer { return io.MultiWriter(l, w) }
