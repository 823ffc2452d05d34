package access

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestHasherWaitsForASlot(t *testing.T) {
	t.Parallel()
	h := NewHasher()
	for range parallelHashes {
		if err := h.acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := h.Hash(ctx, "x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("hash with all slots taken: %v", err)
	}
	h.release()
	if _, err := h.Verify(t.Context(), "x", ""); err != nil {
		t.Errorf("verify with a free slot: %v", err)
	}
	if len(h.slots) != parallelHashes-1 {
		t.Errorf("%d slots taken after verify, want %d", len(h.slots), parallelHashes-1)
	}
}
