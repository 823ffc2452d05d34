package audit

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// TestEveryFieldIsSealed changes one field after another, so that a field added later is
// not forgotten.
func TestEveryFieldIsSealed(t *testing.T) {
	t.Parallel()
	prev := Link{Seq: 6, Hash: "abc"}
	base := Entry{ID: "1", At: time.UnixMilli(5), ActorName: "ab", Via: "c", Before: json.RawMessage(`{}`)}
	sealed := base.Seal(prev)
	if sealed.Seq != 7 || Follow(prev, sealed) != nil {
		t.Fatalf("sealed as %+v", sealed)
	}
	kind := reflect.TypeFor[Entry]()
	for i := range kind.NumField() {
		name := kind.Field(i).Name
		changed := sealed
		switch field := reflect.ValueOf(&changed).Elem().Field(i); field.Interface().(type) {
		case time.Time:
			field.Set(reflect.ValueOf(sealed.At.Add(time.Millisecond)))
		case json.RawMessage:
			field.Set(reflect.ValueOf(json.RawMessage(`{"a":1}`)))
		case int64:
			field.SetInt(field.Int() + 1)
		default:
			field.SetString(field.String() + "x")
		}
		if Follow(prev, changed) == nil {
			t.Errorf("another %s does not show", name)
		}
	}
	for name, other := range map[string]Entry{
		"a letter moved to the next field": {ID: "1", At: base.At, ActorName: "a", Via: "bc", Before: base.Before},
		"no before":                        {ID: "1", At: base.At, ActorName: "ab", Via: "c"},
		"before and after changed places":  {ID: "1", At: base.At, ActorName: "ab", Via: "c", After: base.Before},
	} {
		if other.Seal(prev).Hash == sealed.Hash {
			t.Errorf("%s: the same hash", name)
		}
	}
	if base.Seal(Link{Seq: 6, Hash: "abd"}).Hash == sealed.Hash {
		t.Error("the entry before does not count")
	}
}
