package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"carillon/internal/access"
	"carillon/internal/ident"
	"carillon/web"
)

// The matrix: every route of the table, tried in every circumstance, against what this
// file says in so many words. It asks neither the table which permission a route names
// nor the program which role carries it, or a slip there would be its own proof.

// doors says, for each route, which role it takes at least; "" is for routes that ask
// nobody who they are. A new route gets its line here.
func doors() map[access.Role][]string {
	const api = "/api/task-management/background-jobs"
	return map[access.Role][]string{
		"": {
			"GET /healthz", "GET /readyz", "GET /static/*",
			"GET /setup", "POST /setup", "GET /login", "POST /login", "GET /login/code", "POST /login/code", "POST /logout",
		},
		access.Viewer: {
			"GET /", "GET /events", "GET /system", "GET /metrics",
			"GET /jobs", "GET /jobs/:id", "GET /jobs/:id/revisions/:revision", "GET /jobs/:id/at/:at", "GET /jobs/preview", "GET /jobs/fields",
			"POST /jobs/bulk", // which asks for the right to the verb itself: TestBulk
			"GET /runs", "GET /runs/:id", "GET /runs/:id/output", "GET /runs/:id/stream",
			"GET /settings", "POST /settings", "POST /settings/password", "POST /settings/sessions",
			"POST /settings/tokens", "POST /settings/tokens/revoke", "POST /settings/second/offer", "POST /settings/second/confirm",
			"POST /settings/second/codes", "POST /settings/second/remove",
			"GET " + api, "GET " + api + "/definitions", "GET " + api + "/:id", "GET " + api + "/logs", "GET " + api + "/logs/:id",
		},
		access.Operator: {
			"GET /jobs/:id/pause",
			"POST /jobs/:id/pause", "POST /jobs/:id/resume", "POST /jobs/:id/start", "POST /jobs/:id/stop",
			"POST /jobs/:id/trigger", "POST /runs/:id/cancel", "POST /runs/:id/retry",
			"PUT " + api + "/bulk-pause", "PUT " + api + "/bulk-resume", "PUT " + api + "/bulk-trigger",
			"PUT " + api + "/bulk-start", "PUT " + api + "/bulk-stop",
			"PUT " + api + "/:id/pause", "PUT " + api + "/:id/resume", "PUT " + api + "/:id/trigger",
			"PUT " + api + "/:id/start", "PUT " + api + "/:id/stop",
		},
		access.Editor: {
			"POST /jobs", "GET /jobs/:id/trigger", "GET /jobs/new", "GET /jobs/import", "POST /jobs/import", "POST /jobs/:id", "GET /jobs/:id/edit", "GET /jobs/:id/clone",
			"POST /jobs/:id/revisions/:revision/restore",
			"POST /jobs/:id/delete", "POST /runs/:id/delete", "GET /audit", "GET /audit/export",
			"POST " + api, "PUT " + api + "/:id", "DELETE " + api + "/:id", "DELETE " + api + "/logs/:id",
			"PUT " + api + "/bulk-delete", "DELETE " + api + "/bulk-delete",
		},
		access.Admin: {
			"GET /users", "POST /users", "POST /users/:id/role", "POST /users/:id/disable", "POST /users/:id/enable",
			"POST /users/:id/password", "POST /users/:id/second",
		},
	}
}

// outcome is what a circumstance should come to.
type outcome string

const (
	served     outcome = "served"    // the handler answered, whatever it found
	signIn     outcome = "sign in"   // led to the sign-in page, or 401
	forbidden  outcome = "forbidden" // 403
	notAllowed outcome = "method"    // 405 with the methods allowed
)

// circumstance is how a request comes.
type circumstance struct {
	name string
	// as changes a request in which nobody is signed in and which claims nothing.
	as func(m *matrix, r *http.Request)
	// want is what should come of it, at a route with that least role ("" if it is open).
	want func(route web.Route, least access.Role) outcome
}

