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

// TestNoStateChangeOnGet walks all GET routes as the administrator and looks whether anything was audited.
func TestNoStateChangeOnGet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.addJob()
	before := auditSize(w)
	for _, route := range web.RoutesOf(w.server) {
		if route.Method != http.MethodGet || route.Stream { // among these the export of the audit, which leaves an entry on purpose
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
