package control_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"carillon/db/dbtest"
	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
	"carillon/internal/control"
)

func TestCreateUser(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, p *people) {
		ctx := t.Context()
		u, err := p.CreateUser(ctx, actor(p.ada), control.NewUser{Name: " olga ", Role: access.Operator, Password: goodPassword})
		if err != nil || u.Name != "olga" || u.PasswordHash != "" {
			t.Fatalf("created %+v, %v", u, err)
		}
		_, err = p.CreateUser(ctx, actor(p.ada), control.NewUser{Name: "OLGA", Role: access.Viewer, Password: goodPassword})
		wantError(t, err, apperr.Conflict, "name_taken")
		wantFault(t, err, "name", "error.access.name_taken")
		_, err = p.CreateUser(ctx, actor(p.ada), control.NewUser{Name: "a b", Role: "boss", Password: "a b a b a b"})
		wantFault(t, err, "name", "error.access.name_signs")
		wantFault(t, err, "role", "error.access.role_unknown")
		wantFault(t, err, "password", "error.access.password_common")
		users, err := p.Users(ctx, actor(p.ada))
		if err != nil || len(users) != 2 {
			t.Fatalf("users %+v, %v", users, err)
		}
		for _, u := range users {
			if u.PasswordHash != "" {
				t.Errorf("the list shows the password hash of %s", u.Name)
			}
		}
		got := p.entries(audit.UserCreate)
		if len(got) != 2 || got[0].ActorName != "Ada" || got[0].SubjectName != "olga" || got[0].Before != nil ||
			!strings.Contains(string(got[0].After), `"operator"`) || strings.Contains(string(got[0].After), "argon2") {
			t.Errorf("audit %+v", got)
		}
	})
}

func TestOnlyAdministratorsManageUsers(t *testing.T) {
	t.Parallel()
	p := newPeople(t, dbtest.New(t))
	ctx := t.Context()
	ed := p.user("ed", access.Editor)
	for name, err := range map[string]error{
		"create":   second(p.CreateUser(ctx, actor(ed), control.NewUser{Name: "x", Role: access.Admin, Password: goodPassword})),
		"role":     second(p.SetRole(ctx, actor(ed), ed.ID, access.Admin)),
		"disable":  second(p.SetDisabled(ctx, actor(ed), p.ada.ID, true)),
		"password": p.ResetPassword(ctx, actor(ed), p.ada.ID, goodPassword+"2"),
		"list":     second(p.Users(ctx, actor(ed))),
		"nobody":   second(p.Users(ctx, access.Actor{})),
		"token":    third(p.CreateToken(ctx, actor(ed), "ada", "x", 0)),
	} {
		if !apperr.Is(err, apperr.Forbidden) {
			t.Errorf("%s: %v, want forbidden", name, err)
		}
	}
	if u, err := p.store.User(ctx, ed.ID); err != nil || u.Role != access.Editor {
		t.Errorf("Ed is %s now, %v", u.Role, err)
	}
}

func second[T any](_ T, err error) error        { return err }
func third[T, U any](_ T, _ U, err error) error { return err }

func TestSetRole(t *testing.T) {
	t.Parallel()
	p := newPeople(t, dbtest.New(t))
	ctx := t.Context()
	vic := p.user("vic", access.Viewer)
	u, err := p.SetRole(ctx, actor(p.ada), vic.ID, access.Editor)
	if err != nil || u.Role != access.Editor {
		t.Fatalf("got %+v, %v", u, err)
	}
	got := p.entries(audit.UserUpdate)
	if len(got) != 1 || !strings.Contains(string(got[0].Before), `"viewer"`) || !strings.Contains(string(got[0].After), `"editor"`) {
		t.Errorf("audit %+v", got)
	}
	_, err = p.SetRole(ctx, actor(p.ada), vic.ID, "boss")
	wantFault(t, err, "role", "error.access.role_unknown")
	_, err = p.SetRole(ctx, actor(p.ada), "00000000-0000-7000-8000-000000000000", access.Editor)
	wantError(t, err, apperr.NotFound, "user_not_found")
}

func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, p *people) {
		ctx := t.Context()
		_, err := p.SetRole(ctx, actor(p.ada), p.ada.ID, access.Editor)
		wantError(t, err, apperr.Conflict, "last_admin")
		_, err = p.SetDisabled(ctx, actor(p.ada), p.ada.ID, true)
		wantError(t, err, apperr.Conflict, "last_admin")
		bob := p.user("bob", access.Admin)
		var group sync.WaitGroup
		for _, id := range []string{p.ada.ID, bob.ID} { // each at the same time by the other
			group.Go(func() { _, _ = p.SetRole(ctx, access.CLI("root"), id, access.Viewer) })
		}
		group.Wait()
		users, err := p.store.Users(ctx)
		if err != nil {
			t.Fatal(err)
		}
		admins := 0
		for _, u := range users {
			if u.Role == access.Admin {
				admins++
			}
		}
		if admins != 1 {
			t.Errorf("%d administrators are left, want 1", admins)
		}
	})
}

