package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"carillon/internal/apperr"
	"carillon/internal/event"
	"carillon/internal/job"
	"carillon/views/page"
	"carillon/web/sse"
)

const (
	beatEvery   = 15 * time.Second       // heartbeats of idle streams
	changesGap  = 750 * time.Millisecond // between two hints that something changed
	idleLine    = time.Second            // after which an unfinished line is shown
	runPoll     = 2 * time.Second        // looks at a run whose hints may have been lost
	maxEvent    = 64 << 10               // bytes of output gathered into one event
	userStreams = 24                     // open streams of one person
)

// errStreamEnds ends a stream without anything being wrong: the program ends, or the
// reader's session did.
var errStreamEnds = errors.New("stream ends")

// streamCap counts the open streams of each person.
type streamCap struct {
	mu   sync.Mutex
	open map[string]int
}

func newStreamCap() *streamCap { return &streamCap{open: map[string]int{}} }

// take counts one more stream of a person and returns what counts it off again.
func (c *streamCap) take(user string) (release func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open[user] >= userStreams {
		return nil, apperr.New(apperr.Unavailable, "too_many_streams", "web.error.streams")
	}
	c.open[user]++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.open[user]--; c.open[user] == 0 {
			delete(c.open, user)
		}
	}, nil
}

// openStream begins an event stream. The caller calls release when it is done.
func (s *Server) openStream(q *request) (stream *sse.Stream, release func(), err error) {
	release, err = s.streams.take(q.user().ID)
	if err != nil {
		return nil, nil, err
	}
	stream, err = sse.Open(q.w, s.Clock)
	if err != nil {
		release()
		return nil, nil, errors.Join(errStreamEnds, err)
	}
	return stream, release, nil
}

// endStream notes why a stream broke off. The answer has begun, so there is nobody to tell.
func (s *Server) endStream(q *request, err error) {
	if err != nil && !errors.Is(err, errStreamEnds) && q.ctx().Err() == nil {
		s.Log.LogAttrs(q.ctx(), slog.LevelWarn, "stream broke off",
			slog.String("error", err.Error()), slog.String("request", visitOf(q.r).id))
	}
}

// beat keeps a stream open as long as its reader's session lives. It does not extend the session.
func (s *Server) beat(q *request, stream *sse.Stream) error {
	session, err := s.session(q.r)
	if err != nil {
		return err
	}
	if _, _, err := s.Accounts.ResumeSession(q.ctx(), session.ID, false); err != nil {
		return errors.Join(errStreamEnds, err)
	}
	return stream.Beat()
}

// events streams hints that something changed, to everything that shows jobs and runs.
func (s *Server) events(q *request) error {
	sub := s.Events.Subscribe() // before the reader hears that the stream is open
	defer sub.Close()
	stream, release, err := s.openStream(q)
	if err != nil {
		return s.refuseStream(err)
	}
	defer release()
	s.endStream(q, s.passChanges(q, stream, sub))
	return nil
}

// refuseStream lets errors from before a stream began go up.
func (s *Server) refuseStream(err error) error {
	if errors.Is(err, errStreamEnds) {
		return nil
	}
	return err
}

// passChanges sends "changed" at the first hint, and at most once in a while after.
func (s *Server) passChanges(q *request, stream *sse.Stream, sub *event.Subscription) error {
	wantJob, wantRun := job.ID(q.query().Get("job")), job.RunID(q.query().Get("run"))
	beat := s.Clock.NewTimer(beatEvery)
	defer beat.Stop()
	gap := s.Clock.NewTimer(0)
	defer gap.Stop()
	// What changed between the page and this stream has no hint of its own any more.
	seen := q.query().Get("seen")
	due, open := seen != "" && seen != strconv.FormatUint(s.Events.Count(), 10), false
	for {
		if due && open {
			if err := stream.Send("changed", "", "1"); err != nil {
				return err
			}
			due, open = false, false
			gap.Reset(changesGap)
		}
		select {
		case e, ok := <-sub.C:
			if !ok {
				return errStreamEnds
			}
			due = due || concerns(e, wantJob, wantRun)
		case <-gap.C:
			open = true
		case <-beat.C:
			if err := s.beat(q, stream); err != nil {
				return err
			}
			beat.Reset(beatEvery)
		case <-s.closing:
			return errStreamEnds
		case <-q.ctx().Done():
			return errStreamEnds
		}
	}
}

// concerns reports whether an event is about the job or run a page shows; "" is any.
func concerns(e event.Event, wantJob job.ID, wantRun job.RunID) bool {
	if e.Type == event.Refresh || e.Type == event.SystemNote {
		return true
	}
	return (wantJob == "" || e.JobID == wantJob) && (wantRun == "" || e.RunID == wantRun)
}

