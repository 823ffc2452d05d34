package control

import (
	"context"
	"fmt"
	"time"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
)

// halfLife is how long a sign-in waits for its second factor.
const halfLife = 5 * time.Minute

// Arrival is what a right password comes to: the user, or a sign-in that waits for the
// second factor.
type Arrival struct {
	access.User // zero while the second factor is missing
	// Second is the opaque id of the sign-in that waits, for [Accounts.SignInSecond]; "" if
	// the user is in.
	Second string
}

// waitForSecond begins a half sign-in if the user has a second factor. Only the id's hash
// is stored. The id is "" if there is nothing to wait for.
func (s *Accounts) waitForSecond(ctx context.Context, userID string) (id string, err error) {
	f, err := s.store.SecondFactor(ctx, userID)
	if apperr.Is(err, apperr.NotFound) || err == nil && !f.Active() {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	id = access.NewSecret()
	now := s.clock.Now()
	err = s.store.InsertHalfSignIn(ctx, access.HalfSignIn{
		IDHash: access.HashSecret(id), UserID: userID, ExpiresAt: now.Add(halfLife),
	}, now)
	return id, err
}

// SignInSecond ends a sign-in that waits, with a code of the authenticator app or a
// recovery code. Each counts once. A wrong code is Unauthenticated with code
// "wrong_code"; a sign-in that does not wait any more is Unauthenticated with code
// "second_expired". Too many wrong codes are Unavailable with code "throttled".
func (s *Accounts) SignInSecond(ctx context.Context, from access.Actor, id, code string) (access.User, error) {
	h, u, err := s.half(ctx, id)
	if err != nil {
		return access.User{}, fmt.Errorf("sign in with second factor: %w", err)
	}
	if err := s.throttle.beginSecond(s.clock.Now(), u.ID, from.Address); err != nil {
		return access.User{}, err
	}
	var right bool
	err = s.edit(ctx, u.ID, func(ctx context.Context, now *access.User) error {
		f, err := s.store.SecondFactor(ctx, now.ID)
		if err != nil || !f.Active() { // it was removed meanwhile
			return secondExpired(err)
		}
		if right, err = s.spendSecond(ctx, f, code); err != nil || !right {
			return err
		}
		if now.Disabled {
			return signInRequired()
		}
		if err := s.store.DeleteHalfSignIn(ctx, h.IDHash); err != nil {
			return secondExpired(err)
		}
		now.LastSeenAt = s.clock.Now()
		u = *now
		return s.record(ctx, doorkeeper(from, u), audit.SignIn,
			subject{kind: "session", id: u.ID, name: u.Name, after: map[string]any{"second_factor": codeKind(code)}})
	})
	if err != nil {
		return access.User{}, fmt.Errorf("sign in with second factor: %w", err)
	}
	if !right {
		return access.User{}, s.refuseCode(ctx, from, u)
	}
	s.throttle.forgiveSecond(s.clock.Now(), u.ID, from.Address)
	return bare(u), nil
}

// half returns a sign-in that waits, and whose it is.
func (s *Accounts) half(ctx context.Context, id string) (access.HalfSignIn, access.User, error) {
	if !access.IsSecret(id) {
		return access.HalfSignIn{}, access.User{}, secondExpired(nil)
	}
	h, err := s.store.HalfSignIn(ctx, access.HashSecret(id))
	if err != nil {
		return access.HalfSignIn{}, access.User{}, secondExpired(err)
	}
	if !s.clock.Now().Before(h.ExpiresAt) {
		return access.HalfSignIn{}, access.User{}, secondExpired(nil)
	}
	u, err := s.enabledUser(ctx, h.UserID)
	if apperr.Is(err, apperr.Unauthenticated) {
		return access.HalfSignIn{}, access.User{}, secondExpired(nil)
	}
	return h, u, err
}

// secondExpired is the answer for a sign-in that does not wait any more. An error other
// than NotFound stays what it is.
func secondExpired(err error) error {
	if err != nil && !apperr.Is(err, apperr.NotFound) {
		return err
	}
	return apperr.New(apperr.Unauthenticated, "second_expired", "error.access.second_expired")
}

// spendSecond reports whether a code is right, and uses it up: a code of the app with all
// before it, a recovery code alone. It is called in a transaction.
func (s *Accounts) spendSecond(ctx context.Context, f access.SecondFactor, code string) (bool, error) {
	if step, ok := access.MatchSecond(f.Secret, code, s.clock.Now()); ok {
		return s.store.SpendSecondStep(ctx, f.UserID, step)
	}
	if hash := access.HashRecoveryCode(code); hash != "" {
		return s.store.SpendRecoveryCode(ctx, f.UserID, hash)
	}
	return false, nil
}

// codeKind names what a right code was, for the audit.
func codeKind(code string) string {
	if access.HashRecoveryCode(code) != "" {
		return "recovery_code"
	}
	return "app"
}

// refuseCode records a wrong code at the sign-in and returns its error.
func (s *Accounts) refuseCode(ctx context.Context, from access.Actor, u access.User) error {
	err := s.store.InTx(ctx, func(ctx context.Context) error {
		return s.record(ctx, doorkeeper(from, u), audit.SignInFail,
			subject{kind: "session", id: u.ID, name: u.Name, after: map[string]any{"reason": "wrong_code"}})
	})
	if err != nil {
		return fmt.Errorf("refuse code: %w", err)
	}
	return wrongCode()
}

// wrongCode is the answer for a code that is wrong or used up, beside its field.
func wrongCode() error {
	return &apperr.Error{Kind: apperr.Unauthenticated, Code: "wrong_code", Msg: "error.access.wrong_code",
		Fields: map[string]apperr.Fault{"code": {Msg: "error.access.wrong_code"}}}
}
