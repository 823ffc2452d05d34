package httprequest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"carillon/internal/job"
	"carillon/internal/kind"
)

// request builds the request that the args describe.
func (h *HTTPRequest) request(ctx context.Context, args job.Args) (*http.Request, error) {
	data := kind.String(args, "data")
	var body io.Reader
	if data != "" {
		body = strings.NewReader(data)
	}
	method := cmp.Or(kind.String(args, "method"), http.MethodGet)
	req, err := http.NewRequestWithContext(ctx, method, kind.String(args, "url"), body)
	if err != nil {
		return nil, fmt.Errorf("build request: %w", err)
	}
	req.Header.Set("User-Agent", h.userAgent)
	if culture := kind.String(args, "culture"); culture != "" {
		req.Header.Set("Accept-Language", culture)
	}
	if data != "" {
		req.Header.Set("Content-Type", cmp.Or(kind.String(args, "contentType"), guessType(data)))
	}
	for name, value := range kind.Map(args, "headers") {
		if strings.EqualFold(name, "Host") {
			req.Host = value
			continue
		}
		req.Header.Set(name, value)
	}
	return req, nil
}

// guessType names the type of a body whose job does not.
func guessType(data string) string {
	if json.Valid([]byte(data)) {
		return "application/json"
	}
	return "text/plain; charset=utf-8"
}
