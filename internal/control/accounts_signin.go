package control

import (
	"context"
	"fmt"
	"strings"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
)

// SignIn checks a name and password from an address. A refusal says the same, and takes
// as long, whether the user is unknown, disabled or the password wrong. Too many wrong
// tries are Unavailable with code "throttled" and the wait in Args["seconds"]. Who has a
// second factor is not in yet, see [Arrival].
func (s *Accounts) SignIn(ctx context.Context, from access.Actor, name, password string) (Arrival, error) {
	name = strings.TrimSpace(name)
	if err := s.throttle.begin(s.clock.Now(), name, from.Address); err != nil {
		return Arrival{}, err
	}
	u, match, err := s.credentials(ctx, name, password)
	if err != nil {
		s.throttle.refund(s.clock.Now(), name, from.Address)
		return Arrival{}, fmt.Errorf("sign in: %w", err)
	}
	if reason := refusal(u, match); reason != "" {
		return Arrival{}, s.refuse(ctx, from, u, reason)
	}
	s.throttle.forgive(s.clock.Now(), name, from.Address)
	second, err := s.waitForSecond(ctx, u.ID)
	if err != nil {
		return Arrival{}, fmt.Errorf("sign in: %w", err)
	}
	if second != "" {
		return Arrival{Second: second}, nil
	}
	u, err = s.signedIn(ctx, from, u.ID)
	return Arrival{User: u}, err
}

// credentials returns the user of that name, if any, and whether the password is the
// user's. Both cases take the same work.
func (s *Accounts) credentials(ctx context.Context, name, password string) (u access.User, match bool, err error) {
	u, err = s.store.UserByName(ctx, name)
	if err != nil && !apperr.Is(err, apperr.NotFound) {
		return access.User{}, false, err
	}
	match, err = s.hasher.Verify(ctx, password, u.PasswordHash)
	return u, match, err
}

// refusal names why a sign-in fails; "" if it does not. Only the audit tells.
func refusal(u access.User, match bool) string {
	switch {
	case u.ID == "":
		return "unknown_user"
	case u.PasswordHash == "":
		return "no_password"
	case !match:
		return "wrong_password"
	case u.Disabled:
		return "disabled"
	default:
		return ""
	}
}

// refuse records a failed sign-in and returns its error. The name typed is recorded only
// if there is such a user: people type passwords into the wrong field.
func (s *Accounts) refuse(ctx context.Context, from access.Actor, u access.User, reason string) error {
	err := s.store.InTx(ctx, func(ctx context.Context) error {
		return s.record(ctx, doorkeeper(from, u), audit.SignInFail,
			subject{kind: "session", id: u.ID, name: u.Name, after: map[string]any{"reason": reason}})
	})
	if err != nil {
		return fmt.Errorf("refuse sign-in: %w", err)
	}
	return apperr.New(apperr.Unauthenticated, "wrong_credentials", "error.access.wrong_credentials")
}

// signedIn notes the sign-in. It reads the user again, since hashing took a while.
func (s *Accounts) signedIn(ctx context.Context, from access.Actor, id string) (access.User, error) {
	var u access.User
	err := s.edit(ctx, id, func(ctx context.Context, now *access.User) error {
		if now.Disabled {
			return signInRequired()
		}
		now.LastSeenAt = s.clock.Now()
		u = *now
		return s.record(ctx, doorkeeper(from, u), audit.SignIn, subject{kind: "session", id: u.ID, name: u.Name})
	})
	if err != nil {
		return access.User{}, fmt.Errorf("sign in: %w", err)
	}
	return bare(u), nil
}

// doorkeeper is the actor of a sign-in, successful or not.
func doorkeeper(from access.Actor, u access.User) access.Actor {
	return u.Actor(access.ViaSession, from.Address, from.RequestID)
}

// edit reads a user, lets change modify it, and writes it, in one transaction. Edits run
// one after another.
func (s *Accounts) edit(ctx context.Context, id string, change func(ctx context.Context, u *access.User) error) error {
	s.editing.Lock()
	defer s.editing.Unlock()
	return s.store.InTx(ctx, func(ctx context.Context) error {
		u, err := s.store.User(ctx, id)
		if apperr.Is(err, apperr.NotFound) {
			return userGone()
		}
		if err != nil {
			return err
		}
		if err := change(ctx, &u); err != nil {
			return err
		}
		return s.store.UpdateUser(ctx, u)
	})
}
