package db

import (
	"context"
	"time"

	"carillon/db/sqlgen"
	"carillon/internal/access"
	"carillon/internal/apperr"
)

// PutSecondFactor offers a user a new secret, in place of one that is not confirmed; a
// confirmed one is an apperr Conflict "second_exists".
func (s *Store) PutSecondFactor(ctx context.Context, f access.SecondFactor) error {
	return s.write(ctx, "offer second factor", func(ctx context.Context, c conn) error {
		n, err := c.q.PutSecondFactor(ctx, sqlgen.PutSecondFactorParams{
			UserID: f.UserID, Secret: f.Secret, CreatedAt: millisOr(f.CreatedAt, 0),
		})
		if err == nil && n == 0 {
			return apperr.New(apperr.Conflict, "second_exists", "error.access.second_exists")
		}
		return err
	})
}

// SecondFactor returns a user's second factor, confirmed or not; NotFound if there is none.
func (s *Store) SecondFactor(ctx context.Context, userID string) (access.SecondFactor, error) {
	return read(ctx, s, "read second factor", func(ctx context.Context, c conn) (access.SecondFactor, error) {
		f, err := c.q.GetSecondFactor(ctx, userID)
		return access.SecondFactor{
			UserID: f.UserID, Secret: f.Secret, CreatedAt: timeUnless(f.CreatedAt, 0), ConfirmedAt: timeOf(f.ConfirmedAt),
			LastStep: f.LastStep, CodesLeft: int(f.CodesLeft),
		}, err
	})
}

// SecondFactors lists the users whose second factor is confirmed.
func (s *Store) SecondFactors(ctx context.Context) ([]string, error) {
	return read(ctx, s, "list second factors", func(ctx context.Context, c conn) ([]string, error) {
		return c.q.ListSecondFactors(ctx)
	})
}

// ConfirmSecondFactor makes the second factor count; NotFound if there is none to confirm.
func (s *Store) ConfirmSecondFactor(ctx context.Context, userID string, at time.Time) error {
	return s.write(ctx, "confirm second factor", func(ctx context.Context, c conn) error {
		return found(c.q.ConfirmSecondFactor(ctx, userID, millis(at)))
	})
}

// SpendSecondStep notes that a code was used; false if it, or a later one, was before.
func (s *Store) SpendSecondStep(ctx context.Context, userID string, step int64) (bool, error) {
	var n int64
	err := s.write(ctx, "spend code", func(ctx context.Context, c conn) (err error) {
		n, err = c.q.SpendSecondStep(ctx, step, userID)
		return err
	})
	return n == 1, err
}

// DeleteSecondFactor removes a second factor with its recovery codes; NotFound if there is none.
func (s *Store) DeleteSecondFactor(ctx context.Context, userID string) error {
	return s.write(ctx, "delete second factor", func(ctx context.Context, c conn) error {
		return found(c.q.DeleteSecondFactor(ctx, userID))
	})
}

// PutRecoveryCodes replaces a user's recovery codes.
func (s *Store) PutRecoveryCodes(ctx context.Context, userID string, hashes []string) error {
	return s.writeAll(ctx, "put recovery codes", func(ctx context.Context, c conn) error {
		if err := c.q.DeleteRecoveryCodes(ctx, userID); err != nil {
			return err
		}
		for _, hash := range hashes {
			if err := c.q.InsertRecoveryCode(ctx, userID, hash); err != nil {
				return err
			}
		}
		return nil
	})
}

// SpendRecoveryCode uses up a recovery code; false if there is none of that hash.
func (s *Store) SpendRecoveryCode(ctx context.Context, userID, hash string) (bool, error) {
	var n int64
	err := s.write(ctx, "spend recovery code", func(ctx context.Context, c conn) (err error) {
		n, err = c.q.SpendRecoveryCode(ctx, userID, hash)
		return err
	})
	return n == 1, err
}

// InsertHalfSignIn adds a sign-in that waits for a second factor, in place of the user's
// others, and removes those that expired before now.
func (s *Store) InsertHalfSignIn(ctx context.Context, h access.HalfSignIn, now time.Time) error {
	return s.writeAll(ctx, "insert half sign-in", func(ctx context.Context, c conn) error {
		if err := c.q.DeleteHalfSignIns(ctx, h.UserID, millisOr(now, 0)); err != nil {
			return err
		}
		return c.q.InsertHalfSignIn(ctx, sqlgen.InsertHalfSignInParams{
			IDHash: h.IDHash, UserID: h.UserID, ExpiresAt: millisOr(h.ExpiresAt, 0),
		})
	})
}

// HalfSignIn returns a sign-in that waits, by the hash of its id.
func (s *Store) HalfSignIn(ctx context.Context, idHash string) (access.HalfSignIn, error) {
	return read(ctx, s, "read half sign-in", func(ctx context.Context, c conn) (access.HalfSignIn, error) {
		h, err := c.q.GetHalfSignIn(ctx, idHash)
		return access.HalfSignIn{IDHash: h.IDHash, UserID: h.UserID, ExpiresAt: timeUnless(h.ExpiresAt, 0)}, err
	})
}

// DeleteHalfSignIn ends a sign-in that waits; NotFound if it has ended.
func (s *Store) DeleteHalfSignIn(ctx context.Context, idHash string) error {
	return s.write(ctx, "end half sign-in", func(ctx context.Context, c conn) error {
		return found(c.q.DeleteHalfSignIn(ctx, idHash))
	})
}
