package app_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"carillon/internal/app"
	"carillon/internal/config"
)

// invoke runs a command line as main does, without ending the process.
func invoke(t *testing.T, stdin string, args ...string) (stdout string, err error) {
	t.Helper()
	var out, log bytes.Buffer
	in, err := config.Parse(args, &out)
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	err = app.Run(t.Context(), in, app.Streams{In: strings.NewReader(stdin), Out: &out, Err: &log})
	return out.String(), err
}

// must is invoke for a command that must succeed.
func must(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	out, err := invoke(t, stdin, args...)
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return out
}

const someCrontab = `CRON_TZ=Europe/Berlin
# Nightly backup
30 2 * * * /srv/backup.sh

@reboot /srv/start
`

func TestImportCrontab(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	args := []string{"import-crontab", "-", "--group", "old box", "--data", data}
	const report = `   1  CRON_TZ=Europe/Berlin
      Setting
      · The entries below fire by the time of Europe/Berlin.
   3  30 2 * * * /srv/backup.sh
      → old box/Nightly backup
   5  @reboot /srv/start
      Not taken
      ! Jobs at the start of the machine are not supported. Let systemd run the command.
one job, one setting, one not taken. `
	for _, step := range []struct {
		args []string
		want string
	}{
		{append(args, "--dry-run"), report + "Nothing was saved.\n"},
		{args, report + "Imported one job. It is stopped.\n"},
	} {
		if out := must(t, someCrontab, step.args...); out != step.want {
			t.Errorf("%q:\n%s\nwant\n%s", step.args, out, step.want)
		}
	}
	if out := must(t, someCrontab, args...); !strings.Contains(out, "“Nightly backup” does the same") || !strings.HasSuffix(out, "Nothing was saved.\n") {
		t.Errorf("again:\n%s", out)
	}
	if out := must(t, "17 * * * * root run-parts /etc/x\n", append(args, "--system")...); !strings.Contains(out, "not as root") {
		t.Errorf("of the system:\n%s", out)
	}
	if _, err := invoke(t, "", "import-crontab", filepath.Join(data, "gone"), "--data", data); err == nil {
		t.Error("a file that is not there is imported")
	}
	if _, err := invoke(t, "0 1 * * * a\x00", args...); err == nil {
		t.Error("a binary file is imported")
	}
}
