package i18n

import (
	"context"
	"encoding/json"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func catalog(t *testing.T) *Catalog {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return c
}

func in(t *testing.T, lang string) context.Context {
	t.Helper()
	return WithPrinter(t.Context(), catalog(t).Printer(lang))
}

func TestLanguagesHaveTheSameIDs(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	want := c.IDs(Default)
	if len(want) < 300 {
		t.Fatalf("only %d messages are embedded", len(want))
	}
	for _, l := range Languages() {
		if diff := cmp.Diff(want, c.IDs(l.Tag)); diff != "" {
			t.Errorf("%s differs from %s (-want +got):\n%s", l.Tag, Default, diff)
		}
	}
}

// Every placeholder of the English text must be in the translation and the other way round.
func TestLanguagesHaveTheSamePlaceholders(t *testing.T) {
	t.Parallel()
	want := placeholders(t, Default)
	if len(want["ui.trigger_by"]) != 2 {
		t.Fatalf("ui.trigger_by has the placeholders %v", want["ui.trigger_by"])
	}
	for _, l := range Languages() {
		if diff := cmp.Diff(want, placeholders(t, l.Tag)); diff != "" {
			t.Errorf("%s differs from %s (-want +got):\n%s", l.Tag, Default, diff)
		}
	}
}

// placeholders are the sorted names of each message's placeholders, those of the
// English "one" form left aside: it may leave the number out.
func placeholders(t *testing.T, lang string) map[string][]string {
	t.Helper()
	names, err := fs.Glob(embedded, "locales/"+lang+"/*.json")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, name := range names {
		raw, err := fs.ReadFile(embedded, name)
		if err != nil {
			t.Fatal(err)
		}
		var messages map[string]any
		if err := json.Unmarshal(raw, &messages); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for id, message := range messages {
			text, single := message.(string)
			if !single {
				text, _ = message.(map[string]any)["other"].(string)
			}
			list := regexp.MustCompile(`\{\{\s*\.(\w+)`).FindAllString(text, -1)
			slices.Sort(list)
			found[id] = slices.Compact(list)
		}
	}
	return found
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		"an id of two areas": {"locales/en/a.json": `{"x":"1"}`, "locales/en/b.json": `{"x":"2"}`},
		"broken JSON":        {"locales/en/a.json": `{"x":`},
		"a broken template":  {"locales/en/a.json": `{"x":"{{.y"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := fstest.MapFS{}
			for path, text := range files {
				tree[path] = &fstest.MapFile{Data: []byte(text)}
			}
			c, err := load(tree)
			if name == "a broken template" && err == nil {
				// go-i18n parses templates when they are used: the id is shown then.
				if got := c.Printer("en").T("x", "y", 1); got != "x" {
					t.Errorf("broken template prints %q, want its id", got)
				}
				return
			}
			if err == nil {
				t.Error("load succeeded")
			}
		})
	}
}

func TestT(t *testing.T) {
	t.Parallel()
	en, zh := in(t, "en"), in(t, "zh-CN")
	for _, c := range []struct{ got, want string }{
		{T(en, "ui.nav.jobs"), "Jobs"},
		{T(zh, "ui.nav.jobs"), "任务"},
		{T(en, "ui.by", "name", "ada"), "by ada"},
		{T(en, "ui.jobs_count", "count", 1), "1 job"},
		{T(en, "ui.jobs_count", "count", int64(7)), "7 jobs"},
		{T(zh, "ui.jobs_count", "count", 1), "共 1 个任务"},
		{T(en, "no.such.id", "count", 1), "no.such.id"},
		{T(en, ""), ""},
		{T(t.Context(), "ui.nav.jobs"), "ui.nav.jobs"},
		{Text(en, M("A plain sentence.")), "A plain sentence."},
		{Text(en, M("ui.revision", "number", 3)), "Revision 3"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for _, tc := range []struct {
		wishes []string
		want   string
	}{
		{nil, "en"},
		{[]string{"", "", "de-DE,de;q=0.9"}, "en"},
		{[]string{"zh-CN"}, "zh-CN"},
		{[]string{"", "", "zh;q=0.8,en;q=0.5"}, "zh-CN"},
		{[]string{"", "en", "zh-CN"}, "en"},
		{[]string{"not a language!", "zh-Hans"}, "zh-CN"},
		{[]string{strings.Repeat("x,", 5000)}, "en"},
	} {
		if got := c.Match(tc.wishes...); got != tc.want {
			t.Errorf("Match(%.40q) = %q, want %q", tc.wishes, got, tc.want)
		}
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	en, zh := in(t, "en"), in(t, "zh-CN")
	for _, c := range []struct {
		d        time.Duration
		want, zh string
	}{
		{0, "0ms", "0毫秒"}, {-time.Hour, "0ms", "0毫秒"}, {412 * time.Millisecond, "412ms", "412毫秒"},
		{time.Second, "1s", "1秒"}, {1240 * time.Millisecond, "1.2s", "1.2秒"}, {9999 * time.Millisecond, "9.9s", "9.9秒"},
		{12400 * time.Millisecond, "12s", "12秒"}, {72 * time.Second, "1m 12s", "1分12秒"}, {time.Hour, "1h", "1小时"},
		{3*time.Hour + 5*time.Second, "3h", "3小时"}, {76*time.Hour + 59*time.Minute, "3d 4h", "3天4小时"}, {9000 * 24 * time.Hour, "9000d", "9000天"},
	} {
		if got := Duration(en, c.d); got != c.want {
			t.Errorf("Duration(%v) = %q, want %q", c.d, got, c.want)
		}
		if got := Duration(zh, c.d); got != c.zh {
			t.Errorf("Duration(%v) in Chinese = %q, want %q", c.d, got, c.zh)
		}
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	en, zh := in(t, "en"), in(t, "zh-CN")
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 29, 0, 30, 0, 0, time.UTC)
	for _, c := range []struct{ got, want string }{
		{Ago(en, now.Add(-90*time.Second), now), "1m 30s ago"},
		{Ago(zh, now.Add(-90*time.Second), now), "1分30秒前"},
		{In(en, now.Add(3*time.Minute), now), "in 3m"},
		{In(en, now.Add(-3*time.Minute), now), "3m ago"},
		{Ago(en, now.Add(200*time.Millisecond), now), "now"},
		{Time(en, now, zone), "2026-03-29 01:30:00 CET"},
		{Time(en, now.Add(time.Hour), zone), "2026-03-29 03:30:00 CEST"},
		{Time(en, now, nil), "2026-03-29 00:30:00 UTC"},
		{Clock(en, now.Add(time.Hour), now, zone), "03:30:00 CEST"},
		{Clock(en, now.Add(25*time.Hour), now, zone), "2026-03-30 03:30:00 CEST"},
		{Every(en, 10*time.Second), "Every 10 seconds"},
		{Every(en, time.Minute), "Every minute"},
		{Every(en, 2*time.Hour), "Every 2 hours"},
		{Every(en, 48*time.Hour), "Every 2 days"},
		{Every(en, 90*time.Second), "Every 1m 30s"},
		{Every(en, 0), ""},
		{Every(zh, 5*time.Minute), "每 5 分钟"},
		{Bytes(0), "0 B"},
		{Bytes(1023), "1023 B"},
		{Bytes(48213), "47.1 KiB"},
		{Bytes(1 << 50), "1024.0 TiB"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestCronWords(t *testing.T) {
	t.Parallel()
	en, zh := in(t, "en"), in(t, "zh-CN")
	for _, c := range []struct{ cron, en, zh string }{
		{"* * * * *", "Every minute", "每分钟"},
		{"*/1 * * * *", "Every minute", "每分钟"},
		{"*/5 * * * *", "Every 5 minutes", "每 5 分钟"},
		{"0/15 * * * ?", "Every 15 minutes", "每 15 分钟"},
		{"*/5 * * * 1-5", "Every 5 minutes on weekdays", "工作日 每 5 分钟"},
		{"0 * * * *", "Every hour", "每小时"},
		{"@hourly", "Every hour", "每小时"},
		{"15 * * * *", "Every hour at :15", "每小时的 :15"},
		{"0,30 * * * *", "Every hour at :00 and :30", "每小时的 :00、:30"},
		{"15 */6 * * *", "Every 6 hours at :15", "每 6 小时的 :15"},
		{"0 8 * * *", "Every day at 08:00", "每天 08:00"},
		{"@daily", "Every day at 00:00", "每天 00:00"},
		{"30 0 8 * * *", "Every day at 08:00:30", "每天 08:00:30"},
		{"0 8,12,18 * * *", "Every day at 08:00, 12:00 and 18:00", "每天 08:00、12:00、18:00"},
		{"0 8 * * 1-5", "Every weekday at 08:00", "每个工作日 08:00"},
		{"0 8 * * MON-FRI", "Every weekday at 08:00", "每个工作日 08:00"},
		{"0 9 * * 0,6", "Every Saturday and Sunday at 09:00", "每周六和周日 09:00"},
		{"0 7 * * 1", "Every Monday at 07:00", "每周一 07:00"},
		{"0 7 * * 7", "Every Sunday at 07:00", "每周日 07:00"},
		{"@weekly", "Every Sunday at 00:00", "每周日 00:00"},
		{"0 7 * * 1,4", "Every Monday and Thursday at 07:00", "每周一、周四 07:00"},
		{"0 7 * * 2-4", "Every day from Tuesday to Thursday at 07:00", "每周二至周四 07:00"},
		{"0 3 1 * *", "On the 1st of every month at 03:00", "每月 1 日 03:00"},
		{"0 3 1,15 * *", "On the 1st and 15th of every month at 03:00", "每月 1、15 日 03:00"},
		{"@monthly", "On the 1st of every month at 00:00", "每月 1 日 00:00"},
		{"0 2 L * *", "On the last day of every month at 02:00", "每月最后一天 02:00"},
		{"0 2 LW * *", "On the last weekday of every month at 02:00", "每月最后一个工作日 02:00"},
		{"0 2 15W * *", "On the weekday nearest the 15th of every month at 02:00", "每月最接近 15 日的工作日 02:00"},
		{"0 2 * * 1#2", "On the second Monday of every month at 02:00", "每月第二个周一 02:00"},
		{"0 2 * * 5L", "On the last Friday of every month at 02:00", "每月最后一个周五 02:00"},
		{"0 0 13 * 5", "On the 13th of every month or on Friday at 00:00", "每月 13 日或周五 00:00"},
		{"@yearly", "On the 1st of every month at 00:00, only in January", "每月 1 日 00:00，仅限一月"},
		{"0 6 * 6-8 *", "Every day at 06:00, only in June to August", "每天 06:00，仅限六月至八月"},
		{"*/10 8-17 * * *", "Every 10 minutes from 08:00 to 17:59", "08:00 至 17:59 每 10 分钟"},
		{"30 9-17 * * 1-5", "Every hour from 09:30 to 17:30 on weekdays", "工作日 09:30 至 17:30 每小时"},
		{"* * * * * *", "Every second", "每秒"},
		{"*/10 * * * * *", "Every 10 seconds", "每 10 秒"},
		{"5 * * * * *", "Every minute at 05 seconds past", "每分钟的第 05 秒"},
		{"0 0 12 * * ? *", "Every day at 12:00", "每天 12:00"},
	} {
		if got := CronWords(en, c.cron); got != c.en {
			t.Errorf("CronWords(%q) = %q, want %q", c.cron, got, c.en)
		}
		if got := CronWords(zh, c.cron); got != c.zh {
			t.Errorf("CronWords(%q) in Chinese = %q, want %q", c.cron, got, c.zh)
		}
	}
}

func TestCronWordsOfTheRest(t *testing.T) {
	t.Parallel()
	en := in(t, "en")
	for _, text := range []string{"0-29 8 * * *", "3-59/7 * * * *", "0 8 */2 * *"} {
		if CronWords(en, text) == "" {
			t.Errorf("CronWords(%q) is empty; the fallback should say it", text)
		}
	}
	for _, text := range []string{"", "*", "@every 5s", "@reboot", "TZ=UTC", "TZ=UTC * * * * *", strings.Repeat("*", 500), "0 0 12 * * ? 2030"} {
		if got := CronWords(en, text); got != "" {
			t.Errorf("CronWords(%.40q) = %q, want nothing", text, got)
		}
	}
	if got := CronWords(t.Context(), "* * * * *"); got != "" {
		t.Errorf("without a printer: %q", got)
	}
}

func FuzzCronWords(f *testing.F) {
	for _, seed := range []string{"* * * * *", "0 0 13 * 5#3", "*/5 8-17 L * MON", "@daily", "0 2 15W 1,2 5L", "a/b c-d , # ?"} {
		f.Add(seed)
	}
	c, err := Load()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, l := range Languages() {
			words := c.Printer(l.Tag).CronWords(text)
			if slices.Contains(c.IDs(l.Tag), words) && words != "" {
				t.Errorf("CronWords(%q) shows the id %q", text, words)
			}
			if strings.Contains(words, "{{") || strings.Contains(words, "<no value>") {
				t.Errorf("CronWords(%q) = %q", text, words)
			}
		}
	})
}
