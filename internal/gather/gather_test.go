package gather_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"carillon/internal/gather"
)

type part struct{ size int }

// fill notes in each part how many shared the work.
func fill(parts []*part) {
	for _, p := range parts {
		p.size = len(parts)
	}
}

func TestCallersThatWaitShareTheWork(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := gather.Group[*part]{Limit: 40}
		open := make(chan struct{})
		var group sync.WaitGroup
		group.Go(func() {
			_ = g.Join(t.Context(), &part{}, func([]*part) { <-open })
		})
		synctest.Wait()
		parts := make([]part, 100)
		for i := range parts {
			group.Go(func() {
				if err := g.Join(t.Context(), &parts[i], fill); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		close(open)
		group.Wait()
		sizes := map[int]int{}
		for _, p := range parts {
			sizes[p.size]++
		}
		if sizes[40] != 80 || sizes[20] != 20 {
			t.Errorf("callers by the size of their group: %v", sizes)
		}
	})
}

func TestACallerAloneIsServedAtOnce(t *testing.T) {
	t.Parallel()
	g := gather.Group[*part]{Limit: 8}
	for range 3 {
		p := part{}
		if err := g.Join(t.Context(), &p, fill); err != nil || p.size != 1 {
			t.Errorf("size %d, error %v", p.size, err)
		}
	}
}

func TestAWaitingCallerMayLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := gather.Group[*part]{Limit: 8}
		open := make(chan struct{})
		var worked atomic.Bool
		var group sync.WaitGroup
		group.Go(func() { _ = g.Join(t.Context(), &part{}, func([]*part) { <-open }) })
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		group.Go(func() {
			err := g.Join(ctx, &part{}, func([]*part) { worked.Store(true) })
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error = %v", err)
			}
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(open)
		group.Wait()
		p := part{}
		if err := g.Join(t.Context(), &p, fill); err != nil || p.size != 1 || worked.Load() {
			t.Errorf("size %d, worked for the one who left: %v, error %v", p.size, worked.Load(), err)
		}
	})
}
