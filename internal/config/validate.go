package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"carillon/internal/netguard"
)

// The bounds of options.
const (
	maxWorkers = 10_000
	maxDrain   = 24 * time.Hour
	maxNext    = 10_000 // times that "next" prints
)

// Error holds everything that is wrong with the options, one sentence each.
type Error struct{ Faults []string }

// Error implements error: the sentences, one a line.
func (e *Error) Error() string { return strings.Join(e.Faults, "\n") }

// addf records a fault.
func (e *Error) addf(format string, args ...any) {
	e.Faults = append(e.Faults, fmt.Sprintf(format, args...))
}

// orNil returns e as an error, nil if nothing is wrong.
func (e *Error) orNil() error {
	if len(e.Faults) == 0 {
		return nil
	}
	return e
}

// server turns what was read into a valid Server.
func (o *options) server() (Server, error) {
	var faults Error
	s := Server{
		Listen: o.Serve.Listen, Data: strings.TrimSpace(o.Data), DatabaseURL: o.databaseURL(&faults),
		Workers: o.Serve.Workers, DrainTimeout: o.Serve.DrainTimeout,
		HTTPDeny: o.Serve.HTTPDeny, HTTPAllow: o.Serve.HTTPAllow, Demo: o.Serve.Demo,
		BasePath: strings.TrimRight(o.Serve.BasePath, "/"), TrustedProxies: o.Serve.TrustedProxies,
		PublicURL: strings.TrimRight(o.Serve.PublicURL, "/"), LogFormat: o.LogFormat, Zone: o.Serve.Zone, Dev: o.Serve.Dev,
	}
	if err := s.LogLevel.UnmarshalText([]byte(o.LogLevel)); err != nil {
		s.LogLevel = slog.LevelInfo
		faults.addf("--log-level must be debug, info, warn or error, not %q.", o.LogLevel)
	}
	if s.Zone == "" {
		s.Zone = machineZone(os.Getenv("TZ"), "/etc/localtime")
	}
	s.checkPlace(&faults)
	s.checkNetwork(&faults)
	s.checkWork(&faults)
	if o.Next.Count < 1 || o.Next.Count > maxNext {
		faults.addf("--count must be between 1 and %d, not %d.", maxNext, o.Next.Count)
	}
	return s, faults.orNil()
}

// databaseURL returns the database's address, from the option or from a file.
func (o *options) databaseURL(faults *Error) Secret {
	if o.DatabaseURLFile == "" {
		return o.DatabaseURL
	}
	if o.DatabaseURL != "" {
		faults.addf("Give either --database-url or --database-url-file, not both.")
		return ""
	}
	text, err := os.ReadFile(o.DatabaseURLFile)
	if err != nil {
		faults.addf("The file of --database-url-file cannot be read: %v.", err)
		return ""
	}
	url := Secret(strings.TrimSpace(string(text)))
	if url == "" {
		faults.addf("The file of --database-url-file is empty.")
	}
	return url
}

func (s *Server) checkPlace(faults *Error) {
	if s.Data == "" {
		faults.addf("--data must name a folder.")
	}
	if url := s.DatabaseURL.Reveal(); url != "" && !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
		// The text is not shown: it may hold a password all the same.
		faults.addf("--database-url must start with postgres:// or postgresql://.")
	}
	if s.LogFormat != "text" && s.LogFormat != "json" {
		faults.addf("--log-format must be text or json, not %q.", s.LogFormat)
	}
	if _, err := time.LoadLocation(s.Zone); err != nil || s.Zone == "Local" {
		faults.addf("--zone must be an IANA time zone such as Europe/Berlin, not %q.", s.Zone)
	}
}

func (s *Server) checkNetwork(faults *Error) {
	_, port, err := net.SplitHostPort(s.Listen)
	n, convErr := strconv.Atoi(port)
	if err != nil || convErr != nil || n < 0 || n > 65535 {
		faults.addf("--listen must be an address and a port such as 127.0.0.1:8080, not %q.", s.Listen)
	}
	for _, text := range s.TrustedProxies {
		if _, err := parsePrefix(text); err != nil {
			faults.addf("--trusted-proxies has %q, which is no address and no network such as 10.0.0.0/8.", text)
		}
	}
	if _, err := netguard.ParseRules(s.HTTPDeny, nil); err != nil {
		faults.addf("--http-deny is not right: %v.", err)
	}
	if _, err := netguard.ParseRules(nil, s.HTTPAllow); err != nil {
		faults.addf("--http-allow is not right: %v.", err)
	}
	basePath := regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)*$`)
	if !basePath.MatchString(s.BasePath) || s.BasePath != "" && path.Clean(s.BasePath) != s.BasePath {
		faults.addf("--base-path must be a path such as /carillon, not %q.", s.BasePath)
	}
	s.checkPublicURL(faults)
}

func (s *Server) checkPublicURL(faults *Error) {
	if s.PublicURL == "" {
		return
	}
	u, err := url.Parse(s.PublicURL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		faults.addf("--public-url must be an address such as https://jobs.example.com, not %q.", s.PublicURL)
	case u.Path != s.BasePath:
		faults.addf("The path of --public-url is %q but --base-path is %q. They must be the same.", u.Path, s.BasePath)
	}
}

func (s *Server) checkWork(faults *Error) {
	if s.Workers < 1 || s.Workers > maxWorkers {
		faults.addf("--workers must be between 1 and %d, not %d.", maxWorkers, s.Workers)
	}
	if s.DrainTimeout < 0 || s.DrainTimeout > maxDrain {
		faults.addf("--drain-timeout must be between 0s and %s, not %s.", FormatDuration(maxDrain), FormatDuration(s.DrainTimeout))
	}
}
