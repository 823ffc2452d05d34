package access

import (
	"context"
	"fmt"

	"github.com/alexedwards/argon2id"
)

// parallelHashes bounds how many passwords are hashed at once. Each takes 19 MiB and a
// processor for some tens of milliseconds; without a bound, a burst of sign-ins would
// starve the runs.
const parallelHashes = 2

// unmatchable is a hash whose password nobody knows. Comparing with it takes as long as
// with a real one, so that the answer's delay does not tell which users exist.
const unmatchable = "$argon2id$v=19$m=19456,t=2,p=1$n0Otr0mrZ4RhLDs3GcvewA$c0aQLMOro3XIwKLAwEvWL3ZqBPjMKaktbEUoE8Jp9HU"

// Hasher hashes and compares passwords with argon2id, a bounded number at once.
type Hasher struct{ slots chan struct{} }

// NewHasher returns a hasher.
func NewHasher() *Hasher { return &Hasher{slots: make(chan struct{}, parallelHashes)} }

// Hash returns the password's hash in PHC form. It waits for a free slot and gives up
// with ctx's error.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.acquire(ctx); err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	defer h.release()
	hash, err := argon2id.CreateHash(password, params())
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// Verify reports whether the password belongs to the hash. An empty hash never matches,
// but takes as long as a real one. It waits for a free slot and gives up with ctx's error.
func (h *Hasher) Verify(ctx context.Context, password, hash string) (bool, error) {
	known := hash != ""
	if !known {
		hash = unmatchable
	}
	if err := h.acquire(ctx); err != nil {
		return false, fmt.Errorf("verify password: %w", err)
	}
	defer h.release()
	match, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("verify password: %w", err)
	}
	return match && known, nil
}

func (h *Hasher) acquire(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *Hasher) release() { <-h.slots }

// params is the cost of a hash: 19 MiB, two passes, one lane.
func params() *argon2id.Params {
	return &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}
}
