package db

import (
	"context"
	"time"

	"carillon/db/sqlgen"
	"carillon/internal/access"
)

// InsertToken adds an API token of an existing user.
func (s *Store) InsertToken(ctx context.Context, t access.Token) error {
	return s.write(ctx, "insert token", func(ctx context.Context, c conn) error {
		return c.q.InsertToken(ctx, sqlgen.InsertTokenParams{
			ID: t.ID, Hash: t.Hash, UserID: t.UserID, Name: clean(t.Name), CreatedAt: millisOr(t.CreatedAt, 0),
			ExpiresAt: millis(t.ExpiresAt), LastUsedAt: millis(t.LastUsedAt),
		})
	})
}

// TokenByHash returns a token by the hash of its secret.
func (s *Store) TokenByHash(ctx context.Context, hash string) (access.Token, error) {
	return read(ctx, s, "read token", func(ctx context.Context, c conn) (access.Token, error) {
		t, err := c.q.GetTokenByHash(ctx, hash)
		return tokenOf(t), err
	})
}

// Tokens lists a user's tokens, the newest first.
func (s *Store) Tokens(ctx context.Context, userID string) ([]access.Token, error) {
	return read(ctx, s, "list tokens", func(ctx context.Context, c conn) ([]access.Token, error) {
		rows, err := c.q.ListTokens(ctx, userID)
		return convert(rows, tokenOf), err
	})
}

// TouchToken notes when a token was last used; NotFound if it is revoked.
func (s *Store) TouchToken(ctx context.Context, id string, at time.Time) error {
	return s.write(ctx, "touch token", func(ctx context.Context, c conn) error {
		return found(c.q.TouchToken(ctx, id, millis(at)))
	})
}

// DeleteToken revokes a token of that user; NotFound otherwise.
func (s *Store) DeleteToken(ctx context.Context, userID, id string) error {
	return s.write(ctx, "delete token", func(ctx context.Context, c conn) error {
		return found(c.q.DeleteToken(ctx, id, userID))
	})
}

func tokenOf(t sqlgen.Token) access.Token {
	return access.Token{
		ID: t.ID, Hash: t.Hash, UserID: t.UserID, Name: t.Name, CreatedAt: timeUnless(t.CreatedAt, 0),
		ExpiresAt: timeOf(t.ExpiresAt), LastUsedAt: timeOf(t.LastUsedAt),
	}
}
