// Package config is the program's command line: its grammar, the options with their
// environment variables and config file, and their validation.
package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"
)

// Server is how the program runs. [Parse] returns it complete and valid.
type Server struct {
	Listen         string        // host:port; an empty host is every address of the machine
	Data           string        // data folder; made when it is missing
	DatabaseURL    Secret        // PostgreSQL address; "" is SQLite in the data folder
	Workers        int           // runs at once, at least 1
	DrainTimeout   time.Duration // how long a shutdown waits for runs
	HTTPDeny       []string      // networks that HTTP jobs must not reach, see netguard.ParseRules
	HTTPAllow      []string      // exceptions of HTTPDeny
	Demo           bool          // start with example jobs
	BasePath       string        // "" or "/path" without a trailing slash
	TrustedProxies []string      // prefixes or addresses whose X-Forwarded-For counts
	PublicURL      string        // the console's address as people type it, base path included, without a trailing slash; "" is unknown
	LogFormat      string        // "text" or "json"
	LogLevel       slog.Level    //
	Zone           string        // IANA name: the zone of jobs that name none
	Dev            bool          // offer what only developers need: the gallery of components
}

// Secret is a text that no log and no error shows.
type Secret string

// Reveal returns the text itself.
func (s Secret) Reveal() string { return string(s) }

// String tells only whether there is a secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "(secret)"
}

// GoString does the same for %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText does the same for JSON.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue does the same for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Location returns the zone of jobs that name none.
func (s Server) Location() *time.Location {
	if zone, err := time.LoadLocation(s.Zone); err == nil {
		return zone
	}
	return time.UTC
}

// Proxies returns the trusted proxies as prefixes.
func (s Server) Proxies() []netip.Prefix {
	var all []netip.Prefix
	for _, text := range s.TrustedProxies {
		if p, err := parsePrefix(text); err == nil {
			all = append(all, p)
		}
	}
	return all
}

// Warnings returns sentences about options that are allowed but unwise.
func (s Server) Warnings() []string {
	var all []string
	if !s.Loopback() && !strings.HasPrefix(s.PublicURL, "https://") {
		all = append(all, fmt.Sprintf("The console listens on %s without TLS, so passwords travel in the clear. "+
			"Put a TLS proxy in front of it and name its address with --public-url.", s.Listen))
	}
	return all
}

// Loopback reports whether only this machine can reach the console.
func (s Server) Loopback() bool {
	host, _, _ := net.SplitHostPort(s.Listen)
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// parsePrefix reads a prefix, or an address as the prefix of itself.
func parsePrefix(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		p, err := netip.ParsePrefix(text)
		return p.Masked(), err
	}
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	return netip.PrefixFrom(ip, ip.BitLen()), nil
}
