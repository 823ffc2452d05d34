package control

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
	"carillon/internal/ident"
)

// longestToken bounds how far in the future a token may expire: ten years.
const longestToken = 10 * 365 * 24 * time.Hour

// CreateToken makes an API token for a user and returns its secret, which is stored
// nowhere. It acts with the user's role. A token for somebody else takes the right to
// manage users. Expires 0 means never. Faults are at the fields user, label and expires.
func (s *Accounts) CreateToken(ctx context.Context, actor access.Actor, userName, label string,
	expires time.Duration) (secret string, t access.Token, err error) {
	if err := s.needFor(actor, userName); err != nil {
		return "", access.Token{}, err
	}
	label = strings.TrimSpace(label)
	if err := checkToken(label, expires); err != nil {
		return "", access.Token{}, err
	}
	secret = access.NewToken()
	now := s.clock.Now()
	t = access.Token{ID: ident.New(), Hash: access.HashSecret(secret), Name: label, CreatedAt: now}
	if expires > 0 {
		t.ExpiresAt = now.Add(expires)
	}
	err = s.store.InTx(ctx, func(ctx context.Context) error {
		owner, err := s.tokenOwner(ctx, userName)
		if err != nil {
			return err
		}
		t.UserID = owner.ID
		if err := s.store.InsertToken(ctx, t); err != nil {
			return err
		}
		return s.record(ctx, actor, audit.TokenCreate, aboutToken(t, owner.Name))
	})
	if err != nil {
		return "", access.Token{}, fmt.Errorf("create token: %w", err)
	}
	t.Hash = ""
	return secret, t, nil
}

// needFor asks for the right to a user's tokens: one's own, or everybody's.
func (s *Accounts) needFor(actor access.Actor, userName string) error {
	if actor.UserID != "" && strings.EqualFold(actor.Name, userName) {
		return s.need(actor, access.OwnAccount)
	}
	return s.need(actor, access.UsersManage)
}

func checkToken(label string, expires time.Duration) error {
	var f apperr.Faults
	switch {
	case label == "":
		f.Add("label", "error.access.label_required")
	case utf8.RuneCountInString(label) > access.MaxTokenLabel:
		f.Add("label", "error.access.label_long", "max", access.MaxTokenLabel)
	case clip(label, len(label)) != label:
		f.Add("label", "error.access.label_signs")
	}
	if expires < 0 || expires > longestToken {
		f.Add("expires", "error.access.expires_range")
	}
	return f.Err()
}

// tokenOwner returns the user who shall own one more token.
func (s *Accounts) tokenOwner(ctx context.Context, name string) (access.User, error) {
	owner, err := s.store.UserByName(ctx, name)
	if apperr.Is(err, apperr.NotFound) {
		var f apperr.Faults
		f.Add("user", "error.access.user_unknown", "name", name)
		return access.User{}, f.Err()
	}
	if err != nil {
		return access.User{}, err
	}
	have, err := s.store.Tokens(ctx, owner.ID)
	if err != nil {
		return access.User{}, err
	}
	if len(have) >= access.MaxTokensPerUser {
		return access.User{}, apperr.Newf(apperr.Conflict, "too_many_tokens", "error.access.too_many_tokens",
			map[string]any{"max": access.MaxTokensPerUser})
	}
	return owner, nil
}

// Tokens returns the actor's own tokens.
func (s *Accounts) Tokens(ctx context.Context, actor access.Actor) ([]access.Token, error) {
	if err := s.need(actor, access.OwnAccount); err != nil {
		return nil, err
	}
	tokens, err := s.store.Tokens(ctx, actor.UserID)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	for i := range tokens {
		tokens[i].Hash = ""
	}
	return tokens, nil
}

// RevokeToken ends one of the actor's own tokens; NotFound for any other.
func (s *Accounts) RevokeToken(ctx context.Context, actor access.Actor, id string) error {
	if err := s.need(actor, access.OwnAccount); err != nil {
		return err
	}
	err := s.store.InTx(ctx, func(ctx context.Context) error {
		tokens, err := s.store.Tokens(ctx, actor.UserID)
		if err != nil {
			return err
		}
		for _, t := range tokens {
			if t.ID == id {
				if err := s.store.DeleteToken(ctx, actor.UserID, id); err != nil {
					return err
				}
				about := aboutToken(t, actor.Name)
				about.before, about.after = about.after, nil
				return s.record(ctx, actor, audit.TokenRevoke, about)
			}
		}
		return apperr.New(apperr.NotFound, "token_not_found", "error.access.token_not_found")
	})
	if err != nil {
		return fmt.Errorf("revoke token: %w", err)
	}
	return nil
}

// aboutToken is the subject of a new token. It names no part of the secret.
func aboutToken(t access.Token, owner string) subject {
	after := map[string]any{"name": t.Name, "user": owner}
	if !t.ExpiresAt.IsZero() {
		after["expires_at"] = t.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return subject{kind: "token", id: t.ID, name: t.Name, after: after}
}

// BearerUser returns whom an API token stands for. An unknown or expired token, and one
// of a disabled user, is Unauthenticated.
func (s *Accounts) BearerUser(ctx context.Context, secret string) (access.User, access.Token, error) {
	if !access.IsToken(secret) {
		return access.User{}, access.Token{}, signInRequired()
	}
	t, err := s.store.TokenByHash(ctx, access.HashSecret(secret))
	if apperr.Is(err, apperr.NotFound) {
		return access.User{}, access.Token{}, signInRequired()
	}
	if err != nil {
		return access.User{}, access.Token{}, fmt.Errorf("check token: %w", err)
	}
	now := s.clock.Now()
	if !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt) {
		return access.User{}, access.Token{}, signInRequired()
	}
	u, err := s.enabledUser(ctx, t.UserID)
	if err != nil {
		return access.User{}, access.Token{}, fmt.Errorf("check token: %w", err)
	}
	if now.Sub(t.LastUsedAt) >= touchEvery {
		if err := touched(s.store.TouchToken(ctx, t.ID, now)); err != nil {
			return access.User{}, access.Token{}, fmt.Errorf("check token: %w", err)
		}
		t.LastUsedAt = now
	}
	t.Hash = ""
	return bare(u), t, nil
}
