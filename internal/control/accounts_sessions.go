package control

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
)

// How long a session lasts: unused, and at most.
const (
	sessionIdle     = 12 * time.Hour
	sessionAbsolute = 7 * 24 * time.Hour
	purgeBatch      = 500
)

// OpenSession starts a session of a user and returns its opaque id for the cookie. Only
// the id's hash is stored.
func (s *Accounts) OpenSession(ctx context.Context, user access.User, address, userAgent string) (id string, err error) {
	id = access.NewSecret()
	now := s.clock.Now()
	err = s.store.InsertSession(ctx, access.Session{
		IDHash: access.HashSecret(id), UserID: user.ID,
		CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(sessionAbsolute),
		Address: address, UserAgent: clip(userAgent, access.MaxUserAgent),
	})
	if err != nil {
		return "", fmt.Errorf("open session: %w", err)
	}
	return id, nil
}

// ResumeSession returns who a session's id stands for. An unknown, idle or expired
// session, and one of a disabled user, is Unauthenticated. With touch the session counts
// as used; requests that a page makes by itself pass false, so that an open tab does not
// keep a session alive.
func (s *Accounts) ResumeSession(ctx context.Context, id string, touch bool) (access.User, access.Session, error) {
	if !access.IsSecret(id) {
		return access.User{}, access.Session{}, signInRequired()
	}
	session, err := s.store.Session(ctx, access.HashSecret(id))
	if apperr.Is(err, apperr.NotFound) {
		return access.User{}, access.Session{}, signInRequired()
	}
	if err != nil {
		return access.User{}, access.Session{}, fmt.Errorf("resume session: %w", err)
	}
	now := s.clock.Now()
	if !alive(session, now) {
		return access.User{}, access.Session{}, signInRequired()
	}
	u, err := s.enabledUser(ctx, session.UserID)
	if err != nil {
		return access.User{}, access.Session{}, fmt.Errorf("resume session: %w", err)
	}
	if touch && now.Sub(session.LastSeenAt) >= touchEvery {
		if err := touched(s.store.TouchSession(ctx, session.IDHash, now)); err != nil {
			return access.User{}, access.Session{}, fmt.Errorf("resume session: %w", err)
		}
		session.LastSeenAt = now
	}
	return bare(u), session, nil
}

// touched judges the result of noting a use. A session or token that ended meanwhile
// proves nothing any more; a database that cannot be written now must not take reading
// away.
func touched(err error) error {
	switch {
	case err == nil || apperr.Is(err, apperr.Unavailable):
		return nil
	case apperr.Is(err, apperr.NotFound):
		return signInRequired()
	default:
		return err
	}
}

// enabledUser returns a user who may act, else Unauthenticated.
func (s *Accounts) enabledUser(ctx context.Context, id string) (access.User, error) {
	u, err := s.store.User(ctx, id)
	if apperr.Is(err, apperr.NotFound) || err == nil && u.Disabled {
		return access.User{}, signInRequired()
	}
	return u, err
}

// alive reports whether a session may still be used.
func alive(s access.Session, now time.Time) bool {
	return now.Before(s.ExpiresAt) && now.Sub(s.LastSeenAt) < sessionIdle
}

// SaveSessionData keeps what the next request of the session shall see: JSON of at most
// [access.MaxSessionData] bytes.
func (s *Accounts) SaveSessionData(ctx context.Context, id, data string) error {
	if len(data) > access.MaxSessionData {
		return apperr.New(apperr.Invalid, "session_data", "error.access.session_data")
	}
	if err := s.store.SaveSessionData(ctx, access.HashSecret(id), data); err != nil {
		return fmt.Errorf("save session data: %w", err)
	}
	return nil
}

// CloseSession signs a session out. An id that stands for nothing is no error.
func (s *Accounts) CloseSession(ctx context.Context, id string) error {
	hash := access.HashSecret(id)
	err := s.store.InTx(ctx, func(ctx context.Context) error {
		session, err := s.store.Session(ctx, hash)
		if apperr.Is(err, apperr.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		u, err := s.store.User(ctx, session.UserID)
		if err != nil {
			return err
		}
		return s.endSession(ctx, u.Actor(access.ViaSession, session.Address, ""), hash)
	})
	if err != nil {
		return fmt.Errorf("close session: %w", err)
	}
	return nil
}

// CloseOtherSessions signs the actor out everywhere but in the session with that id.
func (s *Accounts) CloseOtherSessions(ctx context.Context, actor access.Actor, id string) error {
	if err := s.need(actor, access.OwnAccount); err != nil {
		return err
	}
	err := s.store.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.DeleteUserSessions(ctx, actor.UserID, access.HashSecret(id)); err != nil {
			return err
		}
		return s.record(ctx, actor, audit.SignOut, subject{kind: "session", id: actor.UserID, name: actor.Name,
			after: map[string]any{"others": true}})
	})
	if err != nil {
		return fmt.Errorf("close other sessions: %w", err)
	}
	return nil
}

// Sessions returns the actor's own sessions that are alive, the last used first.
func (s *Accounts) Sessions(ctx context.Context, actor access.Actor) ([]access.Session, error) {
	if err := s.need(actor, access.OwnAccount); err != nil {
		return nil, err
	}
	all, err := s.store.UserSessions(ctx, actor.UserID)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	now := s.clock.Now()
	all = slices.DeleteFunc(all, func(x access.Session) bool { return !alive(x, now) })
	slices.SortStableFunc(all, func(a, b access.Session) int { return b.LastSeenAt.Compare(a.LastSeenAt) })
	return all, nil
}

// RevokeSession ends one of the actor's own sessions; NotFound for any other.
func (s *Accounts) RevokeSession(ctx context.Context, actor access.Actor, idHash string) error {
	if err := s.need(actor, access.OwnAccount); err != nil {
		return err
	}
	err := s.store.InTx(ctx, func(ctx context.Context) error {
		session, err := s.store.Session(ctx, idHash)
		if err == nil && session.UserID != actor.UserID {
			err = apperr.New(apperr.NotFound, "session_not_found", "error.access.session_not_found")
		}
		if err != nil {
			return err
		}
		return s.endSession(ctx, actor, idHash)
	})
	if err != nil {
		return fmt.Errorf("revoke session: %w", err)
	}
	return nil
}

func (s *Accounts) endSession(ctx context.Context, actor access.Actor, idHash string) error {
	if err := s.store.DeleteSession(ctx, idHash); err != nil {
		return err
	}
	return s.record(ctx, actor, audit.SignOut, subject{kind: "session", id: actor.UserID, name: actor.Name})
}

// PurgeSessions removes the sessions that nobody can use any more.
func (s *Accounts) PurgeSessions(ctx context.Context) error {
	now := s.clock.Now()
	for {
		n, err := s.store.PurgeSessions(ctx, now, now.Add(-sessionIdle), purgeBatch)
		if err != nil {
			return fmt.Errorf("purge sessions: %w", err)
		}
		if n < purgeBatch {
			return nil
		}
	}
}

// clip returns at most limit bytes of s as printable UTF-8.
func clip(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
