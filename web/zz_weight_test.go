package web_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"testing"
	"time"

	"carillon/db/dbtest"
	"carillon/internal/ident"
	"carillon/internal/job"
)

func TestTmpWeight(t *testing.T) {
	if os.Getenv("TMP_WEIGHT") == "" {
		t.Skip()
	}
	w := newWorld(t)
	for g := range 60 {
		j := w.named(fmt.Sprintf("job with a name %d", g), func(j *job.Job) {
			j.Group = fmt.Sprintf("group-%d", g/8)
			j.Owner, j.Tags = "ops", []string{"critical", "postgres"}
		})
		var runs []job.Run
		for i := range 40 {
			state := job.RunSucceeded
			if i%7 == 3 {
				state = job.RunFailed
			}
			r := dbtest.Run(j, state, ago(time.Duration(i*g+1)*time.Minute), func(r *job.Run) {
				r.FinishedAt = r.StartedAt.Add(time.Duration((i*7919+g*31)%9000) * time.Millisecond)
				r.ID = job.RunID(ident.New())
			})
			runs = append(runs, r)
		}
		if _, err := w.store.InsertRuns(t.Context(), runs); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"/jobs", "/", "/runs"} {
		body := w.get(ada, path).do().body
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		z.Write([]byte(body))
		z.Close()
		fmt.Println(path, len(body), b.Len())
		os.WriteFile("/tmp/w/screens/page"+fmt.Sprint(path[1:])+".html", []byte(body), 0o644)
		var c bytes.Buffer
		z, _ = gzip.NewWriterLevel(&c, gzip.DefaultCompression)
		z.Write([]byte(body))
		z.Close()
		fmt.Println(path, "default", c.Len())
	}
}
