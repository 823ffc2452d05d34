package httprequest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"

	"carillon/internal/job"
)

const (
	// maxDrain is how much of a body beyond what is shown is read, so that the
	// connection can be used again; a longer one is cheaper to cut off.
	maxDrain  = 256 << 10
	minBuffer = 512
	maxBuffer = 16 << 10
	// maxStart is how much of a body is kept for the result message.
	maxStart = 4 * job.MaxResult
)

// printer writes what happens to the run's output. The writer never fails.
type printer struct{ to io.Writer }

func (p printer) request(req *http.Request) {
	_, _ = fmt.Fprintf(p.to, "%s %s\n", req.Method, maskURL(req.URL))
}

func (p printer) redirect(req *http.Request) {
	_, _ = fmt.Fprintf(p.to, "%s\n%s %s\n", req.Response.Status, req.Method, maskURL(req.URL))
}

func (p printer) response(resp *http.Response) {
	var text bytes.Buffer // one write, for thousands of runs do this
	fmt.Fprintf(&text, "\n%s %s\n", resp.Proto, resp.Status)
	for _, name := range slices.Sorted(maps.Keys(resp.Header)) {
		for _, value := range resp.Header[name] {
			if secretName(name) {
				value = mask
			}
			text.WriteString(name + ": " + value + "\n")
		}
	}
	text.WriteByte('\n')
	_, _ = p.to.Write(text.Bytes())
}

// body prints the first shown bytes of the body and returns its start. It reads a
// little further to learn how much is left out.
func (p printer) body(resp *http.Response, shown int64) ([]byte, error) {
	start := &head{max: maxStart}
	buf := make([]byte, bufferSize(resp.ContentLength))
	n, err := io.CopyBuffer(io.MultiWriter(p.to, start), io.LimitReader(resp.Body, shown), buf)
	if err != nil {
		return start.kept, fmt.Errorf("read answer: %w", err)
	}
	if n < shown {
		return start.kept, nil
	}
	// Nobody sees this part, and a run whose answer has come is not failed by it.
	left, err := io.CopyBuffer(start, io.LimitReader(resp.Body, maxDrain+1), buf)
	atLeast := ""
	switch {
	case resp.ContentLength > 0:
		left = resp.ContentLength - n
	case left > maxDrain || err != nil && !errors.Is(err, io.EOF):
		atLeast = "at least "
	}
	if left > 0 {
		_, _ = fmt.Fprintf(p.to, "\n… %s%d bytes left out …\n", atLeast, left)
	}
	return start.kept, nil
}

// bufferSize returns how much to read of a body at a time: most bodies are far smaller
// than a usual buffer, and there may be many at once. The length is -1 if unknown.
func bufferSize(length int64) int64 {
	if length < 0 {
		length = maxBuffer
	}
	return max(minBuffer, min(length+1, maxBuffer))
}

// head keeps the first max bytes that are written to it.
type head struct {
	max  int
	kept []byte
}

// Write implements [io.Writer]; it never fails.
func (h *head) Write(p []byte) (int, error) {
	h.kept = append(h.kept, p[:min(len(p), h.max-len(h.kept))]...)
	return len(p), nil
}
