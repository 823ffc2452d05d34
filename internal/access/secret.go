package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// TokenPrefix starts every API token, so that people and scanners recognise a leaked one.
const TokenPrefix = "crl_"

// secretBytes is the length of a random secret: 256 bits.
const secretBytes = 32

// secretLength is the length of a secret's text.
const secretLength = (secretBytes*8 + 5) / 6

// NewSecret returns a random secret of 256 bits as 43 characters that are safe in a URL
// and in a cookie.
func NewSecret() string {
	b := make([]byte, secretBytes)
	rand.Read(b) // never fails: it crashes the program when the system has no randomness
	return base64.RawURLEncoding.EncodeToString(b)
}

// NewToken returns a random API token: [TokenPrefix] and a secret.
func NewToken() string { return TokenPrefix + NewSecret() }

// IsSecret reports whether s has the form of a secret. It saves a look-up for nonsense.
func IsSecret(s string) bool {
	if len(s) != secretLength {
		return false
	}
	_, err := base64.RawURLEncoding.DecodeString(s)
	return err == nil
}

// IsToken reports whether s has the form of an API token.
func IsToken(s string) bool {
	secret, ok := strings.CutPrefix(s, TokenPrefix)
	return ok && IsSecret(secret)
}

// HashSecret returns the hex SHA-256 of a secret, which is what gets stored. A secret has
// 256 random bits, so a fast hash without salt is enough.
func HashSecret(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// SameSecret compares two secrets in constant time. Nothing equals an empty secret.
func SameSecret(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1 && a != "" && b != ""
}
