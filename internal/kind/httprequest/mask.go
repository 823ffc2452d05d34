package httprequest

import (
	"net/url"
	"strings"
)

// mask stands for a value that must not be shown.
const mask = "***"

// secretName reports whether a header or query parameter of that name is likely to
// carry a credential.
func secretName(name string) bool {
	name = strings.Map(func(r rune) rune {
		switch {
		case r == '-', r == '_', r == '.':
			return -1
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}, name)
	for _, word := range []string{
		"authorization", "authenticate", "cookie", "token", "secret", "password",
		"passwd", "apikey", "accesskey", "privatekey", "signature", "credential", "session",
	} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return name == "key" || name == "sig" || name == "auth" || name == "xauth"
}

// maskURL returns the URL for showing: without password, and with the values of
// secret query parameters masked. The rest of the query stays as it was written.
func maskURL(u *url.URL) string {
	shown := *u
	if u.User != nil {
		shown.User = url.User(u.User.Username())
		if _, has := u.User.Password(); has {
			shown.User = url.UserPassword(u.User.Username(), mask)
		}
	}
	if u.RawQuery == "" {
		return shown.String()
	}
	pairs := strings.Split(u.RawQuery, "&")
	for i, pair := range pairs {
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err == nil && secretName(plain) {
			pairs[i] = name + "=" + mask
		}
	}
	shown.RawQuery = strings.Join(pairs, "&")
	return shown.String()
}

// maskURLText is [maskURL] for a text; what is no URL is not shown.
func maskURLText(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "?"
	}
	return maskURL(u)
}