// matrix holds what the circumstances need.
type matrix struct {
	*world
	tokens map[string]string // beside those of the cast: "revoked", "expired", "disabled"
}

func newMatrix(t *testing.T) *matrix {
	t.Helper()
	m := &matrix{world: newWorld(t), tokens: map[string]string{}}
	m.server.CloseStreams() // they begin, and end at once
	ctx := t.Context()
	secret, token, err := m.accounts.CreateToken(ctx, access.CLI("test"), ada, "revoked", 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.accounts.RevokeToken(ctx, m.users[ada].Actor(access.ViaSession, "", ""), token.ID); err != nil {
		t.Fatal(err)
	}
	m.tokens["revoked"] = secret
	m.tokens["expired"] = access.NewToken()
	if err := m.store.InsertToken(ctx, access.Token{
		ID: ident.New(), Hash: access.HashSecret(m.tokens["expired"]), UserID: m.users[ada].ID, Name: "expired",
		CreatedAt: time.Now().Add(-2 * time.Hour), ExpiresAt: time.Now().Add(-time.Second),
	}); err != nil {
		t.Fatal(err)
	}
	gone, err := m.store.User(ctx, m.addUser("gone", access.Admin).ID)
	if err != nil {
		t.Fatal(err)
	}
	if m.tokens["disabled"], _, err = m.accounts.CreateToken(ctx, access.CLI("test"), "gone", "disabled", 0); err != nil {
		t.Fatal(err)
	}
	gone.Disabled = true // past the verb, which would end the sessions as well
	if err := m.store.UpdateUser(ctx, gone); err != nil {
		t.Fatal(err)
	}
	m.users["gone"] = gone
	return m
}

func (m *matrix) addUser(name string, role access.Role) access.User {
	m.t.Helper()
	u := access.User{ID: ident.New(), Name: name, Role: role, CreatedAt: time.Now()}
	if err := m.store.InsertUser(m.t.Context(), u); err != nil {
		m.t.Fatal(err)
	}
	return u
}

// session signs somebody in anew, so that no cell can spoil another, and adds the cookie.
func (m *matrix) session(r *http.Request, who string, change ...func(*access.Session)) {
	m.t.Helper()
	id, now := access.NewSecret(), time.Now()
	s := access.Session{
		IDHash: access.HashSecret(id), UserID: m.users[who].ID, CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(time.Hour),
	}
	for _, c := range change {
		c(&s)
	}
	if err := m.store.InsertSession(m.t.Context(), s); err != nil {
		m.t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "carillon", Value: id})
}

