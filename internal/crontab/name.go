package crontab

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// longestName is how many runes a name may have that is taken from a crontab.
const longestName = 60

// nameOf makes a short name of a command: the program that does the work, without what
// only wraps it, and its first plain word, such as "artisan schedule:run".
func nameOf(command string) string {
	best := ""
	for _, part := range parts(command) {
		words := unwrap(tokens(part))
		if len(words) == 0 {
			continue
		}
		if name := programName(words); !preparation(words) {
			return clip(name, longestName)
		} else if best == "" {
			best = name
		}
	}
	if best == "" {
		best = strings.Join(strings.Fields(command), " ")
	}
	return clip(best, longestName)
}

// parts splits a line of the shell into its simple commands.
func parts(command string) []string {
	var all []string
	var quote rune
	start := 0
	for i, r := range command {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case strings.ContainsRune(";|{}()", r), r == '&' && strings.HasPrefix(command[i:], "&&"):
			all = append(all, command[start:i])
			start = i + 1
		}
	}
	return append(all, command[start:])
}

// redirection is a word that leads output or input elsewhere; what follows ">" alone is the file.
var redirection = regexp.MustCompile(`^\d*(?:&?>>?&?|<)(.*)$`)

// tokens returns the words of a simple command without redirections and outer quotes.
func tokens(command string) []string {
	var words []string
	fields := strings.Fields(command)
	for i := 0; i < len(fields); i++ {
		if m := redirection.FindStringSubmatch(fields[i]); m != nil {
			if m[1] == "" {
				i++
			}
			continue
		}
		if w := strings.Trim(fields[i], `"'`); w != "" && w != "&" {
			words = append(words, w)
		}
	}
	return words
}

// wrappers are the programs that only run another one, with their options that take a value.
func wrappers() map[string][]string {
	return map[string][]string{
		"sudo": {"-u", "-g", "-H"}, "nice": {"-n"}, "ionice": {"-c", "-n"}, "flock": {"-w", "-E"}, "timeout": {"-k", "-s"},
		"chronic": nil, "env": {"-u"}, "exec": nil, "nohup": nil, "time": nil, "command": nil, "setsid": nil, "cronic": nil,
		"systemd-cat": {"-t"}, "chrt": nil, "if": nil, "then": nil, "else": nil, "do": nil, "eval": nil, "!": nil,
	}
}

// assignment is a variable set for one command.
var assignment = regexp.MustCompile(`^[A-Za-z_]\w*=`)

// unwrap drops what stands before the program: variables, and programs that only run another one.
func unwrap(words []string) []string {
	for len(words) > 0 {
		name := path.Base(words[0])
		valued, wrapper := wrappers()[name]
		switch {
		case assignment.MatchString(words[0]):
			words = words[1:]
		case wrapper && len(words) > 1:
			words = dropOptions(words[1:], valued)
			if (name == "flock" || name == "timeout") && len(words) > 1 {
				words = words[1:] // the lock's file, or the span
			}
			if name == "flock" && len(words) > 1 && words[0] == "-c" {
				words = words[1:]
			}
		default:
			return words
		}
	}
	return words
}

// dropOptions drops options, and the values of those that take one.
func dropOptions(words, valued []string) []string {
	for len(words) > 0 && strings.HasPrefix(words[0], "-") && words[0] != "-c" || len(words) > 1 && slices.Contains(valued, words[0]) {
		option := words[0]
		words = words[1:]
		if slices.Contains(valued, option) && option != "-H" && len(words) > 0 {
			words = words[1:]
		}
	}
	return words
}

// preparation reports whether a command only prepares for the one that follows. Code that
// is written out after an interpreter counts too: it names nothing.
func preparation(words []string) bool {
	if len(words) > 1 && interpreter(words[0]) && (words[1] == "-e" || words[1] == "-r" || words[1] == "-c" && !shell(words[0])) {
		return true
	}
	return slices.Contains([]string{
		"cd", "test", "[", "[[", ".", "source", "export", "sleep", "set", "umask", "mkdir", "true", "fi", "done", "unset", "for", "while",
	}, path.Base(words[0]))
}

// shell reports whether a program is a shell.
func shell(program string) bool {
	return slices.Contains([]string{"sh", "bash", "dash", "zsh", "ksh"}, path.Base(program))
}

// interpreter reports whether a program only reads the script that its first word names.
func interpreter(program string) bool {
	name := strings.TrimRight(path.Base(program), "0123456789.")
	return shell(name) || slices.Contains([]string{"python", "php", "perl", "ruby", "node", "java", "pwsh"}, name)
}

// plain is a word that helps to tell commands apart: no option, no path, nothing of the shell's.
var plain = regexp.MustCompile(`^[A-Za-z][\w.:-]*$`)

// programName names a program with its first plain word.
func programName(words []string) string {
	program, rest := words[0], words[1:]
	if interpreter(program) && !preparation(words) {
		for i, w := range rest {
			if !strings.HasPrefix(w, "-") {
				program, rest = w, rest[i+1:]
				break
			}
		}
	}
	name := path.Base(program)
	if host := hostOf(rest); host != "" && slices.Contains([]string{"curl", "wget", "http", "fetch"}, name) {
		return name + " " + host
	}
	if name == "run-parts" && len(rest) > 0 {
		return name + " " + path.Base(rest[len(rest)-1])
	}
	if len(rest) > 0 && plain.MatchString(rest[0]) {
		return name + " " + rest[0]
	}
	return name
}

// hostOf returns the host and path of the first address among the words.
func hostOf(words []string) string {
	for _, w := range words {
		if _, address, found := strings.Cut(w, "://"); found {
			address, _, _ = strings.Cut(address, "?")
			if _, host, credentials := strings.Cut(address, "@"); credentials {
				address = host
			}
			return strings.TrimRight(address, "/")
		}
	}
	return ""
}

// drawing is a comment, or the edge of one, that is only lines.
var drawing = regexp.MustCompile(`^[\s#*=~_.|+-]*$`)

// heading is a comment that explains the fields of a crontab.
var heading = regexp.MustCompile(`(?i)^[.|+│┌├└]|\b(minute|hour|day|month|week)\b[^(]{0,12}\(\s*\d+\s*-|\bdom\s+mon\b|command to be executed|^min(ute)?\s+hour\b`)

// commentText returns what a comment says; "" if it says nothing.
func commentText(line string) string {
	text := strings.TrimSpace(strings.Trim(line, "# \t=-*"))
	if drawing.MatchString(text) {
		return ""
	}
	return printable(text)
}
