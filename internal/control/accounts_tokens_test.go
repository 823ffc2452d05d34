package control_test

import (
	"strings"
	"testing"
	"time"

	"carillon/db/dbtest"
	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, p *people) {
		ctx := t.Context()
		olga := p.user("olga", access.Operator)
		secret, token, err := p.CreateToken(ctx, access.CLI("root"), "Olga", " ci ", 24*time.Hour)
		if err != nil || !access.IsToken(secret) || token.Hash != "" || token.Name != "ci" || token.UserID != olga.ID {
			t.Fatalf("created %q, %+v, %v", secret, token, err)
		}
		u, used, err := p.BearerUser(ctx, secret)
		if err != nil || u.ID != olga.ID || u.PasswordHash != "" || used.ID != token.ID || used.Hash != "" {
			t.Fatalf("stands for %+v, %+v, %v", u, used, err)
		}
		list, err := p.Tokens(ctx, actor(olga))
		if err != nil || len(list) != 1 || list[0].Hash != "" || !list[0].LastUsedAt.Equal(p.clock.Now()) {
			t.Errorf("list %+v, %v", list, err)
		}
		created := p.entries(audit.TokenCreate)
		if len(created) != 1 || created[0].Via != "cli" || strings.Contains(string(created[0].After), secret[4:]) {
			t.Errorf("audit %+v", created)
		}
		wantError(t, p.RevokeToken(ctx, actor(p.ada), token.ID), apperr.NotFound, "token_not_found")
		if err := p.RevokeToken(ctx, actor(olga), token.ID); err != nil {
			t.Fatal(err)
		}
		_, _, err = p.BearerUser(ctx, secret)
		wantError(t, err, apperr.Unauthenticated, "unauthenticated")
		if got := p.entries(audit.TokenRevoke); len(got) != 1 || got[0].After != nil || got[0].SubjectName != "ci" {
			t.Errorf("audit %+v", got)
		}
	})
}

func TestTokensExpire(t *testing.T) {
	t.Parallel()
	p := newPeople(t, dbtest.New(t))
	ctx := t.Context()
	short, _, err := p.CreateToken(ctx, actor(p.ada), "ada", "short", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	long, token, err := p.CreateToken(ctx, actor(p.ada), "ada", "long", 0)
	if err != nil || !token.ExpiresAt.IsZero() {
		t.Fatalf("%+v, %v", token, err)
	}
	p.clock.move(time.Hour - time.Second)
	if _, _, err := p.BearerUser(ctx, short); err != nil {
		t.Errorf("a second before its end: %v", err)
	}
	p.clock.move(time.Second)
	_, _, err = p.BearerUser(ctx, short)
	wantError(t, err, apperr.Unauthenticated, "unauthenticated")
	p.clock.move(100 * 365 * 24 * time.Hour)
	if _, _, err := p.BearerUser(ctx, long); err != nil {
		t.Errorf("a token without end ended: %v", err)
	}
}

func TestCreateTokenRefuses(t *testing.T) {
	t.Parallel()
	p := newPeople(t, dbtest.New(t))
	ctx := t.Context()
	for _, c := range []struct {
		user, label string
		expires     time.Duration
		field, msg  string
	}{
		{"ada", " ", 0, "label", "error.access.label_required"},
		{"ada", strings.Repeat("é", 101), 0, "label", "error.access.label_long"},
		{"ada", "two\nlines", 0, "label", "error.access.label_signs"},
		{"ada", "bad \xff", 0, "label", "error.access.label_signs"},
		{"ada", "x", -time.Second, "expires", "error.access.expires_range"},
		{"ada", "x", 11 * 365 * 24 * time.Hour, "expires", "error.access.expires_range"},
		{"nobody", "x", 0, "user", "error.access.user_unknown"},
	} {
		_, _, err := p.CreateToken(ctx, actor(p.ada), c.user, c.label, c.expires)
		wantFault(t, err, c.field, c.msg)
	}
	for range access.MaxTokensPerUser {
		if _, _, err := p.CreateToken(ctx, actor(p.ada), "ada", "x", 0); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := p.CreateToken(ctx, actor(p.ada), "ada", "x", 0)
	wantError(t, err, apperr.Conflict, "too_many_tokens")
}

func TestNonsenseIsNoToken(t *testing.T) {
	t.Parallel()
	p := newPeople(t, dbtest.New(t))
	for _, secret := range []string{"", "crl_", access.NewToken(), access.NewSecret(), "Bearer x", strings.Repeat("x", 10_000)} {
		_, _, err := p.BearerUser(t.Context(), secret)
		wantError(t, err, apperr.Unauthenticated, "unauthenticated")
	}
}
