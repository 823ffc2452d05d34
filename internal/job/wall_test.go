package job

import (
	"testing"
	"time"
	_ "time/tzdata"
)

// TestSegmentsTileTime walks every zone and checks that segments follow each other
// without a hole, and that the offset is right at both of their ends.
func TestSegmentsTileTime(t *testing.T) {
	t.Parallel()
	from := time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	to := time.Date(2061, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	offsetAt := func(zone *time.Location, i int64) int64 {
		_, offset := time.Unix(i, 0).In(zone).Zone()
		return int64(offset)
	}
	for _, name := range Zones() {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := from; i < to; {
			s := segmentAt(zone, i)
			if s.start > i || s.end <= i {
				t.Fatalf("%s: segment [%d, %d) does not hold %d", name, s.start, s.end, i)
			}
			if offsetAt(zone, s.end-1) != s.offset || s.start != farPast && offsetAt(zone, s.start) != s.offset {
				t.Fatalf("%s: the offset changes within [%v, %v)", name, time.Unix(s.start, 0).UTC(), time.Unix(s.end, 0).UTC())
			}
			i = s.end
		}
	}
}
