package web_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"carillon/web"
)

// TestConnectionLimits: a client that is slow or greedy holds nothing for long.
func TestConnectionLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	srv := web.NewHTTPServer(w.server)
	for name, limit := range map[string]time.Duration{
		"header": srv.ReadHeaderTimeout, "body": srv.ReadTimeout, "answer": srv.WriteTimeout, "idle": srv.IdleTimeout,
	} {
		if limit <= 0 || limit > 5*time.Minute {
			t.Errorf("limit of the %s: %s", name, limit)
		}
	}
	if srv.MaxHeaderBytes <= 0 || srv.MaxHeaderBytes > 2<<20 {
		t.Errorf("limit of the header: %d bytes", srv.MaxHeaderBytes)
	}

	server := w.serve()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() { // the server may close before all is sent
		_, _ = io.WriteString(conn, "GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: "+strings.Repeat("a", 3<<20)+"\r\n\r\n")
	}()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of three megabytes: %s", resp.Status)
	}
}
