package db

import (
	"context"
	"time"

	"carillon/db/sqlgen"
	"carillon/internal/access"
)

// InsertSession adds a session of an existing user.
func (s *Store) InsertSession(ctx context.Context, v access.Session) error {
	return s.write(ctx, "insert session", func(ctx context.Context, c conn) error {
		return c.q.InsertSession(ctx, sqlgen.InsertSessionParams{
			IDHash: v.IDHash, UserID: v.UserID, CreatedAt: millisOr(v.CreatedAt, 0),
			LastSeenAt: millisOr(v.LastSeenAt, 0), ExpiresAt: millisOr(v.ExpiresAt, 0),
			Address: clean(v.Address), UserAgent: clean(v.UserAgent), Data: clean(v.Data),
		})
	})
}

// Session returns a session by the hash of its id.
func (s *Store) Session(ctx context.Context, idHash string) (access.Session, error) {
	return read(ctx, s, "read session", func(ctx context.Context, c conn) (access.Session, error) {
		v, err := c.q.GetSession(ctx, idHash)
		return sessionOf(v), err
	})
}

// SaveSessionData writes what a session keeps between two requests; NotFound if it has ended.
func (s *Store) SaveSessionData(ctx context.Context, idHash, data string) error {
	return s.write(ctx, "save session", func(ctx context.Context, c conn) error {
		return found(c.q.SaveSessionData(ctx, idHash, clean(data)))
	})
}

// TouchSession notes when a session was last seen; NotFound if it has ended.
func (s *Store) TouchSession(ctx context.Context, idHash string, at time.Time) error {
	return s.write(ctx, "touch session", func(ctx context.Context, c conn) error {
		return found(c.q.TouchSession(ctx, idHash, millisOr(at, 0)))
	})
}

// DeleteSession ends a session; one that has ended already is no error.
func (s *Store) DeleteSession(ctx context.Context, idHash string) error {
	return s.write(ctx, "delete session", func(ctx context.Context, c conn) error { return c.q.DeleteSession(ctx, idHash) })
}

// DeleteUserSessions ends all sessions of a user but the one with hash except, and all
// sign-ins that wait for a second factor.
func (s *Store) DeleteUserSessions(ctx context.Context, userID, except string) error {
	return s.writeAll(ctx, "delete sessions", func(ctx context.Context, c conn) error {
		if err := c.q.DeleteHalfSignIns(ctx, userID, 0); err != nil {
			return err
		}
		return c.q.DeleteUserSessions(ctx, userID, except)
	})
}

// UserSessions lists a user's sessions, the last seen first.
func (s *Store) UserSessions(ctx context.Context, userID string) ([]access.Session, error) {
	return read(ctx, s, "list sessions", func(ctx context.Context, c conn) ([]access.Session, error) {
		rows, err := c.q.ListUserSessions(ctx, userID)
		return convert(rows, sessionOf), err
	})
}

// PurgeSessions removes at most limit sessions that expired, or were last seen, before
// the given times, and returns how many.
func (s *Store) PurgeSessions(ctx context.Context, expiredBefore, idleSince time.Time, limit int) (int, error) {
	var n int64
	err := s.write(ctx, "purge sessions", func(ctx context.Context, c conn) (err error) {
		n, err = c.q.PurgeSessions(ctx, sqlgen.PurgeSessionsParams{
			ExpiredBefore: millisOr(expiredBefore, 0), IdleSince: millisOr(idleSince, 0), MaxRows: int32(limit),
		})
		return err
	})
	return int(n), err
}

func sessionOf(v sqlgen.Session) access.Session {
	return access.Session{
		IDHash: v.IDHash, UserID: v.UserID, CreatedAt: timeUnless(v.CreatedAt, 0),
		LastSeenAt: timeUnless(v.LastSeenAt, 0), ExpiresAt: timeUnless(v.ExpiresAt, 0),
		Address: v.Address, UserAgent: v.UserAgent, Data: v.Data,
	}
}
