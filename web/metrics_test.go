package web_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bearer := func(secret string) *call {
		c := w.get("", "/metrics").header("Authorization", "Bearer "+secret)
		c.r.Header.Del("Sec-Fetch-Site")
		return c
	}
	for range 2 {
		w.get(vic, "/jobs/0198c0de-0000-7000-8000-000000000001").want(http.StatusNotFound)
	}
	w.get(vic, "/no/such/page").want(http.StatusNotFound)
	a := bearer(w.tokens[vic]).want(http.StatusOK).has("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	a.contains("\ncarillon_workers 7\n", "\ncarillon_database_up 1\n",
		`carillon_http_requests_total{method="GET",route="/jobs/:id",status="4xx"} 2`, `route="none",status="4xx"} 1`).lacks("0198c0de", "/no/such")
	w.get(ada, "/metrics").want(http.StatusOK).contains(`route="/metrics",status="2xx"} 1`)

	w.get("", "/metrics").want(http.StatusUnauthorized).lacks("carillon_")
	for _, secret := range []string{"", "crl_" + strings.Repeat("A", 43), "x"} {
		bearer(secret).want(http.StatusUnauthorized).lacks("carillon_")
	}
	w.get("", "/metrics").header("Authorization", "Basic dmljOng=").want(http.StatusUnauthorized)
}
