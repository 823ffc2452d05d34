package job_test

import (
	"strings"
	"testing"
	"time"

	"carillon/internal/job"
)

func TestCronNextOccurrences(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, after, want string }{
		{"*/5 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z 2026-01-01T00:10:00Z"},
		{"*/20 * * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:00:20Z 2026-01-01T00:00:40Z 2026-01-01T00:01:00Z"},
		{"0 3 * * mon-FRI", "2026-01-02T04:00:00Z", "2026-01-05T03:00:00Z"}, // the 2nd is a Friday
		{"0 0 * * 0", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"},
		{"0 0 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"},
		{"0 0 * * 1", "2026-01-01T00:00:00Z", "2026-01-05T00:00:00Z"}, // Monday, unlike Quartz
		{"0 0 * * thu", "2026-01-01T00:00:00Z", "2026-01-08T00:00:00Z"},
		{"0 0 * * FRI-MON/2", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z 2026-01-04T00:00:00Z 2026-01-09T00:00:00Z"},
		{"0 0 13 * 5", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z 2026-01-09T00:00:00Z 2026-01-13T00:00:00Z"}, // either
		{"0 0 */2 * 1", "2026-01-01T00:00:00Z", "2026-01-05T00:00:00Z 2026-01-19T00:00:00Z"},                     // both
		{"0 0 0 13 * ?", "2026-01-01T00:00:00Z", "2026-01-13T00:00:00Z 2026-02-13T00:00:00Z"},
		{"0 9 L * *", "2026-01-31T10:00:00Z", "2026-02-28T09:00:00Z 2026-03-31T09:00:00Z"},
		{"0 9 L-3 * *", "2026-01-31T10:00:00Z", "2026-02-25T09:00:00Z"},
		{"0 9 LW * *", "2026-01-31T10:00:00Z", "2026-02-27T09:00:00Z"},
		{"0 9 15W * *", "2026-02-01T00:00:00Z", "2026-02-16T09:00:00Z"}, // the 15th is a Sunday
		{"0 9 1W * *", "2026-08-01T00:00:00Z", "2026-08-03T09:00:00Z"},  // the 1st is a Saturday
		{"0 9 ? * FRI#3", "2026-01-01T00:00:00Z", "2026-01-16T09:00:00Z 2026-02-20T09:00:00Z"},
		{"0 9 ? * 6L", "2026-01-01T00:00:00Z", "2026-01-31T09:00:00Z"}, // the last Saturday
		{"0 9 ? * fri#l", "2026-01-01T00:00:00Z", "2026-01-30T09:00:00Z"},
		{"0 0 12 1 1 ? 2028-2032/2", "2026-01-01T00:00:00Z", "2028-01-01T12:00:00Z 2030-01-01T12:00:00Z 2032-01-01T12:00:00Z -"},
		{"0 0 12 1 1 ? 2099", "1970-01-01T00:00:00Z", "2099-01-01T12:00:00Z -"},
		{"0 0 29 2 *", "2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z"},
		{"0 0 29 2 */7", "2072-03-01T00:00:00Z", "2088-02-29T00:00:00Z"}, // 29 February and Sunday
		{"0 0 31 * *", "2026-01-31T00:00:00Z", "2026-03-31T00:00:00Z"},
		{"0 22-2 * * *", "2026-01-01T22:30:00Z", "2026-01-01T23:00:00Z 2026-01-02T00:00:00Z 2026-01-02T01:00:00Z 2026-01-02T02:00:00Z 2026-01-02T22:00:00Z"},
		{"0 0 1 NOV-FEB *", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z 2026-11-01T00:00:00Z"},
		{"7/20 4 * * *", "2026-01-01T04:07:00Z", "2026-01-01T04:27:00Z 2026-01-01T04:47:00Z"},
		{"@hourly", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"},
		{"@Daily", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"},
		{"@midnight", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"},
		{"@weekly", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"},
		{"@monthly", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"},
		{"@yearly", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"@annually", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"14 3 19 1 *", "2038-01-19T03:13:59Z", "2038-01-19T03:14:00Z"},
		{"0 0 1 3 *", "2100-02-28T23:59:59Z", "2100-03-01T00:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			p := compile(t, cronIn(tt.text, "UTC"))
			now := at(tt.after)
			for want := range strings.FieldsSeq(tt.want) {
				next, ok := p.Next(now)
				got := "-"
				if ok {
					got = next.Format(time.RFC3339)
				}
				if got != want {
					t.Fatalf("Next(%v) = %s, want %s", now, got, want)
				}
				now = next
			}
		})
	}
}

func TestCronTextIsRefusedWithAMessage(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, msg string }{
		{"", "cron_required"},
		{" \t", "cron_required"},
		{strings.Repeat("1,", 100) + "1 * * * *", "cron_long"},
		{"TZ=UTC", "cron_zone_prefix"},
		{"CRON_TZ=Asia/Tokyo 0 0 * * *", "cron_zone_prefix"},
		{"@every 90s", "cron_every"},
		{"@every 0s", "cron_every"},
		{"@reboot", "cron_reboot"},
		{"@fortnightly", "cron_macro"},
		{"@", "cron_macro"},
		{"* * * *", "cron_fields"},
		{"* * * * * * * *", "cron_fields"},
		{"0 0 30 2 *", "cron_never"},
		{"0 0 31 2,4,6,9,11 *", "cron_never"},
		{"0 0 31W 2 ?", "cron_never"},
		{"0 0 L-30 2 *", "cron_never"},
		{"0 0 0 29 2 ? 2027", "cron_never"},
		{"60 * * * * *", "cron_field.second"},
		{"60 * * * *", "cron_field.minute"},
		{"*/60 * * * *", "cron_field.minute"},
		{"*/0 * * * *", "cron_field.minute"},
		{"1,,2 * * * *", "cron_field.minute"},
		{", * * * *", "cron_field.minute"},
		{"*-5 * * * *", "cron_field.minute"},
		{"+5 * * * *", "cron_field.minute"},
		{"-5 * * * *", "cron_field.minute"},
		{"1-2-3 * * * *", "cron_field.minute"},
		{"1/2/3 * * * *", "cron_field.minute"},
		{"٣ * * * *", "cron_field.minute"},
		{"5\x00 * * * *", "cron_field.minute"},
		{"H * * * *", "cron_field.minute"},
		{"H(1-5) * * * *", "cron_field.minute"},
		{"L * * * *", "cron_field.minute"},
		{"99999999999999999999 * * * *", "cron_field.minute"},
		{"0 24 * * *", "cron_field.hour"},
		{"0 0 0 * *", "cron_field.day"},
		{"0 0 L-31 * *", "cron_field.day"},
		{"0 0 32W * *", "cron_field.day"},
		{"0 0 W * *", "cron_field.day"},
		{"0 0 L/2 * *", "cron_field.day"},
		{"0 0 * 13 *", "cron_field.month"},
		{"0 0 * JANUARY *", "cron_field.month"},
		{"0 0 * * 8", "cron_field.weekday"},
		{"0 0 * * L", "cron_field.weekday"},
		{"0 0 * * FRI#6", "cron_field.weekday"},
		{"0 0 * * #1", "cron_field.weekday"},
		{"0 0 0 1 1 ? 1-2147483647", "cron_field.year"},
		{"0 0 0 1 1 ? 2030-2026", "cron_field.year"},
		{"0 0 0 1 1 ? 2100", "cron_field.year"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			_, err := cronIn(tt.text, "UTC").Compile(time.UTC)
			if got := fault(err, "schedule.cron"); got != "error.job."+tt.msg {
				t.Errorf("fault %q, want %q (%v)", got, tt.msg, err)
			}
		})
	}
}

func TestCronTimesAreInTheZone(t *testing.T) {
	t.Parallel()
	got, err := job.CronTimes("30 2 * * *", "America/New_York", at("2026-03-07T12:00:00Z"), 2, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"}
	for i := range want {
		if i >= len(got) || got[i].Format(time.RFC3339) != want[i] {
			t.Fatalf("CronTimes = %v, want %v", got, want)
		}
	}
	if _, err := job.CronTimes("0 0 * * *", "Mars/Olympus", time.Time{}, 1, time.UTC); fault(err, "schedule.zone") == "" {
		t.Errorf("an unknown zone gave %v", err)
	}
}
