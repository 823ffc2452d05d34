// Package httprequest is the kind of work that sends an HTTP request and judges the
// answer by its status.
//
// Addresses are judged by a guard at the moment of each connection, redirects are
// counted and lose credentials when they leave the host, and what is read and shown
// of an answer is bounded. The environment's proxy settings are not used.
package httprequest

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"carillon/internal/job"
	"carillon/internal/kind"
	"carillon/internal/netguard"
)

// DefaultMaxConns is the most connections to one host at a time.
const DefaultMaxConns = 512

var _ kind.Kind = (*HTTPRequest)(nil)

// Options are what an [HTTPRequest] needs to know of its surroundings.
type Options struct {
	// Guard says which addresses may be reached; nil denies only what is always denied.
	Guard *netguard.Rules
	// UserAgent is sent unless the job sets its own; "" means "Carillon".
	UserAgent string
	// MaxConnsPerHost bounds the connections to one host, beyond which requests wait
	// for one; 0 means [DefaultMaxConns].
	MaxConnsPerHost int
}

// HTTPRequest sends HTTP requests over connections that its runs share.
type HTTPRequest struct {
	guard     *netguard.Rules
	userAgent string
	transport *http.Transport
}

// New returns the kind.
func New(o Options) *HTTPRequest {
	if o.Guard == nil {
		o.Guard = &netguard.Rules{}
	}
	return &HTTPRequest{
		guard:     o.Guard,
		userAgent: cmp.Or(o.UserAgent, "Carillon"),
		transport: newTransport(o.Guard, cmp.Or(o.MaxConnsPerHost, DefaultMaxConns)),
	}
}

// Close closes connections that are kept for later requests.
func (h *HTTPRequest) Close() { h.transport.CloseIdleConnections() }

// Run implements [kind.Kind].
func (h *HTTPRequest) Run(ctx context.Context, x kind.Execution) (kind.Result, error) {
	outer := ctx
	limit := kind.Number(x.Args, "timeout")
	if limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(limit)*time.Second)
		defer cancel()
	}
	result, err := h.exchange(ctx, x)
	var failure *kind.Failure
	switch {
	case err == nil:
		return result, nil
	case errors.As(err, &failure):
		return result, failure
	case outer.Err() != nil:
		return result, kind.Stopped(outer)
	case ctx.Err() != nil:
		return result, kind.TimedOut(limit)
	default:
		return result, explain(err)
	}
}

// exchange sends the request and prints what happens. Its error is a [kind.Failure]
// or one of the network's.
func (h *HTTPRequest) exchange(ctx context.Context, x kind.Execution) (kind.Result, error) {
	expected, err := parseStatuses(kind.String(x.Args, "expectedStatus"))
	if err != nil {
		return kind.Result{}, kind.Fail("kind.failure.parameters", "the parameters cannot be used").Because(err)
	}
	req, err := h.request(ctx, x.Args)
	if err != nil {
		return kind.Result{}, kind.Fail("kind.failure.parameters", "the parameters cannot be used").Because(err)
	}
	out := printer{to: x.Stdout}
	out.request(req)
	client := http.Client{
		Transport:     h.transport,
		CheckRedirect: follow(int(kind.Number(x.Args, "maxRedirects")), out.redirect),
	}
	resp, err := client.Do(req)
	if err != nil {
		return kind.Result{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	out.response(resp)
	start, err := out.body(resp, kind.Number(x.Args, "maxBody"))
	result := kind.Result{Message: message(resp, start)}
	switch {
	case !expected.contains(resp.StatusCode):
		return result, kind.Fail("kind.failure.http_status", "HTTP {{.status}} from {{.host}}",
			"status", resp.StatusCode, "host", resp.Request.URL.Host)
	case err != nil:
		return result, err
	}
	return result, nil
}

// message is the status and the start of the body in one line.
func message(resp *http.Response, start []byte) string {
	status := strings.TrimSpace(resp.Status)
	if body := kind.Line(string(start)); body != "" {
		return kind.Line(status + ": " + body)
	}
	return kind.Line(status)
}

// Summary implements [kind.Kind].
func (h *HTTPRequest) Summary(args job.Args) string {
	method := cmp.Or(kind.String(args, "method"), http.MethodGet)
	return kind.Line(method + " " + maskURLText(kind.String(args, "url")))
}
