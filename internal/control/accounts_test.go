package control_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"carillon/db"
	"carillon/db/dbtest"
	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
	"carillon/internal/control"
)

const goodPassword = "correct horse 1"

// movingClock is a clock that tests move.
type movingClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *movingClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *movingClock) NewTimer(d time.Duration) *time.Timer { return time.NewTimer(d) }

func (c *movingClock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// people is a console with one administrator, Ada.
type people struct {
	*control.Accounts
	t     *testing.T
	store *db.Store
	clock *movingClock
	ada   access.User
}

// onEach runs a test with Ada's console on every database.
func onEach(t *testing.T, test func(t *testing.T, p *people)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, s *db.Store) { test(t, newPeople(t, s)) })
}

func newPeople(t *testing.T, s *db.Store) *people {
	t.Helper()
	p := emptyPeople(t, s)
	p.ada = p.user("Ada", access.Admin)
	return p
}

func emptyPeople(t *testing.T, s *db.Store) *people {
	clk := &movingClock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	accounts := control.NewAccounts(control.AccountsDeps{Store: s, Hasher: access.NewHasher(), Clock: clk})
	return &people{Accounts: accounts, t: t, store: s, clock: clk}
}

// user adds a user with the good password, as the command line does.
func (p *people) user(name string, role access.Role) access.User {
	p.t.Helper()
	u, err := p.CreateUser(p.t.Context(), access.CLI("root"), control.NewUser{Name: name, Role: role, Password: goodPassword})
	if err != nil {
		p.t.Fatalf("create user %s: %v", name, err)
	}
	return u
}

// actor is a user at the desk 192.0.2.1.
func actor(u access.User) access.Actor { return u.Actor(access.ViaSession, "192.0.2.1", "req-1") }

func from(address string) access.Actor { return access.Actor{Address: address, RequestID: "req-2"} }

// entries returns the audit's entries of an action, newest first.
func (p *people) entries(action audit.Action) []audit.Entry {
	p.t.Helper()
	page, err := p.store.Audit(p.t.Context(), audit.Filter{Action: action}, "", 500)
	if err != nil {
		p.t.Fatal(err)
	}
	return page.Items
}

// wantError fails unless err is of the kind and code.
func wantError(t *testing.T, err error, kind apperr.Kind, code string) {
	t.Helper()
	if !apperr.Is(err, kind) || apperr.CodeOf(err) != code {
		t.Errorf("error %v, want %s %q", err, kind, code)
	}
}

// wantFault fails unless err has that message at that field.
func wantFault(t *testing.T, err error, field, msg string) {
	t.Helper()
	var e *apperr.Error
	if !errors.As(err, &e) || e.Fields[field].Msg != msg {
		t.Errorf("error %v, want %s at %s", err, msg, field)
	}
}

func TestSetupMakesOneAdministrator(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		p := emptyPeople(t, s)
		if p.SetupToken() != "" {
			t.Error("there is a token before anybody asked")
		}
		if needed, err := p.NeedsSetup(t.Context()); err != nil || !needed {
			t.Fatalf("needs set-up: %v, %v", needed, err)
		}
		token := p.SetupToken()
		var group sync.WaitGroup
		var mu sync.Mutex
		won, kinds := 0, map[apperr.Kind]int{}
		for i := range 100 {
			group.Go(func() {
				_, err := p.Setup(t.Context(), from("192.0.2.9"), token, "admin"+string(rune('a'+i%26)), goodPassword)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else {
					kinds[apperr.KindOf(err)]++
				}
			})
		}
		group.Wait()
		if won != 1 || kinds[apperr.NotFound] != 99 {
			t.Errorf("%d claims won, the others got %v", won, kinds)
		}
		users, err := s.Users(t.Context())
		if err != nil || len(users) != 1 || users[0].Role != access.Admin {
			t.Errorf("users %+v, %v", users, err)
		}
		if needed, err := p.NeedsSetup(t.Context()); err != nil || needed || p.SetupToken() != "" {
			t.Errorf("after set-up: needed %v, token %q, %v", needed, p.SetupToken(), err)
		}
		got := p.entries(audit.UserCreate)
		if len(got) != 1 || got[0].ActorID != users[0].ID || got[0].Address != "192.0.2.9" {
			t.Errorf("audit %+v", got)
		}
	})
}

