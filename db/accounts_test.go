package db_test

import (
	"testing"
	"time"

	"carillon/db"
	"carillon/db/dbtest"
	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/ident"
)

func TestUsers(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx := t.Context()
		any, err := s.HasUsers(ctx)
		noError(t, err)
		wantEqual(t, any, false)
		bob := dbtest.AddUser(t, s, "Bob", access.Admin)
		alice := dbtest.AddUser(t, s, "alice", access.Viewer)
		any, err = s.HasUsers(ctx)
		noError(t, err)
		wantEqual(t, any, true)

		wantError(t, s.InsertUser(ctx, access.User{ID: ident.New(), Name: "BOB", Role: access.Viewer}), apperr.Conflict, "name_taken")
		wantError(t, s.InsertUser(ctx, access.User{ID: ident.New(), Name: "eve", Role: "root"}), apperr.Internal, "constraint")
		alice.Name, alice.Role, alice.PasswordHash, alice.Disabled = "Alice", access.Editor, "hash", true
		alice.Language, alice.Theme, alice.Zone, alice.LastSeenAt = "zh-CN", "dark", "Asia/Shanghai", dbtest.T0().Add(time.Hour)
		noError(t, s.UpdateUser(ctx, alice))
		taken := alice
		taken.Name = "bOB"
		wantError(t, s.UpdateUser(ctx, taken), apperr.Conflict, "name_taken")
		wantError(t, s.UpdateUser(ctx, access.User{ID: "none", Name: "x", Role: access.Viewer}), apperr.NotFound, "not_found")

		got, err := s.User(ctx, alice.ID)
		noError(t, err)
		wantEqual(t, got, alice)
		got, err = s.UserByName(ctx, "ALICE")
		noError(t, err)
		wantEqual(t, got, alice)
		_, err = s.User(ctx, "none")
		wantError(t, err, apperr.NotFound, "not_found")
		_, err = s.UserByName(ctx, "none")
		wantError(t, err, apperr.NotFound, "not_found")
		all, err := s.Users(ctx)
		noError(t, err)
		wantEqual(t, all, []access.User{alice, bob})
	})
}

func TestSessions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx, now := t.Context(), dbtest.T0()
		alice, bob := dbtest.AddUser(t, s, "alice", access.Admin), dbtest.AddUser(t, s, "bob", access.Viewer)
		add := func(u access.User, hash string, seen, expires time.Duration) access.Session {
			v := access.Session{
				IDHash: hash, UserID: u.ID, CreatedAt: now, LastSeenAt: now.Add(seen), ExpiresAt: now.Add(expires),
				Address: "::1", UserAgent: "browser", Data: "{}",
			}
			noError(t, s.InsertSession(ctx, v))
			return v
		}
		hashes := func(u access.User) (list []string) {
			sessions, err := s.UserSessions(ctx, u.ID)
			noError(t, err)
			for _, v := range sessions {
				list = append(list, v.IDHash)
			}
			return list
		}
		a := add(alice, "a", 0, time.Hour)
		add(alice, "b", time.Minute, time.Hour)
		add(alice, "c", 2*time.Minute, time.Hour)
		add(bob, "d", 0, time.Hour)
		wantError(t, s.InsertSession(ctx, a), apperr.Conflict, "exists")
		wantError(t, s.InsertSession(ctx, access.Session{IDHash: "x", UserID: "none"}), apperr.Conflict, "reference")
		wantEqual(t, hashes(alice), []string{"c", "b", "a"})

		a.LastSeenAt, a.Data = now.Add(time.Hour), `{"toast":"hi"}`
		noError(t, s.TouchSession(ctx, "a", a.LastSeenAt))
		noError(t, s.SaveSessionData(ctx, "a", a.Data))
		got, err := s.Session(ctx, "a")
		noError(t, err)
		wantEqual(t, got, a)
		wantError(t, s.TouchSession(ctx, "none", now), apperr.NotFound, "not_found")
		wantError(t, s.SaveSessionData(ctx, "none", "{}"), apperr.NotFound, "not_found")

		noError(t, s.DeleteUserSessions(ctx, alice.ID, "b"))
		wantEqual(t, hashes(alice), []string{"b"})
		wantEqual(t, hashes(bob), []string{"d"})
		noError(t, s.DeleteSession(ctx, "b"))
		noError(t, s.DeleteSession(ctx, "b"))
		_, err = s.Session(ctx, "b")
		wantError(t, err, apperr.NotFound, "not_found")
		noError(t, s.DeleteUserSessions(ctx, bob.ID, ""))
		wantEqual(t, len(hashes(bob)), 0)
	})
}

func TestPurgeSessions(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx, now := t.Context(), dbtest.T0()
		u := dbtest.AddUser(t, s, "alice", access.Admin)
		for hash, times := range map[string][2]time.Duration{
			"expired": {0, -time.Minute}, "idle": {-time.Hour, time.Hour}, "both": {-time.Hour, -time.Minute}, "live": {0, time.Hour},
		} {
			noError(t, s.InsertSession(ctx, access.Session{IDHash: hash, UserID: u.ID, LastSeenAt: now.Add(times[0]), ExpiresAt: now.Add(times[1])}))
		}
		for _, want := range []int{2, 1, 0} {
			n, err := s.PurgeSessions(ctx, now, now.Add(-time.Minute), 2)
			noError(t, err)
			wantEqual(t, n, want)
		}
		left, err := s.UserSessions(ctx, u.ID)
		noError(t, err)
		if len(left) != 1 || left[0].IDHash != "live" {
			t.Errorf("left: %v", left)
		}
	})
}

func TestTokens(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *db.Store) {
		ctx, now := t.Context(), dbtest.T0()
		alice, bob := dbtest.AddUser(t, s, "alice", access.Admin), dbtest.AddUser(t, s, "bob", access.Viewer)
		old := access.Token{ID: ident.New(), Hash: "h1", UserID: alice.ID, Name: "ci", CreatedAt: now}
		young := access.Token{ID: ident.New(), Hash: "h2", UserID: alice.ID, Name: "x", CreatedAt: now.Add(time.Second), ExpiresAt: now.Add(time.Hour)}
		noError(t, s.InsertToken(ctx, old))
		noError(t, s.InsertToken(ctx, young))
		wantError(t, s.InsertToken(ctx, access.Token{ID: ident.New(), Hash: "h1", UserID: bob.ID}), apperr.Conflict, "exists")

		old.LastUsedAt = now.Add(time.Minute)
		noError(t, s.TouchToken(ctx, old.ID, old.LastUsedAt))
		wantError(t, s.TouchToken(ctx, "none", now), apperr.NotFound, "not_found")
		got, err := s.TokenByHash(ctx, "h1")
		noError(t, err)
		wantEqual(t, got, old)
		all, err := s.Tokens(ctx, alice.ID)
		noError(t, err)
		wantEqual(t, all, []access.Token{young, old})

		wantError(t, s.DeleteToken(ctx, bob.ID, old.ID), apperr.NotFound, "not_found") // not his
		noError(t, s.DeleteToken(ctx, alice.ID, old.ID))
		_, err = s.TokenByHash(ctx, "h1")
		wantError(t, err, apperr.NotFound, "not_found")
	})
}
