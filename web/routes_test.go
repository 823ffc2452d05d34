package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"carillon/internal/access"
	"carillon/internal/audit"
	"carillon/web"
)

// concrete fills in a route's parameters with ids that nothing has.
func concrete(path string) string {
	return strings.NewReplacer(":id", "0198c0de-0000-7000-8000-000000000001", ":revision", "1", "*", "css/none.css").Replace(path)
}

// smaller is somebody whose role lacks the permission; "" if everybody signed in has it.
func smaller(p access.Permission) string {
	for _, who := range []string{ed, olga, vic} {
		if !cast()[who].Can(p) {
			return who
		}
	}
	return ""
}

func TestEveryRouteIsGuarded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	routes := web.RoutesOf(w.server)
	if len(routes) < 60 {
		t.Fatalf("only %d routes", len(routes))
	}
	for _, route := range routes {
		t.Run(route.Method+" "+route.Path, func(t *testing.T) {
			if route.Needs == "" {
				t.Fatal("the route names no permission")
			}
			path := concrete(route.Path)
			api := strings.HasPrefix(path, "/api/")
			send := func(who string) *answer {
				if api {
					return w.api(who, route.Method, strings.TrimPrefix(path, "/api/task-management/background-jobs"), "{}").do()
				}
				return w.call(who, route.Method, path, "application/x-www-form-urlencoded", "").do()
			}
			if route.Needs == access.Public {
				if a := send(""); a.StatusCode == http.StatusUnauthorized || a.StatusCode == http.StatusForbidden {
					t.Errorf("anonymous on a public route: %d", a.StatusCode)
				}
				return
			}
			anonymous := send("")
			switch {
			case api && anonymous.StatusCode != http.StatusUnauthorized:
				t.Errorf("anonymous: %d, want 401", anonymous.StatusCode)
			case !api && (anonymous.StatusCode != http.StatusSeeOther || !strings.HasPrefix(anonymous.Header.Get("Location"), "/login")):
				t.Errorf("anonymous: %d to %q, want 303 to the sign-in", anonymous.StatusCode, anonymous.Header.Get("Location"))
			}
			if who := smaller(route.Needs); who != "" {
				if a := send(who); a.StatusCode != http.StatusForbidden {
					t.Errorf("%s: %d, want 403", who, a.StatusCode)
				}
			}
		})
	}
}

func TestEveryChangeIsGuardedAgainstOtherSites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, route := range web.RoutesOf(w.server) {
		if route.Method == http.MethodGet {
			continue
		}
		for name, headers := range map[string]map[string]string{
			"cross-site":     {"Sec-Fetch-Site": "cross-site"},
			"same-site":      {"Sec-Fetch-Site": "same-site"},
			"foreign origin": {"Origin": "http://evil.example"},
			"null origin":    {"Origin": "null"},
			"silent":         {},
		} {
			c := w.call(ada, route.Method, concrete(route.Path), "application/x-www-form-urlencoded", "")
			c.r.Header.Del("Sec-Fetch-Site")
			for header, value := range headers {
				c.header(header, value)
			}
			if a := c.do(); a.StatusCode != http.StatusForbidden {
				t.Errorf("%s %s, %s: %d, want 403", route.Method, route.Path, name, a.StatusCode)
			}
		}
	}
}

// TestNoStateChangeOnGet walks all GET routes as the administrator and looks whether anything was audited.
func TestNoStateChangeOnGet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.addJob()
	before := auditSize(w)
	for _, route := range web.RoutesOf(w.server) {
		if route.Method != http.MethodGet || route.Stream {
			continue
		}
		path := strings.NewReplacer(":id", j.ID.String(), ":revision", "1", "*", "css/none.css").Replace(route.Path)
		if a := w.get(ada, path).do(); a.StatusCode >= 500 {
			t.Errorf("GET %s: %d\n%s", path, a.StatusCode, clip(a.body))
		}
	}
	if after := auditSize(w); after != before {
		t.Errorf("%d audit entries before, %d after", before, after)
	}
}

func auditSize(w *world) int {
	page, err := w.jobs.Audit(w.t.Context(), access.CLI("test"), audit.Filter{}, "", 500)
	if err != nil {
		w.t.Fatal(err)
	}
	return len(page.Items)
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, who := range []string{"", vic} {
		w.get(who, "/nothing").want(http.StatusNotFound)
		w.call(who, http.MethodPatch, "/jobs", "", "").want(http.StatusMethodNotAllowed)
	}
	a := w.api(ada, http.MethodPatch, "", "").want(http.StatusMethodNotAllowed)
	a.has("Content-Type", "application/json; charset=utf-8")
	if allow := a.Header.Get("Allow"); !strings.Contains(allow, "GET") || !strings.Contains(allow, "POST") {
		t.Errorf("Allow is %q", allow)
	}
	w.api(ada, http.MethodGet, "/nothing/at/all", "").want(http.StatusNotFound).has("Content-Type", "application/json; charset=utf-8")
	w.get(vic, "/jobs/0198c0de-0000-7000-8000-000000000001").want(http.StatusNotFound)
	w.get(vic, "/jobs/not-an-id").want(http.StatusNotFound)
	w.get(vic, "/jobs/%00").want(http.StatusNotFound)
	w.get(vic, "/runs/%2e%2e%2fetc").want(http.StatusNotFound)
	w.get(vic, "/gallery").want(http.StatusNotFound)
	w.post(ada, "/jobs/not-an-id/pause", url.Values{}).want(http.StatusNotFound)
}

// refusals selects refused sign-ins of the audit.
var refusals = audit.Filter{Action: audit.SignInFail}
