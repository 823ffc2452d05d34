package access

import (
	"bytes"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
)

// The numbers of the second factor (TOTP, RFC 6238, as all authenticator apps know it).
const (
	RecoveryCodes = 10               // made at once
	secondStep    = 30 * time.Second // one code lasts so long
	secondSkew    = 1                // steps that a clock may be off, either way
	secondBytes   = 20               // of the shared secret: 160 bits
	recoveryBytes = 10               // of a recovery code: 80 bits
	secondIssuer  = "Carillon"
	qrSize        = 232 // pixels, without the margin
	qrMargin      = 24  // pixels of white around it, without which readers do not find it
)

// SecondFactor is a person's second factor: a secret shared with an authenticator app.
type SecondFactor struct {
	UserID      string
	Secret      string    // base32; never leaves the program once confirmed
	CreatedAt   time.Time //
	ConfirmedAt time.Time // zero: offered, but no code of it was seen yet; it does not count
	LastStep    int64     // the time step of the last code used; codes up to it are spent
	CodesLeft   int       // recovery codes not used yet
}

// Active reports whether signing in takes the second factor.
func (s SecondFactor) Active() bool { return !s.ConfirmedAt.IsZero() }

// HalfSignIn is a sign-in that has shown its password and waits for the second factor. It
// is no session, and nothing takes it for one.
type HalfSignIn struct {
	IDHash    string // hex SHA-256 of the opaque id in its cookie
	UserID    string
	ExpiresAt time.Time
}

// plain32 is base32 without padding.
func plain32() *base32.Encoding { return base32.StdEncoding.WithPadding(base32.NoPadding) }

// NewSecondSecret returns a random secret for an authenticator app, in base32.
func NewSecondSecret() string {
	b := make([]byte, secondBytes)
	rand.Read(b) // never fails, see NewSecret
	return plain32().EncodeToString(b)
}

// SecondURL is what an authenticator app reads from the picture.
func SecondURL(secret, userName string) string {
	query := url.Values{"secret": {secret}, "issuer": {secondIssuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + secondIssuer + ":" + userName, RawQuery: query.Encode()}
	return u.String()
}

// SecondPicture is the QR code of [SecondURL], a PNG.
func SecondPicture(secret, userName string) ([]byte, error) {
	key, err := otp.NewKeyFromURL(SecondURL(secret, userName))
	if err != nil {
		return nil, fmt.Errorf("make QR code: %w", err)
	}
	code, err := key.Image(qrSize, qrSize)
	if err != nil {
		return nil, fmt.Errorf("make QR code: %w", err)
	}
	const side = qrSize + 2*qrMargin
	img := image.NewGray(image.Rect(0, 0, side, side))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(img, image.Rect(qrMargin, qrMargin, side-qrMargin, side-qrMargin), code, code.Bounds().Min, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("make QR code: %w", err)
	}
	return b.Bytes(), nil
}

// MatchSecond returns the time step whose code this is, within one step of now; false if
// there is none. It compares with all of them, always. The caller sees to it that no step
// counts twice.
func MatchSecond(secret, code string, now time.Time) (step int64, ok bool) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	current := now.Unix() / int64(secondStep.Seconds())
	for s := current - secondSkew; s <= current+secondSkew; s++ {
		right, err := hotp.GenerateCode(secret, uint64(s))
		if err == nil && subtle.ConstantTimeCompare([]byte(code), []byte(right)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// NewRecoveryCodes returns [RecoveryCodes] random codes, each as "ABCD-EFGH-IJKL-MNOP".
func NewRecoveryCodes() []string {
	codes := make([]string, RecoveryCodes)
	for i := range codes {
		b := make([]byte, recoveryBytes)
		rand.Read(b) // never fails, see NewSecret
		text := plain32().EncodeToString(b)
		codes[i] = text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
	}
	return codes
}

// HashRecoveryCode returns what gets stored of a recovery code, however it was typed; ""
// if it has not the form of one. 80 random bits need no slow hash.
func HashRecoveryCode(code string) string {
	plain := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(strings.TrimSpace(code)))
	if _, err := plain32().DecodeString(plain); err != nil || len(plain) != plain32().EncodedLen(recoveryBytes) {
		return ""
	}
	return HashSecret("recovery " + plain)
}