func sameOrigin(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-origin") }

func bearer(r *http.Request, secret string) { r.Header.Set("Authorization", "Bearer "+secret) }

func isAPI(route web.Route) bool {
	return strings.HasPrefix(route.Path, "/api/") || route.Path == "/metrics"
}

// unknown is what somebody comes to who proves nothing.
func unknown(_ web.Route, least access.Role) outcome {
	if least == "" {
		return served
	}
	return signIn
}

// asRole is what somebody of a role comes to.
func asRole(role access.Role) func(web.Route, access.Role) outcome {
	order := []access.Role{"", access.Viewer, access.Operator, access.Editor, access.Admin}
	return func(_ web.Route, least access.Role) outcome {
		if slices.Index(order, role) < slices.Index(order, least) {
			return forbidden
		}
		return served
	}
}

// fromElsewhere is what an administrator's browser comes to when another site made it
// send the request: it may follow links, and change nothing.
func fromElsewhere(route web.Route, _ access.Role) outcome {
	if route.Method == http.MethodGet {
		return served
	}
	return forbidden
}

// onlyAPI is for tokens, which count below /api/ and nowhere else.
func onlyAPI(want func(web.Route, access.Role) outcome) func(web.Route, access.Role) outcome {
	return func(route web.Route, least access.Role) outcome {
		if isAPI(route) {
			return want(route, least)
		}
		return unknown(route, least)
	}
}

func circumstances() []circumstance {
	list := []circumstance{
		{"anonymous", func(_ *matrix, r *http.Request) { sameOrigin(r) }, unknown},
		{"anonymous program", func(*matrix, *http.Request) {}, unknown},
		{"made-up session", func(_ *matrix, r *http.Request) {
			sameOrigin(r)
			r.AddCookie(&http.Cookie{Name: "carillon", Value: access.NewSecret()})
		}, unknown},
		{"expired session", func(m *matrix, r *http.Request) {
			sameOrigin(r)
			m.session(r, ada, func(s *access.Session) { s.ExpiresAt = time.Now().Add(-time.Second) })
		}, unknown},
		{"idle session", func(m *matrix, r *http.Request) {
			sameOrigin(r)
			m.session(r, ada, func(s *access.Session) { s.LastSeenAt = time.Now().Add(-13 * time.Hour) })
		}, unknown},
		{"revoked session", func(m *matrix, r *http.Request) {
			sameOrigin(r)
			var hash string
			m.session(r, ada, func(s *access.Session) { hash = s.IDHash })
			if err := m.accounts.RevokeSession(m.t.Context(), m.users[ada].Actor(access.ViaSession, "", ""), hash); err != nil {
				m.t.Error(err)
			}
		}, unknown},
		{"sign-in that waits for its code", func(m *matrix, r *http.Request) {
			sameOrigin(r)
			id := access.NewSecret()
			h := access.HalfSignIn{IDHash: access.HashSecret(id), UserID: m.users[ada].ID, ExpiresAt: time.Now().Add(time.Minute)}
			if err := m.store.InsertHalfSignIn(m.t.Context(), h, time.Now()); err != nil {
				m.t.Error(err)
			}
			r.AddCookie(&http.Cookie{Name: "carillon-code", Value: id})
			r.AddCookie(&http.Cookie{Name: "carillon", Value: id})
		}, unknown},
		{"disabled user", func(m *matrix, r *http.Request) { sameOrigin(r); m.session(r, "gone") }, unknown},
		{"disabled user's token", func(m *matrix, r *http.Request) { bearer(r, m.tokens["disabled"]) }, unknown},
		{"revoked token", func(m *matrix, r *http.Request) { bearer(r, m.tokens["revoked"]) }, unknown},
		{"expired token", func(m *matrix, r *http.Request) { bearer(r, m.tokens["expired"]) }, unknown},
		{"made-up token", func(_ *matrix, r *http.Request) { bearer(r, access.NewToken()) }, unknown},
		{"revoked token beside a good cookie", func(m *matrix, r *http.Request) {
			sameOrigin(r)
			m.session(r, ada)
			bearer(r, m.tokens["revoked"])
		}, func(route web.Route, least access.Role) outcome {
			if isAPI(route) { // the token's lane: the cookie does not count
				return signIn
			}
			return served // elsewhere the token does not count
		}},
		{"cross-site", func(m *matrix, r *http.Request) { m.session(r, ada); r.Header.Set("Sec-Fetch-Site", "cross-site") }, fromElsewhere},
		{"same site, other origin", func(m *matrix, r *http.Request) { m.session(r, ada); r.Header.Set("Sec-Fetch-Site", "same-site") }, fromElsewhere},
		{"foreign origin", func(m *matrix, r *http.Request) { m.session(r, ada); r.Header.Set("Origin", "http://evil.example") }, fromElsewhere},
		{"null origin", func(m *matrix, r *http.Request) { m.session(r, ada); r.Header.Set("Origin", "null") }, fromElsewhere},
		{"cookie without origin", func(m *matrix, r *http.Request) { m.session(r, ada) }, fromElsewhere},
		{"token claimed cross-site without a token", func(m *matrix, r *http.Request) {
			m.session(r, ada)
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			r.Header.Set("Authorization", "Basic YTpi")
		}, fromElsewhere},
	}
	for who, role := range cast() {
		list = append(list,
			circumstance{string(role), func(m *matrix, r *http.Request) { sameOrigin(r); m.session(r, who) }, asRole(role)},
			circumstance{string(role) + "'s token", func(m *matrix, r *http.Request) { bearer(r, m.world.tokens[who]) }, onlyAPI(asRole(role))},
		)
	}
	return list
}

func TestMatrix(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	routes := web.RoutesOf(m.server)
	if len(routes) < 60 {
		t.Fatalf("only %d routes", len(routes))
	}
	cells := 0
	for _, route := range routes {
		least, known := expectation(route)
		if !known {
			t.Errorf("%s %s, which needs %q: no expectation stands in matrix_test.go", route.Method, route.Path, route.Needs)
			continue
		}
		for _, c := range circumstances() {
			r := m.plain(route.Method, route)
			c.as(m, r)
			if got, want := judge(route, m.send(r)), c.want(route, least); got != want {
				t.Errorf("%s %s, %s: %s, want %s", route.Method, route.Path, c.name, got, want)
			}
			cells++
		}
		cells += m.wrongMethods(routes, route)
	}
	for _, list := range doors() {
		for _, line := range list {
			if !slices.ContainsFunc(routes, func(r web.Route) bool { return r.Method+" "+r.Path == line }) {
				t.Errorf("an expectation stands in matrix_test.go for %s, which is no route", line)
			}
		}
	}
	t.Logf("%d routes, %d cells", len(routes), cells)
}

// expectation is the least role a route should take.
func expectation(route web.Route) (least access.Role, known bool) {
	for role, list := range doors() {
		if slices.Contains(list, route.Method+" "+route.Path) {
			return role, true
		}
	}
	return "", false
}

// wrongMethods tries the methods that the table does not name for a path, as the
// administrator and as nobody.
func (m *matrix) wrongMethods(routes []web.Route, route web.Route) (cells int) {
	m.t.Helper()
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		if slices.ContainsFunc(routes, func(o web.Route) bool { return o.Method == method && covers(o.Path, route.Path) }) {
			continue
		}
		for _, who := range []string{ada, ""} {
			r := m.plain(method, route)
			sameOrigin(r)
			if who != "" {
				m.session(r, who)
			}
			if got := judge(route, m.send(r)); got != notAllowed {
				m.t.Errorf("%s %s as %q: %s, want %s", method, route.Path, who, got, notAllowed)
			}
			cells++
		}
	}
	return cells
}

