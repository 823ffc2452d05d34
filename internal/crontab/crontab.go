// Package crontab reads crontabs, those of a user and those of the system, and makes
// definitions of jobs of their lines. It is pure: it reads no file and runs nothing.
//
// Every line that is neither blank nor a plain comment gets a [Row], which says what the
// line becomes and what is different from cron. Texts are i18n message ids.
package crontab

import (
	"strings"
	"unicode/utf8"

	"carillon/internal/apperr"
	"carillon/internal/job"
)

// The bounds of a crontab.
const (
	MaxBytes = 1 << 20 // of the whole text
	MaxRows  = 1000    // of its report
)

// Options say how a crontab is to be read.
type Options struct {
	System bool   // a column with a user stands between the times and the command, as in /etc/crontab
	Group  string // of the jobs
}

// Status is what a line becomes.
type Status string

// The statuses. Their texts are "import.status.<status>".
const (
	Job      Status = "job"      // a job
	Same     Status = "same"     // nothing: the group has a job that does the same; no row of Parse
	Setting  Status = "setting"  // a variable, which tells about the lines below
	Disabled Status = "disabled" // nothing: it is commented out
	Refused  Status = "refused"  // nothing: it is not understood, or there is no such thing here
)

// Row is one line of the report.
type Row struct {
	Line       int    // from 1
	Text       string // the line, without blanks around it
	Status     Status
	Definition job.Definition // of a Job; its name is a proposal and may be in use
	Notes      []Note
}

// Note is a remark on a line.
type Note struct {
	Msg  string         // i18n message id
	Args map[string]any // placeholders
	Warn bool           // somebody should look at it
}

// Parse reads a crontab. It fails, with an apperr Invalid, only if the text is none at
// all; what is wrong with a line stands in its row.
func Parse(text string, opt Options) ([]Row, error) {
	if len(text) > MaxBytes {
		return nil, apperr.Newf(apperr.Invalid, "too_long", "import.fault.too_long", map[string]any{"max": MaxBytes >> 10})
	}
	if strings.ContainsRune(text, 0) {
		return nil, apperr.New(apperr.Invalid, "no_text", "import.fault.no_text")
	}
	p := parser{opt: opt, env: map[string]string{}}
	number := 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		number++
		p.line(number, strings.TrimSpace(line))
		if len(p.rows) > MaxRows {
			return nil, apperr.Newf(apperr.Invalid, "too_many", "import.fault.too_many", map[string]any{"max": MaxRows})
		}
	}
	p.endBlock()
	return p.rows, nil
}

// Statuses lists the statuses, in the order in which a report counts them. Same, which
// only an import can tell, is among them.
func Statuses() []Status { return []Status{Job, Same, Setting, Disabled, Refused} }

// Definitions returns the definitions of the rows that become jobs, in their order.
func Definitions(rows []Row) []job.Definition {
	var all []job.Definition
	for _, r := range rows {
		if r.Status == Job {
			all = append(all, r.Definition)
		}
	}
	return all
}

// parser goes through a crontab line by line.
type parser struct {
	opt  Options
	rows []Row

	// What the variables above have set.
	env    map[string]string
	shell  string // "" is /bin/sh
	home   string
	zone   string
	jitter job.Seconds

	comment []string // the lines of the comment above
	block   []int    // the jobs, as indices of rows, that follow it without a gap
}

// line reads one line without blanks around it.
func (p *parser) line(number int, text string) {
	row := Row{Line: number, Text: printable(text)}
	switch {
	case text == "":
		p.endBlock()
		return
	case strings.HasPrefix(text, "#"):
		if heading.MatchString(strings.TrimLeft(text, "# \t")) {
			p.comment = nil // what stands above explains crontabs, too
			return
		}
		if !p.commentedOut(text) {
			p.note(text)
			return
		}
		row.Status = Disabled
		row.say("import.note.disabled")
	case strings.ContainsRune(row.Text, utf8.RuneError):
		row.refuse("import.fault.characters")
	case isSetting(row.Text):
		p.endBlock() // a comment above is about the setting
		p.setting(&row)
	default:
		p.entry(&row)
		if row.Status == Job {
			p.block = append(p.block, len(p.rows))
		}
	}
	p.rows = append(p.rows, row)
}

// commentedOut reports whether a comment is an entry that was switched off.
func (p *parser) commentedOut(text string) bool {
	row := Row{Text: strings.TrimSpace(strings.TrimLeft(text, "#"))}
	if first, rest := word(row.Text); strings.EqualFold(first, "@reboot") {
		return rest != ""
	}
	trial := parser{opt: p.opt}
	trial.entry(&row)
	return row.Status == Job
}

// note keeps a comment for the jobs below it.
func (p *parser) note(text string) {
	if len(p.block) > 0 {
		p.endBlock()
	}
	if text = commentText(text); text != "" {
		p.comment = append(p.comment, text)
	}
}

// endBlock gives the comment to the jobs below it: to a single one its name, if the
// comment is short enough for that; to several their description.
func (p *parser) endBlock() {
	comment, block := p.comment, p.block
	p.comment, p.block = nil, nil
	if len(comment) == 0 || len(block) == 0 {
		return
	}
	if len(block) == 1 && len([]rune(comment[0])) <= longestName {
		p.rows[block[0]].Definition.Name = strings.TrimRight(comment[0], ".:; ")
		comment = comment[1:]
	}
	for _, i := range block {
		p.rows[i].Definition.Description = clip(strings.Join(comment, "\n"), job.MaxDescription)
	}
}

// say adds a remark.
func (r *Row) say(msg string, kv ...any) { r.Notes = append(r.Notes, newNote(false, msg, kv)) }

// warn adds a remark that somebody should look at.
func (r *Row) warn(msg string, kv ...any) { r.Notes = append(r.Notes, newNote(true, msg, kv)) }

// refuse makes the row one that becomes nothing.
func (r *Row) refuse(msg string, kv ...any) {
	r.Status = Refused
	r.Definition = job.Definition{}
	r.Notes = []Note{newNote(true, msg, kv)}
}

func newNote(warn bool, msg string, kv []any) Note {
	n := Note{Msg: msg, Warn: warn}
	for i := 0; i+1 < len(kv); i += 2 {
		if n.Args == nil {
			n.Args = map[string]any{}
		}
		name, _ := kv[i].(string)
		n.Args[name] = kv[i+1]
	}
	return n
}

// printable replaces what is no character of a text; a tab becomes a blank.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < ' ' || r == 0x7f:
			return utf8.RuneError
		}
		return r
	}, s)
}

// clip cuts a text to that many runes.
func clip(s string, limit int) string {
	runes := []rune(s)
	if len(runes) <= limit {
		return s
	}
	return strings.TrimSpace(string(runes[:limit-1])) + "…"
}
