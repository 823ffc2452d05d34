package control_test

import (
	"strings"
	"testing"
	"time"

	"carillon/db/dbtest"
	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
)

// open opens a session and returns its id.
func (p *people) open(u access.User, userAgent string) string {
	p.t.Helper()
	id, err := p.OpenSession(p.t.Context(), u, "192.0.2.1", userAgent)
	if err != nil {
		p.t.Fatalf("open session: %v", err)
	}
	return id
}

// alive reports whether a session id still stands for somebody.
func (p *people) alive(id string) bool {
	p.t.Helper()
	_, _, err := p.ResumeSession(p.t.Context(), id, false)
	if err != nil && !apperr.Is(err, apperr.Unauthenticated) {
		p.t.Fatalf("resume session: %v", err)
	}
	return err == nil
}

func TestSessionIsResumed(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, p *people) {
		id := p.open(p.ada, "Browser\x00\n/1 "+strings.Repeat("é", 200))
		u, s, err := p.ResumeSession(t.Context(), id, true)
		if err != nil || u.ID != p.ada.ID || u.PasswordHash != "" {
			t.Fatalf("resumed as %+v, %v", u, err)
		}
		if s.IDHash != access.HashSecret(id) || strings.Contains(s.IDHash, id) || s.Address != "192.0.2.1" {
			t.Errorf("session %+v", s)
		}
		if len(s.UserAgent) > access.MaxUserAgent || !strings.HasPrefix(s.UserAgent, "Browser/1 éé") || !strings.HasSuffix(s.UserAgent, "é") {
			t.Errorf("user agent %q", s.UserAgent)
		}
		for _, bad := range []string{"", "x", access.NewSecret(), s.IDHash, id + "x"} {
			if p.alive(bad) {
				t.Errorf("%q stands for somebody", bad)
			}
		}
	})
}

func TestSessionEndsUnused(t *testing.T) {
	t.Parallel()
	p := newPeople(t, dbtest.New(t))
	used, polled := p.open(p.ada, ""), p.open(p.ada, "")
	for range 3 {
		p.clock.move(5 * time.Hour)
		if _, _, err := p.ResumeSession(t.Context(), used, true); err != nil {
			t.Fatalf("a session in use ended: %v", err)
		}
		_ = p.alive(polled)
	}
	if p.alive(polled) {
		t.Error("polling kept a session alive for 15 hours")
	}
	for range 7 * 24 / 5 {
		p.clock.move(5 * time.Hour)
		_, _, _ = p.ResumeSession(t.Context(), used, true)
	}
	if p.alive(used) {
		t.Error("a session lasts longer than 7 days")
	}
}

func TestSessionIsTouchedOnceAMinute(t *testing.T) {
	t.Parallel()
	p := newPeople(t, dbtest.New(t))
	id := p.open(p.ada, "")
	opened := p.clock.Now()
	lastSeen := func() time.Time {
		s, err := p.store.Session(t.Context(), access.HashSecret(id))
		if err != nil {
			t.Fatal(err)
		}
		return s.LastSeenAt
	}
	p.clock.move(59 * time.Second)
	if _, _, err := p.ResumeSession(t.Context(), id, true); err != nil || !lastSeen().Equal(opened) {
		t.Errorf("after 59 s: last seen %v, %v", lastSeen(), err)
	}
	p.clock.move(time.Second)
	if _, _, err := p.ResumeSession(t.Context(), id, true); err != nil || !lastSeen().Equal(p.clock.Now()) {
		t.Errorf("after 60 s: last seen %v, %v", lastSeen(), err)
	}
}

func TestSessionData(t *testing.T) {
	t.Parallel()
	p := newPeople(t, dbtest.New(t))
	id := p.open(p.ada, "")
	if err := p.SaveSessionData(t.Context(), id, `{"flash":"x"}`); err != nil {
		t.Fatal(err)
	}
	if _, s, err := p.ResumeSession(t.Context(), id, false); err != nil || s.Data != `{"flash":"x"}` {
		t.Errorf("data %q, %v", s.Data, err)
	}
	err := p.SaveSessionData(t.Context(), id, strings.Repeat("x", access.MaxSessionData+1))
	wantError(t, err, apperr.Invalid, "session_data")
}

func TestSessionsAreClosed(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, p *people) {
		ctx := t.Context()
		one, two, three := p.open(p.ada, "one"), p.open(p.ada, "two"), p.open(p.ada, "three")
		eve := p.user("eve", access.Viewer)
		other := p.open(eve, "other")
		if err := p.CloseSession(ctx, one); err != nil || p.alive(one) {
			t.Errorf("closed: alive %v, %v", p.alive(one), err)
		}
		if err := p.CloseSession(ctx, one); err != nil {
			t.Errorf("closing twice: %v", err)
		}
		wantError(t, p.RevokeSession(ctx, actor(eve), access.HashSecret(two)), apperr.NotFound, "session_not_found")
		if err := p.RevokeSession(ctx, actor(p.ada), access.HashSecret(two)); err != nil || p.alive(two) {
			t.Errorf("revoked: alive %v, %v", p.alive(two), err)
		}
		four := p.open(p.ada, "four")
		if err := p.CloseOtherSessions(ctx, actor(p.ada), three); err != nil {
			t.Fatal(err)
		}
		if !p.alive(three) || p.alive(four) || !p.alive(other) {
			t.Errorf("alive: this %v, other of Ada %v, Eve's %v", p.alive(three), p.alive(four), p.alive(other))
		}
		list, err := p.Sessions(ctx, actor(p.ada))
		if err != nil || len(list) != 1 || list[0].UserAgent != "three" {
			t.Errorf("sessions %+v, %v", list, err)
		}
		if got := p.entries(audit.SignOut); len(got) != 3 {
			t.Errorf("%d entries of signing out, want 3", len(got))
		}
	})
}

func TestPurgeSessions(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, p *people) {
		old := p.open(p.ada, "")
		p.clock.move(13 * time.Hour)
		fresh := p.open(p.ada, "")
		if err := p.PurgeSessions(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := p.store.Session(t.Context(), access.HashSecret(old)); !apperr.Is(err, apperr.NotFound) {
			t.Errorf("the idle session is there: %v", err)
		}
		if !p.alive(fresh) {
			t.Error("a fresh session was purged")
		}
	})
}
