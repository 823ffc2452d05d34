package crontab

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"carillon/internal/job"
)

// settingForm is NAME = value, with quotes allowed around both.
var settingForm = regexp.MustCompile(`^(?:"([A-Za-z_]\w*)"|'([A-Za-z_]\w*)'|([A-Za-z_]\w*))\s*=\s*(.*)$`)

// isSetting reports whether a line sets a variable.
func isSetting(text string) bool { return settingForm.MatchString(text) }

// setting reads a line that sets a variable for the lines below it.
func (p *parser) setting(row *Row) {
	row.Status = Setting
	m := settingForm.FindStringSubmatch(row.Text)
	name, value := m[1]+m[2]+m[3], unquote(strings.TrimSpace(m[4]))
	switch name {
	case "MAILTO":
		if value == "" {
			row.say("import.note.mail_none")
			return
		}
		row.warn("import.note.mail", "to", value)
	case "MAILFROM", "CONTENT_TYPE", "CONTENT_TRANSFER_ENCODING":
		row.say("import.note.mail_setting")
	case "CRON_TZ":
		p.setZone(row, value)
	case "RANDOM_DELAY":
		p.setDelay(row, value)
	case "SHELL":
		p.setShell(row, value)
	case "HOME":
		p.setHome(row, value)
	case "TZ":
		p.env[name] = value
		row.warn("import.note.tz", "zone", value)
	default:
		p.env[name] = value
		row.say("import.note.variable")
		if strings.Contains(value, "$") {
			row.warn("import.note.dollar")
		}
	}
}

// unquote takes off a pair of equal quotes around a value.
func unquote(s string) string {
	if n := len(s); n >= 2 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] {
		return s[1 : n-1]
	}
	return s
}

func (p *parser) setZone(row *Row, value string) {
	name := strings.TrimPrefix(value, ":")
	if _, err := job.LoadZone(name, time.UTC); err != nil {
		// The lines below would fire at wrong times, so they say so too.
		p.zone = name
		row.refuse("import.fault.zone", "zone", value)
		return
	}
	p.zone = name
	row.say("import.note.zone", "zone", name)
}

func (p *parser) setDelay(row *Row, value string) {
	minutes, err := strconv.Atoi(value)
	if err != nil || minutes < 0 || job.Seconds(minutes)*60 > job.MaxJitter {
		row.refuse("import.fault.delay")
		return
	}
	p.jitter = job.Seconds(minutes) * 60
	row.say("import.note.delay", "count", minutes)
}

func (p *parser) setShell(row *Row, value string) {
	name, rest, _ := strings.Cut(value, " ")
	if !path.IsAbs(name) || rest != "" {
		row.refuse("import.fault.shell")
		return
	}
	p.shell = name
	row.say("import.note.shell", "shell", name)
}

func (p *parser) setHome(row *Row, value string) {
	if !path.IsAbs(value) {
		row.refuse("import.fault.home")
		return
	}
	p.home = value
	p.env["HOME"] = value
	row.say("import.note.home", "folder", value)
}
