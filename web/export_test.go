package web

import (
	"net/http"

	"carillon/internal/access"
)

// Route is a line of the route table, for tests.
type Route struct {
	Method, Path string
	Needs        access.Permission
	Stream       bool
}

// RoutesOf returns the route table of a server.
func RoutesOf(s *Server) []Route {
	var list []Route
	for _, e := range s.routes() {
		list = append(list, Route{e.method, e.path, e.needs, e.stream})
	}
	return list
}

// SafeNext is safeNext for tests.
func SafeNext(r *http.Request, next string) string { return safeNext(r, next) }

// ASCIIJSON is asciiJSON for tests.
func ASCIIJSON(v any) string { return asciiJSON(v) }
