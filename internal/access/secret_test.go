package access_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"carillon/internal/access"
)

func TestSecrets(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		s := access.NewSecret()
		if seen[s] || !access.IsSecret(s) || access.IsToken(s) {
			t.Fatalf("secret %q: seen %v, secret %v, token %v", s, seen[s], access.IsSecret(s), access.IsToken(s))
		}
		seen[s] = true
	}
	token := access.NewToken()
	if !strings.HasPrefix(token, "crl_") || !access.IsToken(token) || access.IsSecret(token) {
		t.Errorf("token %q", token)
	}
	for _, bad := range []string{"", "crl_", token + "x", token[:len(token)-1], "CRL_" + token[4:], "crl_" + strings.Repeat("=", 43)} {
		if access.IsToken(bad) {
			t.Errorf("%q passes as a token", bad)
		}
	}
}

func TestHashSecret(t *testing.T) {
	t.Parallel()
	// The SHA-256 of "abc", from FIPS 180-2.
	if got := access.HashSecret("abc"); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("got %s", got)
	}
}

func TestSameSecret(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{{"x", "x", true}, {"x", "y", false}, {"x", "xx", false}, {"", "", false}, {"x", "", false}} {
		if got := access.SameSecret(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}

func TestHasher(t *testing.T) {
	t.Parallel()
	h := access.NewHasher()
	ctx := t.Context()
	hash, err := h.Hash(ctx, "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %s does not have the promised cost", hash)
	}
	for _, c := range []struct {
		password, hash string
		want           bool
	}{{"correct horse", hash, true}, {"wrong horse", hash, false}, {"", hash, false}, {"correct horse", "", false}, {"", "", false}} {
		if got, err := h.Verify(ctx, c.password, c.hash); err != nil || got != c.want {
			t.Errorf("%q with %q: %v, %v", c.password, c.hash, got, err)
		}
	}
	if _, err := h.Verify(ctx, "x", "nonsense"); err == nil {
		t.Error("a broken hash is no error")
	}
}

func TestHasherHonoursContext(t *testing.T) {
	t.Parallel()
	h := access.NewHasher()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("hash: %v", err)
	}
	if _, err := h.Verify(ctx, "x", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("verify: %v", err)
	}
}
