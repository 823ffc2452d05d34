package httprequest

import (
	"net"
	"net/http"
	"time"

	"carillon/internal/kind"
	"carillon/internal/netguard"
)

// Limits of the phases of a request. The wait for the answer itself is bounded by the
// run's own time limit.
const (
	dialTimeout = 10 * time.Second
	tlsTimeout  = 10 * time.Second
	idleTimeout = 90 * time.Second
	keepAlive   = 30 * time.Second
	maxHeader   = 256 << 10 // bytes of an answer's header
)

func newTransport(guard *netguard.Rules, maxConns int) *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive, Control: guard.Control}
	return &http.Transport{
		// A proxy would connect in our place, past the guard.
		Proxy:               nil,
		DialContext:         dialer.DialContext,
		ForceAttemptHTTP2:   true,
		TLSHandshakeTimeout: tlsTimeout,
		// Bodies are shown and measured as they were sent.
		DisableCompression: true,
		// Connections of a burst are kept for the next one, or each burst would leave
		// thousands of ports waiting behind closed connections.
		MaxIdleConns:           2 * maxConns,
		MaxIdleConnsPerHost:    maxConns,
		MaxConnsPerHost:        maxConns,
		IdleConnTimeout:        idleTimeout,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: maxHeader,
	}
}

// follow returns the policy for redirects: at most limit of them, none if it is 0,
// and no credentials for another host.
func follow(limit int, seen func(*http.Request)) func(*http.Request, []*http.Request) error {
	left := false // a chain that left the host stays a stranger, also if it comes back
	return func(req *http.Request, via []*http.Request) error {
		switch {
		case limit == 0:
			return http.ErrUseLastResponse
		case len(via) > limit:
			return kind.Fail("kind.failure.http_redirects", "more than {{.max}} redirects", "max", limit)
		}
		first := via[0].URL
		left = left || req.URL.Host != first.Host || first.Scheme == "https" && req.URL.Scheme != "https"
		if left {
			for name := range req.Header {
				if secretName(name) {
					req.Header.Del(name)
				}
			}
			req.Header.Del("Referer") // it would tell the query of the address before
		}
		seen(req)
		return nil
	}
}
