package output

import (
	"context"
	"fmt"
	"io"
	"iter"

	"carillon/internal/job"
)

// Reader returns a run's output as text: both streams as they were written, a hole as
// a line that says how many bytes are left out. Of a run that is going on it is what
// there is now. The reader must be closed; it is not safe for concurrent use.
func (r *Recorder) Reader(ctx context.Context, id job.RunID) io.ReadCloser {
	next, stop := iter.Pull2(r.chunks(ctx, id, 0, false))
	return &reader{ctx: ctx, next: next, stop: stop, atLineStart: true}
}

type reader struct {
	ctx         context.Context
	next        func() (job.Chunk, error, bool)
	stop        func()
	rest        []byte
	atLineStart bool
}

// Read implements [io.Reader].
func (r *reader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if err := r.ctx.Err(); err != nil {
			return 0, context.Cause(r.ctx)
		}
		chunk, err, ok := r.next()
		switch {
		case !ok && r.ctx.Err() != nil:
			return 0, context.Cause(r.ctx)
		case !ok:
			return 0, io.EOF
		case err != nil:
			return 0, err
		case chunk.Dropped > 0:
			r.rest = r.hole(chunk.Dropped)
		default:
			r.rest = chunk.Data
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	if n > 0 {
		r.atLineStart = p[n-1] == '\n'
	}
	return n, nil
}

// hole returns the line that stands for bytes that are left out.
func (r *reader) hole(bytes int64) []byte {
	line := fmt.Sprintf("… %d bytes left out …\n", bytes)
	if !r.atLineStart {
		line = "\n" + line
	}
	return []byte(line)
}

// Close implements [io.Closer].
func (r *reader) Close() error {
	r.stop()
	return nil
}