// covers reports whether a route's path takes the concrete requests of another one:
// "/jobs/:id" takes those of "/jobs/bulk".
func covers(pattern, path string) bool {
	a, b := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !strings.HasPrefix(a[i], ":") {
			return false
		}
	}
	return true
}

// plain is a request at a route by nobody, who claims nothing.
func (m *matrix) plain(method string, route web.Route) *http.Request {
	kind, body := "application/x-www-form-urlencoded", ""
	if isAPI(route) {
		kind, body = "application/json", "{}"
	}
	c := m.call("", method, concrete(route.Path), kind, body)
	c.r.Header.Del("Sec-Fetch-Site")
	return c.r
}

func (m *matrix) send(r *http.Request) *answer { return (&call{w: m.world, r: r}).do() }

// leadsToLogin are the routes for which that is their own answer.
func leadsToLogin(route web.Route) bool {
	return route.Path == "/logout" || route.Path == "/login/code"
}

// judge names what an answer is.
func judge(route web.Route, a *answer) outcome {
	location := a.Header.Get("Location")
	switch {
	case a.StatusCode == http.StatusMethodNotAllowed && a.Header.Get("Allow") != "":
		return notAllowed
	case a.StatusCode == http.StatusForbidden:
		return forbidden
	case isAPI(route) && a.StatusCode == http.StatusUnauthorized && a.Header.Get("WWW-Authenticate") != "":
		return signIn
	case a.StatusCode >= http.StatusInternalServerError, a.StatusCode == http.StatusUnauthorized:
		return outcome(a.Status)
	case !isAPI(route) && a.StatusCode == http.StatusSeeOther && strings.HasPrefix(location, "/login") && !leadsToLogin(route):
		return signIn
	default:
		return served
	}
}
