package web

import (
	"bytes"
	"net/http"
)

// metricsPath is where Prometheus looks by default.
const metricsPath = "/metrics"

// metricsType is the text form of Prometheus.
const metricsType = "text/plain; version=0.0.4; charset=utf-8"

// metrics answers what Prometheus asks for, to whoever may see the system: a session, or
// a token, which Prometheus sends as a Bearer token.
func (s *Server) metrics(q *request) error {
	var b bytes.Buffer
	if err := s.Metrics.Write(q.ctx(), &b); err != nil {
		return err
	}
	q.send(http.StatusOK, metricsType, b.Bytes())
	return nil
}
