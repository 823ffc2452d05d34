package access

import (
	"bytes"
	"image/png"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// rfcSecret is the secret of RFC 6238's test vectors, "12345678901234567890".
const rfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

func TestMatchSecond(t *testing.T) {
	t.Parallel()
	at := func(unix int64) time.Time { return time.Unix(unix, 0) }
	for _, c := range []struct {
		name string
		code string
		now  time.Time
		step int64 // 0: no match
	}{
		{"RFC 6238, first vector", "287082", at(59), 1},
		{"RFC 6238, another", "081804", at(1111111109), 37037036},
		{"spaces as apps show them", " 081 804 ", at(1111111109), 37037036},
		{"one step late", "287082", at(89), 1},
		{"one step early", "287082", at(0), 1},
		{"two steps late", "287082", at(90), 0},
		{"another code", "287083", at(59), 0},
		{"eight digits", "94287082", at(59), 0},
		{"nothing", "", at(59), 0},
		{"other digits", "２８７０８２", at(59), 0},
	} {
		if step, ok := MatchSecond(rfcSecret, c.code, c.now); ok != (c.step != 0) || step != c.step {
			t.Errorf("%s: step %d, %t", c.name, step, ok)
		}
	}
	if _, ok := MatchSecond("not base32!", "", at(59)); ok {
		t.Error("a broken secret matches")
	}
}

func TestSecondURL(t *testing.T) {
	t.Parallel()
	secret := NewSecondSecret()
	if len(secret) != 32 || secret == NewSecondSecret() {
		t.Errorf("secret %q", secret)
	}
	u, err := url.Parse(SecondURL(secret, "ada@ops"))
	if err != nil || u.Scheme != "otpauth" || u.Path != "/Carillon:ada@ops" || u.Query().Get("secret") != secret {
		t.Errorf("%v, %v", u, err)
	}
	raw, err := SecondPicture(secret, strings.Repeat("x", MaxName))
	if err != nil {
		t.Fatal(err)
	}
	if img, err := png.Decode(bytes.NewReader(raw)); err != nil || img.Bounds().Dx() != qrSize+2*qrMargin {
		t.Errorf("no picture: %v", err)
	}
}

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	codes := NewRecoveryCodes()
	if len(slices.Compact(slices.Sorted(slices.Values(codes)))) != RecoveryCodes {
		t.Fatalf("codes %q", codes)
	}
	want := HashRecoveryCode(codes[0])
	for _, typed := range []string{strings.ToLower(codes[0]), " " + strings.ReplaceAll(codes[0], "-", " ") + "\n", strings.ReplaceAll(codes[0], "-", "")} {
		if got := HashRecoveryCode(typed); got != want || got == "" {
			t.Errorf("typed as %q: %q, want %q", typed, got, want)
		}
	}
	for _, bad := range []string{"", "123456", "ABCD", codes[0] + "A", "1111-1111-1111-1111", "ÄBCD-EFGH-IJKL-MNOP"} {
		if got := HashRecoveryCode(bad); got != "" {
			t.Errorf("%q counts as a code", bad)
		}
	}
}