func TestSetupRefuses(t *testing.T) {
	t.Parallel()
	p := emptyPeople(t, dbtest.New(t))
	ctx := t.Context()
	if _, err := p.NeedsSetup(ctx); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"", "wrong", p.SetupToken() + "x"} {
		_, err := p.Setup(ctx, from("192.0.2.9"), token, "ada", goodPassword)
		wantError(t, err, apperr.Forbidden, "setup_token")
	}
	_, err := p.Setup(ctx, from("192.0.2.9"), p.SetupToken(), "", "short")
	wantFault(t, err, "name", "error.access.name_required")
	wantFault(t, err, "password", "error.access.password_short")
	p.user("ada", access.Viewer) // by the command line, while the page is open
	_, err = p.Setup(ctx, from("192.0.2.9"), p.SetupToken(), "eve", goodPassword)
	wantError(t, err, apperr.NotFound, "setup_done")
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, p *people) {
		u, err := p.SignIn(t.Context(), from("192.0.2.1"), " ADA ", goodPassword)
		if err != nil || u.ID != p.ada.ID || u.PasswordHash != "" {
			t.Fatalf("signed in as %+v, %v", u, err)
		}
		got := p.entries(audit.SignIn)
		if len(got) != 1 || got[0].ActorName != "Ada" || got[0].Address != "192.0.2.1" || got[0].RequestID != "req-2" {
			t.Errorf("audit %+v", got)
		}
		stored, err := p.store.User(t.Context(), p.ada.ID)
		if err != nil || !stored.LastSeenAt.Equal(p.clock.Now()) {
			t.Errorf("last seen %v, %v", stored.LastSeenAt, err)
		}
	})
}

func TestSignInRefusesAlike(t *testing.T) {
	t.Parallel()
	p := newPeople(t, dbtest.New(t))
	ctx := t.Context()
	dora := p.user("dora", access.Viewer)
	if _, err := p.SetDisabled(ctx, actor(p.ada), dora.ID, true); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, c := range []struct{ name, password string }{
		{"ada", "wrong horse 1"}, {"nobody", goodPassword}, {"dora", goodPassword}, {"dora", "wrong"}, {"", ""},
	} {
		_, err := p.SignIn(ctx, from("192.0.2.1"), c.name, c.password)
		wantError(t, err, apperr.Unauthenticated, "wrong_credentials")
		texts = append(texts, err.Error())
	}
	for _, text := range texts {
		if text != texts[0] {
			t.Errorf("refusals differ: %q and %q", text, texts[0])
		}
	}
	got := p.entries(audit.SignInFail)
	if len(got) != len(texts) {
		t.Fatalf("%d refusals in the audit, want %d", len(got), len(texts))
	}
	reasons := map[string]int{}
	for _, e := range got {
		reasons[e.SubjectName+" "+string(e.After)]++
		if strings.Contains(e.SubjectName+e.ActorName, "nobody") {
			t.Error("a name that is no user's is in the audit")
		}
	}
	if reasons[`dora {"reason":"disabled"}`] != 1 || reasons[`Ada {"reason":"wrong_password"}`] != 1 {
		t.Errorf("reasons %v", reasons)
	}
}

func TestSignInThrottle(t *testing.T) {
	t.Parallel()
	p := newPeople(t, dbtest.New(t))
	ctx := t.Context()
	var group sync.WaitGroup
	var mu sync.Mutex
	codes := map[string]int{}
	for range 40 {
		group.Go(func() {
			_, err := p.SignIn(ctx, from("203.0.113.1"), "ada", "wrong horse 1")
			mu.Lock()
			defer mu.Unlock()
			codes[apperr.CodeOf(err)]++
		})
	}
	group.Wait()
	if codes["wrong_credentials"] > 5 || codes["throttled"] < 35 {
		t.Errorf("simultaneous guesses: %v", codes)
	}
	_, err := p.SignIn(ctx, from("203.0.113.1"), "ada", goodPassword)
	wantError(t, err, apperr.Unavailable, "throttled")
	if _, err := p.SignIn(ctx, from("192.0.2.1"), "ada", goodPassword); err != nil {
		t.Errorf("the owner is locked out: %v", err)
	}
	p.clock.move(time.Minute)
	if _, err := p.SignIn(ctx, from("203.0.113.1"), "ada", goodPassword); err != nil {
		t.Errorf("after the wait: %v", err)
	}
}
