package web

import (
	"context"
	"net/http"

	"carillon/internal/access"
)

// visit is what is known of a request on its way, besides the request itself.
type visit struct {
	id      string // the request id
	address string // of the client, without port
	secure  bool   // the client speaks TLS, with us or with a trusted proxy
	api     bool   // below /api/, or the metrics: for programs, so that tokens count and errors are JSON
	route   string // the pattern of the route; "" if none fits

	asked bool // who was asked for
	who   identity
	err   error
}

// identity is who makes a request. The zero value is nobody.
type identity struct {
	user access.User
	via  access.Via
	// session is the id hash of the browser's session; "" for an API token.
	session string
}

// known reports whether somebody is signed in.
func (i identity) known() bool { return i.user.ID != "" }

type visitKey struct{}

// withVisit returns a context that carries v.
func withVisit(ctx context.Context, v *visit) context.Context {
	return context.WithValue(ctx, visitKey{}, v)
}

// visitOf returns the visit of a request that has come through the middleware.
func visitOf(r *http.Request) *visit {
	if v, ok := r.Context().Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{}
}

// actor returns who acts, for control.
func (v *visit) actor() access.Actor {
	if v.who.known() {
		return v.who.user.Actor(v.who.via, v.address, v.id)
	}
	return access.Actor{Address: v.address, RequestID: v.id}
}
