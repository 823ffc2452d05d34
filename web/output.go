package web

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"

	"carillon/internal/job"
	"carillon/views/component"
	"carillon/views/page"
	"carillon/web/ansi"
)

// maxShown is how much output a page shows at once, in bytes: the last of it.
const maxShown = 512 << 10

// storedOutput is what a run's page shows of its output. That of a run that has not
// ended comes by the live stream, from the beginning.
func (s *Server) storedOutput(ctx context.Context, run job.Run) (page.Output, error) {
	if !run.State.Final() {
		return page.Output{Live: true, FirstLine: 1}, nil
	}
	var (
		chunks []job.Chunk
		size   int
		out    = page.Output{FirstLine: 1}
	)
	for c, err := range s.Outputs.Follow(ctx, run.ID, 0) {
		if err != nil {
			return out, fmt.Errorf("read output: %w", err)
		}
		chunks, size, out.After = append(chunks, c), size+len(c.Data), c.Seq
		for size > maxShown && len(chunks) > 1 {
			size -= len(chunks[0].Data)
			out.FirstLine += bytes.Count(chunks[0].Data, []byte("\n"))
			chunks, out.Clipped = chunks[1:], true
		}
	}
	var t printer
	for _, c := range chunks {
		out.Parts = append(out.Parts, t.add(c)...)
	}
	out.Parts = append(out.Parts, t.close()...)
	return out, nil
}

// printer turns chunks of output into parts of a page, and knows from where another
// printer could go on.
type printer struct {
	text   ansi.Renderer
	stream job.Stream
	at     place
	skip   int // bytes of the first chunk that were shown before
}

// place is where a reader of a stream stands: everything up to the chunk After has been
// shown, and Skip bytes of the next; what follows begins in Style.
type place struct {
	after int64
	skip  int
	style ansi.Style
}

// printerAt returns a printer that goes on at a place.
func printerAt(p place) *printer {
	return &printer{text: *ansi.Resume(p.style), at: p, skip: p.skip}
}

// add takes a chunk and returns what can be shown. A line that has not ended is kept
// back, since it may be overwritten yet.
func (p *printer) add(c job.Chunk) []page.OutputPart {
	var parts []page.OutputPart
	if c.Dropped > 0 {
		parts = p.close()
		p.at = place{after: c.Seq, style: p.text.Style()}
		p.skip = 0
		return append(parts, page.OutputPart{Dropped: c.Dropped})
	}
	if c.Stream != p.stream {
		parts = p.close()
		p.stream = c.Stream
	}
	skipped := min(p.skip, len(c.Data))
	p.skip = 0
	parts = p.part(parts, p.text.Write(c.Data[skipped:]))
	switch pending := p.text.Pending(); {
	case pending == 0:
		p.at = place{after: c.Seq}
	case pending <= len(c.Data)-skipped:
		p.at = place{after: c.Seq - 1, skip: len(c.Data) - pending}
	} // else the pending line began in an earlier chunk, and so does the place
	p.at.style = p.text.Style()
	return parts
}

// flush shows a line that has not ended for a while: a prompt, a progress bar.
func (p *printer) flush(last int64) []page.OutputPart {
	parts := p.part(nil, p.text.Flush())
	if p.text.Pending() == 0 {
		p.at = place{after: last, style: p.text.Style()}
	}
	return parts
}

// close shows everything that was kept back.
func (p *printer) close() []page.OutputPart { return p.part(nil, p.text.Close()) }

func (p *printer) part(parts []page.OutputPart, html string) []page.OutputPart {
	if html == "" {
		return parts
	}
	return append(parts, page.OutputPart{Stderr: p.stream == job.Stderr, HTML: component.Visible(html)})
}

// String returns the place as the id of an event: "17", or "16_204_2.0.1" within a chunk
// or a style.
func (p place) String() string {
	if p.skip == 0 && p.style == (ansi.Style{}) {
		return strconv.FormatInt(p.after, 10)
	}
	return fmt.Sprintf("%d_%d_%s", p.after, p.skip, p.style)
}

// parsePlace reads the id of an event; anything else is the beginning.
func parsePlace(text string) place {
	fields := strings.SplitN(text, "_", 3)
	after, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil || after < 0 {
		return place{}
	}
	p := place{after: after}
	if len(fields) == 3 {
		if p.skip, err = strconv.Atoi(fields[1]); err != nil || p.skip < 0 {
			return place{}
		}
		p.style = ansi.ParseStyle(fields[2])
	}
	return p
}
