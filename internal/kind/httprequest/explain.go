package httprequest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/url"
	"syscall"

	"carillon/internal/kind"
	"carillon/internal/netguard"
)

// explain words an error of the network. The text of a [url.Error] is never used: it
// has the whole URL in it, with whatever secrets the URL has.
func explain(err error) error {
	host := "the server"
	cause := err
	if ue, ok := errors.AsType[*url.Error](err); ok {
		cause = ue.Err
		if u, parseErr := url.Parse(ue.URL); parseErr == nil && u.Host != "" {
			host = u.Host
		}
	}
	failure := sentence(cause, host)
	if !isTimeout(cause) { // a phase that took too long is not the run's own time limit
		failure.Err = cause
	}
	return failure
}

func sentence(err error, host string) *kind.Failure {
	var (
		denied *netguard.DeniedError
		dns    *net.DNSError
		cert   *tls.CertificateVerificationError
		record tls.RecordHeaderError
		alert  tls.AlertError
		x509e  x509.HostnameError
	)
	switch {
	case errors.As(err, &denied):
		return kind.Fail("kind.failure.http_denied", "address {{.address}} of {{.host}} is denied by this server's network rules",
			"address", denied.Address, "host", host)
	case errors.As(err, &dns) && dns.IsNotFound:
		return kind.Fail("kind.failure.http_dns", "no address found for {{.host}}", "host", host)
	case errors.Is(err, syscall.ECONNREFUSED):
		return kind.Fail("kind.failure.http_refused", "{{.host}} refused the connection", "host", host)
	case errors.As(err, &cert), errors.As(err, &record), errors.As(err, &alert), errors.As(err, &x509e):
		return kind.Fail("kind.failure.http_tls", "no secure connection to {{.host}}: {{.reason}}", "host", host, "reason", reason(err))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return kind.Fail("kind.failure.http_broken", "{{.host}} closed the connection before its answer was complete", "host", host)
	case isTimeout(err):
		return kind.Fail("kind.failure.http_connect", "{{.host}} could not be reached in time", "host", host)
	default:
		return kind.Fail("kind.failure.http_other", "request to {{.host}} failed: {{.reason}}", "host", host, "reason", reason(err))
	}
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

func reason(err error) string { return kind.Cut(kind.Line(err.Error()), 300) }
