package crontab

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"carillon/internal/apperr"
	"carillon/internal/job"
)

// entry reads a line that makes cron run something.
func (p *parser) entry(row *Row) {
	row.Status = Job
	times, rest, ok := p.times(row)
	if !ok {
		return
	}
	if p.opt.System {
		var user string
		user, rest = word(rest)
		if user == "" || rest == "" {
			row.refuse("import.fault.system_fields")
			return
		}
		row.warn("import.note.user", "user", user)
	}
	rest = p.flags(row, rest)
	command, input := percent(rest)
	command = strings.TrimSpace(command)
	switch {
	case command == "":
		row.refuse("import.fault.no_command")
		return
	case strings.HasPrefix(command, "* ") || strings.HasPrefix(command, "? "):
		row.refuse("import.fault.six_fields")
		return
	}
	def := job.Defaults()
	def.Group, def.Kind, def.Name = p.opt.Group, "Shell", nameOf(command)
	def.Schedule = times
	def.Schedule.Zone, def.Schedule.Jitter = p.zone, p.jitter
	def.Args = p.args(command, input)
	if err := checkTimes(def.Schedule); err != nil {
		row.refuse(err.Msg)
		row.Notes[0].Args = err.Args
		return
	}
	row.Definition = def
	p.remarks(row, rest, command, input)
}

// times reads the fields that say when, and returns what stands behind them. If ok is
// false, the row says what is wrong.
func (p *parser) times(row *Row) (s job.Schedule, rest string, ok bool) {
	s.Type = job.Cron
	text := row.Text
	if quiet, found := strings.CutPrefix(text, "-"); found {
		text = quiet
		row.say("import.note.quiet")
	}
	first, rest := word(text)
	if strings.HasPrefix(first, "@") {
		return p.macro(row, first, rest)
	}
	fields := []string{first}
	for len(fields) < 5 {
		var field string
		if field, rest = word(rest); field == "" {
			row.refuse("import.fault.fields")
			return s, "", false
		}
		fields = append(fields, field)
	}
	if !timeFields(fields) {
		row.refuse("import.fault.fields")
		return s, "", false
	}
	if strings.Contains(strings.Join(fields, ""), "~") {
		row.refuse("import.fault.random")
		return s, "", false
	}
	s.Cron = strings.Join(fields, " ")
	return s, rest, true
}

// macro reads a time given by name. Beside the usual ones FreeBSD knows a span of
// seconds and two names more.
func (p *parser) macro(row *Row, name, rest string) (job.Schedule, string, bool) {
	s := job.Schedule{Type: job.Cron}
	switch lower := strings.ToLower(name); lower {
	case "@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually":
		s.Cron = lower
	case "@every_minute":
		s.Cron = "* * * * *"
	case "@every_second":
		s.Cron = "* * * * * *"
	case "@reboot":
		row.refuse("import.fault.reboot")
		return s, "", false
	default:
		seconds, err := strconv.Atoi(name[1:])
		if err != nil || seconds < 1 || job.Seconds(seconds) > job.MaxSpan {
			row.refuse("import.fault.macro", "name", clip(name, 40))
			return s, "", false
		}
		s = job.Schedule{Type: job.Interval, Every: job.Seconds(seconds)}
	}
	return s, rest, true
}

// timeField is what a field of the times may be made of.
var timeField = regexp.MustCompile(`^[0-9A-Za-z*,/~?#-]+$`)

// timeFields reports whether the words look like times at all. The first two are
// numbers, whatever the program.
func timeFields(fields []string) bool {
	for i, f := range fields {
		if !timeField.MatchString(f) || i < 2 && !strings.ContainsAny(f, "0123456789*?") {
			return false
		}
	}
	return true
}

// word returns the first word of a text and what follows it.
func word(text string) (first, rest string) {
	text = strings.TrimLeft(text, " \t")
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		return text[:i], strings.TrimLeft(text[i:], " \t")
	}
	return text, ""
}

// cronFlags are the flags that some programs allow before a command.
var cronFlags = regexp.MustCompile(`^-[nqs]+$`)

// flags takes off the flags that OpenBSD and FreeBSD allow before a command. All of them
// are about mail and logs, but -s: one run at a time, as is usual here.
func (p *parser) flags(row *Row, rest string) string {
	for {
		first, after := word(rest)
		if !cronFlags.MatchString(first) {
			return rest
		}
		row.say("import.note.flag", "flag", first)
		rest = after
	}
}

// percent splits a command at its first % that has no backslash before it: what follows
// is the standard input, in which every further % is the end of a line.
func percent(text string) (command, input string) {
	var parts []string
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text) && text[i+1] == '%':
			b.WriteByte('%')
			i++
		case text[i] == '%':
			parts = append(parts, b.String())
			b.Reset()
		default:
			b.WriteByte(text[i])
		}
	}
	parts = append(parts, b.String())
	if len(parts) == 1 {
		return parts[0], ""
	}
	input = strings.Join(parts[1:], "\n")
	if !strings.HasSuffix(input, "\n") {
		input += "\n"
	}
	return parts[0], input
}

// args are the parameters of the kind Shell.
func (p *parser) args(command, input string) job.Args {
	args := job.Args{}
	if p.shell == "" || p.shell == "/bin/sh" {
		args["command"] = command
	} else {
		args["script"], args["interpreter"] = command, p.shell
	}
	if p.home != "" {
		args["workingDirectory"] = p.home
	}
	if len(p.env) > 0 {
		env := map[string]any{}
		for name, value := range p.env {
			env[name] = value
		}
		args["environment"] = env
	}
	if input != "" {
		args["stdin"] = input
	}
	return args
}

// checkTimes returns what is wrong with a schedule, nil if nothing is.
func checkTimes(s job.Schedule) *apperr.Error {
	_, err := s.Compile(time.UTC)
	if e, ok := errors.AsType[*apperr.Error](err); ok {
		return e
	}
	return nil
}

// users are names that often stand in the column of a system crontab.
func users() []string {
	return []string{"root", "www-data", "nobody", "daemon", "postgres", "mysql", "apache", "nginx", "backup", "munin", "smmsp"}
}

// thrownAway is a command that keeps nothing of what it prints.
var thrownAway = regexp.MustCompile(`(&>|>&)\s*/dev/null|>\s*/dev/null\s+2>\s*(&1|/dev/null)`)

// remarks says what a reader of the crontab may not expect.
func (p *parser) remarks(row *Row, written, command, input string) {
	if input != "" {
		row.say("import.note.stdin")
	}
	if strings.Contains(written, `\%`) {
		row.say("import.note.percent")
	}
	if thrownAway.MatchString(command) {
		row.say("import.note.thrown_away")
	}
	if strings.HasSuffix(command, `\`) {
		row.warn("import.note.continued")
	}
	if first, rest := word(command); !p.opt.System && rest != "" && slices.Contains(users(), first) {
		row.warn("import.note.system_guess", "user", first)
	}
}
