package control

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"carillon/internal/apperr"
)

// noon is where these tests begin.
func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// waits returns how many seconds a try has to wait, 0 if it may go on.
func waits(t *testing.T, err error) int {
	t.Helper()
	if err == nil {
		return 0
	}
	var e *apperr.Error
	if !errors.As(err, &e) || e.Kind != apperr.Unavailable || e.Code != "throttled" {
		t.Fatalf("refused with %v, want Unavailable throttled", err)
	}
	seconds, _ := e.Args["seconds"].(int)
	if seconds < 1 {
		t.Fatalf("wait of %v seconds", e.Args["seconds"])
	}
	return seconds
}

func TestThrottleSlowsDownThePair(t *testing.T) {
	t.Parallel()
	th, now := newThrottle(), noon()
	for i := range pairFree - 1 {
		if w := waits(t, th.begin(now, "ada", "192.0.2.1")); w != 0 {
			t.Fatalf("try %d waits %d s", i+1, w)
		}
	}
	for _, want := range []int{1, 2, 4, 8} {
		if w := waits(t, th.begin(now, "Ada", "192.0.2.1")); w != 0 {
			t.Fatalf("a try after its wait waits %d s more", w)
		}
		if w := waits(t, th.begin(now, "ada", "192.0.2.1")); w != want {
			t.Fatalf("waits %d s, want %d", w, want)
		}
		now = now.Add(time.Duration(want) * time.Second)
	}
	if w := waits(t, th.begin(now, "ada", "198.51.100.1")); w != 0 {
		t.Errorf("the owner at another address waits %d s", w)
	}
	if w := waits(t, th.begin(now, "bob", "192.0.2.1")); w != 0 {
		t.Errorf("another account at the address waits %d s", w)
	}
}

func TestThrottleWaitIsBounded(t *testing.T) {
	t.Parallel()
	th, now := newThrottle(), noon()
	for range 100 {
		if err := th.begin(now, "ada", "192.0.2.1"); err != nil {
			now = now.Add(time.Duration(waits(t, err)) * time.Second)
		}
	}
	_ = th.begin(now, "ada", "192.0.2.1")
	if w := waits(t, th.begin(now, "ada", "192.0.2.1")); w != int(longestWait.Seconds()) {
		t.Errorf("waits %d s, want %v", w, longestWait)
	}
	if w := waits(t, th.begin(now.Add(forgetAfter), "ada", "192.0.2.1")); w != 0 {
		t.Errorf("waits %d s after a quiet hour", w)
	}
}

func TestThrottleSlowsDownTheAddress(t *testing.T) {
	t.Parallel()
	th, now := newThrottle(), noon()
	for i := range addressFree {
		if w := waits(t, th.begin(now, fmt.Sprint("user", i), "2001:db8::1")); w != 0 {
			t.Fatalf("try %d waits %d s", i+1, w)
		}
	}
	if w := waits(t, th.begin(now, "ada", "2001:db8::ffff:1")); w != 1 {
		t.Errorf("the next address of the same network waits %d s, want 1", w)
	}
	if w := waits(t, th.begin(now, "ada", "2001:db8:0:1::1")); w != 0 {
		t.Errorf("another network waits %d s", w)
	}
}

func TestThrottleForgives(t *testing.T) {
	t.Parallel()
	th, now := newThrottle(), noon()
	for range 3 * pairFree {
		if w := waits(t, th.begin(now, "ada", "192.0.2.1")); w != 0 {
			t.Fatalf("somebody who types the right password waits %d s", w)
		}
		th.forgive(now, "ada", "192.0.2.1")
	}
	for range 3 * pairFree {
		if w := waits(t, th.begin(now, "ada", "192.0.2.1")); w != 0 {
			t.Fatalf("tries that were never looked at make wait %d s", w)
		}
		th.refund(now, "ada", "192.0.2.1")
	}
	for i := range addressFree {
		_ = th.begin(now, fmt.Sprint("user", i), "192.0.2.1")
	}
	now = now.Add(time.Second)
	if err := th.begin(now, "eve", "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	th.forgive(now, "eve", "192.0.2.1")
	_ = th.begin(now, "ada", "192.0.2.1")
	if w := waits(t, th.begin(now, "ada", "192.0.2.1")); w == 0 {
		t.Error("one right password wiped out the tries of its address")
	}
}

func TestThrottleIsBounded(t *testing.T) {
	t.Parallel()
	th, now := newThrottle(), noon()
	for range pairFree + 1 {
		_ = th.begin(now, "ada", "192.0.2.1")
	}
	for i := range maxTracked {
		now = now.Add(time.Millisecond)
		_ = th.begin(now, "x", fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255))
		if len(th.keys) > maxTracked {
			t.Fatalf("%d keys, want at most %d", len(th.keys), maxTracked)
		}
	}
	if _, kept := th.keys[pairKey("ada", "192.0.2.1")]; kept {
		t.Error("the key unused for longest was kept")
	}
	if _, kept := th.keys[pairKey("x", fmt.Sprintf("10.%d.%d.%d", 0, (maxTracked-1)>>8&255, (maxTracked-1)&255))]; !kept {
		t.Error("the newest key was not kept")
	}
}
