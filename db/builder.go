package db

import (
	"strconv"
	"strings"

	"carillon/internal/apperr"
)

// maxSearch is the most bytes of a text that lists search for.
const maxSearch = 500

// query builds one statement. Values only ever become parameters; the texts around them
// are constants of this package.
type query struct {
	sqlite bool
	text   strings.Builder
	args   []any
	wheres int
	err    error
}

func (s *Store) newQuery(text string) *query {
	q := &query{sqlite: s.sqlite}
	q.add(text)
	return q
}

// add appends text, in which each ? stands for the next value.
func (q *query) add(text string, values ...any) {
	for _, v := range values {
		before, after, _ := strings.Cut(text, "?")
		q.text.WriteString(before)
		q.args = append(q.args, v)
		q.text.WriteString(q.mark())
		q.text.WriteString(strconv.Itoa(len(q.args)))
		text = after
	}
	q.text.WriteString(text)
}

// mark begins a numbered parameter. SQLite would take $1 for a name, and look for it
// among all the names before it.
func (q *query) mark() string {
	if q.sqlite {
		return "?"
	}
	return "$"
}

// where adds a condition that must hold beside the others.
func (q *query) where(condition string, values ...any) {
	if q.wheres == 0 {
		q.add(" WHERE ")
	} else {
		q.add(" AND ")
	}
	q.wheres++
	q.add(condition, values...)
}

// in adds column IN (…); no values restrict nothing.
func in[T ~string](q *query, column string, values []T) {
	if len(values) == 0 {
		return
	}
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	q.where(column+" IN ("+marks(len(list))+")", list...)
}

// contains adds a search for text in any of the columns. They must hold lower case, or
// be wrapped in LOWER.
func (q *query) contains(text string, columns ...string) {
	text = clean(text)
	if text == "" {
		return
	}
	if len(text) > maxSearch {
		q.err = apperr.Newf(apperr.Invalid, "search_too_long", "error.db.search_too_long", map[string]any{"max": maxSearch})
		return
	}
	parts := make([]string, len(columns))
	values := make([]any, len(columns))
	for i, c := range columns {
		parts[i] = c + ` LIKE ? ESCAPE '\'`
		values[i] = containing(text)
	}
	q.where("("+strings.Join(parts, " OR ")+")", values...)
}

// opaque keeps SQLite from choosing an index for a condition on the column, so that it
// walks the index that gives the order; without statistics it would rather sort.
// PostgreSQL knows how many rows a condition leaves and chooses for itself.
func (q *query) opaque(column string) string {
	if q.sqlite {
		return "(" + column + " || '')"
	}
	return column
}

// page adds order, cursor, limit and offset. The key columns are all ascending or all
// descending, so that one comparison of rows continues after the cursor.
func (q *query) page(columns []string, desc bool, after []any, limit, offset int) {
	direction, compare := "", ">"
	if desc {
		direction, compare = " DESC", "<"
	}
	if after != nil {
		q.where("("+strings.Join(columns, ", ")+") "+compare+" ("+marks(len(after))+")", after...)
	}
	q.add(" ORDER BY " + strings.Join(columns, direction+", ") + direction)
	q.add(" LIMIT ?", limit)
	if offset > 0 {
		q.add(" OFFSET ?", offset)
	}
}

// marks returns n question marks with commas between.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }
