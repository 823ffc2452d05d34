package db

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"

	"carillon/internal/apperr"
)

// maxCursor bounds the length of a cursor that is worth reading.
const maxCursor = 4096

// encodeCursor makes an opaque cursor of the order that a list has and the sort key of
// its last row.
func encodeCursor(order string, key []any) string {
	raw, err := json.Marshal(append([]any{order}, key...))
	if err != nil {
		return "" // keys are texts and whole numbers: it cannot happen
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// decodeCursor returns the sort key in a cursor of the same order, whose columns have
// the types of want (string or int64); anything else is an apperr Invalid "bad_cursor".
func decodeCursor(cursor, order string, want []any) ([]any, error) {
	bad := apperr.New(apperr.Invalid, "bad_cursor", "error.db.bad_cursor")
	if len(cursor) > maxCursor {
		return nil, bad
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, bad
	}
	var parts []any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&parts); err != nil || len(parts) != len(want)+1 || parts[0] != any(order) {
		return nil, bad
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, bad
	}
	key := make([]any, len(want))
	for i, w := range want {
		switch v := parts[i+1].(type) {
		case string:
			if _, ok := w.(string); !ok || clean(v) != v {
				return nil, bad
			}
			key[i] = v
		case json.Number:
			n, err := v.Int64()
			if _, ok := w.(int64); !ok || err != nil {
				return nil, bad
			}
			key[i] = n
		default:
			return nil, bad
		}
	}
	return key, nil
}
