package config

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// day is 24 hours; spans of time know no daylight saving.
const day = 24 * time.Hour

// ParseDuration reads a span of time such as 90d, 2w, 12h, 1h30m, 5m, 45s or 500ms.
// Days and weeks are whole numbers and come first: 1w2d12h. A negative span is an error.
func ParseDuration(text string) (time.Duration, error) {
	fault := fmt.Errorf("%q is no span of time such as 90d, 12h or 5m", text)
	rest, total := strings.TrimSpace(text), time.Duration(0)
	for _, unit := range []struct {
		sign string
		span time.Duration
	}{{"w", 7 * day}, {"d", day}} {
		number, after, found := strings.Cut(rest, unit.sign)
		if !found {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 31)
		if err != nil || n > uint64((math.MaxInt64-total)/unit.span) {
			return 0, fault
		}
		total, rest = total+time.Duration(n)*unit.span, after
		if rest == "" {
			return total, nil
		}
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 || total+d < total {
		return 0, fault
	}
	return total + d, nil
}

// FormatDuration writes a span as [ParseDuration] reads it, in its largest whole unit.
func FormatDuration(d time.Duration) string {
	if d >= day && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	text := d.String()
	if d >= time.Minute {
		text = strings.TrimSuffix(text, "0s")
		if !strings.HasSuffix(text, "m") && !strings.HasSuffix(text, "h") {
			return d.String()
		}
		if d >= time.Hour && strings.HasSuffix(text, "h0m") {
			text = strings.TrimSuffix(text, "0m")
		}
	}
	return text
}

// decodeDuration lets kong read spans with [ParseDuration].
func decodeDuration(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("duration", &text); err != nil {
		return err
	}
	d, err := ParseDuration(text)
	if err != nil {
		return err
	}
	target.SetInt(int64(d))
	return nil
}
