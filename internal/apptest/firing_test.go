package apptest_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"carillon/internal/apptest"
	"carillon/internal/control"
	"carillon/internal/job"
	"carillon/internal/kind"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inWorld runs a test on a fresh program in a bubble of fake time.
func inWorld(t *testing.T, work *apptest.Work, test func(t *testing.T, w *apptest.World)) {
	t.Helper()
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := apptest.Start(t, dir, work)
		test(t, w)
		w.Stop()
	})
}

// occurrences fails unless the job's scheduled runs are exactly one for each time.
func occurrences(t *testing.T, runs []job.Run, first time.Time, every time.Duration, n int) {
	t.Helper()
	if len(runs) != n {
		t.Fatalf("%d runs, want %d", len(runs), n)
	}
	for i, run := range runs {
		if want := first.Add(time.Duration(i) * every); !run.ScheduledAt.Equal(want) {
			t.Fatalf("run %d stands for %v, want %v", i, run.ScheduledAt, want)
		}
	}
}

func TestCronJobFiresOnceEachMinute(t *testing.T) {
	inWorld(t, &apptest.Work{}, func(t *testing.T, w *apptest.World) {
		begin := time.Now()
		j := w.Create(nil)
		time.Sleep(time.Hour + 500*time.Millisecond)
		synctest.Wait()
		occurrences(t, w.Runs(j.ID), begin.UTC().Truncate(time.Minute).Add(time.Minute), time.Minute, 60)
		if got := w.Count(j.ID)[job.RunSucceeded]; got != 60 {
			t.Errorf("%d succeeded, want 60", got)
		}
		if got := w.Job(j.ID); got.TriggerCount != 60 || got.LastOutcome != job.RunSucceeded || !got.NextRunAt.After(time.Now()) {
			t.Errorf("job after an hour: %+v", got)
		}
		for _, x := range w.Work.Executions() {
			if x.Attempt != 1 || x.ScheduledAt.IsZero() {
				t.Errorf("execution %+v", x)
			}
		}
	})
}

func TestIntervalKeepsItsAnchor(t *testing.T) {
	inWorld(t, &apptest.Work{Do: apptest.Take(4 * time.Second)}, func(t *testing.T, w *apptest.World) {
		begin := time.Now().UTC().Truncate(time.Second)
		j := w.Create(func(d *job.Definition) {
			d.Schedule = job.Schedule{Type: job.Interval, Every: 7, BeginAt: begin}
		})
		time.Sleep(10*time.Minute + 500*time.Millisecond)
		synctest.Wait()
		runs := w.Runs(j.ID)
		occurrences(t, runs, runs[0].ScheduledAt, 7*time.Second, len(runs))
		if len(runs) < 85 {
			t.Errorf("%d runs in ten minutes of every 7 seconds", len(runs))
		}
	})
}

