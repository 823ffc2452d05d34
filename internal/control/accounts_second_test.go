package control_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"carillon/internal/access"
	"carillon/internal/apperr"
	"carillon/internal/audit"
)

// app is an authenticator app with a secret.
func (p *people) app(secret string) string {
	p.t.Helper()
	code, err := totp.GenerateCode(secret, p.clock.Now())
	if err != nil {
		p.t.Fatal(err)
	}
	return code
}

// enrol turns Ada's second factor on.
func (p *people) enrol() (secret string, codes []string) {
	p.t.Helper()
	ctx, actor := p.t.Context(), p.ada.Actor(access.ViaSession, "192.0.2.1", "r")
	if err := p.OfferSecond(ctx, actor, goodPassword); err != nil {
		p.t.Fatal(err)
	}
	f, err := p.SecondFactor(ctx, actor)
	if err != nil || f.Active() || f.Secret == "" {
		p.t.Fatalf("offered: %+v, %v", f, err)
	}
	if codes, err = p.ConfirmSecond(ctx, actor, p.app(f.Secret)); err != nil || len(codes) != access.RecoveryCodes {
		p.t.Fatalf("codes %q, %v", codes, err)
	}
	return f.Secret, codes
}

// half shows Ada's password and returns the sign-in that waits.
func (p *people) half() string {
	p.t.Helper()
	a, err := p.SignIn(p.t.Context(), from("192.0.2.1"), "ada", goodPassword)
	if err != nil || a.Second == "" || a.ID != "" {
		p.t.Fatalf("arrival %+v, %v", a, err)
	}
	return a.Second
}

func wantCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	if apperr.CodeOf(err) != code {
		t.Errorf("%s: %v, want code %q", what, err, code)
	}
}

func TestSecondFactor(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, p *people) {
		ctx, actor := t.Context(), p.ada.Actor(access.ViaSession, "192.0.2.1", "r")
		if err := p.OfferSecond(ctx, actor, "not the password"); !apperr.Is(err, apperr.Invalid) {
			t.Errorf("offered without the password: %v", err)
		}
		if err := p.OfferSecond(ctx, actor, goodPassword); err != nil {
			t.Fatal(err)
		}
		if a, err := p.SignIn(ctx, from("192.0.2.1"), "ada", goodPassword); err != nil || a.ID == "" {
			t.Errorf("an offer counts already: %+v, %v", a, err)
		}
		if _, err := p.ConfirmSecond(ctx, actor, "000000"); !apperr.Is(err, apperr.Invalid) {
			t.Errorf("confirmed with a wrong code: %v", err)
		}
		p.clock.move(10 * time.Minute)
		f, err := p.store.SecondFactor(ctx, p.ada.ID)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.ConfirmSecond(ctx, actor, p.app(f.Secret))
		wantCode(t, "an old offer", err, "no_second")

		secret, codes := p.enrol()
		wantCode(t, "a second offer", p.OfferSecond(ctx, actor, goodPassword), "second_exists")
		if f, err := p.SecondFactor(ctx, actor); err != nil || !f.Active() || f.Secret != "" || f.CodesLeft != access.RecoveryCodes {
			t.Errorf("confirmed: %+v, %v", f, err)
		}

		// The code that confirmed is spent.
		id := p.half()
		_, err = p.SignInSecond(ctx, from("192.0.2.1"), id, p.app(secret))
		wantCode(t, "the code of the confirmation", err, "wrong_code")
		p.clock.move(30 * time.Second)
		code := p.app(secret)
		if u, err := p.SignInSecond(ctx, from("192.0.2.1"), id, code); err != nil || u.ID != p.ada.ID || u.PasswordHash != "" {
			t.Fatalf("%+v, %v", u, err)
		}
		_, err = p.SignInSecond(ctx, from("192.0.2.1"), id, p.app(secret))
		wantCode(t, "a sign-in that is done", err, "second_expired")
		id = p.half()
		_, err = p.SignInSecond(ctx, from("192.0.2.1"), id, code)
		wantCode(t, "a code used again", err, "wrong_code")

		// Recovery codes: each once.
		if _, err := p.SignInSecond(ctx, from("192.0.2.1"), id, codes[3]); err != nil {
			t.Fatal(err)
		}
		_, err = p.SignInSecond(ctx, from("192.0.2.1"), p.half(), codes[3])
		wantCode(t, "a recovery code used again", err, "wrong_code")
		renewed, err := p.RenewRecoveryCodes(ctx, actor, goodPassword)
		if err != nil || len(renewed) != access.RecoveryCodes {
			t.Fatalf("%q, %v", renewed, err)
		}
		_, err = p.SignInSecond(ctx, from("192.0.2.1"), p.half(), codes[4])
		wantCode(t, "a recovery code that was replaced", err, "wrong_code")

		// A sign-in waits for five minutes, and ends with a new password.
		id = p.half()
		p.clock.move(5 * time.Minute)
		_, err = p.SignInSecond(ctx, from("192.0.2.1"), id, p.app(secret))
		wantCode(t, "too late", err, "second_expired")
		id = p.half()
		if err := p.ResetPassword(ctx, access.CLI("root"), p.ada.ID, "quite another 7"); err != nil {
			t.Fatal(err)
		}
		_, err = p.SignInSecond(ctx, from("192.0.2.1"), id, p.app(secret))
		wantCode(t, "after another password", err, "second_expired")
		_, err = p.SignInSecond(ctx, from("192.0.2.1"), access.NewSecret(), p.app(secret))
		wantCode(t, "a made-up sign-in", err, "second_expired")

		for _, e := range p.entries("") {
			if text := string(e.Before) + string(e.After) + e.Note; text != "" {
				for _, hidden := range append([]string{secret, code}, append(codes, renewed...)...) {
					if strings.Contains(text, hidden) {
						t.Errorf("the audit tells %q: %s", hidden, text)
					}
				}
			}
		}
		for _, action := range []audit.Action{audit.SecondAdd, audit.SecondCodes} {
			if len(p.entries(action)) != 1 {
				t.Errorf("%s is not in the audit once", action)
			}
		}
	})
}

