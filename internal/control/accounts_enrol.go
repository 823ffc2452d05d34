package control

import (
	"context"
	"fmt"
	"time"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
)

// offerLife is how long an offered secret waits for its first code.
const offerLife = 10 * time.Minute

// SecondFactor returns the actor's own second factor; the zero value if there is none. The
// secret is there only until it is confirmed, and not for long.
func (s *Accounts) SecondFactor(ctx context.Context, actor access.Actor) (access.SecondFactor, error) {
	if err := s.need(actor, access.OwnAccount); err != nil {
		return access.SecondFactor{}, err
	}
	f, err := s.store.SecondFactor(ctx, actor.UserID)
	if apperr.Is(err, apperr.NotFound) {
		return access.SecondFactor{}, nil
	}
	if err != nil {
		return access.SecondFactor{}, fmt.Errorf("read second factor: %w", err)
	}
	switch {
	case f.Active():
		f.Secret = ""
	case s.stale(f):
		return access.SecondFactor{}, nil
	}
	return f, nil
}

// stale reports whether an offered second factor has waited too long.
func (s *Accounts) stale(f access.SecondFactor) bool {
	return !f.Active() && s.clock.Now().Sub(f.CreatedAt) >= offerLife
}

// OfferSecond makes a secret for the actor's authenticator app, which takes the actor's
// password. It does not count before [Accounts.ConfirmSecond]. A second factor that counts
// already is a Conflict with code "second_exists". Faults are at the field old.
func (s *Accounts) OfferSecond(ctx context.Context, actor access.Actor, password string) error {
	if err := s.prove(ctx, actor, password); err != nil {
		return err
	}
	err := s.store.PutSecondFactor(ctx, access.SecondFactor{
		UserID: actor.UserID, Secret: access.NewSecondSecret(), CreatedAt: s.clock.Now(),
	})
	if err != nil {
		return fmt.Errorf("offer second factor: %w", err)
	}
	return nil
}

// ConfirmSecond makes the offered second factor count, with a code of the app, and returns
// the recovery codes, which are stored nowhere. Faults are at the field code.
func (s *Accounts) ConfirmSecond(ctx context.Context, actor access.Actor, code string) (codes []string, err error) {
	if err := s.need(actor, access.OwnAccount); err != nil {
		return nil, err
	}
	if err := s.throttle.beginSecond(s.clock.Now(), actor.UserID, actor.Address); err != nil {
		return nil, err
	}
	err = s.edit(ctx, actor.UserID, func(ctx context.Context, u *access.User) error {
		f, err := s.store.SecondFactor(ctx, u.ID)
		if err != nil || f.Active() || s.stale(f) {
			return noSecond(err)
		}
		right, err := s.spendSecond(ctx, f, code)
		if err != nil {
			return err
		}
		if !right {
			return codeFault()
		}
		if err := s.store.ConfirmSecondFactor(ctx, u.ID, s.clock.Now()); err != nil {
			return err
		}
		if codes, err = s.newCodes(ctx, u.ID); err != nil {
			return err
		}
		return s.record(ctx, actor, audit.SecondAdd, subject{kind: "user", id: u.ID, name: u.Name})
	})
	if err != nil {
		return nil, fmt.Errorf("confirm second factor: %w", err)
	}
	s.throttle.forgiveSecond(s.clock.Now(), actor.UserID, actor.Address)
	return codes, nil
}

// codeFault is a wrong code in a form of somebody who is signed in.
func codeFault() error {
	var f apperr.Faults
	f.Add("code", "error.access.wrong_code")
	return f.Err()
}

// newCodes replaces a user's recovery codes.
func (s *Accounts) newCodes(ctx context.Context, userID string) ([]string, error) {
	codes := access.NewRecoveryCodes()
	hashes := make([]string, len(codes))
	for i, code := range codes {
		hashes[i] = access.HashRecoveryCode(code)
	}
	return codes, s.store.PutRecoveryCodes(ctx, userID, hashes)
}

