package control

import (
	"maps"
	"math"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"carillon/internal/access"
	"carillon/internal/apperr"
)

// The pace of wrong passwords. A pair of account and address may err a few times; then
// each try doubles the wait. An address alone may err more often, since many people can
// share one. There is no limit for an account alone: it would let a stranger lock out
// its owner. Codes of the second factor are the exception, see secondKey.
const (
	pairFree    = 5
	addressFree = 30
	longestWait = 15 * time.Minute
	forgetAfter = time.Hour // a key without tries for so long starts anew
	maxTracked  = 10_000    // keys kept; then those unused for longest go
)

// throttle slows down guessing. It lives in memory: a restart forgives.
type throttle struct {
	mu   sync.Mutex
	keys map[string]*tries
}

// tries is what is known of one key.
type tries struct {
	count int       // wrong tries, those in progress included
	last  time.Time // the last try
	until time.Time // no try before
}

func newThrottle() *throttle { return &throttle{keys: map[string]*tries{}} }

// begin counts a try as wrong in advance, so that simultaneous guesses do not slip
// through, or refuses it with an Unavailable error of code "throttled", which says how
// many seconds to wait. A right password calls forgive.
func (t *throttle) begin(now time.Time, account, address string) error {
	return t.enter(now, pairKey(account, address), address)
}

// beginSecond does what begin does, for a code of a user's second factor.
func (t *throttle) beginSecond(now time.Time, userID, address string) error {
	return t.enter(now, secondKey(userID), address)
}

func (t *throttle) enter(now time.Time, key, address string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	own, from := t.key(now, key), t.key(now, addressKey(address))
	if wait := max(own.until.Sub(now), from.until.Sub(now)); wait > 0 {
		return apperr.Newf(apperr.Unavailable, "throttled", "error.access.throttled",
			map[string]any{"seconds": int(math.Ceil(wait.Seconds()))})
	}
	own.add(now, pairFree)
	from.add(now, addressFree)
	return nil
}

// forgive takes back what begin counted, after a right password. The pair starts anew;
// the address only loses this one try, or an attacker with one account of his own could
// reset it at will.
func (t *throttle) forgive(now time.Time, account, address string) {
	t.leave(now, pairKey(account, address), address)
}

// forgiveSecond takes back what beginSecond counted, after a right code.
func (t *throttle) forgiveSecond(now time.Time, userID, address string) {
	t.leave(now, secondKey(userID), address)
}

func (t *throttle) leave(now time.Time, key, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.keys, key)
	t.key(now, addressKey(address)).takeBack()
}

// refund takes back what begin counted, when the password could not be looked at.
func (t *throttle) refund(now time.Time, account, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.key(now, pairKey(account, address)).takeBack()
	t.key(now, addressKey(address)).takeBack()
}

// key returns what is known of a key, making room for it if need be.
func (t *throttle) key(now time.Time, key string) *tries {
	e := t.keys[key]
	if e != nil && now.Sub(e.last) < forgetAfter {
		return e
	}
	if e == nil && len(t.keys) >= maxTracked {
		t.makeRoom(now)
	}
	e = &tries{last: now}
	t.keys[key] = e
	return e
}

// makeRoom removes what is forgotten and, if that is not enough, the tenth of the keys
// unused for longest. Removing many at once keeps the cost of a try small.
func (t *throttle) makeRoom(now time.Time) {
	maps.DeleteFunc(t.keys, func(_ string, e *tries) bool { return now.Sub(e.last) >= forgetAfter })
	if len(t.keys) < maxTracked {
		return
	}
	byUse := slices.SortedFunc(maps.Keys(t.keys), func(a, b string) int { return t.keys[a].last.Compare(t.keys[b].last) })
	for _, key := range byUse[:maxTracked/10] {
		delete(t.keys, key)
	}
}

// add counts one try and sets the wait before the next: none while tries are free, then
// 1 s, 2 s, 4 s …
func (e *tries) add(now time.Time, free int) {
	e.count, e.last = e.count+1, now
	if over := e.count - free; over >= 0 {
		e.until = now.Add(min(longestWait, time.Second<<min(over, 20)))
	}
}

func (e *tries) takeBack() { e.count, e.until = max(0, e.count-1), time.Time{} }

func pairKey(account, address string) string {
	if len(account) > access.MaxName {
		account = account[:access.MaxName]
	}
	return strings.ToLower(account) + "\x00" + addressKey(address)
}

// secondKey is for codes of the second factor, from wherever they come: whoever may try
// one knows the password. A right password forgives nothing here.
func secondKey(userID string) string { return "second\x00" + userID }

// addressKey is the address, for IPv6 the network of 64 bits: whoever has one address
// of it has all.
func addressKey(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap(); ip.Is6() {
		if net, err := ip.WithZone("").Prefix(64); err == nil {
			return net.String()
		}
	}
	return ip.String()
}
