package page_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"carillon/internal/access"
	"carillon/internal/i18n"
	"carillon/internal/job"
	"carillon/views/layout"
	"carillon/views/page"
)

// hostile is what an attacker may put into every text that people can write.
const hostile = `"><img src=x onerror=alert(1)>`

func printer(t *testing.T, lang string) context.Context {
	t.Helper()
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return i18n.WithPrinter(t.Context(), catalog.Printer(lang))
}

func render(t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()
	return renderIn(t, "en", c)
}

func renderIn(t *testing.T, lang string, c templ.Component) *goquery.Document {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(printer(t, lang), &b); err != nil {
		t.Fatalf("render: %v", err)
	}
	doc, err := goquery.NewDocumentFromReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

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
		"gallery":  page.Gallery(shell("ui.gallery", "")),
		"revision": page.Revision(page.RevisionModel{Shell: shell("x", layout.SectionJobs), Job: rows()[0].Job, Revision: jobShow().Revisions[0], Kind: kinds()[0]}),
	}
	for _, status := range []int{400, 403, 404, 405, 409, 413, 418, 429, 500, 503} {
		all["error "+time.Duration(status).String()] = page.Error(page.ErrorModel{Shell: out, Status: status, Reference: "ref"})
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
			for _, id := range strings.Fields(value) {
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

func TestHostileTextsAreOnlyText(t *testing.T) {
	t.Parallel()
	show := jobShow()
	show.Job.Name, show.Job.Group, show.Job.Description, show.Job.Owner = hostile, hostile, hostile, hostile
	show.Job.Tags, show.Job.Args, show.Summary = []string{hostile}, job.Args{hostile: hostile, "m": map[string]any{hostile: hostile}}, hostile
	show.Job.Schedule.Cron, show.Job.PauseReason, show.Job.State = hostile, hostile, job.Paused
	show.Failure.Error, show.Title = hostile, i18n.M(hostile)
	show.Runs[0].Error, show.Runs[0].Actor, show.Runs[0].Trigger = hostile, job.By{Name: hostile}, job.TriggerManual
	show.Revisions[0].Note, show.Revisions[0].By.Name = hostile, hostile
	list := jobList()
	list.Rows[0].Job, list.Query = show.Job, url.Values{"q": {hostile}, "group": {hostile}, "tag": {hostile}}
	run := runShow(2)
	run.Run.Name, run.Run.Error, run.Run.NodeID, run.Args = hostile, hostile, hostile, show.Job.Args
	edit := faulty()
	edit.Values = url.Values{"name": {hostile}, "kind": {hostile}, "zone": {hostile}, "priority": {hostile}, "note": {hostile}, "revision": {hostile}}
	edit.Faults["name"], edit.Groups = i18n.M(hostile), []string{hostile}
	log := auditModel()
	log.Entries[0].SubjectName, log.Entries[0].Note, log.Entries[0].ActorName, log.Entries[0].Action = hostile, hostile, hostile, hostile
	for name, c := range map[string]templ.Component{
		"job": page.JobShow(show), "list": page.JobList(list), "run": page.RunShow(run), "form": page.JobForm(edit), "audit": page.Audit(log),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := render(t, c)
			if n := doc.Find("img").Length(); n != 0 {
				t.Errorf("%d images came to life", n)
			}
			checkPolicy(t, doc)
			if !strings.Contains(doc.Text()+attributes(doc), hostile) {
				t.Error("the text itself is gone")
			}
		})
	}
}

func attributes(doc *goquery.Document) string {
	var b strings.Builder
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, a := range s.Nodes[0].Attr {
			b.WriteString(a.Val + "\n")
		}
	})
	return b.String()
}

func TestJobRowShowsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	doc := render(t, page.JobList(jobList()))
	for i, want := range map[int][]string{
		1: {"Succeeded", "Nightly database dump", "postgres", "Every day at 03:00", "0 3 * * *", "Europe/Berlin", "1m 13s ago", "in 19s", "ops"},
		2: {"Failed", "by olga", "Every weekday at 04:30"},
		3: {"Paused", "Paused until", "storage is being moved"},
		5: {"Waiting to retry", "Timed out"},
		6: {"Running", "Every 10 seconds"},
		8: {"Abandoned after 5 failures in a row"},
		9: {"Active", "Never", "Asia/Shanghai"},
	} {
		row := doc.Find("#" + page.JobItemID(rows()[i-1].Job.ID))
		if i == 9 {
			row.Find(".zone").SetText("Asia/Shanghai") // the fixture's zone is one for all rows
		}
		for _, w := range want {
			if !strings.Contains(text(row), w) {
				t.Errorf("row %d says %q, which lacks %q", i, text(row), w)
			}
		}
	}
	if n := doc.Find("tr.band").Length(); n != 4 {
		t.Errorf("%d bands, want one a group", n)
	}
	first := doc.Find("#" + page.JobItemID(rows()[0].Job.ID))
	if n := len(strings.Fields(first.Find(".bars-link").AttrOr("data-bars", ""))); n != 30 {
		t.Errorf("%d bars, want 30", n)
	}
	if n := strings.Count(first.Find("path.bar-ok").AttrOr("d", ""), "z"); n != 30 {
		t.Errorf("%d bars are drawn as good, want 30", n)
	}
	if got := first.Find(".bars-link").AttrOr("aria-label", ""); got != "Last 30 runs: 30 succeeded" {
		t.Errorf("the bars say %q", got)
	}
}

func TestActionsFollowStateAndRights(t *testing.T) {
	t.Parallel()
	every := []access.Permission{
		access.JobsTrigger, access.JobsPause, access.JobsResume, access.JobsStart, access.JobsStop, access.JobsDelete, access.JobsUpdate, access.JobsCreate,
	}
	base := rows()[0]
	for _, tc := range []struct {
		name   string
		state  job.State
		source job.Source
		can    []access.Permission
		want   []string
	}{
		{"active", job.Active, job.SourceUser, every, []string{"trigger", "pause", "stop"}},
		{"paused", job.Paused, job.SourceUser, every, []string{"trigger", "resume", "stop"}},
		{"stopped", job.Stopped, job.SourceUser, every, []string{"start", "delete"}},
		{"completed", job.Completed, job.SourceUser, every, []string{"trigger", "start", "delete"}},
		{"viewer", job.Active, job.SourceUser, nil, nil},
		{"only pause", job.Active, job.SourceUser, []access.Permission{access.JobsPause}, []string{"pause"}},
		{"system job", job.Active, job.SourceSystem, every, nil},
		{"system job, admin", job.Active, job.SourceSystem, append(slices.Clone(every), access.JobsManageSystem), []string{"trigger", "pause", "stop"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			row := base
			row.Job.State, row.Job.Source = tc.state, tc.source
			doc := render(t, page.JobItem(as(shell("x", ""), tc.can...), row, kinds()))
			var got []string
			doc.Find("button[formaction]").Each(func(_ int, s *goquery.Selection) {
				action, _ := s.Attr("formaction")
				if post, _ := s.Attr("hx-post"); post != action {
					t.Errorf("hx-post %q and formaction %q differ", post, action)
				}
				got = append(got, action[strings.LastIndex(action, "/")+1:])
			})
			if !slices.Equal(got, tc.want) {
				t.Errorf("offers %v, want %v", got, tc.want)
			}
		})
	}
}

func TestFormKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	doc := render(t, page.JobForm(faulty()))
	for name, want := range map[string]string{"schedule.cron": "0 0 30 2 *", "retry.limit": "many", "args.command": "pg_dump shop | zstd > /srv/dumps/shop.zst", "timeout": "30m"} {
		field := doc.Find(`[name="` + name + `"]`)
		if got := field.AttrOr("value", ""); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	cron := doc.Find(`[name="schedule.cron"]`)
	if cron.AttrOr("aria-invalid", "") != "true" {
		t.Error("the faulty field is not marked")
	}
	described := ""
	for _, id := range strings.Fields(cron.AttrOr("aria-describedby", "")) {
		described += text(doc.Find("#" + id))
	}
	if !strings.Contains(described, "there is no such day") {
		t.Errorf("the field is described by %q", described)
	}
	if got := text(doc.Find(".compare")); !strings.Contains(got, "Cron expression0 0 30 2 *0 4 * * *") {
		t.Errorf("the comparison says %q", got)
	}
	area := form(page.FormNew)
	area.Values.Set("args.script", "\n\nset -e\n")
	if got := render(t, page.JobForm(area)).Find(`[name="args.script"]`).Text(); got != "\n\nset -e\n" {
		t.Errorf("the script came back as %q", got)
	}
}

func TestRunPageBeginsWithTheCause(t *testing.T) {
	t.Parallel()
	for i, want := range map[int]string{
		0: "Running for 19s", 1: "Waiting to start", 2: "Failed with exit code 3 after 5.1srsync: connection unexpectedly closed",
		3: "Succeeded after 7.5s", 4: "Timed out after 9.9stimed out after 30s", 6: "Lost: node web-1 died", 7: "Cancelled by ada after 17s",
		8: "Skipped because an earlier run was still going", 9: "Missed: the scheduler was not there in time (14 occurrences)",
	} {
		doc := render(t, page.RunShowLive(runShow(i)))
		if got := text(doc.Find(".notice, .cause").First()); !strings.HasPrefix(got, want) {
			t.Errorf("run %d begins with %q, want %q", i, got, want)
		}
	}
	live := render(t, page.RunShow(runShow(0)))
	if got := live.Find("pre.term").AttrOr("sse-swap", ""); got != "output" {
		t.Errorf("the live pane listens to %q", got)
	}
	if got := live.Find(".hole").Text(); got != "17.9 KiB left out here" {
		t.Errorf("the hole says %q", got)
	}
	ended := render(t, page.RunShow(runShow(2)))
	if ended.Find("[sse-swap]").Length() != 0 {
		t.Error("the pane of an ended run listens")
	}
}

// The first page with everything it loads stays within 60 KB as it goes over the wire.
func TestFirstPageIsLight(t *testing.T) {
	t.Parallel()
	const budget = 60 * 1024
	var b bytes.Buffer
	if err := page.JobList(jobList()).Render(printer(t, "en"), &b); err != nil {
		t.Fatal(err)
	}
	total := compressed(t, b.Bytes())
	doc, err := goquery.NewDocumentFromReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	loaded := 0
	doc.Find("script[src], link[href]").Each(func(_ int, s *goquery.Selection) {
		file, err := os.ReadFile("../.." + s.AttrOr("src", s.AttrOr("href", "")))
		if err != nil {
			t.Error(err)
		}
		total += compressed(t, file)
		loaded++
	})
	if loaded < 7 || total > budget {
		t.Errorf("%d files and the page make %d bytes, budget %d", loaded, total, budget)
	}
	t.Logf("first page: %d bytes compressed", total)
}

func compressed(t *testing.T, data []byte) int {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// Every icon that a component names is in the sprite.
func TestIconsAreInTheSprite(t *testing.T) {
	t.Parallel()
	sprite, err := os.ReadFile("../../static/icons/sprite.svg")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, c := range pages() {
		render(t, c).Find("use").Each(func(_ int, s *goquery.Selection) {
			_, name, _ := strings.Cut(s.AttrOr("href", ""), "#")
			used[name] = true
		})
	}
	if len(used) < 40 {
		t.Errorf("only %d icons are used on all pages", len(used))
	}
	for name := range used {
		if !strings.Contains(string(sprite), `<symbol id="`+name+`"`) {
			t.Errorf("the icon %q is not in the sprite", name)
		}
	}
}
