package e2e_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"carillon/internal/e2e"
)

func TestTmpScreens(t *testing.T) {
	folder := os.Getenv("CARILLON_SCREENS_TMP")
	if folder == "" {
		t.Skip()
	}
	p := binary.Serve(t, t.TempDir(), "--demo", "--dev")
	desk := e2e.NewBrowser(t, p, 1360, 860)
	setUp(desk, p)
	time.Sleep(70 * time.Second)
	link := func(b *e2e.Browser, list, prefix string) string {
		b.Go(list)
		return e2e.Eval[string](b, `document.querySelector('main a[href^="`+prefix+`"]').getAttribute("href")`)
	}
	job := link(desk, "/jobs?q=flaky", "/jobs/0")
	// An edit, so that there is something to compare.
	desk.Go(job + "/edit")
	desk.Fill(`[name="note"]`, "be gentler")
	e2e.Eval[bool](desk, `(document.querySelector('[name="args.command"], [name="args.script"]').value += "\n# one more line", document.querySelector('[name="timeout"]').value = "45s", true)`)
	desk.Click(`.form-foot button[type="submit"]`)
	time.Sleep(2 * time.Second)
	run := link(desk, "/runs?state=failed", "/runs/0")
	phone := e2e.NewBrowser(t, p, 360, 780)
	signIn(phone)
	for name, b := range map[string]*e2e.Browser{"": desk, "-phone": phone} {
		for _, theme := range []string{"light", "dark"} {
			b.Theme(theme)
			for _, pg := range [][2]string{{"home", "/"}, {"job", job}, {"jobs", "/jobs"}, {"run", run}, {"revision", job + "/revisions/2"}, {"pause", job + "/pause"}, {"trigger", job + "/trigger"}} {
				b.Go(pg[1])
				time.Sleep(400 * time.Millisecond)
				b.Shot(filepath.Join(folder, pg[0]+name+"-"+theme+".png"))
			}
			b.Go(run)
			if b == desk {
				b.Fill("[data-find]", "e")
				time.Sleep(500 * time.Millisecond)
				e2e.Eval[bool](b, `(document.querySelector("[data-step='1']").click(), document.querySelector("[data-wrap]").click(), true)`)
				t.Log(e2e.Eval[string](b, `document.querySelector("[data-found]").textContent + " | jump hidden " + document.querySelector("[data-first-error]").hidden + " | lines " + document.querySelectorAll(".line").length`))
				e2e.Eval[bool](b, `(document.querySelector("[data-first-error]").click(), true)`)
				b.Shot(filepath.Join(folder, "search-"+theme+".png"))
				t.Log(e2e.Eval[string](b, `location.hash + " " + localStorage.getItem("carillon-wrap") + " " + (document.querySelector(".line.linked")||{}).textContent`))
				// The sheet from the list's menu.
				b.Go("/jobs?q=flaky")
				e2e.Eval[bool](b, `(document.querySelector("[data-row] details.menu").open = true, [...document.querySelectorAll("[data-row] .menu-item")].find(a => a.href && a.href.endsWith("/pause")).click(), true)`)
				b.Until(`document.getElementById("sheet").open`)
				b.Shot(filepath.Join(folder, "sheet-"+theme+".png"))
				e2e.Eval[bool](b, `(document.querySelector("#sheet [data-fill]").click(), document.querySelector("#sheet [name=reason]").value = "storage moves", true)`)
				b.Click(`#sheet button[type="submit"]`)
				b.Until(`!document.getElementById("sheet").open`)
				b.Until(`document.body.textContent.includes("storage moves")`)
				e2e.Eval[bool](b, `([...document.querySelectorAll("[data-row] button")].find(x => x.dataset.key === "p").click(), true)`)
				b.Until(`!document.querySelector("main").textContent.includes("storage moves")`)
			}
		}
		b.Quiet()
	}
}

func TestTmpMorph(t *testing.T) {
	if os.Getenv("CARILLON_SCREENS_TMP") == "" {
		t.Skip()
	}
	p := binary.Serve(t, t.TempDir(), "--demo", "--dev")
	desk := e2e.NewBrowser(t, p, 1360, 860)
	setUp(desk, p)
	time.Sleep(12 * time.Second)
	desk.Go("/jobs?q=flaky")
	href := e2e.Eval[string](desk, `document.querySelector('main a[href^="/jobs/0"]').getAttribute("href")`)
	desk.Go(href)
	for range 10 {
		time.Sleep(700 * time.Millisecond)
		t.Log(e2e.Eval[string](desk, `[...document.querySelectorAll(".runs .badge")].slice(0,2).map(b => b.className + "=" + b.textContent.trim()).join(" ; ")+ " bars "+[...document.querySelectorAll(".bars path")].map(b => b.getAttribute("class")).join(",")`))
	}
	t.Log(e2e.Eval[string](desk, `(() => { const a = document.createElement("div"); a.innerHTML = '<p class="tone-a">x</p>'; document.body.append(a); Idiomorph.morph(a.firstElementChild, '<p class="tone-b">y</p>'); return a.innerHTML })()`))
}
