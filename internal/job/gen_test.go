package job_test

import (
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"

	"carillon/internal/job"
)

// zonesOfInterest change their clocks in every way there is.
var zonesOfInterest = []string{
	"UTC", "America/New_York", "Europe/Warsaw", "America/Santiago", "Australia/Sydney", "Australia/Lord_Howe",
	"Asia/Amman", "Asia/Shanghai", "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca", "Europe/Dublin",
	"America/Havana", "Asia/Gaza", "America/St_Johns", "Antarctica/Troll", "Asia/Tehran", "Pacific/Chatham",
}

func drawField(t *rapid.T, label string, low, high int, extra ...string) string {
	switch rapid.IntRange(0, 5).Draw(t, label+" form") {
	case 0, 1:
		return "*"
	case 2:
		return fmt.Sprintf("*/%d", rapid.IntRange(1, (high-low+1)/2).Draw(t, label+" step"))
	case 3:
		a, b := rapid.IntRange(low, high).Draw(t, label+" from"), rapid.IntRange(low, high).Draw(t, label+" to")
		return fmt.Sprintf("%d-%d", min(a, b), max(a, b))
	case 4:
		if len(extra) > 0 {
			return rapid.SampledFrom(extra).Draw(t, label+" special")
		}
	}
	list := rapid.SliceOfN(rapid.IntRange(low, high), 1, 3).Draw(t, label+" list")
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(list), " ", ","), "[]")
}

// drawCron draws cron text that usually fires.
func drawCron(t *rapid.T) string {
	fields := []string{
		drawField(t, "minute", 0, 59),
		drawField(t, "hour", 0, 23, "0/2", "0-23/3", "2", "0", "1-3"),
		drawField(t, "day", 1, 31, "L", "L-2", "LW", "15W", "1W"),
		drawField(t, "month", 1, 12, "MAR", "OCT-APR"),
		drawField(t, "weekday", 0, 7, "SUN", "FRI-MON", "FRI#3", "SUNL", "?"),
	}
	if rapid.Bool().Draw(t, "seconds") {
		fields = append([]string{drawField(t, "second", 0, 59)}, fields...)
	}
	return strings.Join(fields, " ")
}

func drawTime(t *rapid.T, label string) time.Time {
	return time.Unix(rapid.Int64Range(at("2009-01-01T00:00:00Z").Unix(), at("2040-01-01T00:00:00Z").Unix()).Draw(t, label), 0).UTC()
}

// drawChange draws a time near a change of the zone's clocks, or any time.
func drawChange(t *rapid.T, zone string) time.Time {
	now := drawTime(t, "time")
	loc, err := job.LoadZone(zone, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	if _, end := now.In(loc).ZoneBounds(); !end.IsZero() && rapid.Bool().Draw(t, "near a change") {
		return end.UTC().Add(time.Duration(rapid.IntRange(-9000, 9000).Draw(t, "offset")) * time.Second)
	}
	return now
}

func drawSchedule(t *rapid.T) job.Schedule {
	zone := rapid.SampledFrom(zonesOfInterest).Draw(t, "zone")
	switch rapid.IntRange(0, 4).Draw(t, "type") {
	case 0:
		return job.Schedule{Type: job.Once, BeginAt: drawTime(t, "begin")}
	case 1, 2:
		return job.Schedule{Type: job.Interval, Every: job.Seconds(rapid.IntRange(1, 100_000).Draw(t, "every")), BeginAt: drawTime(t, "begin")}
	default:
		return cronIn(drawCron(t), zone)
	}
}