func TestSecondFactorIsThrottled(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, p *people) {
		ctx := t.Context()
		secret, _ := p.enrol()
		p.clock.move(time.Minute)
		for range 5 {
			// A right password between guesses, and another address each time, win nothing.
			_, err := p.SignInSecond(ctx, from("203.0.113.7"), p.half(), "000000")
			wantCode(t, "a guess", err, "wrong_code")
		}
		_, err := p.SignInSecond(ctx, from("198.51.100.9"), p.half(), p.app(secret))
		wantCode(t, "the sixth try", err, "throttled")
		p.clock.move(time.Minute)
		if _, err := p.SignInSecond(ctx, from("198.51.100.9"), p.half(), p.app(secret)); err != nil {
			t.Errorf("after the wait: %v", err)
		}
		if n := len(p.entries(audit.SignInFail)); n != 5 {
			t.Errorf("%d refusals in the audit, want 5", n)
		}
	})
}

func TestACodeCountsOnceAmongSimultaneousSignIns(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, p *people) {
		secret, _ := p.enrol()
		p.clock.move(time.Minute)
		id, code := p.half(), p.app(secret)
		var in atomic.Int64
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if _, err := p.SignInSecond(t.Context(), from("192.0.2.1"), id, code); err == nil {
					in.Add(1)
				}
			})
		}
		wg.Wait()
		if in.Load() != 1 {
			t.Errorf("%d sign-ins with one code", in.Load())
		}
	})
}

func TestRemoveSecondFactor(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, p *people) {
		ctx, own := t.Context(), p.ada.Actor(access.ViaSession, "192.0.2.1", "r")
		secret, _ := p.enrol()
		p.clock.move(time.Minute)
		id := p.half()
		vic := p.user("vic", access.Viewer)
		if _, err := p.RemoveUserSecond(ctx, vic.Actor(access.ViaSession, "", ""), p.ada.ID); !apperr.Is(err, apperr.Forbidden) {
			t.Errorf("a viewer removes it: %v", err)
		}
		if err := p.RemoveSecond(ctx, own, "not the password"); !apperr.Is(err, apperr.Invalid) {
			t.Errorf("removed without the password: %v", err)
		}
		if have, err := p.SecondFactors(ctx, own); err != nil || !have[p.ada.ID] || have[vic.ID] {
			t.Errorf("%v, %v", have, err)
		}
		if _, err := p.RemoveUserSecond(ctx, access.CLI("root"), p.ada.ID); err != nil {
			t.Fatal(err)
		}
		_, err := p.RemoveUserSecond(ctx, access.CLI("root"), p.ada.ID)
		wantCode(t, "removed twice", err, "no_second")
		_, err = p.SignInSecond(ctx, from("192.0.2.1"), id, p.app(secret))
		wantCode(t, "a sign-in that waited", err, "second_expired")
		if a, err := p.SignIn(ctx, from("192.0.2.1"), "ada", goodPassword); err != nil || a.ID == "" {
			t.Errorf("the password alone: %+v, %v", a, err)
		}
		p.enrol()
		if err := p.RemoveSecond(ctx, own, goodPassword); err != nil {
			t.Error(err)
		}
		if n := len(p.entries(audit.SecondRemove)); n != 2 {
			t.Errorf("%d removals in the audit, want 2", n)
		}
	})
}
