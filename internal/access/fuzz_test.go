package access

import (
	"testing"
	"time"
)

// FuzzProofs feeds the readers of tokens, codes and recovery codes. They take what this
// package makes, in any way people type it, and hash one secret one way only.
func FuzzProofs(f *testing.F) {
	for _, seed := range []string{"", "crl_", NewToken(), NewSecret(), "287082", " 28 70 82", NewRecoveryCodes()[0], "ABCD-EFGH-IJKL-MNOP", "\x00", "ﬀ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if IsToken(text) && (len(text) != len(TokenPrefix)+secretLength || !IsSecret(text[len(TokenPrefix):])) {
			t.Errorf("%q counts as a token", text)
		}
		if SameSecret(text, "") || text != "" && !SameSecret(text, text) {
			t.Errorf("%q: an empty secret equals it, or it does not equal itself", text)
		}
		if hash := HashRecoveryCode(text); hash != "" && (len(hash) != 64 || len(text) < 16) {
			t.Errorf("%q counts as a recovery code", text)
		}
		if _, ok := MatchSecond(rfcSecret, text, time.Unix(59, 0)); ok && len(text) < 6 {
			t.Errorf("%q counts as a code", text)
		}
		MatchSecond(text, "287082", time.Unix(59, 0)) // no secret makes it fail
	})
}