// RenewRecoveryCodes replaces the actor's recovery codes, which takes the password, and
// returns the new ones. Faults are at the field old.
func (s *Accounts) RenewRecoveryCodes(ctx context.Context, actor access.Actor, password string) (codes []string, err error) {
	if err := s.prove(ctx, actor, password); err != nil {
		return nil, err
	}
	err = s.store.InTx(ctx, func(ctx context.Context) error {
		f, err := s.store.SecondFactor(ctx, actor.UserID)
		if err != nil || !f.Active() {
			return noSecond(err)
		}
		if codes, err = s.newCodes(ctx, actor.UserID); err != nil {
			return err
		}
		return s.record(ctx, actor, audit.SecondCodes, subject{kind: "user", id: actor.UserID, name: actor.Name})
	})
	if err != nil {
		return nil, fmt.Errorf("renew recovery codes: %w", err)
	}
	return codes, nil
}

// RemoveSecond takes away the actor's own second factor, which takes the password. One
// that is only offered goes as well. Faults are at the field old.
func (s *Accounts) RemoveSecond(ctx context.Context, actor access.Actor, password string) error {
	if err := s.prove(ctx, actor, password); err != nil {
		return err
	}
	_, err := s.removeSecond(ctx, actor, actor.UserID)
	return err
}

// RemoveUserSecond takes away a user's second factor, for somebody who lost the device,
// and ends the user's sessions.
func (s *Accounts) RemoveUserSecond(ctx context.Context, actor access.Actor, userID string) (access.User, error) {
	if err := s.need(actor, access.UsersManage); err != nil {
		return access.User{}, err
	}
	return s.removeSecond(ctx, actor, userID)
}

func (s *Accounts) removeSecond(ctx context.Context, actor access.Actor, userID string) (access.User, error) {
	var of access.User
	err := s.edit(ctx, userID, func(ctx context.Context, u *access.User) error {
		of = *u
		if err := s.store.DeleteSecondFactor(ctx, u.ID); err != nil {
			return noSecond(err)
		}
		if u.ID != actor.UserID {
			if err := s.store.DeleteUserSessions(ctx, u.ID, ""); err != nil {
				return err
			}
		}
		return s.record(ctx, actor, audit.SecondRemove, subject{kind: "user", id: u.ID, name: u.Name})
	})
	if err != nil {
		return access.User{}, fmt.Errorf("remove second factor: %w", err)
	}
	return bare(of), nil
}

// noSecond is the answer where there is no second factor that counts.
func noSecond(err error) error {
	if err != nil && !apperr.Is(err, apperr.NotFound) {
		return err
	}
	return apperr.New(apperr.NotFound, "no_second", "error.access.no_second")
}

// SecondFactors tells which users have a second factor.
func (s *Accounts) SecondFactors(ctx context.Context, actor access.Actor) (map[string]bool, error) {
	if err := s.need(actor, access.UsersManage); err != nil {
		return nil, err
	}
	ids, err := s.store.SecondFactors(ctx)
	if err != nil {
		return nil, fmt.Errorf("list second factors: %w", err)
	}
	have := map[string]bool{}
	for _, id := range ids {
		have[id] = true
	}
	return have, nil
}

// prove asks for the actor's own password, throttled as sign-ins are. A wrong one is a
// fault at the field old.
func (s *Accounts) prove(ctx context.Context, actor access.Actor, password string) error {
	if err := s.need(actor, access.OwnAccount); err != nil {
		return err
	}
	if err := s.throttle.begin(s.clock.Now(), actor.Name, actor.Address); err != nil {
		return err
	}
	_, match, err := s.credentials(ctx, actor.Name, password)
	if err != nil {
		s.throttle.refund(s.clock.Now(), actor.Name, actor.Address)
		return fmt.Errorf("check password: %w", err)
	}
	if !match {
		var f apperr.Faults
		f.Add("old", "error.access.old_password")
		return f.Err()
	}
	s.throttle.forgive(s.clock.Now(), actor.Name, actor.Address)
	return nil
}
