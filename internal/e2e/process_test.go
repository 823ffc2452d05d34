package e2e_test

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"carillon/internal/e2e"
)

func TestSecondProcessOnTheSameDataIsRefused(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	p := binary.Serve(t, data)
	_, stderr, code := binary.Run(t, "", "serve", "--listen", "127.0.0.1:0", "--data", data)
	if code != 1 || strings.Count(strings.TrimSpace(stderr), "\n") != 0 || !strings.Contains(stderr, data) {
		t.Errorf("exit %d, stderr %q; want 1 and one sentence that names the folder", code, stderr)
	}
	p.Stop(t)
}

func TestAddressInUseIsOneSentence(t *testing.T) {
	t.Parallel()
	p := binary.Serve(t, t.TempDir())
	address := strings.TrimPrefix(p.URL, "http://")
	_, stderr, code := binary.Run(t, "", "serve", "--listen", address, "--data", t.TempDir())
	if code != 1 || strings.Count(strings.TrimSpace(stderr), "\n") != 0 || !strings.Contains(stderr, address) {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
}

func TestReadOnlyDataIsOneSentence(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		// Root writes everywhere but where a file stands in the way of the folder.
		file := filepath.Join(t.TempDir(), "data")
		if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		refuses(t, file)
		return
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	refuses(t, filepath.Join(dir, "data"))
}

func refuses(t *testing.T, data string) {
	t.Helper()
	_, stderr, code := binary.Run(t, "", "serve", "--listen", "127.0.0.1:0", "--data", data)
	if code != 1 || strings.Count(strings.TrimSpace(stderr), "\n") != 0 || stderr == "" {
		t.Errorf("exit %d, stderr %q; want 1 and one sentence", code, stderr)
	}
}

func TestSigtermLetsARunEnd(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	token := binary.AddAdmin(t, data, "ada")
	p := binary.Serve(t, data)
	api := p.API(t, token)
	id := triggered(t, api, "sleep 2; echo finished in peace")
	p.Signal(t, syscall.SIGTERM)
	time.Sleep(300 * time.Millisecond)
	if status, _ := api.Try(http.MethodGet, e2e.JobsPath+"/"+id, nil); status != http.StatusOK {
		t.Errorf("pages are gone while draining: status %d", status)
	}
	if code := p.Wait(t, 20*time.Second); code != 0 {
		t.Errorf("exit code %d:\n%s", code, p.Log())
	}
	p = binary.Serve(t, data)
	if logs := p.API(t, token).Logs(id); len(logs) != 1 || logs[0].Message != "finished in peace" {
		t.Errorf("logs after restart: %+v", logs)
	}
	p.Stop(t)
}

func TestSecondSigtermStopsAtOnce(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	marker := filepath.Join(t.TempDir(), "survived")
	token := binary.AddAdmin(t, data, "ada")
	p := binary.Serve(t, data)
	id := triggered(t, p.API(t, token), "(sleep 8; touch "+marker+") & sleep 60")
	p.Signal(t, syscall.SIGTERM)
	time.Sleep(300 * time.Millisecond)
	p.Signal(t, syscall.SIGTERM)
	began := time.Now()
	if code := p.Wait(t, 20*time.Second); code != 0 {
		t.Errorf("exit code %d:\n%s", code, p.Log())
	}
	t.Logf("ended %v after the second signal", time.Since(began).Round(time.Millisecond))
	p = binary.Serve(t, data)
	if logs := p.API(t, token).Logs(id); len(logs) == 0 || !strings.Contains(logs[len(logs)-1].Exception, "shut down") {
		t.Errorf("logs after restart: %+v", logs)
	}
	time.Sleep(max(0, 9*time.Second-time.Since(began)))
	if _, err := os.Stat(marker); err == nil {
		t.Error("a child of the run outlived the server")
	}
	p.Stop(t)
}

func TestWhatAKilledServerLeftRunningIsEnded(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux shows the environment of processes")
	}
	data := t.TempDir()
	ledger := filepath.Join(t.TempDir(), "ledger")
	token := binary.AddAdmin(t, data, "ada")
	p := binary.Serve(t, data)
	// The inner shell leaves the process group and ignores the polite signal.
	triggered(t, p.API(t, token), "setsid sh -c 'trap \"\" TERM; while :; do echo x >> "+ledger+"; sleep 0.1; done'")
	e2e.Eventually(t, 10*time.Second, "the child works", grows(ledger))
	p.Kill()
	e2e.Eventually(t, 10*time.Second, "the child outlives the server", grows(ledger))
	p = binary.Serve(t, data)
	settled := func() int64 {
		info, err := os.Stat(ledger)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	size := settled()
	time.Sleep(500 * time.Millisecond)
	if now := settled(); now != size {
		t.Errorf("the child of the killed server still works: %d, then %d bytes", size, now)
	}
	p.Stop(t)
}

// triggered makes a shell job that is due in a long time, runs it now and waits until it runs.
func triggered(t *testing.T, api *e2e.API, command string) string {
	t.Helper()
	id := api.CreateJob(map[string]any{
		"name": "by-hand", "group": "test", "type": "Shell", "jobType": 1, "cron": "0 0 1 1 *",
		"beginTime": time.Now().UTC().Format(time.RFC3339), "args": map[string]any{"command": command},
	})
	api.Do(http.MethodPut, e2e.JobsPath+"/"+id+"/trigger", nil, nil)
	e2e.Eventually(t, 10*time.Second, "the run starts", func() bool { return isRunning(api, id) })
	return id
}
