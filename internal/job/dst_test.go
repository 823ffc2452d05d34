package job_test

import (
	"slices"
	"testing"

	"carillon/internal/job"
)

// dstTable lists what fires in (from, to] around days on which clocks change.
var dstTable = []struct {
	zone, text, from, to string
	want                 string // the occurrences, one a line
}{
	// New York: 8 March 2026 02:00 → 03:00, 1 November 2026 02:00 → 01:00.
	{"America/New_York", "30 2 * * *", "2026-03-07T00:00:00-05:00", "2026-03-10T00:00:00-04:00", "03-07 02:30:00-0500\n03-08 03:00:00-0400\n03-09 02:30:00-0400"},
	{"America/New_York", "0,15,30,45 2 * * *", "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00", "03-08 03:00:00-0400"},
	{"America/New_York", "0 3 * * *", "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00", "03-08 03:00:00-0400"},
	{"America/New_York", "30 2,3 * * *", "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00", "03-08 03:00:00-0400\n03-08 03:30:00-0400"},
	{"America/New_York", "30 1 * * *", "2026-10-31T00:00:00-04:00", "2026-11-03T00:00:00-05:00", "10-31 01:30:00-0400\n11-01 01:30:00-0400\n11-02 01:30:00-0500"},
	{"America/New_York", "0,30 1 * * *", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00", "11-01 01:00:00-0400\n11-01 01:30:00-0400"},
	{"America/New_York", "0 1,2 * * *", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00", "11-01 01:00:00-0400\n11-01 02:00:00-0500"},
	{"America/New_York", "0 * * * *", "2026-11-01T00:30:00-04:00", "2026-11-01T03:00:00-05:00", "11-01 01:00:00-0400\n11-01 01:00:00-0500\n11-01 02:00:00-0500\n11-01 03:00:00-0500"},
	{"America/New_York", "30 * * * *", "2026-03-08T01:00:00-05:00", "2026-03-08T05:00:00-04:00", "03-08 01:30:00-0500\n03-08 03:30:00-0400\n03-08 04:30:00-0400"},
	// Warsaw: 29 March 2026 02:00 → 03:00, 25 October 2026 03:00 → 02:00.
	{"Europe/Warsaw", "15 2 * * *", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", "03-29 03:00:00+0200"},
	{"Europe/Warsaw", "15 2 * * *", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", "10-25 02:15:00+0200"},
	// Santiago: 6 September 2026 00:00 → 01:00, 5 April 2026 00:00 → 4 April 23:00.
	{"America/Santiago", "0 0 * * *", "2026-09-05T12:00:00-04:00", "2026-09-07T12:00:00-03:00", "09-06 01:00:00-0300\n09-07 00:00:00-0300"},
	{"America/Santiago", "@daily", "2026-04-04T12:00:00-03:00", "2026-04-05T12:00:00-04:00", "04-05 00:00:00-0400"},
	{"America/Santiago", "30 23 * * *", "2026-04-04T12:00:00-03:00", "2026-04-05T12:00:00-04:00", "04-04 23:30:00-0300"},
	{"America/Santiago", "0 0 6 9 *", "2026-01-01T00:00:00-03:00", "2027-01-01T00:00:00-03:00", "09-06 01:00:00-0300"},
	// Sydney: 4 October 2026 02:00 → 03:00, 5 April 2026 03:00 → 02:00.
	{"Australia/Sydney", "30 2 * * *", "2026-10-04T00:00:00+10:00", "2026-10-05T00:00:00+11:00", "10-04 03:00:00+1100"},
	{"Australia/Sydney", "30 2 * * *", "2026-04-05T00:00:00+11:00", "2026-04-06T00:00:00+10:00", "04-05 02:30:00+1100"},
	// Lord Howe: half an hour. 4 October 2026 02:00 → 02:30, 5 April 2026 02:00 → 01:30.
	{"Australia/Lord_Howe", "15 2 * * *", "2026-10-04T00:00:00+10:30", "2026-10-05T00:00:00+11:00", "10-04 02:30:00+1100"},
	{"Australia/Lord_Howe", "15,45 2 * * *", "2026-10-04T00:00:00+10:30", "2026-10-05T00:00:00+11:00", "10-04 02:30:00+1100\n10-04 02:45:00+1100"},
	{"Australia/Lord_Howe", "45 1 * * *", "2026-04-05T00:00:00+11:00", "2026-04-06T00:00:00+10:30", "04-05 01:45:00+1100"},
	{"Australia/Lord_Howe", "*/15 * * * *", "2026-04-05T01:20:00+11:00", "2026-04-05T02:00:00+10:30", "04-05 01:30:00+1100\n04-05 01:45:00+1100\n04-05 01:30:00+1030\n04-05 01:45:00+1030\n04-05 02:00:00+1030"},
	// Amman: 26 March 2021 00:00 → 01:00, 29 October 2021 01:00 → 00:00.
	{"Asia/Amman", "0 0 * * *", "2021-03-25T12:00:00+02:00", "2021-03-27T12:00:00+03:00", "03-26 01:00:00+0300\n03-27 00:00:00+0300"},
	{"Asia/Amman", "0 0 * * *", "2021-10-28T12:00:00+03:00", "2021-10-30T12:00:00+02:00", "10-29 00:00:00+0300\n10-30 00:00:00+0200"},
	// The last day of leap years beyond the zone database's tables.
	{"America/New_York", "0 12 * * *", "2028-12-30T00:00:00-05:00", "2029-01-02T00:00:00-05:00", "12-30 12:00:00-0500\n12-31 12:00:00-0500\n01-01 12:00:00-0500"},
	{"America/New_York", "0 */12 * * *", "2044-12-30T13:00:00-05:00", "2045-01-01T13:00:00-05:00", "12-31 00:00:00-0500\n12-31 12:00:00-0500\n01-01 00:00:00-0500\n01-01 12:00:00-0500"},
	{"Australia/Sydney", "30 10 * * *", "2044-12-30T12:00:00+11:00", "2045-01-02T00:00:00+11:00", "12-31 10:30:00+1100\n01-01 10:30:00+1100"},
	// Without changes.
	{"Asia/Shanghai", "30 2 * * *", "2026-03-29T00:00:00+08:00", "2026-03-30T00:00:00+08:00", "03-29 02:30:00+0800"},
	{"UTC", "30 2 * * *", "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z", "03-29 02:30:00+0000"},
	{"Asia/Kathmandu", "0 0 * * *", "2026-03-28T12:00:00+05:45", "2026-03-29T12:00:00+05:45", "03-29 00:00:00+0545"},
	// Apia left out 30 December 2011.
	{"Pacific/Apia", "0 9 * * *", "2011-12-29T00:00:00-10:00", "2012-01-01T00:00:00+14:00", "12-29 09:00:00-1000\n12-31 00:00:00+1400\n12-31 09:00:00+1400"},
	{"Pacific/Apia", "0 */6 * * *", "2011-12-29T17:00:00-10:00", "2011-12-31T07:00:00+14:00", "12-29 18:00:00-1000\n12-31 00:00:00+1400\n12-31 06:00:00+1400"},
}

func TestClockChanges(t *testing.T) {
	t.Parallel()
	for _, tt := range dstTable {
		t.Run(tt.zone+" "+tt.text+" "+tt.from, func(t *testing.T) {
			t.Parallel()
			got := between(compile(t, cronIn(tt.text, tt.zone)), at(tt.from), at(tt.to))
			if want := lines(tt.want); !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}

func TestEveryPatternsFollowRealTime(t *testing.T) {
	t.Parallel()
	days := []struct {
		zone, from, to string
		hours          float64
	}{
		{"America/New_York", "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00", 23},
		{"America/New_York", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00", 25},
		{"Europe/Warsaw", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", 23},
		{"Europe/Warsaw", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", 25},
		{"America/Santiago", "2026-09-06T01:00:00-03:00", "2026-09-07T00:00:00-03:00", 23},
		{"America/Santiago", "2026-04-04T00:00:00-03:00", "2026-04-05T00:00:00-04:00", 25},
		{"Australia/Sydney", "2026-10-04T00:00:00+10:00", "2026-10-05T00:00:00+11:00", 23},
		{"Australia/Sydney", "2026-04-05T00:00:00+11:00", "2026-04-06T00:00:00+10:00", 25},
		{"Australia/Lord_Howe", "2026-10-04T00:00:00+10:30", "2026-10-05T00:00:00+11:00", 23.5},
		{"Australia/Lord_Howe", "2026-04-05T00:00:00+11:00", "2026-04-06T00:00:00+10:30", 24.5},
		{"Asia/Amman", "2021-03-26T01:00:00+03:00", "2021-03-27T00:00:00+03:00", 23},
		{"Asia/Amman", "2021-10-29T00:00:00+03:00", "2021-10-30T00:00:00+02:00", 25},
		{"Asia/Shanghai", "2026-03-29T00:00:00+08:00", "2026-03-30T00:00:00+08:00", 24},
		{"UTC", "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z", 24},
		{"Asia/Kathmandu", "2026-03-29T00:00:00+05:45", "2026-03-30T00:00:00+05:45", 24},
	}
	perHour := map[string]float64{"*/15 * * * *": 4, "*/15 0/1 * * *": 4, "*/15 0-23 * * *": 4, "* * * * *": 60, "*/30 * * * * *": 120}
	for _, day := range days {
		for text, n := range perHour {
			t.Run(day.zone+" "+text+" "+day.from, func(t *testing.T) {
				t.Parallel()
				got := between(compile(t, cronIn(text, day.zone)), at(day.from), at(day.to))
				if want := int(day.hours * n); len(got) != want {
					t.Errorf("%d fires, want %d", len(got), want)
				}
			})
		}
		t.Run(day.zone+" hourly "+day.from, func(t *testing.T) {
			t.Parallel()
			got := between(compile(t, cronIn("@hourly", day.zone)), at(day.from), at(day.to))
			if want := int(day.hours); len(got) != want && len(got) != want+1 || day.hours == float64(want) && len(got) != want {
				t.Errorf("%d fires, want %v", len(got), day.hours)
			}
		})
	}
}

func TestPreviewRemarksOnClockChanges(t *testing.T) {
	t.Parallel()
	tests := []struct {
		zone, text, after string
		notes             []job.NoteKind
		walls             []string
	}{
		{"America/New_York", "30 2 * * *", "2026-03-07T00:00:00-05:00", []job.NoteKind{"", "moved", ""}, []string{"02:30", "02:30", "02:30"}},
		{"America/New_York", "0,20 2 * * *", "2026-03-07T12:00:00-05:00", []job.NoteKind{"moved", ""}, []string{"02:00", "02:00"}},
		{"America/New_York", "0 3 * * *", "2026-03-07T12:00:00-05:00", []job.NoteKind{"", ""}, []string{"03:00", "03:00"}},
		{"America/New_York", "30 1 * * *", "2026-10-31T12:00:00-04:00", []job.NoteKind{"once", ""}, []string{"01:30", "01:30"}},
		{"America/New_York", "0 * * * *", "2026-11-01T00:00:00-04:00", []job.NoteKind{"first", "second", ""}, []string{"01:00", "01:00", "02:00"}},
		{"America/New_York", "15 30 2 * * *", "2026-03-07T12:00:00-05:00", []job.NoteKind{"moved"}, []string{"02:30:15"}},
		{"America/Santiago", "0 0 * * *", "2026-09-05T12:00:00-04:00", []job.NoteKind{"moved", ""}, []string{"00:00", "00:00"}},
		{"UTC", "0 0 * * *", "2026-09-05T12:00:00Z", []job.NoteKind{"", ""}, []string{"00:00", "00:00"}},
	}
	for _, tt := range tests {
		t.Run(tt.zone+" "+tt.text, func(t *testing.T) {
			t.Parallel()
			got := compile(t, cronIn(tt.text, tt.zone)).Preview(at(tt.after), len(tt.notes))
			if len(got) != len(tt.notes) {
				t.Fatalf("%d occurrences, want %d", len(got), len(tt.notes))
			}
			for i, o := range got {
				if o.Note != tt.notes[i] || o.Wall != tt.walls[i] {
					t.Errorf("%v: note %q at %q, want %q at %q", o.At, o.Note, o.Wall, tt.notes[i], tt.walls[i])
				}
			}
		})
	}
}