// runStream streams a run's output as it comes, and "end" when the run has ended.
func (s *Server) runStream(q *request) error {
	sub := s.Events.Subscribe() // before the first look, so that no end is missed
	defer sub.Close()
	run, err := s.Jobs.Run(q.ctx(), q.actor(), q.runID())
	if err != nil {
		return err
	}
	stream, release, err := s.openStream(q)
	if err != nil {
		return s.refuseStream(err)
	}
	defer release()
	from := q.r.Header.Get("Last-Event-ID")
	if from == "" {
		from = q.query().Get("after")
	}
	t := &tail{s: s, q: q, stream: stream, sub: sub, print: printerAt(parsePlace(from))}
	s.endStream(q, t.tell(run))
	return nil
}

// tail is one reader of one run's output.
type tail struct {
	s      *Server
	q      *request
	stream *sse.Stream
	sub    *event.Subscription
	print  *printer
	last   int64 // Seq of the last chunk read
}

// tell streams until the run has ended and everything was sent.
func (t *tail) tell(run job.Run) error {
	for {
		// What was written before the run is seen as ended is all there will be.
		ended := run.State.Final()
		if run.State != job.RunQueued {
			if err := t.follow(run.ID); err != nil {
				return err
			}
		}
		if ended {
			if err := t.send(t.print.close()); err != nil {
				return err
			}
			return t.stream.Send("end", "", string(run.State))
		}
		if err := t.await(run.ID); err != nil {
			return err
		}
		var err error
		if run, err = t.s.Jobs.Run(t.q.ctx(), t.q.actor(), run.ID); err != nil {
			return err
		}
	}
}

// await waits until something may have happened to the run.
func (t *tail) await(id job.RunID) error {
	poll := t.s.Clock.NewTimer(runPoll)
	defer poll.Stop()
	for {
		select {
		case e, ok := <-t.sub.C:
			if !ok {
				return errStreamEnds
			}
			if concerns(e, "", id) {
				return nil
			}
		case <-poll.C:
			return t.s.beat(t.q, t.stream)
		case <-t.s.closing:
			return errStreamEnds
		case <-t.q.ctx().Done():
			return errStreamEnds
		}
	}
}

// follow sends output until the run's capture is closed.
func (t *tail) follow(id job.RunID) error {
	ctx, cancel := context.WithCancel(t.q.ctx())
	chunks := make(chan job.Chunk, 64)
	failed := make(chan error, 1)
	go func() {
		defer close(chunks)
		for c, err := range t.s.Outputs.Follow(ctx, id, max(t.last, t.print.at.after)) {
			if err != nil {
				failed <- fmt.Errorf("follow output: %w", err)
				return
			}
			select {
			case chunks <- c:
			case <-ctx.Done():
				return
			}
		}
	}()
	defer func() {
		cancel()
		for range chunks { // until the reader above has ended
		}
	}()
	err := t.pass(chunks)
	if err != nil {
		return err
	}
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// pass sends chunks as they come, until there are no more.
func (t *tail) pass(chunks <-chan job.Chunk) error {
	beat := t.s.Clock.NewTimer(beatEvery)
	defer beat.Stop()
	idle := t.s.Clock.NewTimer(idleLine)
	defer idle.Stop()
	for {
		select {
		case c, ok := <-chunks:
			if !ok {
				return nil
			}
			parts, more := t.gather(c, chunks)
			if err := t.send(parts); err != nil || !more {
				return err
			}
			idle.Reset(idleLine)
		case <-idle.C:
			if err := t.send(t.print.flush(t.last)); err != nil {
				return err
			}
		case <-beat.C:
			if err := t.s.beat(t.q, t.stream); err != nil {
				return err
			}
			beat.Reset(beatEvery)
		case <-t.s.closing:
			return errStreamEnds
		case <-t.q.ctx().Done():
			return errStreamEnds
		}
	}
}

// gather prints a chunk and those that wait behind it, so that a flood of small chunks
// makes few events. more is false when there will be no more chunks.
func (t *tail) gather(c job.Chunk, chunks <-chan job.Chunk) (parts []page.OutputPart, more bool) {
	size := 0
	for {
		parts = append(parts, t.print.add(c)...)
		t.last = c.Seq
		if size += len(c.Data); size >= maxEvent {
			return parts, true
		}
		select {
		case next, ok := <-chunks:
			if !ok {
				return parts, false
			}
			c = next
		default:
			return parts, true
		}
	}
}

// send sends parts as one event whose id says where to go on.
func (t *tail) send(parts []page.OutputPart) error {
	if len(parts) == 0 {
		return nil
	}
	var b bytes.Buffer
	if err := page.OutputParts(parts).Render(t.q.ctx(), &b); err != nil {
		return fmt.Errorf("render output: %w", err)
	}
	return t.stream.Send("output", t.print.at.String(), b.String())
}
