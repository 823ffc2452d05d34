package web

import (
	"reflect"
	"strings"
	"time"

	"carillon/internal/job"
	"carillon/views/page"
	"carillon/web/form"
)

// changesBetween lists the fields in which two definitions differ, in the order of the
// form, with the texts that the form shows. Values that look secret are masked; that
// they differ is told all the same.
func changesBetween(before, after job.Definition, zone *time.Location) []page.FieldChange {
	changes := paramChanges(before.Args, after.Args)
	before.Args, after.Args = nil, nil
	was, is := form.Encode(before, zone), form.Encode(after, zone)
	for name := range is {
		if was.Get(name) != is.Get(name) {
			changes = append(changes, page.FieldChange{Field: name, Old: was.Get(name), New: is.Get(name)})
		}
	}
	page.SortChanges(changes)
	return changes
}

// paramChanges lists the parameters that differ, as fields "args.<name>".
func paramChanges(before, after job.Args) []page.FieldChange {
	names := map[string]bool{}
	for name := range before {
		names[name] = true
	}
	for name := range after {
		names[name] = true
	}
	var changes []page.FieldChange
	for name := range names {
		if same(before[name], after[name]) {
			continue
		}
		change := page.FieldChange{
			Field: "args." + name,
			Old:   form.ArgText(maskValue(name, before[name])), New: form.ArgText(maskValue(name, after[name])),
		}
		change.HiddenOnly = change.Old == change.New
		changes = append(changes, change)
	}
	page.SortChanges(changes)
	return changes
}

// same reports whether two parameters mean the same; one that is not given is one that
// is empty.
func same(a, b any) bool {
	if empty(a) && empty(b) {
		return true
	}
	return reflect.DeepEqual(a, b)
}

func empty(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(value) == ""
	case map[string]any:
		return len(value) == 0
	case []any:
		return len(value) == 0
	default:
		return false
	}
}
