package web

import (
	"net/http"
	"strings"

	"carillon/internal/access"
	"carillon/internal/apperr"
)

// bearer returns the token of a request to the JSON interface.
func (s *Server) bearer(r *http.Request) (secret string, ok bool) {
	if !visitOf(r).api {
		return "", false
	}
	scheme, secret, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return strings.TrimSpace(secret), true
}

// isBearer reports whether a request comes by the token's lane. Its cookies do not count.
func (s *Server) isBearer(r *http.Request) bool {
	_, ok := s.bearer(r)
	return ok
}

// identify finds out who makes the request, once, and only when it matters: probes and
// assets ask no database. Nobody signed in is no error.
func (s *Server) identify(r *http.Request) (identity, error) {
	v := visitOf(r)
	if !v.asked {
		v.asked = true
		v.who, v.err = s.lookUp(r)
	}
	return v.who, v.err
}

func (s *Server) lookUp(r *http.Request) (identity, error) {
	if secret, ok := s.bearer(r); ok {
		user, _, err := s.Accounts.BearerUser(r.Context(), secret)
		if err != nil {
			return identity{}, err
		}
		return identity{user: user, via: access.ViaToken}, nil
	}
	session, err := s.session(r)
	if err != nil {
		return identity{}, err
	}
	user, ok := session.Values[userValue].(access.User)
	if !ok {
		return identity{}, nil
	}
	info, _ := session.Values[sessionValue].(access.Session)
	return identity{user: user, via: access.ViaSession, session: info.IDHash}, nil
}

// authorise asks for a permission.
func (s *Server) authorise(r *http.Request, p access.Permission) error {
	if p == access.Public {
		return nil
	}
	who, err := s.identify(r)
	if err != nil {
		return err
	}
	if !who.known() {
		return apperr.New(apperr.Unauthenticated, "unauthenticated", "error.access.sign_in_required")
	}
	if !who.user.Role.Can(p) {
		return apperr.New(apperr.Forbidden, "forbidden", "error.access.forbidden")
	}
	return nil
}
