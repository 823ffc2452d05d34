package page_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"carillon/internal/access"
	"carillon/internal/i18n"
	"carillon/views/layout"
	"carillon/views/page"
)

// pages are all pages in their telling states.
func pages() map[string]templ.Component {
	out := shell("ui.sign_in", "")
	out.User = access.User{}
	list := jobList()
	list.Query = url.Values{"q": {"dump"}, "state": {"active"}, "after": {"x"}}
	list.Bulk = &page.BulkReport{Verb: "pause", Done: 1, Faults: []page.BulkFault{{ID: "x", Name: "a/b", Why: i18n.M("Paused already.")}}}
	none := jobList()
	none.Empty, none.Rows = true, nil
	banner := home()
	banner.Banners = []layout.Banner{{Tone: layout.ToneWarning, Text: i18n.M("The server is draining.")}}
	banner.Flash = []layout.Toast{{Tone: layout.ToneOK, Text: i18n.M("Saved.")}}
	runModel := page.RunListModel{Shell: shell("ui.nav.runs", layout.SectionRuns), Query: url.Values{"state": {"failed"}}, Runs: runs(), Kinds: kinds(), Next: "n"}
	all := map[string]templ.Component{
		"setup": page.Setup(page.SetupModel{Shell: out}), "login": page.Login(page.LoginModel{Shell: out, Form: page.Form{Fault: i18n.M("Wrong.")}}),
		"home": page.Home(banner), "home fresh": page.Home(fresh()), "jobs": page.JobList(list), "jobs none": page.JobList(none),
		"job": page.JobShow(jobShow()), "form new": page.JobForm(form(page.FormNew)), "form edit": page.JobForm(form(page.FormEdit)),
		"form clone": page.JobForm(form(page.FormClone)), "form faulty": page.JobForm(faulty()), "runs": page.RunList(runModel),
		"audit": page.Audit(auditModel()), "users": page.Users(users()), "settings": page.Settings(settings()), "system": page.System(system()),
		"revision changed": page.Revision(revised()), "sheet pause": page.Sheet(sheetOf("pause")), "sheet trigger": page.Sheet(sheetOf("trigger")),
		"gallery":  page.Gallery(shell("ui.gallery", "")),
		"revision": page.Revision(page.RevisionModel{Shell: shell("x", layout.SectionJobs), Job: rows()[0].Job, Revision: jobShow().Revisions[0], Kind: kinds()[0]}),
	}
	for _, status := range []int{400, 403, 404, 405, 409, 413, 418, 429, 500, 503} {
		all["error "+strconv.Itoa(status)] = page.Error(page.ErrorModel{Shell: out, Status: status, Reference: "ref"})
	}
	for i, r := range runs() {
		all["run "+string(r.State)+string(rune('0'+i))] = page.RunShow(runShow(i))
	}
	return all
}

// What the content policy forbids must not be on any page, and what people need must be.
func TestEveryPageIsSound(t *testing.T) {
	t.Parallel()
	for name, c := range pages() {
		for _, lang := range []string{"en", "zh-CN"} {
			t.Run(name+" "+lang, func(t *testing.T) {
				t.Parallel()
				doc := renderIn(t, lang, c)
				checkPolicy(t, doc)
				checkIDs(t, doc)
				checkLabels(t, doc)
				checkWords(t, doc)
				if n := doc.Find("h1").Length(); n != 1 {
					t.Errorf("%d headings of the first level, want 1", n)
				}
				if got, _ := doc.Find("html").Attr("lang"); got != lang {
					t.Errorf("lang = %q", got)
				}
			})
		}
	}
}

func checkPolicy(t *testing.T, doc *goquery.Document) {
	t.Helper()
	doc.Find("style, iframe, object, base, script:not([src])").Each(func(_ int, s *goquery.Selection) {
		t.Errorf("forbidden element <%s>", goquery.NodeName(s))
	})
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, attr := range s.Nodes[0].Attr {
			if attr.Key == "style" || strings.HasPrefix(attr.Key, "on") || strings.HasPrefix(attr.Key, "hx-on") {
				t.Errorf("forbidden attribute %s on <%s>", attr.Key, goquery.NodeName(s))
			}
			if strings.HasPrefix(strings.ToLower(strings.TrimSpace(attr.Val)), "javascript:") {
				t.Errorf("script in %s of <%s>", attr.Key, goquery.NodeName(s))
			}
		}
	})
}

func checkIDs(t *testing.T, doc *goquery.Document) {
	t.Helper()
	seen := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id, _ := s.Attr("id")
		if id == "" || seen[id] {
			t.Errorf("id %q is empty or used twice", id)
		}
		seen[id] = true
	})
	for _, attr := range []string{"for", "aria-describedby", "aria-labelledby", "list", "popovertarget", "form"} {
		doc.Find("[" + attr + "]").Each(func(_ int, s *goquery.Selection) {
			value, _ := s.Attr(attr)
			for id := range strings.FieldsSeq(value) {
				if !seen[id] {
					t.Errorf("%s of <%s> names %q, which is not there", attr, goquery.NodeName(s), id)
				}
			}
		})
	}
}

func checkLabels(t *testing.T, doc *goquery.Document) {
	t.Helper()
	doc.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, s *goquery.Selection) {
		id, _ := s.Attr("id")
		named := s.AttrOr("aria-label", "") != "" || text(s.Closest("label")) != "" || (id != "" && text(doc.Find(`label[for="`+id+`"]`)) != "")
		if !named {
			t.Errorf("the field %q has no label", s.AttrOr("name", id))
		}
	})
	doc.Find("button, summary, a[href]").Each(func(_ int, s *goquery.Selection) {
		if text(s) == "" && s.AttrOr("aria-label", "") == "" {
			html, _ := goquery.OuterHtml(s)
			t.Errorf("nameless: %.160s", html)
		}
	})
}

// checkWords finds message ids that are in no catalog, and templates that went wrong.
func checkWords(t *testing.T, doc *goquery.Document) {
	t.Helper()
	doc.Find("script").Remove()
	html, err := doc.Html()
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{">ui.", `"ui.`, " ui.", ">kind.", "%!", "<no value>", "&lt;no value", "<nil>"} {
		if i := strings.Index(html, bad); i >= 0 {
			t.Errorf("%q on the page: …%.80s", bad, html[max(0, i-20):])
		}
	}
}