func TestDisabledUsersAreOut(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, p *people) {
		ctx := t.Context()
		vic := p.user("vic", access.Viewer)
		session := p.open(vic, "")
		secret, _, err := p.CreateToken(ctx, actor(vic), "vic", "ci", 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.SetDisabled(ctx, actor(p.ada), vic.ID, true); err != nil {
			t.Fatal(err)
		}
		if p.alive(session) {
			t.Error("the session of a disabled user is alive")
		}
		_, _, err = p.BearerUser(ctx, secret)
		wantError(t, err, apperr.Unauthenticated, "unauthenticated")
		late := p.open(vic, "") // opened by a request that was on its way
		if p.alive(late) {
			t.Error("a session opened after disabling is alive")
		}
		if _, err := p.SetDisabled(ctx, actor(p.ada), vic.ID, false); err != nil {
			t.Fatal(err)
		}
		if _, err := p.SignIn(ctx, from("192.0.2.1"), "vic", goodPassword); err != nil {
			t.Errorf("an enabled user cannot sign in: %v", err)
		}
	})
}

func TestResetPassword(t *testing.T) {
	t.Parallel()
	p := newPeople(t, dbtest.New(t))
	ctx := t.Context()
	vic := p.user("vic", access.Viewer)
	session := p.open(vic, "")
	wantFault(t, p.ResetPassword(ctx, actor(p.ada), vic.ID, "victorious vic"), "password", "error.access.password_name")
	if err := p.ResetPassword(ctx, actor(p.ada), vic.ID, "quite another 7"); err != nil {
		t.Fatal(err)
	}
	if p.alive(session) {
		t.Error("a session outlived the reset")
	}
	if _, err := p.SignIn(ctx, from("192.0.2.1"), "vic", goodPassword); err == nil {
		t.Error("the old password still works")
	}
	if _, err := p.SignIn(ctx, from("192.0.2.1"), "vic", "quite another 7"); err != nil {
		t.Errorf("the new password does not work: %v", err)
	}
	if got := p.entries(audit.UserUpdate); len(got) != 1 || string(got[0].After) != `{"password":"changed"}` {
		t.Errorf("audit %+v", got)
	}
	wantError(t, p.ResetPassword(ctx, actor(p.ada), "gone", "quite another 7"), apperr.NotFound, "user_not_found")
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	p := newPeople(t, dbtest.New(t))
	ctx := t.Context()
	this, other := p.open(p.ada, "this"), p.open(p.ada, "other")
	wantFault(t, p.ChangePassword(ctx, actor(p.ada), this, "wrong horse 1", "quite another 7"), "old", "error.access.old_password")
	wantFault(t, p.ChangePassword(ctx, actor(p.ada), this, goodPassword, "short"), "password", "error.access.password_short")
	if !p.alive(other) {
		t.Fatal("a refused change ended a session")
	}
	if err := p.ChangePassword(ctx, actor(p.ada), this, goodPassword, "quite another 7"); err != nil {
		t.Fatal(err)
	}
	if !p.alive(this) || p.alive(other) {
		t.Errorf("alive: this session %v, the other %v", p.alive(this), p.alive(other))
	}
	for range 10 {
		_ = p.ChangePassword(ctx, actor(p.ada), this, "wrong horse 1", "yet another 99")
	}
	err := p.ChangePassword(ctx, actor(p.ada), this, "quite another 7", "yet another 99")
	wantError(t, err, apperr.Unavailable, "throttled")
	p.clock.move(time.Hour)
	if err := p.ChangePassword(ctx, actor(p.ada), this, "quite another 7", "yet another 99"); err != nil {
		t.Errorf("after the wait: %v", err)
	}
}

func TestSetPreferences(t *testing.T) {
	t.Parallel()
	p := newPeople(t, dbtest.New(t))
	ctx := t.Context()
	if u, err := p.SetPreferences(ctx, actor(p.ada), "zh-CN", "dark", "Asia/Shanghai"); err != nil ||
		u.Language != "zh-CN" || u.Theme != "dark" || u.Zone != "Asia/Shanghai" || u.PasswordHash != "" {
		t.Errorf("got %+v, %v", u, err)
	}
	_, err := p.SetPreferences(ctx, actor(p.ada), "tlh", "pink", "Mars/Base")
	wantFault(t, err, "language", "error.access.language_unknown")
	wantFault(t, err, "theme", "error.access.theme_unknown")
	wantFault(t, err, "zone", "error.access.zone_unknown")
	_, err = p.SetPreferences(ctx, actor(p.ada), "", "", "Local")
	wantFault(t, err, "zone", "error.access.zone_unknown")
	if u, err := p.store.User(ctx, p.ada.ID); err != nil || u.Zone != "Asia/Shanghai" || u.PasswordHash == "" {
		t.Errorf("stored %+v, %v", u, err)
	}
}