func TestOnceRunsOnceAndCompletes(t *testing.T) {
	inWorld(t, &apptest.Work{Do: apptest.Take(time.Minute)}, func(t *testing.T, w *apptest.World) {
		at := time.Now().UTC().Truncate(time.Second).Add(90 * time.Second)
		j := w.Create(func(d *job.Definition) { d.Schedule = job.Schedule{Type: job.Once, BeginAt: at} })
		time.Sleep(100 * time.Second)
		if got := w.Job(j.ID).State; got != job.Active {
			t.Errorf("state while its only run works: %s", got)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		occurrences(t, w.Runs(j.ID), at, 0, 1)
		if got := w.Job(j.ID).State; got != job.Completed {
			t.Errorf("state after its only run: %s, want completed", got)
		}
	})
}

func TestOverlapSkipLeavesARow(t *testing.T) {
	inWorld(t, &apptest.Work{Do: apptest.Take(150 * time.Second)}, func(t *testing.T, w *apptest.World) {
		j := w.Create(nil)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		runs := w.Runs(j.ID)
		occurrences(t, runs, runs[0].ScheduledAt, time.Minute, len(runs))
		counts := w.Count(j.ID)
		if counts[job.RunSkipped] < 5 || counts[job.RunSucceeded] < 3 {
			t.Errorf("counts %v", counts)
		}
		for _, run := range runs {
			if run.State == job.RunSkipped && run.Reason != job.ReasonOverlap {
				t.Errorf("skipped for %q", run.Reason)
			}
		}
	})
}

func TestRetriesThenAbandons(t *testing.T) {
	inWorld(t, &apptest.Work{Do: apptest.Fail}, func(t *testing.T, w *apptest.World) {
		j := w.Create(func(d *job.Definition) {
			d.Retry = job.Retry{Limit: 2, Delay: 5, Factor: 2}
			d.MaxTries = 5
		})
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		got := w.Job(j.ID)
		if got.State != job.Stopped || !got.Abandoned || got.TryCount != 5 {
			t.Errorf("job %s abandoned=%v tries=%d, want stopped, true, 5", got.State, got.Abandoned, got.TryCount)
		}
		runs := w.Runs(j.ID)
		if len(runs) != 5 {
			t.Fatalf("%d attempts, want 5", len(runs))
		}
		if runs[1].Attempt != 2 || runs[1].RootID != runs[0].ID || runs[1].Trigger != job.TriggerRetry {
			t.Errorf("second attempt: %+v", runs[1])
		}
		if wait := runs[2].AvailableAt.Sub(runs[1].FinishedAt); wait != 10*time.Second {
			t.Errorf("second retry waited %v, want 10s", wait)
		}
	})
}

func TestTimeoutEndsTheRun(t *testing.T) {
	inWorld(t, &apptest.Work{Do: apptest.Take(time.Hour)}, func(t *testing.T, w *apptest.World) {
		j := w.Create(func(d *job.Definition) { d.Timeout = 20 })
		time.Sleep(90 * time.Second)
		synctest.Wait()
		run := w.Runs(j.ID)[0]
		if run.State != job.RunTimedOut || run.Elapsed(time.Now()) != 20*time.Second {
			t.Errorf("run %s after %v: %s", run.State, run.Elapsed(time.Now()), run.Error)
		}
	})
}

func TestPanicFailsTheRunOnly(t *testing.T) {
	inWorld(t, &apptest.Work{Do: func(context.Context, kind.Execution) error { panic("boom") }}, func(t *testing.T, w *apptest.World) {
		j := w.Create(nil)
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		counts := w.Count(j.ID)
		if counts[job.RunFailed] < 2 {
			t.Errorf("counts %v", counts)
		}
		if run := w.Runs(j.ID)[0]; run.Reason != job.ReasonPanic {
			t.Errorf("reason %q", run.Reason)
		}
	})
}

func TestPauseHoldsAndResumeReplaysNothing(t *testing.T) {
	inWorld(t, &apptest.Work{}, func(t *testing.T, w *apptest.World) {
		j := w.Create(nil)
		time.Sleep(5*time.Minute + time.Second)
		if _, err := w.Jobs.Pause(t.Context(), apptest.Ada, j.ID, control.PauseJob{Reason: "move"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		before := len(w.Runs(j.ID))
		if _, err := w.Jobs.Trigger(t.Context(), apptest.Ada, j.ID, control.TriggerJob{}); err != nil {
			t.Errorf("trigger while paused: %v", err)
		}
		if _, err := w.Jobs.Resume(t.Context(), apptest.Ada, j.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if after := len(w.Runs(j.ID)); before != 5 || after != 6 {
			t.Errorf("%d runs before, %d after resuming; want 5 and 6 (the manual one)", before, after)
		}
	})
}

func TestPauseEndsByItself(t *testing.T) {
	inWorld(t, &apptest.Work{}, func(t *testing.T, w *apptest.World) {
		j := w.Create(nil)
		until := time.Now().Add(30 * time.Minute)
		if _, err := w.Jobs.Pause(t.Context(), apptest.Ada, j.ID, control.PauseJob{Until: until}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(40*time.Minute + time.Second)
		synctest.Wait()
		if n := len(w.Runs(j.ID)); n < 9 || n > 11 {
			t.Errorf("%d runs in the ten minutes after the pause", n)
		}
	})
}

func TestStopCancelsWhatRuns(t *testing.T) {
	inWorld(t, &apptest.Work{Do: apptest.Take(time.Hour)}, func(t *testing.T, w *apptest.World) {
		j := w.Create(nil)
		time.Sleep(90 * time.Second)
		if _, err := w.Jobs.Trigger(t.Context(), apptest.Ada, j.ID, control.TriggerJob{}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Jobs.Stop(t.Context(), apptest.Ada, j.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		for _, run := range w.Runs(j.ID) {
			if run.State != job.RunCancelled || run.Reason != job.ReasonStopped {
				t.Errorf("run %s is %s (%s)", run.Trigger, run.State, run.Reason)
			}
		}
		if _, err := w.Jobs.Trigger(t.Context(), apptest.Ada, j.ID, control.TriggerJob{}); err == nil {
			t.Error("a stopped job was triggered")
		}
		if err := w.Jobs.Delete(t.Context(), apptest.Ada, j.ID); err != nil {
			t.Errorf("delete: %v", err)
		}
	})
}

func TestARunKeepsTheRevisionItStartedWith(t *testing.T) {
	work := &apptest.Work{Do: apptest.Take(50 * time.Second)}
	inWorld(t, work, func(t *testing.T, w *apptest.World) {
		j := w.Create(nil)
		time.Sleep(70 * time.Second)
		def := j.Definition
		def.Description = "changed"
		edited, err := w.Jobs.Update(t.Context(), apptest.Ada, j.ID, control.EditJob{Definition: def, Revision: j.Revision})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		runs := w.Runs(j.ID)
		if runs[0].JobRevision != 1 || runs[1].JobRevision != edited.Revision || edited.Revision != 2 {
			t.Errorf("revisions %d and %d, want 1 and 2", runs[0].JobRevision, runs[1].JobRevision)
		}
		if _, err := w.Jobs.Update(t.Context(), apptest.Ada, j.ID, control.EditJob{Definition: def, Revision: 1}); err == nil {
			t.Error("an edit of a stale revision was saved")
		}
	})
}

func TestRestartLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := apptest.Start(t, dir, &apptest.Work{})
		j := w.Create(nil)
		for range 20 {
			time.Sleep(90 * time.Second)
			w.Stop()
			w = apptest.Start(t, dir, &apptest.Work{})
		}
		time.Sleep(2 * time.Second) // the tick at the next full second, and its run
		synctest.Wait()
		runs := w.Runs(j.ID)
		occurrences(t, runs, runs[0].ScheduledAt, time.Minute, len(runs))
		if n := w.Count(j.ID)[job.RunSucceeded]; n != len(runs) || n < 29 {
			t.Errorf("%d of %d succeeded in half an hour", n, len(runs))
		}
		w.Stop()
	})
}

func TestLongAbsenceRunsOnceAndLeavesAMissedRow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := apptest.Start(t, dir, &apptest.Work{})
		j := w.Create(func(d *job.Definition) { d.Schedule.Cron = "30 * * * *" })
		w.Stop()
		time.Sleep(5*time.Hour + 10*time.Minute)
		w = apptest.Start(t, dir, &apptest.Work{})
		time.Sleep(2 * time.Second)
		synctest.Wait()
		var caughtUp, missed int64
		for _, run := range w.Runs(j.ID) {
			switch {
			case run.State == job.RunMissed:
				missed += run.Occurrences
			case run.Trigger == job.TriggerCatchUp && run.State == job.RunSucceeded:
				caughtUp++
			default:
				t.Errorf("unexpected run %+v", run)
			}
		}
		if caughtUp != 1 || missed != 4 {
			t.Errorf("%d caught up, %d missed; want 1 and 4", caughtUp, missed)
		}
		w.Stop()
	})
}

func TestShutdownStopsWhatDoesNotEndAndRetriesIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := apptest.Start(t, dir, &apptest.Work{Do: apptest.Take(time.Hour)})
		j := w.Create(func(d *job.Definition) { d.Retry = job.Retry{Limit: 1, Delay: 1} })
		time.Sleep(61 * time.Second)
		w.Stop() // the drain timeout is a minute
		w = apptest.Start(t, dir, &apptest.Work{})
		time.Sleep(5 * time.Second)
		synctest.Wait()
		runs := w.Runs(j.ID)
		if runs[0].State != job.RunLost || runs[0].Reason != job.ReasonShutdown {
			t.Errorf("interrupted run: %s (%s)", runs[0].State, runs[0].Reason)
		}
		retried := false
		for _, run := range runs {
			retried = retried || run.RootID == runs[0].ID && run.Attempt == 2 && run.State == job.RunSucceeded
		}
		if !retried {
			t.Errorf("the interrupted run was not tried again: %+v", runs)
		}
		w.Stop()
	})
}

func TestDeletingACompletedJobCancelsWhatRuns(t *testing.T) {
	inWorld(t, &apptest.Work{Do: apptest.Take(time.Hour)}, func(t *testing.T, w *apptest.World) {
		at := time.Now().UTC().Truncate(time.Second).Add(5 * time.Second)
		j := w.Create(func(d *job.Definition) {
			d.Schedule = job.Schedule{Type: job.Once, BeginAt: at}
			d.Timeout = 1
		})
		time.Sleep(10 * time.Second)
		for range 2 { // one runs, one waits for it
			if _, err := w.Jobs.Trigger(t.Context(), apptest.Ada, j.ID, control.TriggerJob{}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Jobs.Delete(t.Context(), apptest.Ada, j.ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		runs := w.Runs(j.ID)
		if len(runs) != 3 {
			t.Fatalf("%d runs, want 3: history outlives the job", len(runs))
		}
		for _, run := range runs[1:] {
			if run.State != job.RunCancelled || run.Reason != job.ReasonJobGone {
				t.Errorf("run %s (%s) after its job was deleted", run.State, run.Reason)
			}
		}
	})
}
